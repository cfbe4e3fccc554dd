//! What a rule that compares each push with the previous one would have lost when builds fail, and a mark would not.
//!
//! A simulation: each push decides for each service, and a build that fails deploys nothing. Whether a build would fail
//! is drawn for every push and service, so that both rules meet the same failures: fastrand's generator, started with
//! the seed, gives one number per push and service, pushes from the oldest and services in map order. The same seed,
//! history and services give the same result.
//!
//! - **`HEAD~1`** builds what differs from the previous push. What a failed build should have deployed is forgotten,
//!   unless the very next push happens to build the service again.
//! - **The mark** builds what differs from the last deploy, and what has failed since, so the next push makes up for a
//!   failed build.

use std::collections::BTreeMap;

use bstr::BString;

use super::{Replay, ReplayedCommit};
use crate::base::fingerprint::BlobId;
use crate::source::difference::Compared;
use crate::source::tree::FileKind;

/// The outcome of builds with failures.
#[derive(Debug, Default)]
pub struct Loss {
    /// The probability that a build fails, from 0 to 1.
    pub rate: f64,
    /// The seed of the draws.
    pub seed: u64,
    /// What the `HEAD~1` rule built, and how many of these builds failed.
    pub head: Builds,
    /// The same for the mark.
    pub mark: Builds,
    /// Builds by the mark rule where `HEAD~1` skips.
    pub extra: usize,
    /// The deploys that the `HEAD~1` rule lost, by commit and service.
    pub lost: Vec<Lost>,
}

/// Builds, and how many of them failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Builds {
    /// All of them.
    pub builds: usize,
    /// Those that failed.
    pub failed: usize,
}

/// A deploy that failed and was skipped afterwards, though its changes were not deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The commit whose build failed, as an index into the commits of the replay.
    pub commit: usize,
    /// The service.
    pub service: usize,
    /// How many pushes falsely skipped the service until it was built again.
    pub behind: usize,
    /// The commit whose build finally deployed the changes, as an index; `None` if none did.
    pub until: Option<usize>,
    /// The inputs that differed from the deployed ones, sorted bytewise.
    pub paths: Vec<BString>,
}

impl Loss {
    /// How many decisions of the `HEAD~1` rule were false skips.
    pub fn false_skips(&self) -> usize {
        self.lost.iter().map(|lost| lost.behind).sum()
    }
}

type LossState = Option<(BlobId, FileKind)>;

/// A service as deployed by the `HEAD~1` rule.
#[derive(Default)]
struct Deployed {
    /// The inputs that differ from the deployed ones, each with its deployed state.
    differs: BTreeMap<BString, LossState>,
    /// The last failed build since a deploy.
    failed: Option<usize>,
    /// Losses that no build has made up for, as indices; the last one counts the pushes.
    open: Vec<usize>,
    /// Whether the last failure is among them.
    counted: bool,
}

/// Simulates both rules.
pub fn loss(replay: &Replay, rate: f64, seed: u64) -> Loss {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut loss = Loss { rate, seed, ..Loss::default() };
    let mut services: Vec<(usize, Deployed, bool)> =
        replay.services.iter().map(|service| (*service, Deployed::default(), false)).collect();
    for (number, commit) in replay.commits.iter().enumerate() {
        for (service, deployed, owed) in &mut services {
            let fails = random.f64() < rate;
            deployed.note(commit, *service);
            let touched = match commit.reason(*service) {
                // Neither rule has anything to deploy.
                Compared::NoInputs => continue,
                reason => reason != Compared::Unchanged,
            };
            if touched || *owed {
                loss.mark.count(fails);
                loss.extra += usize::from(!touched);
                *owed = fails;
            }
            if touched {
                loss.head.count(fails);
                deployed.build(number, fails, &mut loss.lost);
            } else if !deployed.differs.is_empty() {
                deployed.skip(*service, &mut loss.lost);
            }
        }
    }
    loss.lost.sort_by_key(|lost| (lost.commit, lost.service));
    loss
}

impl Builds {
    fn count(&mut self, fails: bool) {
        self.builds += 1;
        self.failed += usize::from(fails);
    }
}

impl Deployed {
    /// Records what a commit changes; an input changed back matches the deployed one again.
    fn note(&mut self, commit: &ReplayedCommit, service: usize) {
        let mine = commit.difference.changes.iter().filter(|change| change.verdict.claim(service).is_some());
        for change in mine {
            let deployed = *self.differs.entry(change.path.clone()).or_insert(change.old);
            if deployed == change.new {
                self.differs.remove(&change.path);
            }
        }
    }

    fn build(&mut self, commit: usize, fails: bool, lost: &mut [Lost]) {
        if fails {
            self.failed = Some(commit);
            self.counted = false;
            return;
        }
        self.open.drain(..).for_each(|open| lost[open].until = Some(commit));
        self.differs.clear();
        self.failed = None;
    }

    fn skip(&mut self, service: usize, lost: &mut Vec<Lost>) {
        // Only a failed build leaves a service behind. A service passed over for lack of inputs is behind and skipped
        // too, but does not count.
        let Some(commit) = self.failed else { return };
        if !self.counted {
            self.counted = true;
            self.open.push(lost.len());
            let paths = self.differs.keys().cloned().collect();
            lost.push(Lost { commit, service, behind: 0, until: None, paths });
        }
        if let Some(open) = self.open.last() {
            lost[*open].behind += 1;
        }
    }
}

#[cfg(test)]
mod tests;
