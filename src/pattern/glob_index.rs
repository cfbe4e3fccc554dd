//! The globs of one node, indexed by their literal start or end, so that a thousand services, each with a
//! `config/NAME-*.json`, cost no more than one.

use crate::base::quick::QuickMap;
use crate::pattern::glob::{Glob, GlobStep};

/// A node of the trie, as an index.
pub(crate) type NodeId = u32;

/// Globs by the literal text at one of their ends.
type Affixes = QuickMap<Vec<u8>, Vec<(Glob, NodeId)>>;

/// The same grouped by the length of that text, ascending. It is walked for each name, so it must be short and flat.
type ByLength = Vec<(usize, Affixes)>;

/// The globs that lead away from a node, and their targets.
#[derive(Debug, Default)]
pub(crate) struct GlobIndex {
    /// Those that begin with a literal.
    by_start: ByLength,
    /// The others, by the literal at their end, which may be empty.
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
            lengths.insert(at, (affix.len(), Affixes::default()));
            at
        });
        lengths[at].1.entry(affix).or_default().push((glob, child));
    }

    /// The target of exactly this glob.
    pub(crate) fn get(&self, glob: &Glob) -> Option<NodeId> {
        let (starts, affix) = affix(glob);
        let lengths = if starts { &self.by_start } else { &self.by_end };
        let (_, affixes) = lengths.iter().find(|(length, _)| *length == affix.len())?;
        let same = affixes.get(&affix)?;
        same.iter().find(|(other, _)| other == glob).map(|(_, child)| *child)
    }

    /// The targets of the globs that match the name.
    pub(crate) fn matching(&self, name: &[u8]) -> impl Iterator<Item = NodeId> {
        let starts = fitting(&self.by_start, name).map(|(length, globs)| globs.get(&name[..*length]));
        let ends = fitting(&self.by_end, name).map(|(length, globs)| globs.get(&name[name.len() - length..]));
        let candidates = starts.chain(ends).flatten().flatten();
        candidates.filter(|(glob, _)| glob.matches(name)).map(|(_, child)| *child)
    }

    /// All targets.
    pub(crate) fn children(&self) -> impl Iterator<Item = NodeId> {
        let affixes = self.by_start.iter().chain(&self.by_end).flat_map(|(_, affixes)| affixes.values());
        affixes.flatten().map(|(_, child)| *child)
    }
}

/// Those whose texts are no longer than the name.
fn fitting<'a>(lengths: &'a ByLength, name: &[u8]) -> impl Iterator<Item = &'a (usize, Affixes)> {
    let longest = name.len();
    lengths.iter().take_while(move |(length, _)| *length <= longest)
}

/// The literal that a glob is indexed by, and whether it is at the start.
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
