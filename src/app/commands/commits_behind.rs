//! How many commits each deploy is behind the source, as far as git knows.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;

use crate::base::text::{commit_like, short_revision};
use crate::map::rules::Rules;
use crate::protocol::engine::status::ServiceStatus;
use crate::source::tree::commit::{Beginning, CommitDifference, CommitStep, Range, Repository};

use super::context::Context;

/// Counts for each deploy the commits in the source's first-parent history that its revision lacks and that touch an
/// input of its service. Trees are compared once for all services, and only where they differ.
pub(super) fn count(context: &Context<'_>, rules: &Rules, standings: &mut [ServiceStatus]) {
    if standings.iter().all(|standing| standing.deployed.is_none()) {
        return;
    }
    let repository = context.settings.source.repository().map_err(|error| error.to_string());
    let mut since: BTreeMap<&str, Result<Vec<CommitStep>, String>> = BTreeMap::new();
    for revision in standings.iter().filter_map(revision) {
        since
            .entry(revision)
            .or_insert_with(|| repository.as_ref().map_err(String::clone).and_then(|git| steps(git, revision)));
    }
    // Each history ends at the source, so the longest contains all others.
    let longest = since.values().flatten().max_by_key(|steps| steps.len());
    let differences: Vec<_> = match (&repository, longest) {
        (Ok(repository), Some(steps)) => repository.differences(steps, rules, &AtomicUsize::new(0)),
        _ => Vec::new(),
    };
    let counted = standings.iter().map(|standing| {
        standing.deployed.as_ref()?;
        let Some(steps) = revision(standing).and_then(|revision| since.get(revision)) else {
            return Some(Err("a deploy names no revision".to_owned()));
        };
        let service = context.map.index(&standing.key.service)?;
        let counted = |steps: &Vec<CommitStep>| touching(&differences[differences.len() - steps.len()..], service);
        Some(steps.as_ref().map_err(String::clone).and_then(counted))
    });
    let counted: Vec<_> = counted.collect();
    for (standing, counted) in standings.iter_mut().zip(counted) {
        standing.behind.commits = counted;
    }
}

fn revision(standing: &ServiceStatus) -> Option<&str> {
    standing.deployed.as_ref()?.release.revision.as_deref()
}

/// The steps from a revision to the source.
fn steps(repository: &Repository, revision: &str) -> Result<Vec<CommitStep>, String> {
    if !commit_like(revision) {
        return Err(format!("the revision `{}` is no commit id", short_revision(revision)));
    }
    let range = Range { since: Some(revision), ..Range::default() };
    let history = repository.history(range).map_err(|error| error.to_string())?;
    match history.beginning {
        Beginning::Asked | Beginning::Root(_) => Ok(history.steps),
        Beginning::Shallow(_) => Err("the clone is shallow: `git fetch --unshallow` gets the whole history".to_owned()),
        Beginning::Missing { commit, cause } => Err(format!("the commit before `{commit}` is missing: {cause}")),
    }
}

fn touching<E: ToString>(steps: &[Result<CommitDifference, E>], service: usize) -> Result<usize, String> {
    let mut count = 0;
    for step in steps {
        let difference = step.as_ref().map_err(E::to_string)?;
        count += usize::from(difference.changes.iter().any(|change| change.verdict.claim(service).is_some()));
    }
    Ok(count)
}
