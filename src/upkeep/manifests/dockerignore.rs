//! `.dockerignore`: what a build context leaves out ([build context]).
//!
//! A `**` within a name is read as `*`. Too little may then count as left out, and a lint reports too much.
//!
//! [build context]: https://docs.docker.com/build/concepts/context/#dockerignore-files

use crate::map::rules::PatternSet;
use crate::pattern::component::Component;

/// The patterns of a file.
#[derive(Debug)]
pub struct Ignore {
    cover: PatternSet,
    /// Whether each pattern re-includes what earlier ones left out.
    brings_back: Vec<bool>,
}

impl Ignore {
    /// Parses a file. A pattern that cannot match anything is ignored.
    pub fn read(text: &str) -> Self {
        let mut brings_back = Vec::new();
        let mut patterns: Vec<(usize, Vec<Component>)> = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.lines().filter(|line| !line.starts_with('#')).map(str::trim).filter(|line| !line.is_empty()) {
            let (negated, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
            let Some(path) = super::clean(pattern.trim_start_matches('/')).filter(|path| !path.is_empty()) else {
                continue;
            };
            patterns.extend(super::components(&path).into_iter().map(|components| (brings_back.len(), components)));
            brings_back.push(negated);
        }
        Self { cover: PatternSet::new(patterns), brings_back }
    }

    /// Whether a path in the context is left out, according to the last pattern that matches it or a directory above
    /// it.
    pub fn ignores(&self, path: &[u8]) -> bool {
        self.cover.numbers(path).last().is_some_and(|last| !self.brings_back[*last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_counts() {
        let ignore =
            Ignore::read("# comment\n*.md\n!README.md\n/dist/\n**/node_modules\n./a/../b\n*/temp*\n  spaced  \n");
        for (path, ignored) in [
            ("CHANGES.md", true),
            ("README.md", false),
            ("docs/x.md", false),
            ("dist/deep/x", true),
            ("sub/dist/x", false),
            ("x/node_modules/y", true),
            ("b/x", true),
            ("s/temporary/x", true),
            ("s/t/temp", false),
            ("spaced", true),
            ("# comment", false),
        ] {
            assert_eq!(ignore.ignores(path.as_bytes()), ignored, "{path}");
        }
    }

    #[test]
    fn everything_but_something() {
        let ignore = Ignore::read("*\n!src\n!Package.*\nsrc/{x}");
        assert!(ignore.ignores(b"Tests/x") && !ignore.ignores(b"src/a/b") && !ignore.ignores(b"Package.swift"));
        assert!(ignore.ignores(b"src/{x}") && !ignore.ignores(b"src/x"));
    }
}
