//! Reads directories of a commit before it is known which of them the rules need.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gix::ObjectId;
use gix::objs::FindExt as _;

use super::between::CommitPair;
use super::{Repository, What};
use crate::base::quick::{QuickMap, QuickSet};

/// How many directories are kept at most; with a hundred entries each they take 16 MB.
const MOST: usize = 4_096;

/// Directories as git stores them, by their ids.
pub(super) type Ahead = QuickMap<ObjectId, Vec<u8>>;

impl Repository {
    /// Reads the directories of the newer commit that [`Repository::between`] will probably need, until `enough` is set:
    /// from the root down, each with the way to its first file. What cannot be read is left for those who need it. This
    /// is for a processor that would otherwise be idle.
    pub fn read_ahead(&mut self, pair: CommitPair, enough: &AtomicBool) {
        let mut reader = Reader { repository: self, enough, ahead: Ahead::default() };
        let mut open = VecDeque::from([pair.tree()]);
        let mut seen = QuickSet::default();
        while let Some(id) = open.pop_front() {
            let Some(below) = reader.descend(id) else { break };
            open.extend(below.into_iter().filter(|id| seen.insert(*id)));
        }
        let ahead = reader.ahead;
        self.ahead = Arc::new(ahead);
    }
}

struct Reader<'a> {
    repository: &'a Repository,
    enough: &'a AtomicBool,
    ahead: Ahead,
}

impl Reader<'_> {
    /// Reads a directory and the way down to its first file. Returns its subdirectories; `None` if that is enough.
    fn descend(&mut self, id: ObjectId) -> Option<Vec<ObjectId>> {
        let (below, mut has_file) = self.read(id)?;
        let mut next = below.first().copied();
        while let Some(id) = next.filter(|_| !has_file) {
            let (further, found) = self.read(id)?;
            (next, has_file) = (further.first().copied(), found);
        }
        Some(below)
    }

    /// Reads a directory: its subdirectories, and whether it has a file.
    fn read(&mut self, id: ObjectId) -> Option<(Vec<ObjectId>, bool)> {
        if self.enough.load(Ordering::Relaxed) || self.ahead.len() == MOST {
            return None;
        }
        if !self.ahead.contains_key(&id) {
            let mut bytes = Vec::new();
            if self.repository.git.objects.find_tree_iter(&id, &mut bytes).is_err() {
                return Some((Vec::new(), false));
            }
            self.ahead.insert(id, bytes);
        }
        let (mut below, mut has_file) = (Vec::new(), false);
        // An error shows again when the directory is needed.
        let _ = self.repository.visit_bytes(id, &self.ahead[&id], |_, what| {
            match what {
                What::Directory(id) => below.push(id),
                What::Leaf(..) => has_file = true,
            }
            ControlFlow::Continue(())
        });
        Some((below, has_file))
    }
}
