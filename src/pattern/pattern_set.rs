//! Patterns without services: which of a set of patterns cover a path.

use super::trie::{PatternId, Trie};
use crate::pattern::component::Component;

/// Numbered patterns, compiled.
#[derive(Debug)]
pub struct PatternSet {
    trie: Trie,
    /// Each pattern in the trie with its number; several numbers may share one pattern.
    numbers: Vec<(PatternId, usize)>,
    folded: bool,
}

impl PatternSet {
    /// Compiles numbered patterns. Their components are those of [`crate::pattern::Pattern::resolve`].
    pub fn new(patterns: impl IntoIterator<Item = (usize, Vec<Component>)>) -> Self {
        let mut trie = Trie::new();
        let numbers = patterns.into_iter().map(|(number, components)| (trie.insert(components), number)).collect();
        Self { trie, numbers, folded: false }
    }

    /// Like `new`, but ignores the case of ASCII letters.
    pub fn folded(patterns: impl IntoIterator<Item = (usize, Vec<Component>)>) -> Self {
        let fold = |(number, components): (usize, Vec<Component>)| {
            (number, components.iter().map(Component::folded).collect())
        };
        Self { folded: true, ..Self::new(patterns.into_iter().map(fold)) }
    }

    /// The numbers of the patterns that match the path or a directory above it, sorted.
    pub fn numbers(&self, path: &[u8]) -> Vec<usize> {
        let folded;
        let path = if self.folded {
            folded = path.to_ascii_lowercase();
            &folded
        } else {
            path
        };
        let mut active = self.trie.start();
        let mut hit = Vec::new();
        for component in path.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            let (next, matched) = self.trie.enter(&active, component);
            hit.extend(matched);
            active = next;
            if active.is_empty() {
                break;
            }
        }
        if hit.is_empty() {
            return Vec::new();
        }
        let numbers = self.numbers.iter().filter(|(pattern, _)| hit.contains(pattern));
        let mut numbers: Vec<usize> = numbers.map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Whether any pattern covers the path.
    pub fn covers(&self, path: &[u8]) -> bool {
        !self.numbers(path).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::EnvironmentName;
    use crate::pattern::Pattern;

    fn patterns(texts: &[&str]) -> Vec<(usize, Vec<Component>)> {
        let resolve = |text: &&str| Pattern::foreign(text).unwrap().resolve(&EnvironmentName::default());
        let numbered = texts.iter().map(resolve).enumerate();
        numbered.flat_map(|(number, all)| all.into_iter().map(move |components| (number, components))).collect()
    }

    #[test]
    fn every_pattern_that_covers_a_path_is_numbered() {
        let cover = PatternSet::new(patterns(&["src", "src/*.rs", "**/x.rs", "src", "doc"]));
        assert_eq!(cover.numbers(b"src/x.rs"), [0, 1, 2, 3]);
        assert_eq!(cover.numbers(b"src/deep/y"), [0, 3]);
        assert!(!cover.covers(b"Src/x") && !cover.covers(b"srcs"));
    }

    #[test]
    fn folded_patterns_do_not_mind_case() {
        let cover = PatternSet::folded(patterns(&["Src/[A-C]*.rs"]));
        assert!(cover.covers(b"sRC/bX.RS") && cover.covers(b"src/Cx.rs") && !cover.covers(b"src/d.rs"));
    }
}
