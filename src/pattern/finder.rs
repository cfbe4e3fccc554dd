//! What patterns match exactly, rather than what they cover: with it the files and directories are found that the map
//! asks the source for.

use super::glob_index::NodeId;
use super::trie::Trie;
use crate::base::names::EnvironmentName;
use crate::pattern::Pattern;

/// Patterns that are sought.
#[derive(Debug)]
pub struct Finder {
    trie: Trie,
    /// The numbers of the patterns by their places in the trie.
    numbers: Vec<Vec<usize>>,
}

/// Where a walker stands.
#[derive(Debug, Clone)]
pub struct FinderState(Vec<NodeId>);

impl FinderState {
    /// Whether nothing that is sought can be below.
    pub fn is_dead(&self) -> bool {
        self.0.is_empty()
    }
}

impl Finder {
    /// Seeks patterns that do not ask for the environment.
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

    /// The root directory.
    pub fn root(&self) -> FinderState {
        FinderState(self.trie.start())
    }

    /// One component down: where one stands then, and the numbers of the patterns that match exactly this, sorted.
    pub fn enter(&self, standing: &FinderState, component: &[u8]) -> (FinderState, Vec<usize>) {
        let (nodes, matched) = self.trie.enter(&standing.0, component);
        let mut numbers: Vec<usize> = matched.iter().flat_map(|id| &self.numbers[*id as usize]).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        (FinderState(nodes), numbers)
    }

    /// The only names with which anything goes on, where that can be told without a look at what is there.
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
