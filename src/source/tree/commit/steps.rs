//! How each step of a history differs from the previous one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use rayon::prelude::*;

use super::changes::{CommitChange, CommitDifference, Listings, still_there};
use super::linked::{CommitLinks, WithoutLinks};
use super::without_inputs::Missing;
use super::{CommitStep, Repository, TreeError};
use crate::map::rules::Rules;

/// How many consecutive steps one thread walks: enough to profit from what it has read before, and few enough for all
/// threads to finish at about the same time.
const IN_A_ROW: usize = 256;

/// How many bytes of directories a thread caches as delta bases. Git's own limit is 96 MiB (core.deltaBaseCacheLimit).
const DELTA_BASES: usize = 32 << 20;

impl Repository {
    /// How each step differs from its first parent, for the asked services, as in [`Repository::changes`]. The number
    /// of finished steps is shown in `done`.
    pub fn differences(
        &self,
        steps: &[CommitStep],
        rules: &Rules,
        done: &AtomicUsize,
    ) -> Vec<Result<CommitDifference, TreeError>> {
        let (shared, root, known) = (self.git.clone().into_sync(), &self.root, &self.checked_out);
        let without_links = WithoutLinks::default();
        let rows = steps.par_chunks(IN_A_ROW).map(|row| {
            let git = shared.to_thread_local();
            let mut repository =
                Self { git, root: root.clone(), ahead: Arc::default(), checked_out: Arc::clone(known) };
            repository.git.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(DELTA_BASES)));
            Row::new(&repository, rules, &without_links).walk(row, done)
        });
        let rows: Vec<Vec<_>> = rows.collect();
        rows.into_iter().flatten().collect()
    }
}

/// A walk over consecutive steps.
struct Row<'a> {
    repository: &'a Repository,
    rules: &'a Rules,
    listings: Listings,
    links: CommitLinks<'a>,
    /// The services without an input of their own at the last step, if known.
    empty: Option<Vec<usize>>,
}

impl<'a> Row<'a> {
    fn new(repository: &'a Repository, rules: &'a Rules, without_links: &'a WithoutLinks) -> Self {
        let links = CommitLinks::new(repository, rules, without_links);
        Self { repository, rules, listings: Listings::default(), links, empty: None }
    }

    fn walk(mut self, steps: &[CommitStep], done: &AtomicUsize) -> Vec<Result<CommitDifference, TreeError>> {
        let mut differences = Vec::with_capacity(steps.len());
        for step in steps {
            let difference = self.step(step);
            self.empty = difference.as_ref().ok().map(|difference| difference.without_inputs.clone());
            differences.push(difference);
            done.fetch_add(1, Ordering::Relaxed);
        }
        differences
    }

    fn step(&mut self, step: &CommitStep) -> Result<CommitDifference, TreeError> {
        let mut difference = CommitDifference::new(step.parent.clone(), step.commit.clone(), self.rules);
        self.repository.compare(&mut difference, step.trees, self.rules, self.rules.root(), &mut self.listings)?;
        let links = self.links.add_to(&mut difference, step.trees, &mut self.listings)?;
        let (mut empty, suspects) = self.suspects(&difference.changes);
        let missing = Missing::after(&suspects, still_there(&difference.changes));
        empty.extend(self.repository.without_inputs(step.trees.1, self.rules, self.rules.root(), missing)?);
        empty.sort_unstable();
        difference.without_inputs = self.links.without_inputs(step.trees.1, &links, empty)?;
        Ok(difference)
    }

    /// The services that had no input and still have none, and those that may have lost their last one.
    fn suspects(&self, changes: &[CommitChange]) -> (Vec<usize>, Vec<usize>) {
        let Some(empty) = &self.empty else { return (Vec::new(), self.rules.asked().to_vec()) };
        let gone = changes.iter().filter(|change| change.new.is_none()).flat_map(|change| &change.verdict.claims);
        let mut suspects: Vec<usize> = gone.filter(|claim| !claim.by_policy).map(|claim| claim.service).collect();
        suspects.sort_unstable();
        suspects.dedup();
        suspects.retain(|service| empty.binary_search(service).is_err());
        (Missing::after(empty, still_there(changes)).services(), suspects)
    }
}
