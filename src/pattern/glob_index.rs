//! Many globs at one node, found by what they begin or end with, so that a thousand services with a
//! `config/NAME-*.json` each cost no more than one.

use std::collections::{BTreeMap, HashMap};

use crate::pattern::glob::{Glob, GlobStep};

/// A node of the trie, as an index.
pub(crate) type NodeId = u32;

/// GlobIndex by the literal text at one of their ends; the texts by their lengths.
type Affixes = BTreeMap<usize, HashMap<Vec<u8>, Vec<(Glob, NodeId)>>>;

/// The globs that lead away from a node, and where to.
#[derive(Debug, Default)]
pub(crate) struct GlobIndex {
    /// Those that begin with a literal.
    by_start: Affixes,
    /// The others, by the perhaps empty literal at their end.
    by_end: Affixes,
}

impl GlobIndex {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_start.is_empty() && self.by_end.is_empty()
    }

    pub(crate) fn insert(&mut self, glob: Glob, child: NodeId) {
        let (starts, affix) = affix(&glob);
        let affixes = if starts { &mut self.by_start } else { &mut self.by_end };
        affixes.entry(affix.len()).or_default().entry(affix).or_default().push((glob, child));
    }

    /// Where this very glob leads.
    pub(crate) fn get(&self, glob: &Glob) -> Option<NodeId> {
        let (starts, affix) = affix(glob);
        let affixes = if starts { &self.by_start } else { &self.by_end };
        let same = affixes.get(&affix.len())?.get(&affix)?;
        same.iter().find(|(other, _)| other == glob).map(|(_, child)| *child)
    }

    /// Where the globs that match the name lead.
    pub(crate) fn matching(&self, name: &[u8]) -> impl Iterator<Item = NodeId> {
        let starts = self.by_start.range(..=name.len()).map(|(length, globs)| globs.get(&name[..*length]));
        let ends = self.by_end.range(..=name.len()).map(|(length, globs)| globs.get(&name[name.len() - length..]));
        let candidates = starts.chain(ends).flatten().flatten();
        candidates.filter(|(glob, _)| glob.matches(name)).map(|(_, child)| *child)
    }

    /// Where all of them lead.
    pub(crate) fn children(&self) -> impl Iterator<Item = NodeId> {
        let affixes = self.by_start.values().chain(self.by_end.values());
        affixes.flat_map(HashMap::values).flatten().map(|(_, child)| *child)
    }
}

/// The literal to find a glob by, and whether the glob begins with it.
fn affix(glob: &Glob) -> (bool, Vec<u8>) {
    let start = literal(glob.steps().iter());
    if !start.is_empty() {
        return (true, start);
    }
    let mut end = literal(glob.steps().iter().rev());
    end.reverse();
    (false, end)
}

fn literal<'a>(steps: impl Iterator<Item = &'a GlobStep>) -> Vec<u8> {
    steps.map_while(|step| if let GlobStep::Byte(byte) = step { Some(*byte) } else { None }).collect()
}
