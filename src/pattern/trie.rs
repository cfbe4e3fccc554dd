//! All distinct patterns in one trie over path components.

use super::component::Component;
use super::glob::Glob;
use super::glob_index::{GlobIndex, NodeId};
use crate::base::quick::{QuickMap, QuickSet};

/// A distinct pattern, numbered by its first insertion.
pub(crate) type PatternId = u32;

/// The trie. Its walker keeps the active nodes: those from which a pattern can still continue.
#[derive(Debug)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
    /// The components of each pattern.
    patterns: Vec<Vec<Component>>,
    /// Each distinct glob once, so that it is compiled once even if it is used at many nodes.
    globs: QuickSet<Glob>,
}

#[derive(Debug, Default)]
struct Node {
    literals: QuickMap<Vec<u8>, NodeId>,
    globs: GlobIndex,
    /// The node after a `**`. It is active together with this one, because `**` may match no component at all.
    deep: Option<NodeId>,
    /// Whether this is the node after a `**`: it stays active for every component that is entered.
    stays: bool,
    /// The pattern that ends here.
    ends: Option<PatternId>,
}

impl Node {
    fn goes_on(&self) -> bool {
        self.stays || self.deep.is_some() || !self.literals.is_empty() || !self.globs.is_empty()
    }
}

impl Trie {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::default()], patterns: Vec::new(), globs: QuickSet::default() }
    }

    /// Adds a pattern, or finds an existing one. The components are those of [`crate::pattern::Pattern::resolve`].
    pub(crate) fn insert(&mut self, mut components: Vec<Component>) -> PatternId {
        components.iter_mut().for_each(|component| self.share(component));
        let mut at = 0;
        for component in &components {
            at = match self.child(at, component) {
                Some(child) => child,
                None => self.grow(at, component),
            };
        }
        let next = self.patterns.len() as PatternId;
        let pattern = *self.nodes[at as usize].ends.get_or_insert(next);
        if pattern == next {
            self.patterns.push(components);
        }
        pattern
    }

    /// Replaces a glob with the equal one that is already known.
    fn share(&mut self, component: &mut Component) {
        let Component::Glob(glob) = component else { return };
        match self.globs.get(glob) {
            Some(known) => *glob = known.clone(),
            None => drop(self.globs.insert(glob.clone())),
        }
    }

    fn child(&self, at: NodeId, component: &Component) -> Option<NodeId> {
        let node = &self.nodes[at as usize];
        match component {
            Component::Literal(name) => node.literals.get(name).copied(),
            Component::Glob(glob) => node.globs.get(glob),
            Component::Deep => node.deep,
        }
    }

    fn grow(&mut self, at: NodeId, component: &Component) -> NodeId {
        let child = self.nodes.len() as NodeId;
        self.nodes.push(Node { stays: *component == Component::Deep, ..Node::default() });
        let node = &mut self.nodes[at as usize];
        match component {
            Component::Literal(name) => {
                node.literals.insert(name.clone(), child);
            }
            Component::Glob(glob) => node.globs.insert(glob.clone(), child),
            Component::Deep => node.deep = Some(child),
        }
        child
    }

    /// The components of a pattern.
    pub(crate) fn components(&self, pattern: PatternId) -> &[Component] {
        &self.patterns[pattern as usize]
    }

    /// The active nodes at the root.
    pub(crate) fn start(&self) -> Vec<NodeId> {
        let mut active = Vec::new();
        self.activate(0, &mut active, &mut Vec::new());
        active.sort_unstable();
        active
    }

    /// Enters a component: returns the nodes that are then active, sorted, and the patterns that match there, unsorted
    /// and possibly repeated.
    pub(crate) fn enter(&self, active: &[NodeId], component: &[u8]) -> (Vec<NodeId>, Vec<PatternId>) {
        let (mut next, mut matched) = (Vec::new(), Vec::new());
        for at in active {
            let node = &self.nodes[*at as usize];
            if node.stays {
                next.push(*at);
            }
            if let Some(child) = node.literals.get(component) {
                self.activate(*child, &mut next, &mut matched);
            }
            for child in node.globs.matching(component) {
                self.activate(child, &mut next, &mut matched);
            }
        }
        next.sort_unstable();
        next.dedup();
        (next, matched)
    }

    /// The only names that lead on from here, sorted; `None` if wildcards leave that open.
    pub(crate) fn only(&self, active: &[NodeId]) -> Option<Vec<&[u8]>> {
        let mut names = Vec::new();
        for at in active {
            let node = &self.nodes[*at as usize];
            if node.stays || node.deep.is_some() || !node.globs.is_empty() {
                return None;
            }
            names.extend(node.literals.keys().map(Vec::as_slice));
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    fn activate(&self, at: NodeId, active: &mut Vec<NodeId>, matched: &mut Vec<PatternId>) {
        let node = &self.nodes[at as usize];
        matched.extend(node.ends);
        if node.goes_on() {
            active.push(at);
        }
        // The node after a `**` neither ends a pattern nor has a `**` of its own: resolving removes both.
        active.extend(node.deep);
    }

    /// The patterns that have not matched yet and may match somewhere below, sorted.
    pub(crate) fn below(&self, active: &[NodeId]) -> Vec<PatternId> {
        let mut seen: QuickSet<NodeId> = active.iter().copied().collect();
        let mut open = active.to_vec();
        let mut patterns = Vec::new();
        while let Some(at) = open.pop() {
            let node = &self.nodes[at as usize];
            for child in node.literals.values().copied().chain(node.globs.children()).chain(node.deep) {
                // The pattern of an active node has already matched here.
                if seen.insert(child) {
                    patterns.extend(self.nodes[child as usize].ends);
                    open.push(child);
                }
            }
        }
        patterns.sort_unstable();
        patterns.dedup();
        patterns
    }
}
