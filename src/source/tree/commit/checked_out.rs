//! What git's index knows about the directories of a commit near the one that is checked out: most of them have no link in
//! them, and need not be read to find that out; and of that commit itself, which files there are.

use std::collections::HashSet;

use gix::ObjectId;

use super::index::{self, PackedPaths, Skimmed};
use super::{CommitPair, Repository};
use crate::base::quick::QuickSet;
use crate::source::tree::parents;

/// What the index says.
#[derive(Default)]
pub(super) struct CheckedOut {
    /// The root directory that has all files of the index and no others.
    root: Option<ObjectId>,
    files: PackedPaths,
    without_links: QuickSet<ObjectId>,
}

impl CheckedOut {
    fn new(skimmed: Skimmed) -> Option<Self> {
        let Skimmed { entries, links, files, directories } = skimmed;
        let with_links: HashSet<&[u8]> = links.iter().flat_map(parents).collect();
        let (mut root, mut passed_over) = (None, false);
        let mut without_links = Vec::new();
        directories.visit(|path, below, id| {
            if path.is_empty() {
                // Git's own count is a cheap check that nothing was passed over.
                passed_over = below != entries;
                root = Some(id);
            }
            if with_links.is_empty() || !with_links.contains(path) {
                without_links.push(id);
            }
        })?;
        (!passed_over).then(|| Self { root, files, without_links: without_links.into_iter().collect() })
    }

    /// Whether this directory has no link in it or below, as far as the index knows.
    pub(super) fn is_without_links(&self, directory: ObjectId) -> bool {
        self.without_links.contains(&directory)
    }

    /// A file of each directory that has one, if this root directory is the one that is checked out.
    pub(super) fn files_of(&self, root: ObjectId) -> Option<&PackedPaths> {
        (self.root == Some(root)).then_some(&self.files)
    }
}

impl Repository {
    /// Whether the index says which files the newer of two commits has.
    pub fn has_checked_out(&self, pair: CommitPair) -> bool {
        self.checked_out().files_of(pair.tree()).is_some()
    }

    /// What the index says; nothing if there is none, or if it cannot be read: then each directory is looked into.
    pub(super) fn checked_out(&self) -> &CheckedOut {
        let read = || index::read(&self.git.index_path(), self.git.object_hash()).and_then(CheckedOut::new);
        self.checked_out.get_or_init(|| read().unwrap_or_default())
    }
}
