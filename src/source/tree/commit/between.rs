//! How two commits differ for the asked services: what the rules select, what links lead to, and who has no input.

use std::mem::ManuallyDrop;

use gix::ObjectId;

use super::Repository;
use super::changes::{CommitDifference, Listings, still_there};
use super::linked::{CommitLinks, WithoutLinks};
use super::without_inputs::Missing;
use crate::map::rules::Rules;
use crate::source::tree::TreeError;

/// Two commits to compare.
#[derive(Debug, Clone, Copy)]
pub struct CommitPair {
    base: ObjectId,
    revision: ObjectId,
    trees: (ObjectId, ObjectId),
}

impl CommitPair {
    /// The root directory of the newer commit.
    pub(super) fn tree(&self) -> ObjectId {
        self.trees.1
    }
}

impl Repository {
    /// Finds two commits, for [`Repository::between`]. This needs no rules, so they can be read at the same time.
    ///
    /// # Errors
    /// The repository does not have one of the commits.
    pub fn pair(&self, base: &str, revision: &str) -> Result<CommitPair, TreeError> {
        let (base, revision) = (self.commit(base)?, self.commit(revision)?);
        Ok(CommitPair { base, revision, trees: (self.tree_of(base)?, self.tree_of(revision)?) })
    }

    /// How `revision` differs from `base`: [`Repository::between`] of the two.
    ///
    /// # Errors
    /// The repository does not have one of the commits, or one of their directories that is needed.
    pub fn changes(&self, base: &str, revision: &str, rules: &Rules) -> Result<CommitDifference, TreeError> {
        self.between(self.pair(base, revision)?, rules)
    }

    /// How the second commit differs from the first. Files are not read, and neither are directories that are equal on
    /// both sides or that the rules cannot reach.
    ///
    /// # Errors
    /// The repository does not have one of the directories that are needed.
    pub fn between(&self, pair: CommitPair, rules: &Rules) -> Result<CommitDifference, TreeError> {
        let mut difference = CommitDifference::new(pair.base.to_string(), pair.revision.to_string(), rules);
        let missing = Missing::all(rules.asked());
        // The process ends before it is worth taking them apart.
        let mut listings = ManuallyDrop::new(Listings::default());
        let without_inputs = self.without_inputs_shared(pair.tree(), rules, missing, |missing| {
            self.compare(&mut difference, pair.trees, rules, rules.root(), &mut listings)?;
            still_there(&difference.changes).for_each(|verdict| missing.see(verdict));
            Ok(())
        })?;
        let without_links = WithoutLinks::default();
        let mut links = CommitLinks::new(self, rules, &without_links);
        let followed = links.add_to(&mut difference, pair.trees, &mut listings)?;
        difference.without_inputs = links.without_inputs(pair.tree(), &followed, without_inputs)?;
        Ok(difference)
    }
}
