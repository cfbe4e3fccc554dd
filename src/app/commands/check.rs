//! `check`: checks the map against the tree, and runs its `[[expect]]` tests; or templates against the map.

mod fix;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bstr::BString;

use crate::app::cli::CheckArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::{Failure, Status, chain};
use crate::map::ServiceMap;
use crate::map::lint_codes::{Code, LINTS, Level};
use crate::map::lint_examples::{Example, example};
use crate::output::Checked;
use crate::output::explained::{OnPurpose, on_purpose};
use crate::upkeep::lint::{self, Contents, LintContext};
use crate::upkeep::manifests::{Files, Manifests};

use super::context::Context;
use super::dead_patterns::name_renames;
use super::observations;
use super::print::{self, show};
use super::templates;

/// Checks the map.
pub(super) fn check(settings: &Settings, reporter: Reporter, args: &CheckArgs) -> Result<Status, Failure> {
    if args.list || args.explain.is_some() {
        show(words(args)?.as_bytes())?;
        return Ok(Status::Done);
    }
    let typed = levels(args)?;
    if !args.template.is_empty() {
        return templates::check(settings, reporter, args, typed);
    }
    let names = settings.source.names().map_err(Failure::request)?;
    if args.fix {
        fix::fix(settings, reporter, &names, &typed)?;
    }
    let context = Context::for_rules(settings, reporter, &[])?;
    let findings = with_facts(&context, &context.map, &names, |facts| {
        let mut findings = lint::run(facts, &all_levels(&context.map, &typed));
        name_renames(&context, &mut findings);
        lint::locate(facts, findings)
    });
    let checked = Checked {
        map: context.map.file.clone(),
        services: context.map.services.len(),
        expectations: context.map.expects.len(),
        pipelines: None,
        files: names.len(),
        findings,
    };
    if reporter.is_verbose() {
        for (service, known) in context.map.services.iter().enumerate() {
            let said = (0..known.not_inputs.len()).map(|not_input| OnPurpose { service, not_input });
            said.for_each(|said| reporter.say(&on_purpose(&said, &context.map)));
        }
    }
    print::findings(&checked, args.format, reporter)
}

/// The levels of the map, overruled by those from the command line.
pub(super) fn all_levels(map: &ServiceMap, typed: &[(Code, Level)]) -> BTreeMap<Code, Level> {
    map.lints.iter().map(|(code, level)| (*code, *level)).chain(typed.iter().copied()).collect()
}

/// Reads what lints need to know of a map.
pub(super) fn with_facts<T>(
    context: &Context<'_>,
    map: &ServiceMap,
    names: &[BString],
    then: impl FnOnce(&LintContext<'_>) -> T,
) -> T {
    let settings = context.settings;
    let read = |name: String| {
        let content = settings.source.file(&name).map_err(|error| chain(&error));
        (name, content)
    };
    let contents: Contents = lint::wanted(map, names).into_iter().map(read).collect();
    let submodules = lint::submodules(&contents);
    let read = |name: &str| match contents.get(name) {
        Some(content) => content.as_ref().ok()?.clone(),
        None => settings.source.file(name).ok().flatten(),
    };
    let manifests = Manifests::scan(&Files::new(names, &read), &lint::dockerfiles(map));
    let mut facts = LintContext::new(map, &context.environments, names, &contents, &manifests, &submodules);
    facts.add_linked(|rules| {
        let linked = settings.source.linked(rules);
        (linked.files, linked.in_doubt)
    });
    facts.observed = observations::facts(context);
    then(&facts)
}

/// The levels from the command line; if several name a code, the strictest applies.
fn levels(args: &CheckArgs) -> Result<Vec<(Code, Level)>, Failure> {
    let lists = [(&args.allow, Level::Allow), (&args.warn, Level::Warn), (&args.deny, Level::Deny)];
    let typed = lists.into_iter().flat_map(|(words, level)| words.iter().map(move |word| (word, level)));
    typed.map(|(word, level)| Ok((code(word)?, level))).collect()
}

fn code(word: &str) -> Result<Code, Failure> {
    Code::parse(word).map_err(|meant| {
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`shipmark check --list` lists them".to_owned(),
        };
        Failure::request(format!("there is no lint `{}`", crate::base::text::printable(word.as_bytes()))).hint(hint)
    })
}

/// What `--list` and `--explain` print.
fn words(args: &CheckArgs) -> Result<String, Failure> {
    let mut out = String::new();
    // Writing to a String cannot fail.
    if let Some(word) = &args.explain {
        let lint = code(word)?.lint();
        let _ = writeln!(out, "{} ({} unless the map or a flag says otherwise)", lint.code.word(), lint.level.word());
        let _ = writeln!(out, "  what: {}\n  fix:  {}", lint.reason, lint.fix);
        if let Some(Example { before, after }) = example(lint.code) {
            for (word, text) in [("before", before), ("after", after)] {
                let lines: Vec<String> = text.lines().map(|line| format!("        {line}")).collect();
                let _ = writeln!(out, "  {word}:\n{}", lines.join("\n"));
            }
        }
        let _ = writeln!(out, "  set:  [lints]\n        {} = \"allow\"   # or \"warn\", \"deny\"", lint.code.word());
        return Ok(out);
    }
    for lint in &LINTS {
        let _ = writeln!(out, "{:<22} {:<6} {}", lint.code.word(), lint.level.word(), lint.reason);
    }
    Ok(out)
}
