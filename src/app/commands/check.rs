//! `check`: checks the map against the tree, and runs its `[[expect]]` tests; or templates against the map.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::app::cli::CheckArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::{Failure, Status, chain};
use crate::map::lint_codes::{Code, LINTS, Level};
use crate::output::Checked;
use crate::output::explained::{OnPurpose, on_purpose};
use crate::upkeep::lint::{self, Contents, LintContext};

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
    let context = Context::for_rules(settings, reporter, &[])?;
    let names = settings.source.names().map_err(Failure::request)?;
    let read = |name: String| {
        let content = settings.source.file(&name).map_err(|error| chain(&error));
        (name, content)
    };
    let contents: Contents = lint::wanted(&context.map, &names).into_iter().map(read).collect();
    let submodules = lint::submodules(&contents);
    let mut facts = LintContext::new(&context.map, &context.environments, &names, &contents, &submodules);
    facts.add_linked(|rules| {
        let linked = settings.source.linked(rules);
        (linked.files, linked.in_doubt)
    });
    facts.observed = observations::facts(&context);
    let levels: BTreeMap<Code, Level> =
        context.map.lints.iter().map(|(code, level)| (*code, *level)).chain(typed).collect();
    let mut findings = lint::run(&facts, &levels);
    name_renames(&context, &mut findings);
    let checked = Checked {
        map: context.map.file.clone(),
        services: context.map.services.len(),
        expectations: context.map.expects.len(),
        pipelines: None,
        files: names.len(),
        findings: lint::locate(&facts, findings),
    };
    if reporter.is_verbose() {
        for (service, known) in context.map.services.iter().enumerate() {
            let said = (0..known.not_inputs.len()).map(|not_input| OnPurpose { service, not_input });
            said.for_each(|said| reporter.say(&on_purpose(&said, &context.map)));
        }
    }
    print::findings(&checked, args.format, reporter)
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
        let _ = writeln!(out, "  set:  [lints]\n        {} = \"allow\"   # or \"warn\", \"deny\"", lint.code.word());
        return Ok(out);
    }
    for lint in &LINTS {
        let _ = writeln!(out, "{:<22} {:<6} {}", lint.code.word(), lint.level.word(), lint.reason);
    }
    Ok(out)
}
