//! `.dockerignore`: what a build context leaves out ([build context]).
//!
//! `?` and a class in brackets match one byte here, and one character for Docker. Where that makes a difference, too
//! little counts as left out.
//!
//! [build context]: https://docs.docker.com/build/concepts/context/#dockerignore-files

use super::{clean, components, docker_glob, rooted};
use crate::map::rules::PatternSet;
use crate::pattern::component::Component;

/// How many patterns of ours one pattern may become.
const MOST: usize = 64;

/// The patterns of a file.
#[derive(Debug)]
pub struct Ignore {
    cover: PatternSet,
    /// Whether each pattern re-includes what earlier ones left out.
    brings_back: Vec<bool>,
    /// Whether each pattern may mean other names than those that it matches here, if a name is not ASCII.
    bytewise: Vec<bool>,
}

impl Ignore {
    /// Parses a file. A pattern that leads out of the context is ignored. One that is not understood leaves nothing out,
    /// or brings everything back.
    pub fn read(text: &str) -> Self {
        let (mut brings_back, mut bytewise) = (Vec::new(), Vec::new());
        let mut patterns: Vec<(usize, Vec<Component>)> = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.lines().filter(|line| !line.starts_with('#')).map(str::trim).filter(|line| !line.is_empty()) {
            let (negated, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
            let path = if pattern.starts_with('/') { Some(rooted(pattern)) } else { clean(pattern) };
            let Some(path) = path.filter(|path| !path.is_empty()) else { continue };
            let mut found = understood(&path).unwrap_or_default();
            if found.is_empty() && negated {
                found = components("**");
            }
            patterns.extend(found.into_iter().map(|components| (brings_back.len(), components)));
            brings_back.push(negated);
            bytewise.push(path.contains(['?', '[']));
        }
        Self { cover: PatternSet::new(patterns), brings_back, bytewise }
    }

    /// Whether a path in the context is left out, according to the last pattern that matches it or a directory above
    /// it.
    pub fn ignores(&self, path: &[u8]) -> bool {
        let matching = self.cover.numbers(path);
        if path.is_ascii() {
            return matching.last().is_some_and(|last| !self.brings_back[*last]);
        }
        let unclear = |number: &usize| self.bytewise[*number];
        let matching = matching.into_iter().filter(|number| !unclear(number));
        let may_match = (0..self.bytewise.len()).filter(|number| unclear(number) && self.brings_back[*number]);
        matching.chain(may_match).max().is_some_and(|last| !self.brings_back[last])
    }
}

/// A pattern as components, of which any may match; `None` if it is not understood.
fn understood(pattern: &str) -> Option<Vec<Vec<Component>>> {
    let mut all = Vec::new();
    for glob in crossing(pattern)? {
        let found = components(&docker_glob(&glob));
        if found.is_empty() {
            return None;
        }
        all.extend(found);
    }
    Some(all)
}

/// Globs in which `**` is a component of its own, as [BuildKit's matcher] has it: in the middle it stands for any
/// directories and what is left of a name before them, at the end for everything that begins like this.
///
/// [BuildKit's matcher]: https://pkg.go.dev/github.com/moby/patternmatcher
fn crossing(pattern: &str) -> Option<Vec<String>> {
    let parts = split(pattern);
    let mut globs = vec![parts[0].to_owned()];
    for (number, part) in parts.iter().enumerate().skip(1) {
        let (begins, last) = (globs == [""], number + 1 == parts.len());
        let plain = !part.contains(['*', '?', '[', ']', '\\', '/']);
        globs = match part.strip_prefix('/').unwrap_or(part) {
            "" if last => globs.iter().map(|front| format!("{front}*")).collect(),
            // Before nothing but a plain end, it reaches into a name.
            end if begins && last && plain => vec![format!("**/*{end}")],
            end if begins => vec![format!("**/{end}")],
            end => globs.iter().flat_map(|front| following(front, end)).collect(),
        };
        if globs.len() > MOST {
            return None;
        }
    }
    Some(globs)
}

/// What a `**` between two texts stands for.
fn following(front: &str, end: &str) -> Vec<String> {
    if front.ends_with('/') {
        return vec![format!("{front}**/{end}")];
    }
    vec![format!("{front}{end}"), format!("{front}*/**/{end}")]
}

/// The texts between the `**` of a pattern.
fn split(pattern: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut at) = (Vec::new(), 0, 0);
    let bytes = pattern.as_bytes();
    while at < bytes.len() {
        match &bytes[at..] {
            [b'\\', _, ..] => at += 2,
            [b'*', b'*', ..] => {
                parts.push(&pattern[begin..at]);
                at += 2;
                begin = at;
            }
            _ => at += 1,
        }
    }
    parts.push(&pattern[begin..]);
    parts
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
    fn stars_cross_directories_as_buildkit_lets_them() {
        for (pattern, ignored, kept) in [
            ("**", &["a", "a/b", ".a"][..], &[][..]),
            ("**/", &["a", "a/b"], &[]),
            ("**/**", &["a", "a/b/c"], &[]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab", "b/a/c"]),
            ("**/a", &["a", "b/a", "b/c/a/d"], &["ba", "b/ba", "ab"]),
            ("**/a/b", &["a/b", "c/a/b", "a/b/c"], &["a/c/b", "ca/b"]),
            ("**/a/*", &["a/b", "c/a/b/d"], &["a", "c/a"]),
            ("**/a/**", &["a/b", "c/a/b/d"], &["a", "c/a"]),
            ("**a", &["a", "ba", "c/ba", "ba/c"], &["ab", "c/ab"]),
            ("**a*", &["a", "ab", "c/ab"], &["ba", "c/ba"]),
            ("**.md", &["x.md", "a/x.md", ".md"], &["md", "x.mdx"]),
            ("a**", &["a", "ab", "ab/c", "a/b"], &["ba", "b/a"]),
            ("a**b", &["ab", "a/b", "ac/b", "a/c/d/b", "ab/c"], &["acb", "a/cb", "b"]),
            ("a**/b", &["ab", "a/b", "ac/b"], &["acb", "a/cb"]),
            ("a/**/b", &["a/b", "a/c/b", "a/c/d/b"], &["ab", "a/cb"]),
            ("a/*.b**", &["a/.b", "a/x.b", "a/x.bc/d"], &["a/b", "x.b"]),
            ("a**b**c", &["abc", "a/b/c", "ax/by/c"], &["axbc", "abxc"]),
            ("**/**/*.a", &["x.a", "b/x.a", "b/c/x.a"], &["x.ab"]),
        ] {
            let ignore = Ignore::read(pattern);
            for (path, expected) in ignored.iter().map(|path| (path, true)).chain(kept.iter().map(|path| (path, false)))
            {
                assert_eq!(ignore.ignores(path.as_bytes()), expected, "{pattern} {path}");
            }
            let everything = Ignore::read(&format!("*\n!{pattern}"));
            for path in ignored {
                assert!(!everything.ignores(path.as_bytes()), "!{pattern} {path}");
            }
        }
    }

    #[test]
    fn names_match_as_buildkit_has_it() {
        for (pattern, ignored, kept) in [
            ("a?c", &["abc", "a.c"][..], &["ac", "a/c"][..]),
            ("a*c", &["ac", "abbc", "abc/d"], &["a/c", "b/ac"]),
            (".*", &[".a", ".a/b"], &["a", "b/.a"]),
            ("a.b", &["a.b"], &["axb", "ab"]),
            ("a[b-d]", &["ab", "ad/x"], &["ae", "a"]),
            ("a[^b-d]", &["ae", "a!"], &["ab", "a"]),
            ("a[!b]", &["a!", "ab"], &["ac"]),
            ("[\\]a]", &["]", "a"], &["b", "\\"]),
            ("[\\-x]", &["-", "x"], &["a"]),
            ("a\\*b", &["a*b"], &["ab", "axb"]),
            ("a\\\\", &["a\\"], &["a"]),
            ("a\\{b\\}$", &["a{b}$"], &["ab"]),
            ("a(b)|+{c,d}", &["a(b)|+{c,d}"], &["a(b)|+c"]),
            ("a b", &["a b/c"], &["a", "b"]),
            ("/a/b/", &["a/b", "a/b/c"], &["b/a/b", "a"]),
            ("//a", &["a"], &[]),
            ("./a//b/../c", &["a/c"], &["a/b"]),
            ("/../a", &["a"], &["b"]),
            ("../a", &[], &["a"]),
            (".", &[], &["a"]),
            ("/", &[], &["a"]),
            ("!", &[], &["a"]),
            ("#a", &[], &["a", "#a"]),
            (" #a", &["#a"], &["a"]),
            ("\ta \r\n\r\nb\r", &["a", "b"], &["c"]),
            ("\u{feff}a", &["a"], &[]),
            ("\u{feff}#a", &[], &["#a"]),
            ("[", &[], &["[", "a"]),
            ("a\\", &[], &["a", "a\\"]),
        ] {
            let ignore = Ignore::read(pattern);
            for (path, expected) in ignored.iter().map(|path| (path, true)).chain(kept.iter().map(|path| (path, false)))
            {
                assert_eq!(ignore.ignores(path.as_bytes()), expected, "{pattern:?} {path}");
            }
        }
    }

    #[test]
    fn the_order_of_patterns_decides() {
        for (text, path, ignored) in [
            ("!a.go\n*.go", "a.go", true),
            ("*.go\n!a.go", "a.go", false),
            ("docs\n!docs/a", "docs/a", false),
            ("docs/\n!docs/a", "docs/b", true),
            ("docs/*\n! /docs/a ", "docs/a", false),
            ("**\n!a/b", "a/b/c", false),
            ("**\n!a/b\na/b/c", "a/b/c", true),
            ("**\n!a/*.x", "a/b.x", false),
            ("a*\nDockerfile\n!ab\n.dockerignore", "ab", false),
            ("a*\nDockerfile\n!ab\n.dockerignore", "Dockerfile", true),
            ("*\n!", "a", true),
            ("*\n!../a", "a", true),
            ("*\n!/../a", "a", false),
            ("*\n![", "a", false),
            ("a?", "ab", true),
            // Two characters of two bytes each are no four characters.
            ("????", "éé", false),
            ("*\n!??", "éé", false),
            ("*.x\n!?.x", "é.y.x", false),
        ] {
            assert_eq!(Ignore::read(text).ignores(path.as_bytes()), ignored, "{text:?} {path}");
        }
    }

    #[test]
    fn everything_but_something() {
        let ignore = Ignore::read("*\n!src\n!Package.*\nsrc/{x}");
        assert!(ignore.ignores(b"Tests/x") && !ignore.ignores(b"src/a/b") && !ignore.ignores(b"Package.swift"));
        assert!(ignore.ignores(b"src/{x}") && !ignore.ignores(b"src/x"));
    }
}
