//! `plan`: what would build and why, for people and for pull requests. It reads but never writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Forced, Settings, given, moment, now};
use crate::base::failure::{Failure, Status};
use crate::base::text;
use crate::map::Unowned;
use crate::map::rules::Rules;
use crate::output::{self, Format, Options};
use crate::protocol::answer::Answer;
use crate::protocol::engine::decide::{Reuse, ServiceDecision};
use crate::protocol::engine::mark::Build;
use crate::protocol::engine::marks::Known;
use crate::protocol::engine::policy::Asked;
use crate::protocol::engine::ticket::Ticket;
use crate::source::extras::Extras;

use super::answers::answers;
use super::between::between;
use super::commits::{CommitsAsked, commit};
use super::context::{Context, revision};
use super::decide::refused;
use super::gather::{Wanted, gather};
use super::map_change::map_changes;
use super::print::show;
use super::renames::warn_of_renames;
use super::since_base::since_base;
use super::why;

/// Plans and prints.
pub(super) fn plan(settings: &Settings, reporter: Reporter, args: &PlanArgs) -> Result<Status, Failure> {
    if args.print_map {
        show(settings.map()?.to_toml().as_bytes())?;
        return Ok(Status::Done);
    }
    given("--revision", args.revision.as_deref())?;
    let base = given("--base", args.base.as_deref())?;
    if args.explain && !matches!(args.format, Format::Table | Format::Json) {
        let failure = Failure::request("--explain is for people, and this format is for a shell");
        return Err(failure.hint("use --format table or --format json"));
    }
    let services = [args.services.as_slice(), &args.service].concat();
    let extras = Extras::parse(args.extra.iter().map(String::as_str)).map_err(Failure::request)?;
    let commits = base.map(|base| CommitsAsked::new(base, args.revision.as_deref())).transpose()?;
    let (context, mut answers) = match &commits {
        Some(commits) if commits.is_pair() => between(settings, reporter, args, commits, &services)?,
        Some(commits) => since_base(settings, reporter, args, commits, &services, &extras)?,
        None => {
            let context = Context::among(settings, reporter, &services, args.all_environments)?;
            let asked = context.asked(&services)?;
            let answers = against_store(&context, &asked, services.is_empty(), &extras, args)?;
            (context, answers)
        }
    };
    if args.explain {
        let is_commit = commits.as_ref().map_or(args.revision.is_some(), |commits| commits.revision.is_some());
        for answer in &mut answers {
            let environment = answer.environment.clone();
            let target = answer.revision.clone().filter(|_| is_commit);
            why::explain(&context, &environment, answer, target.as_deref())?;
        }
    }
    if args.format == Format::Markdown && context.map.defaults.unowned == Unowned::Ignore {
        answers.iter_mut().for_each(|answer| answer.unowned = None);
    }
    let terminal = std::io::stdout().is_terminal();
    let options = Options {
        all_changes: args.all_changes,
        side_by_side: args.all_environments && !args.explain,
        now: now(),
        color: context.reporter.colors(terminal),
    };
    let printed = match (args.format, &commits) {
        (Format::Markdown, Some(commits)) => {
            output::comment(&answers, &map_changes(&context, &answers, commits.revision.is_some()), &options)
        }
        (format, _) => output::render(format, &answers, &options).map_err(Failure::request)?,
    };
    show(&printed)?;
    if answers.iter().any(|answer| answer.unowned.as_ref().is_some_and(|unowned| !unowned.is_empty()))
        && context.map.defaults.unowned == Unowned::Warn
        && !matches!(args.format, Format::Table | Format::Markdown)
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
    extras: &Extras,
    args: &PlanArgs,
) -> Result<Vec<Answer>, Failure> {
    let source = &context.settings.source;
    let repository = args.revision.as_deref().map(|name| commit(context.settings, name)).transpose()?;
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
    warn_of_renames(context, &seen, &planned, &marks);
    if given("--verify", args.verify.as_deref())?.is_some() {
        let relies = |decision: &&ServiceDecision| decision.skips() || matches!(decision.reuse, Reuse::Yes(_));
        let names = planned.services.iter().filter(relies).map(|decision| decision.key.service.as_str());
        let names: Vec<&str> = names.collect();
        let text = if names.is_empty() { "no service".to_owned() } else { text::list(&names) };
        context.reporter.say(&format!("--verify would run for {text}; a plan runs nothing"));
    }
    Ok(answers(context, &engine, &seen, &planned, &Ticket::new(None), &BTreeMap::new()))
}
