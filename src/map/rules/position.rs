//! The position of a walker, and the sets of patterns that matched on the way.

use std::hash::Hash;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::Verdict;
use crate::base::quick::QuickMap;
use crate::pattern::glob_index::NodeId;
use crate::pattern::trie::PatternId;

/// The position of a walker in the tree of paths: what all components so far have matched, and what may match next.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct RulePosition {
    /// The nodes from which a pattern can continue, sorted.
    pub(super) nodes: Arc<[NodeId]>,
    /// The patterns that matched here or above.
    pub(super) set: Arc<Set>,
}

impl RulePosition {
    /// A number that is the same for two paths of the same rules if the same patterns match them.
    pub fn kind(&self) -> usize {
        self.set.id
    }
}

/// Patterns that match together, and what follows from them.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Equal sets have equal ids.
    pub(super) id: usize,
    /// Sorted.
    pub(super) patterns: Vec<PatternId>,
    /// The verdict on a file with these patterns, once requested.
    pub(super) verdict: OnceLock<Arc<Verdict>>,
}

/// All sets seen so far. There are few, because most files of a directory match the same patterns.
#[derive(Debug, Default)]
pub(super) struct Sets {
    empty: Arc<Set>,
    known: RwLock<QuickMap<Vec<PatternId>, Arc<Set>>>,
}

impl Sets {
    /// The empty set.
    pub(super) fn empty(&self) -> Arc<Set> {
        Arc::clone(&self.empty)
    }

    /// A set with more patterns. Takes no lock if nothing is new.
    pub(super) fn with(&self, set: &Arc<Set>, more: &[PatternId]) -> Arc<Set> {
        if more.iter().all(|pattern| set.patterns.binary_search(pattern).is_ok()) {
            return Arc::clone(set);
        }
        let mut patterns = [&set.patterns, more].concat();
        patterns.sort_unstable();
        patterns.dedup();
        if let Some(set) = read(&self.known).get(&patterns) {
            return Arc::clone(set);
        }
        let mut known = write(&self.known);
        let id = known.len() + 1;
        let set = || Arc::new(Set { id, patterns: patterns.clone(), verdict: OnceLock::new() });
        Arc::clone(known.entry(patterns.clone()).or_insert_with(set))
    }
}

/// Locks for reading. A poisoned lock is fine: a thread that panicked cannot have left half an entry.
pub(super) fn read<K: Hash + Eq, V>(table: &RwLock<QuickMap<K, V>>) -> RwLockReadGuard<'_, QuickMap<K, V>> {
    table.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing; see [`read`].
pub(super) fn write<K: Hash + Eq, V>(table: &RwLock<QuickMap<K, V>>) -> RwLockWriteGuard<'_, QuickMap<K, V>> {
    table.write().unwrap_or_else(PoisonError::into_inner)
}
