//! `plan`: what would build and why, for people and for pull requests. It reads but never writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Forced, OpenSource, Settings, given, moment, now};
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::base::text;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, Format, Options};
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::engine::decide::{Reuse, ServiceDecision};
use crate::protocol::engine::decision;
use crate::protocol::engine::inputs::CurrentInputs;
use crate::protocol::engine::mark::Build;
use crate::protocol::engine::marks::Known;
use crate::protocol::engine::policy::Asked;
use crate::protocol::engine::ticket::Ticket;
use crate::source::difference::{self, Change, Compared};
use crate::source::extras::Extras;
use crate::source::inputs;
use crate::source::snapshot::Snapshot;
use crate::source::tree::SourceKind;
use crate::source::tree::commit::{CommitDifference, Repository};

use super::answers::answers;
use super::context::{Context, revision};
use super::decide::refused;
use super::extras;
use super::gather::{Wanted, current, gather};
use super::print::show;
use super::why;

/// Plans and prints.
pub(super) fn plan(settings: &Settings, reporter: Reporter, args: &PlanArgs) -> Result<Status, Failure> {
    if args.print_map {
        show(settings.map()?.to_toml().as_bytes())?;
        return Ok(Status::Done);
    }
    let services = [args.services.as_slice(), &args.service].concat();
    let context = match args.base {
        Some(_) => Context::without_store(settings, reporter, &services, args.all_environments)?,
        None => Context::among(settings, reporter, &services, args.all_environments)?,
    };
    if args.explain && !matches!(args.format, Format::Table | Format::Json) {
        let failure = Failure::request("--explain is for people, and this format is for a shell");
        return Err(failure.hint("use --format table or --format json"));
    }
    let asked = context.asked(&services)?;
    given("--revision", args.revision.as_deref())?;
    let base = given("--base", args.base.as_deref())?;
    let find_unowned = services.is_empty();
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let mut answers = match base {
        Some(base) => {
            let compare = |(environment, asked): (&EnvironmentName, &Vec<usize>)| {
                let rules = Rules::compile(&context.map, environment, asked, find_unowned);
                match &args.revision {
                    Some(revision) => compare(&context, environment, &rules, base, revision),
                    None => compare_source(&context, environment, &rules, base, &extras),
                }
            };
            context.environments.iter().zip(&asked).map(compare).collect::<Result<Vec<_>, _>>()?
        }
        None => against_store(&context, &asked, find_unowned, &extras, args)?,
    };
    if args.explain {
        let target = args.revision.as_deref();
        for answer in &mut answers {
            let environment = answer.environment.clone();
            why::explain(&context, &environment, answer, target)?;
        }
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
    asked: &[Vec<usize>],
    find_unowned: bool,
    extras: &Extras,
    args: &PlanArgs,
) -> Result<Vec<Answer>, Failure> {
    let source = &context.settings.source;
    let repository = args.revision.as_deref().map(|name| open(source, name)).transpose()?;
    let named = match &repository {
        Some((_, commit)) => Some(commit.clone()),
        None => revision(context.settings, None)?,
    };
    // A plan does not belong to a build: it decides as any build would.
    let mut engine = context.engine(Build::default(), named, Some(extras.clone()));
    // Nor does a laptop deploy: it asks on behalf of the home of the last deploy, unless a pipeline is named.
    engine.caller.home = engine.caller.home.filter(|home| !home.is_local());
    let read = |rules: &Rules| match &repository {
        Some((repository, commit)) => repository.read(commit, rules).map_err(Failure::request),
        None => source.read_as_git(rules).map_err(Failure::request),
    };
    let wanted = Wanted { services: asked, find_unowned, extras, forced: &Forced::default() };
    let (seen, marks) = gather(context, &engine, &wanted, read)?;
    // An unavailable store affects every service, so it is reported once.
    let causes: BTreeSet<&str> = (marks.iter())
        .filter_map(|(_, read)| match &read.known {
            Known::Unavailable(cause) => Some(cause.as_str()),
            _ => None,
        })
        .collect();
    for cause in causes {
        context.reporter.warn(&format!("what is deployed is not known: {cause}"));
    }
    let asked: Vec<Asked> = seen.iter().flat_map(|seen| &seen.services).map(|(_, asked)| asked.clone()).collect();
    let planned = engine.plan(&asked, &marks, &moment()).map_err(refused(context))?;
    if given("--verify", args.verify.as_deref())?.is_some() {
        let relies = |decision: &&ServiceDecision| decision.skips() || matches!(decision.reuse, Reuse::Yes(_));
        let names = planned.services.iter().filter(relies).map(|decision| decision.key.service.as_str());
        let names: Vec<&str> = names.collect();
        let text = if names.is_empty() { "no service".to_owned() } else { text::list(&names) };
        context.reporter.say(&format!("--verify would run for {text}; a plan runs nothing"));
    }
    Ok(answers(context, &engine, &seen, &planned, &Ticket::new(None), &BTreeMap::new()))
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
    revision: &str,
) -> Result<Answer, Failure> {
    let repository = context.settings.source.repository().map_err(Failure::request)?;
    let difference = repository.changes(base, revision, rules).map_err(Failure::request)?;
    Ok(Answer {
        project: context.project.clone(),
        environment: environment.clone(),
        state: None,
        revision: Some(difference.revision.clone()),
        base: Some(difference.base.clone()),
        source: SourceKind::Commit,
        files: difference.changes.len(),
        services: rules.asked().iter().map(|service| compared(context, *service, &difference)).collect(),
        unowned: difference.unowned.clone(),
    })
}

/// What differs between a commit and the source as it is, without using a store.
fn compare_source(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    base: &str,
    given: &Extras,
) -> Result<Answer, Failure> {
    let source = &context.settings.source;
    let extras = extras::of_services(context, rules.asked().iter().copied(), given)?;
    let (repository, commit) = open(source, base)?;
    let then = repository.read(&commit, rules).map_err(Failure::request)?;
    let now = source.read_as_git(rules).map_err(Failure::request)?;
    let inputs = |tree| -> BTreeMap<usize, CurrentInputs> {
        let inputs = inputs::collect(tree, rules, |service| &extras[&service].extras).into_iter();
        // An unset variable is as unknown for the base, and no reason to build everything.
        inputs.map(|inputs| (inputs.service, current(&inputs, &[]))).collect()
    };
    let (before, after) = (inputs(&then), inputs(&now));
    let service = |service: &usize| {
        let evidence = decision::between(&before[service], &after[service]);
        let changes = match evidence.reason() {
            Reason::Changed => {
                difference::since(&Snapshot::of(&then, *service, &extras[service].extras), &now, *service)
            }
            _ => Vec::new(),
        };
        let detail = match evidence.reason() {
            Reason::Changed => differing(&changes, "since the base"),
            Reason::Unchanged => "no input differs since the base".to_owned(),
            _ => evidence.to_string(),
        };
        let inputs = Some(after[service].count);
        ServiceAnswer { inputs, ..without_store(context, *service, evidence.reason(), detail, changes, &commit) }
    };
    Ok(Answer {
        project: context.project.clone(),
        environment: environment.clone(),
        state: None,
        revision: source.head_revision(),
        base: Some(commit.clone()),
        source: now.source,
        files: now.files,
        services: rules.asked().iter().map(service).collect(),
        unowned: now.unowned.clone(),
    })
}

fn compared(context: &Context<'_>, service: usize, commits: &CommitDifference) -> ServiceAnswer {
    let changes = difference::between(commits, service);
    let (reason, detail) = match difference::compared(commits, service) {
        Compared::NoInputs => (Reason::NoInputs, "its rules select no file in that commit".to_owned()),
        Compared::Unchanged => (Reason::Unchanged, "no input differs between the commits".to_owned()),
        Compared::Changed => (Reason::Changed, differing(&changes, "between the commits")),
    };
    without_store(context, service, reason, detail, changes, &commits.base)
}

fn without_store(
    context: &Context<'_>,
    service: usize,
    reason: Reason,
    detail: String,
    changes: Vec<Change>,
    base: &str,
) -> ServiceAnswer {
    let baseline = Baseline { revision: Some(base.to_owned()), recorded_at: None, certain: true, build: None };
    ServiceAnswer {
        service: context.name(service).clone(),
        reason,
        detail,
        // Only what differs was read.
        fingerprint: None,
        baseline: Some(baseline),
        changes_total: Some(changes.len()),
        changes,
        rules_changed: false,
        outputs: Default::default(),
        reused: None,
        declared: Default::default(),
        redeploys: Default::default(),
        inputs: None,
        full: None,
        candidate: None,
        why: None,
    }
}

fn differing(changes: &[Change], since: &str) -> String {
    let total = text::count(changes.len(), "input");
    let verb = if changes.len() == 1 { "differs" } else { "differ" };
    let first = changes.first().map(|first| format!(" ({})", text::printable(&first.path))).unwrap_or_default();
    format!("{total} {verb} {since}{first}")
}
