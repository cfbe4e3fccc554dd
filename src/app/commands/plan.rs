//! `plan`: what would build and why, for people and for pull requests. It reads but never writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::mem::ManuallyDrop;

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::{OpenSource, Settings, given, moment, now};
use crate::base::failure::{Failure, Status};
use crate::base::names::EnvironmentName;
use crate::base::text;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, Format, Options};
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::engine::mark::Build;
use crate::protocol::engine::marks::Known;
use crate::protocol::engine::policy::Asked;
use crate::protocol::engine::ticket::Ticket;
use crate::source::difference::{self, Change, Compared};
use crate::source::extras::Extras;
use crate::source::tree::SourceKind;
use crate::source::tree::commit::{CommitDifference, CommitPair, Repository};

use super::answers::answers;
use super::context::{Context, revision};
use super::decide::refused;
use super::gather::{Wanted, gather};
use super::print::show;
use super::why;

/// Plans and prints.
pub(super) fn plan(settings: &Settings, reporter: Reporter, args: &PlanArgs) -> Result<Status, Failure> {
    if args.print_map {
        show(settings.map()?.to_toml().as_bytes())?;
        return Ok(Status::Done);
    }
    given("--revision", args.revision.as_deref())?;
    let base = given("--base", args.base.as_deref())?;
    let (context, commits) = match base {
        Some(base) => {
            let context = || Context::without_store(settings, reporter, args.all_environments);
            // The commits are found while the map is read.
            let find = || find(&settings.source, base, args.revision.as_deref());
            let (context, commits) = meanwhile(context, find);
            (context?, Some(commits))
        }
        None => (Context::among(settings, reporter, args.all_environments)?, None),
    };
    if args.explain && !matches!(args.format, Format::Table | Format::Json) {
        let failure = Failure::request("--explain is for people, and this format is for a shell");
        return Err(failure.hint("use --format table or --format json"));
    }
    let services = [args.services.as_slice(), &args.service].concat();
    let asked = context.asked(&services)?;
    let find_unowned = services.is_empty();
    let mut answers = match commits {
        Some(commits) => {
            let commits = commits?;
            let compare = |(environment, asked): (&EnvironmentName, &Vec<usize>)| {
                let rules = ManuallyDrop::new(Rules::compile(&context.map, environment, asked, find_unowned));
                compare(&context, environment, &rules, &commits)
            };
            context.environments.iter().zip(&asked).map(compare).collect::<Result<Vec<_>, _>>()?
        }
        None => against_store(&context, &asked, find_unowned, args)?,
    };
    if args.explain {
        let target = args.revision.as_deref().or(base.map(|_| "HEAD"));
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
    // The process is about to end: to take a large map and its answers apart first would only take time.
    std::mem::forget((answers, context));
    Ok(Status::Done)
}

/// What would be decided now, according to what is recorded.
fn against_store(
    context: &Context<'_>,
    asked: &[Vec<usize>],
    find_unowned: bool,
    args: &PlanArgs,
) -> Result<Vec<Answer>, Failure> {
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
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
    let wanted = Wanted { services: asked, find_unowned, extras: &extras, forced: false };
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
    Ok(answers(context, &engine, &seen, &planned, &Ticket::new(None), &BTreeMap::new()))
}

fn open(source: &OpenSource, name: &str) -> Result<(Repository, String), Failure> {
    let repository = source.repository().map_err(Failure::request)?;
    let commit = repository.resolve(name).map_err(Failure::request)?;
    Ok((repository, commit))
}

/// Does two things at the same time.
fn meanwhile<A, B: Send>(this: impl FnOnce() -> A, that: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let that = scope.spawn(that);
        let this = this();
        (this, that.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// The repository and the two commits to compare.
fn find(source: &OpenSource, base: &str, revision: Option<&str>) -> Result<(Repository, CommitPair), Failure> {
    let repository = source.repository().map_err(Failure::request)?;
    let pair = repository.pair(base, revision.unwrap_or("HEAD")).map_err(Failure::request)?;
    Ok((repository, pair))
}

/// What differs between two commits, without using a store.
fn compare(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    (repository, commits): &(Repository, CommitPair),
) -> Result<Answer, Failure> {
    let difference = repository.between(*commits, rules).map_err(Failure::request)?;
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
        candidate: None,
        why: None,
    }
}

fn differing(changes: &[Change]) -> String {
    let total = text::count(changes.len(), "input");
    let verb = if changes.len() == 1 { "differs" } else { "differ" };
    let first = changes.first().map(|first| format!(" ({})", text::printable(&first.path))).unwrap_or_default();
    format!("{total} {verb} between the commits{first}")
}
