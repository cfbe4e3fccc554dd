//! `plan --base` with `--revision`: what differs between two commits, without using a store.

use std::mem::ManuallyDrop;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app::cli::PlanArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::base::processors;
use crate::base::text;
use crate::map::rules::Rules;
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::source::difference::{self, Change, Compared};
use crate::source::tree::SourceKind;
use crate::source::tree::commit::{CommitDifference, CommitPair, Repository};

use super::commits::{Commits, CommitsAsked};
use super::context::Context;

/// Compares two commits for some services, or for all if none is named.
pub(super) fn between<'a>(
    settings: &'a Settings,
    reporter: Reporter,
    args: &PlanArgs,
    commits: &CommitsAsked,
    services: &[String],
) -> Result<(Context<'a>, Vec<Answer>), Failure> {
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Reading the map takes about as long as reading the commits.
        let found = processors::spawn_apart(scope, || find(settings, commits, &enough));
        let prepared = prepare(settings, reporter, args, services);
        enough.store(true, Ordering::Relaxed);
        let found = found.join().unwrap_or_else(|panic| resume_unwind(panic));
        let ((context, rules), found) = (prepared?, ManuallyDrop::new(found?));
        let compared = context.environments.iter().zip(&*rules);
        let compared = compared.map(|(environment, rules)| compare(&context, environment, rules, &found));
        let answers = compared.collect::<Result<_, _>>()?;
        Ok((context, answers))
    })
}

/// The context, and the rules in each of its environments. The process ends before it is worth taking them apart.
fn prepare<'a>(
    settings: &'a Settings,
    reporter: Reporter,
    args: &PlanArgs,
    services: &[String],
) -> Result<(Context<'a>, ManuallyDrop<Vec<Rules>>), Failure> {
    let context = Context::without_store(settings, reporter, services, args.all_environments)?;
    let asked = context.asked(services)?;
    let environments = context.environments.iter().zip(&asked);
    let compile = |(environment, asked): (&EnvironmentName, &Vec<usize>)| {
        Rules::compile(&context.map, environment, asked, services.is_empty())
    };
    let rules = ManuallyDrop::new(environments.map(compile).collect());
    Ok((context, rules))
}

/// The repository and the two commits, with what can be read of them until it is enough.
fn find(settings: &Settings, commits: &CommitsAsked, enough: &AtomicBool) -> Result<(Repository, CommitPair), Failure> {
    let Commits { mut repository, base, revision } = commits.resolve(settings)?;
    let (Some(base), Some(revision)) = (base, revision) else {
        return Err(Failure::other("only two commits can be compared one with the other"));
    };
    let pair = repository.pair(&base, &revision).map_err(Failure::request)?;
    if processors::available() > 1 && !repository.has_checked_out(pair) {
        repository.read_ahead(pair, enough);
    }
    Ok((repository, pair))
}

/// How the two commits differ in one environment.
pub(super) fn compare(
    context: &Context<'_>,
    environment: &EnvironmentName,
    rules: &Rules,
    (repository, pair): &(Repository, CommitPair),
) -> Result<Answer, Failure> {
    let difference = repository.between(*pair, rules).map_err(Failure::request)?;
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
        Compared::Unreadable => {
            (Reason::SourceUnreadable, commits.doubt(service).map_or_else(String::new, ToString::to_string))
        }
        Compared::NoInputs => (Reason::NoInputs, "its rules select no file in that commit".to_owned()),
        Compared::Unchanged => (Reason::Unchanged, "no input differs between the commits".to_owned()),
        Compared::Changed => (Reason::Changed, differing(&changes, "between the commits")),
    };
    without_store(context, service, reason, detail, changes, Some(&commits.base))
}

/// The answer about a service that is compared with a commit, if there is one.
pub(super) fn without_store(
    context: &Context<'_>,
    service: usize,
    reason: Reason,
    detail: String,
    changes: Vec<Change>,
    base: Option<&str>,
) -> ServiceAnswer {
    let baseline =
        |base: &str| Baseline { revision: Some(base.to_owned()), recorded_at: None, certain: true, build: None };
    ServiceAnswer {
        service: context.name(service).clone(),
        reason,
        detail,
        // Only what differs was read.
        fingerprint: None,
        baseline: base.map(baseline),
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

/// How many inputs differ, and the first of them.
pub(super) fn differing(changes: &[Change], since: &str) -> String {
    let total = text::count(changes.len(), "input");
    let verb = if changes.len() == 1 { "differs" } else { "differ" };
    let first = changes.first().map(|first| format!(" ({})", text::printable(&first.path))).unwrap_or_default();
    format!("{total} {verb} {since}{first}")
}
