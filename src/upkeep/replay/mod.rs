//! A map's rules over real history: what each commit would have built, and what follows from that. Pure.
//!
//! Each commit is compared with its first parent, as in a pipeline that deploys every push: what differs builds.

pub mod against;
pub mod left_out;
pub mod loss;
pub mod minutes;
pub mod tally;

use crate::base::names::ServiceName;
use crate::source::difference::{self, Change, Compared};
use crate::source::tree::TreeError;
use crate::source::tree::commit::{CommitDifference, CommitStep};

/// What the rules decide at each commit of a history.
#[derive(Debug)]
pub struct Replay {
    /// The names of all services of the map.
    pub names: Vec<ServiceName>,
    /// The requested services, as indices into the names, sorted.
    pub services: Vec<usize>,
    /// The commits, oldest first.
    pub commits: Vec<ReplayedCommit>,
    /// The commits that could not be compared with their first parent, oldest first, and why.
    pub unreadable: Vec<(String, String)>,
}

/// What the rules decide at one commit.
#[derive(Debug)]
pub struct ReplayedCommit {
    /// The commit.
    pub step: CommitStep,
    /// How it differs from its first parent.
    pub difference: CommitDifference,
    /// The services that build, sorted.
    pub builds: Vec<usize>,
}

impl Replay {
    /// Makes the decisions. There is one difference per step.
    pub fn of(
        names: Vec<ServiceName>,
        services: Vec<usize>,
        steps: Vec<CommitStep>,
        differences: Vec<Result<CommitDifference, TreeError>>,
    ) -> Self {
        let mut replay = Self { names, services, commits: Vec::new(), unreadable: Vec::new() };
        for (step, difference) in steps.into_iter().zip(differences) {
            match difference {
                Ok(difference) => {
                    let builds = builds(&difference);
                    replay.commits.push(ReplayedCommit { step, difference, builds });
                }
                Err(cause) => replay.unreadable.push((step.commit, cause.to_string())),
            }
        }
        replay
    }

    /// The name of a service.
    pub fn name(&self, service: usize) -> &ServiceName {
        &self.names[service]
    }
}

impl ReplayedCommit {
    /// Why a service builds or is skipped, in the words of a decision.
    pub fn reason(&self, service: usize) -> Compared {
        match (self.difference.without_inputs.binary_search(&service), self.builds.binary_search(&service)) {
            _ if self.difference.doubt(service).is_some() => Compared::Unreadable,
            (Ok(_), _) => Compared::NoInputs,
            (Err(_), Ok(_)) => Compared::Changed,
            (Err(_), Err(_)) => Compared::Unchanged,
        }
    }

    /// The inputs of a service that differ, sorted bytewise by path.
    pub fn changes(&self, service: usize) -> Vec<Change> {
        difference::between(&self.difference, service)
    }
}

/// The services with a changed input, and those without inputs or with one that cannot be known: doubt builds.
fn builds(difference: &CommitDifference) -> Vec<usize> {
    let claims = difference.changes.iter().flat_map(|change| &change.verdict.claims).map(|claim| claim.service);
    let doubted = difference.unreadable.iter().flat_map(|unreadable| unreadable.services.iter().copied());
    let mut builds: Vec<usize> = claims.chain(difference.without_inputs.iter().copied()).chain(doubted).collect();
    builds.sort_unstable();
    builds.dedup();
    builds
}

#[cfg(test)]
mod fixtures;
