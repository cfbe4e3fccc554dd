//! What other tools' files say about the files of a source: pure readers of their texts.

pub mod dockerfile;
pub mod dockerignore;
pub mod gitattributes;

use crate::map::{Component, Pattern};
use crate::names::EnvironmentName;

/// A relative path without `.`, `..` and needless slashes; `""` is where it starts. Nothing where it leads out of that.
pub fn clean(path: &str) -> Option<String> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// A glob of another tool, in which braces and variables mean nothing, as components; none where it can match no path.
pub fn components(glob: &str) -> Vec<Vec<Component>> {
    let pattern = Pattern::foreign(&without_braces(glob));
    pattern.map(|pattern| pattern.resolve(&EnvironmentName::default())).unwrap_or_default()
}

/// The text as a pattern that matches only itself.
fn literal(text: &str) -> String {
    escape(text, "\\*?[]{}$")
}

/// A glob of a tool in which braces, and variables, mean nothing.
fn without_braces(glob: &str) -> String {
    escape(glob, "{}$")
}

fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [("./a//b/", Some("a/b")), (".", Some("")), ("a/../b", Some("b")), ("a/../..", None)] {
            assert_eq!(clean(path).as_deref(), expected, "{path}");
        }
    }
}
