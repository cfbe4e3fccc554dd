//! Many globs at one node, found by what they begin or end with, so that a thousand services with a
//! `config/NAME-*.json` each cost no more than one.

use std::collections::HashMap;

use crate::pattern::glob::{Glob, GlobStep};

/// A node of the trie, as an index.
pub(crate) type NodeId = u32;

/// Globs by the literal text at one of their ends.
type Affixes = HashMap<Vec<u8>, Vec<(Glob, NodeId)>>;

/// Those whose texts are equally long, for each length, in ascending order: walked for each name, it must be short and flat.
type ByLength = Vec<(usize, Affixes)>;

/// The globs that lead away from a node, and where to.
#[derive(Debug, Default)]
pub(crate) struct GlobIndex {
    /// Those that begin with a literal.
    by_start: ByLength,
    /// The others, by the perhaps empty literal at their end.
    by_end: ByLength,
}

impl GlobIndex {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_start.is_empty() && self.by_end.is_empty()
    }

    pub(crate) fn insert(&mut self, glob: Glob, child: NodeId) {
        let (starts, affix) = affix(&glob);
        let lengths = if starts { &mut self.by_start } else { &mut self.by_end };
        let at = lengths.binary_search_by_key(&affix.len(), |(length, _)| *length).unwrap_or_else(|at| {
            lengths.insert(at, (affix.len(), Affixes::new()));
            at
        });
        lengths[at].1.entry(affix).or_default().push((glob, child));
    }

    /// Where this very glob leads.
    pub(crate) fn get(&self, glob: &Glob) -> Option<NodeId> {
        let (starts, affix) = affix(glob);
        let lengths = if starts { &self.by_start } else { &self.by_end };
        let (_, affixes) = lengths.iter().find(|(length, _)| *length == affix.len())?;
        let same = affixes.get(&affix)?;
        same.iter().find(|(other, _)| other == glob).map(|(_, child)| *child)
    }

    /// Where the globs that match the name lead.
    pub(crate) fn matching(&self, name: &[u8]) -> impl Iterator<Item = NodeId> {
        let starts = fitting(&self.by_start, name).map(|(length, globs)| globs.get(&name[..*length]));
        let ends = fitting(&self.by_end, name).map(|(length, globs)| globs.get(&name[name.len() - length..]));
        let candidates = starts.chain(ends).flatten().flatten();
        candidates.filter(|(glob, _)| glob.matches(name)).map(|(_, child)| *child)
    }

    /// Where all of them lead.
    pub(crate) fn children(&self) -> impl Iterator<Item = NodeId> {
        let affixes = self.by_start.iter().chain(&self.by_end).flat_map(|(_, affixes)| affixes.values());
        affixes.flatten().map(|(_, child)| *child)
    }
}

/// Those whose texts are no longer than a name.
fn fitting<'a>(lengths: &'a ByLength, name: &[u8]) -> impl Iterator<Item = &'a (usize, Affixes)> {
    let longest = name.len();
    lengths.iter().take_while(move |(length, _)| *length <= longest)
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
