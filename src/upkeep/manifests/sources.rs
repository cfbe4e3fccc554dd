//! The sources of one `COPY`, as patterns in the build context.

use super::{clean, components};
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
    /// Parses sources. A source that leads out of the context or cannot match anything covers nothing.
    pub(super) fn new(sources: &[String], excludes: &[String]) -> Self {
        let (mut patterns, mut cut, mut whole, mut starts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (number, source) in sources.iter().enumerate() {
            let Some(path) = clean(source) else { continue };
            if path.is_empty() {
                whole.push(number);
            }
            // `**` does not cross directories here.
            let path = path.replace("**", "*");
            let found = components(&path);
            starts.push(start(&path, &found));
            patterns.extend(found.into_iter().map(|components| (number, components)));
            let front = if path.is_empty() { String::new() } else { format!("{path}/") };
            cut.extend(
                excludes.iter().flat_map(|exclude| components(&format!("{front}{exclude}"))).map(|all| (0, all)),
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
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Sources::new(&owned(sources), &owned(excludes))
    }

    #[test]
    fn a_source_covers_what_docker_would_copy() {
        let sources = of(&["./src/", "package*.json", "a**/x", "/etc/../b", "../out"], &[]);
        for (path, numbers) in [
            ("src/deep/x", &[0][..]),
            ("package-lock.json", &[1]),
            ("deep/package.json", &[]),
            ("ab/x", &[2]),
            ("a/b/x", &[]),
            ("b/x", &[3]),
            ("out", &[]),
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
    }
}
