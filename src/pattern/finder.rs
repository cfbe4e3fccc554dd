//! What patterns match exactly, as opposed to what they cover. It finds the files and directories that the map asks the
//! source for.

use super::glob_index::NodeId;
use super::trie::Trie;
use crate::base::names::EnvironmentName;
use crate::pattern::Pattern;

/// The patterns to find.
#[derive(Debug)]
pub struct Finder {
    trie: Trie,
    /// The numbers of the patterns by their ids in the trie.
    numbers: Vec<Vec<usize>>,
}

/// The state of a walk.
#[derive(Debug, Clone)]
pub struct FinderState(Vec<NodeId>);

impl FinderState {
    /// Whether nothing can be found from here on.
    pub fn is_dead(&self) -> bool {
        self.0.is_empty()
    }
}

impl Finder {
    /// Creates a finder for patterns that do not depend on the environment.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Self {
        let mut finder = Self { trie: Trie::new(), numbers: Vec::new() };
        let any = EnvironmentName::default();
        for (number, pattern) in patterns.into_iter().enumerate() {
            for components in pattern.resolve(&any) {
                let id = finder.trie.insert(components) as usize;
                let known = finder.numbers.len().max(id + 1);
                finder.numbers.resize_with(known, Vec::new);
                finder.numbers[id].push(number);
            }
        }
        finder
    }

    /// The state at the root directory.
    pub fn root(&self) -> FinderState {
        FinderState(self.trie.start())
    }

    /// Goes one component down: returns the new state, and the numbers of the patterns that match exactly this path,
    /// sorted.
    pub fn enter(&self, standing: &FinderState, component: &[u8]) -> (FinderState, Vec<usize>) {
        let (nodes, matched) = self.trie.enter(&standing.0, component);
        let mut numbers: Vec<usize> = matched.iter().flat_map(|id| &self.numbers[*id as usize]).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        (FinderState(nodes), numbers)
    }

    /// The only names that lead on from here, if that is known without listing the directory.
    pub fn only(&self, standing: &FinderState) -> Option<Vec<&[u8]>> {
        self.trie.only(&standing.0)
    }

    /// The numbers of the patterns that match exactly this path.
    pub fn path(&self, path: &[u8]) -> Vec<usize> {
        let mut at = (self.root(), Vec::new());
        for component in path.split(|byte| *byte == b'/') {
            at = self.enter(&at.0, component);
        }
        at.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(patterns: &[&str]) -> Finder {
        let patterns: Vec<_> = patterns.iter().map(|text| Pattern::foreign(text).unwrap()).collect();
        Finder::new(&patterns)
    }

    #[test]
    fn a_pattern_finds_itself_and_nothing_below() {
        let finder = finder(&["services/*", "**/map.toml", "services/{api,b/c}", "x"]);
        for (path, found) in [
            ("services", &[][..]),
            ("services/api", &[0, 2]),
            ("services/api/src", &[]),
            ("services/b/c", &[2]),
            ("services/map.toml", &[0, 1]),
            ("map.toml", &[1]),
            ("x", &[3]),
        ] {
            assert_eq!(finder.path(path.as_bytes()), found, "{path}");
        }
    }

    #[test]
    fn names_are_told_where_no_wildcard_stands() {
        let finder = finder(&["a/b/*", "a/c", "d"]);
        let (a, _) = finder.enter(&finder.root(), b"a");
        let (b, _) = finder.enter(&a, b"b");
        assert_eq!(finder.only(&finder.root()).unwrap(), [b"a", b"d"]);
        assert_eq!(finder.only(&a).unwrap(), [b"b", b"c"]);
        assert_eq!(finder.only(&b), None);
        assert!(finder.enter(&b, b"x").0.is_dead());
    }
}
