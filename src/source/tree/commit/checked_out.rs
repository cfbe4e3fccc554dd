//! What git's index knows about the directories of a commit near the one that is checked out: most of them have no link in
//! them, and need not be read to find that out.

use std::collections::HashSet;

use gix::ObjectId;
use gix::index::entry::Mode;
use gix::index::extension::Tree;
use gix::index::{Entry, State};

use super::Repository;
use crate::base::quick::QuickSet;
use crate::source::tree::parents;

impl Repository {
    /// The directories, by their ids, that have no link in them or below, as far as the index knows. Empty if there is no
    /// index, or if it cannot be read: then each directory is looked into.
    pub(super) fn without_links(&self) -> &QuickSet<ObjectId> {
        self.without_links.get_or_init(|| {
            // As in git, only `git fsck` verifies the checksum.
            let path = self.git.index_path();
            match gix::index::File::at(path, self.git.object_hash(), true, Default::default()) {
                // A sparse index does not list what is in some directories.
                Ok(index) if !index.is_sparse() => directories(&index),
                _ => QuickSet::default(),
            }
        })
    }
}

fn directories(index: &State) -> QuickSet<ObjectId> {
    let mut found = QuickSet::default();
    let Some(tree) = index.tree() else { return found };
    let is_link = |entry: &&Entry| entry.mode == Mode::SYMLINK;
    let links = index.entries().iter().filter(is_link).map(|entry| entry.path(index));
    let with_links: HashSet<&[u8]> = links.flat_map(|link| parents(link)).collect();
    let mut open: Vec<(Vec<u8>, &Tree)> = vec![(Vec::new(), tree)];
    while let Some((path, tree)) = open.pop() {
        // Without a number of entries, what git knew about the directory is no longer true.
        if tree.num_entries.is_some() && !with_links.contains(&path[..]) {
            found.insert(tree.id);
        }
        for child in &tree.children {
            let mut path = path.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&child.name);
            open.push((path, child));
        }
    }
    found
}
