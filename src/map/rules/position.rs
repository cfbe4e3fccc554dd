//! The position of a walker, and the sets of patterns that matched on the way.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bstr::BString;

use super::{SelectedBy, Verdict};
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
    /// What is selected here through links; `None` if this position is about the rules alone.
    pub(super) links: Option<Arc<ThroughLinks>>,
}

/// What the rules say at a position and below it, apart from links.
pub type PositionKey = (Arc<[NodeId]>, usize);

impl RulePosition {
    /// The same for two positions of the same rules at and below which the rules select the same paths.
    pub fn key(&self) -> PositionKey {
        (Arc::clone(&self.nodes), self.set.id)
    }

    /// A number that is the same for two paths of the same rules if the same patterns match them.
    pub fn kind(&self) -> usize {
        self.set.id
    }
}

/// The position of a link, with which its target is matched. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LinkPosition {
    /// The link that a rule selects, or passes through. It may lead to further links.
    pub(super) link: Arc<BString>,
    pub(super) nodes: Arc<[NodeId]>,
    pub(super) set: Arc<Set>,
}

/// What links lead to at and below one path.
#[derive(Debug, Default, Clone)]
pub(super) struct LinkNode {
    pub(super) below: HashMap<Vec<u8>, Arc<LinkNode>>,
    /// The links that lead here.
    pub(super) targets: Vec<LinkPosition>,
    /// Claims on this path alone: it is a link on the way to a target.
    pub(super) on_the_way: Vec<SelectedBy>,
    /// One claim of each service that claims anything at or below this path.
    pub(super) reach: BTreeMap<usize, SelectedBy>,
}

/// The part of a position that links add.
#[derive(Debug, Default)]
pub(super) struct ThroughLinks {
    pub(super) node: Option<Arc<LinkNode>>,
    pub(super) through: Vec<LinkPosition>,
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
