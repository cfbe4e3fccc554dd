//! The sources of one `COPY`, as patterns in the build context.

use super::dockerfile::Copied;
use super::{components, docker_glob, rooted};
use crate::map::rules::PatternSet;
use crate::pattern::component::Component;

/// Sources, numbered in order.
pub(super) struct Sources {
    cover: PatternSet,
    /// Those that mean the whole context.
    whole: Vec<usize>,
    excludes: PatternSet,
    /// The directories or files to search below, none inside another.
    starts: Vec<String>,
}

impl Sources {
    /// Parses the sources of an instruction. One that cannot match anything covers nothing.
    pub(super) fn new(copied: &Copied) -> Self {
        let (mut patterns, mut cut, mut whole, mut starts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        // What an exclude brings back is not worked out: then nothing is left out.
        let brings_back = copied.excludes.iter().any(|exclude| exclude.starts_with('!'));
        let excludes = if brings_back { &[] } else { copied.excludes.as_slice() };
        for (number, source) in copied.sources.iter().enumerate() {
            let path = rooted(source);
            if path.is_empty() {
                whole.push(number);
            }
            // Only `--parents` lets `**` cross directories.
            let path = docker_glob(&if copied.parents { path } else { path.replace("**", "*") });
            let found = components(&path);
            starts.push(start(&path, &found));
            patterns.extend(found.into_iter().map(|components| (number, components)));
            let front = if path.is_empty() { String::new() } else { format!("{path}/") };
            cut.extend(
                excludes
                    .iter()
                    .flat_map(|exclude| components(&format!("{front}{}", docker_glob(exclude))))
                    .map(|all| (0, all)),
            );
        }
        starts.sort_unstable();
        starts.dedup_by(|one, other| {
            other.is_empty()
                || one == other
                || one.strip_prefix(other.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
        Self { cover: PatternSet::new(patterns), whole, excludes: PatternSet::new(cut), starts }
    }

    /// Where to search, relative to the context.
    pub(super) fn starts(&self) -> &[String] {
        &self.starts
    }

    /// The sources that cover a path in the context.
    pub(super) fn numbers(&self, path: &[u8]) -> Vec<usize> {
        if self.excludes.covers(path) {
            return Vec::new();
        }
        [&self.whole[..], &self.cover.numbers(path)].concat()
    }
}

/// The literal prefix of a path.
fn start(path: &str, components: &[Vec<Component>]) -> String {
    let Some(components) = components.first() else { return String::new() };
    let literal = components.iter().take_while(|component| matches!(component, Component::Literal(_))).count();
    path.split('/').take(literal).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sources: &[&str], excludes: &[&str]) -> Sources {
        all(sources, excludes, false)
    }

    fn all(sources: &[&str], excludes: &[&str], parents: bool) -> Sources {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (sources, excludes, keyword) = (owned(sources), owned(excludes), "COPY".to_owned());
        Sources::new(&Copied { line: 1, keyword, sources, excludes, parents })
    }

    #[test]
    fn a_source_covers_what_docker_would_copy() {
        let sources = of(&["./src/", "package*.json", "a**/x", "/etc/../b", "../out", "[!m]n", "[^m]o"], &[]);
        for (path, numbers) in [
            ("src/deep/x", &[0][..]),
            ("package-lock.json", &[1]),
            ("deep/package.json", &[]),
            ("ab/x", &[2]),
            ("a/b/x", &[]),
            ("b/x", &[3]),
            // The context is the root of every path.
            ("out", &[4]),
            ("!n", &[5]),
            ("mn", &[5]),
            ("kn", &[]),
            ("ko", &[6]),
            ("mo", &[]),
        ] {
            assert_eq!(sources.numbers(path.as_bytes()), numbers, "{path}");
        }
        assert_eq!(sources.starts(), [""]);
    }

    #[test]
    fn only_what_can_be_meant_is_looked_at() {
        assert_eq!(of(&["src", "src/a", "srcs/*.x", "b/c/?"], &[]).starts(), ["b/c", "src", "srcs"]);
        assert_eq!(of(&[".", "src"], &[]).starts(), [""]);
        assert_eq!(of(&["."], &[]).numbers(b"any/x"), [0]);
    }

    #[test]
    fn excludes_are_below_their_sources() {
        let sources = of(&["src", "doc"], &["*.md"]);
        assert!(sources.numbers(b"src/x.md").is_empty() && sources.numbers(b"src/y/x.md") == [0]);
        let sources = of(&["src"], &["docs", "!docs/help.md"]);
        assert_eq!(sources.numbers(b"src/docs/help.md"), [0]);
    }

    #[test]
    fn parents_let_stars_cross_directories() {
        for (parents, deep) in [(false, &[][..]), (true, &[0])] {
            let sources = all(&["./packages/**/package.json"], &[], parents);
            assert_eq!(sources.numbers(b"packages/a/package.json"), [0]);
            assert_eq!(sources.numbers(b"packages/a/b/package.json"), deep);
        }
        assert_eq!(all(&["a/./b*/c"], &[], true).numbers(b"a/bb/c/x"), [0]);
    }
}
