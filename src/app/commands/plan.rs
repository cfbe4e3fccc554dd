//! `plan`: what would build and why, for people and for pull requests. It reads but never writes.

use std::collections::BTreeSet;
use std::io::IsTerminal;

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::{self, OpenSource, Settings, given, now};
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::base::text;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, Format, Options};
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::decide::Known;
use crate::protocol::mark::Build;
use crate::source::difference::{self, Change, Compared};
use crate::source::extras::Extras;
use crate::source::tree::SourceKind;
use crate::source::tree::commit::{CommitDifference, Repository};

use super::answers::answer;
use super::context::Context;
use super::decide::{building, revision};
use super::gather::gather;
use super::print::show;
use super::subject::{Request, Subject};
use super::unmatched_includes::warn_of_dead_includes;
use super::why;

/// Plans and prints.
pub(super) fn plan(settings: &Settings, reporter: Reporter, args: &PlanArgs) -> Result<Status, Failure> {
    if args.print_map {
        show(settings.map()?.to_toml().as_bytes())?;
        return Ok(Status::Done);
    }
    let context = match args.base {
        Some(_) => Context::without_store(settings, reporter, args.all_environments)?,
        None => Context::among(settings, reporter, args.all_environments)?,
    };
    if args.explain && !matches!(args.format, Format::Table | Format::Json) {
        let failure = Failure::request("--explain is for people, and this format is for a shell");
        return Err(failure.hint("use --format table or --format json"));
    }
    let services = [args.services.as_slice(), &args.service].concat();
    let asked = settings::services(&context.map, &services)?;
    given("--revision", args.revision.as_deref())?;
    let base = given("--base", args.base.as_deref())?;
    let mut answers = Vec::new();
    for environment in &context.environments {
        let rules = Rules::compile(&context.map, environment, &asked, services.is_empty());
        let mut answer = match base {
            Some(base) => compare(&context, environment, &rules, base, args.revision.as_deref())?,
            None => against_store(&context, environment, &rules, args)?,
        };
        if args.explain {
            let target = args.revision.as_deref().or(base.map(|_| "HEAD"));
            why::explain(&context, environment, &mut answer, target)?;
        }
        answers.push(answer);
    }
    let terminal = std::io::stdout().is_terminal();
    let options = Options {
        all_changes: args.all_changes,
        side_by_side: args.all_environments && !args.explain,
        now: now(),
        color: context.reporter.colors(terminal),
    };
    let printed = output::render(args.format, &answers, &options).map_err(Failure::request)?;
    show(&printed)?;
    if answers.iter().any(|answer| answer.unowned.as_ref().is_some_and(|unowned| !unowned.is_empty()))
        && context.map.defaults.unowned == Unowned::Warn
        && args.format != Format::Table
    {
        context.reporter.warn("some files are covered by no service: see `shipmark check`");
    }
    Ok(Status::Done)
}

/// What would be decided now, according to what is recorded.
fn against_store(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    args: &PlanArgs,
) -> Result<Answer, Failure> {
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let source = &context.settings.source;
    let repository = args.revision.as_deref().map(|name| open(source, name)).transpose()?;
    let named = match &repository {
        Some((_, commit)) => Some(commit.clone()),
        None => revision(context.settings, None)?,
    };
    // A plan does not belong to a build: it decides as any build would.
    let request = Request { forced: false, build: Build::default(), revision: named, at: now() };
    let read = |rules: &Rules| match &repository {
        Some((repository, commit)) => repository.read(commit, rules).map_err(Failure::request),
        None => source.read_as_git(rules).map_err(Failure::request),
    };
    let evidence = gather(context, environment, rules, &extras, read)?;
    warn_of_dead_includes(context, rules, &evidence.tree);
    let mut subjects = Vec::new();
    let mut causes = BTreeSet::new();
    for (inputs, found) in evidence.inputs.iter().zip(evidence.marks) {
        // An unavailable store affects every service, so it is reported once.
        if let Known::Unavailable(cause) = &found.known
            && causes.insert(cause.clone())
        {
            context.reporter.warn(&format!("what is deployed is not known: {cause}"));
        }
        let key = context.key(environment, inputs.service);
        let mut subject = Subject::new(key, inputs, rules.digest(inputs.service), found, None, request.at);
        subject.decide(&context.map, &request);
        subjects.push(subject);
    }
    let building = building(&subjects);
    subjects.iter_mut().for_each(|subject| subject.note_pins(context, &building));
    Ok(answer(context, environment, &request, &evidence.tree, &subjects))
}

fn open(source: &OpenSource, name: &str) -> Result<(Repository, String), Failure> {
    let repository = source.repository().map_err(Failure::request)?;
    let commit = repository.resolve(name).map_err(Failure::request)?;
    Ok((repository, commit))
}

/// What differs between two commits, without using a store.
fn compare(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    base: &str,
    revision: Option<&str>,
) -> Result<Answer, Failure> {
    let repository = context.settings.source.repository().map_err(Failure::request)?;
    let difference = repository.changes(base, revision.unwrap_or("HEAD"), rules).map_err(Failure::request)?;
    Ok(Answer {
        project: context.project.clone(),
        environment: environment.clone(),
        revision: Some(difference.revision.clone()),
        base: Some(difference.base.clone()),
        source: SourceKind::Commit,
        files: difference.changes.len(),
        services: rules.asked().iter().map(|service| compared(context, *service, &difference)).collect(),
        unowned: difference.unowned.clone(),
    })
}

fn compared(context: &Context<'_>, service: usize, commits: &CommitDifference) -> ServiceAnswer {
    let changes = difference::between(commits, service);
    let (reason, detail) = match difference::compared(commits, service) {
        Compared::NoInputs => (Reason::NoInputs, "its rules select no file in that commit".to_owned()),
        Compared::Unchanged => (Reason::Unchanged, "no input differs between the commits".to_owned()),
        Compared::Changed => (Reason::Changed, differing(&changes)),
    };
    ServiceAnswer {
        service: context.name(service).clone(),
        reason,
        detail,
        baseline: Some(Baseline {
            revision: Some(commits.base.clone()),
            recorded_at: None,
            certain: true,
            build: None,
        }),
        changes_total: Some(changes.len()),
        changes,
        rules_changed: false,
        outputs: Default::default(),
        redeploys: Default::default(),
        inputs: None,
        why: None,
    }
}

fn differing(changes: &[Change]) -> String {
    let total = text::count(changes.len(), "input");
    let verb = if changes.len() == 1 { "differs" } else { "differ" };
    let first = changes.first().map(|first| format!(" ({})", text::printable(&first.path))).unwrap_or_default();
    format!("{total} {verb} between the commits{first}")
}
