//! `.gitattributes`: what git says about files.
//!
//! Read as described in [gitattributes(5)], without macros: one file at a time, each for its own
//! directory.
//!
//! [gitattributes(5)]: https://git-scm.com/docs/gitattributes

use crate::base::names::EnvironmentName;
use crate::map::rules::PatternSet;
use crate::pattern::Pattern;
use crate::pattern::component::Component;

/// The lines of a `.gitattributes` that mention one attribute.
#[derive(Debug)]
pub struct Attribute {
    cover: PatternSet,
    /// Each pattern's line, counted from 1, and whether it sets the attribute.
    lines: Vec<(usize, bool)>,
}

impl Attribute {
    /// Parses the file of a directory (`""` is the root). `attribute` is the text that sets the attribute, e.g.
    /// `filter=lfs`.
    pub fn read(directory: &str, text: &str, attribute: &str) -> Self {
        let mut lines = Vec::new();
        let mut patterns: Vec<(usize, Vec<Component>)> = Vec::new();
        let name = attribute.split('=').next().unwrap_or(attribute);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let (pattern, attributes) = split(line);
            let mut said = attributes.split_whitespace().filter(|word| {
                let word = word.trim_start_matches(['-', '!']);
                word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
            });
            let Some(last) = said.next_back() else { continue };
            if line.starts_with('#') || line.starts_with("[attr]") {
                continue;
            }
            let Some(pattern) = anchored(directory, &pattern) else { continue };
            let resolved = pattern.resolve(&EnvironmentName::default()).into_iter();
            patterns.extend(resolved.map(|components| (lines.len(), components)));
            lines.push((index + 1, last == attribute));
        }
        Self { cover: PatternSet::new(patterns), lines }
    }

    /// The line that sets the attribute for a file, if the last line that matches it does.
    pub fn line(&self, path: &[u8]) -> Option<usize> {
        let last = self.cover.numbers(path).last().copied()?;
        self.lines.get(last).filter(|(_, set)| *set).map(|(line, _)| *line)
    }

    /// Whether no line sets it.
    pub fn is_empty(&self) -> bool {
        !self.lines.iter().any(|(_, set)| *set)
    }
}

/// The pattern of a line, which may be quoted, and the attributes after it.
fn split(line: &str) -> (String, &str) {
    if let Some((pattern, rest)) = line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return (pattern.to_owned(), rest);
    }
    let (pattern, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (pattern.to_owned(), rest)
}

/// A git pattern as one of ours: without a slash it may match at any depth below its directory.
fn anchored(directory: &str, pattern: &str) -> Option<Pattern> {
    let front = if directory.is_empty() { String::new() } else { format!("{}/", super::literal(directory)) };
    let pattern = super::without_braces(pattern);
    match pattern.strip_prefix('/') {
        Some(anchored) => Pattern::foreign(&format!("{front}{anchored}")),
        None if pattern.trim_end_matches('/').contains('/') => Pattern::foreign(&format!("{front}{pattern}")),
        None => Pattern::foreign(&format!("{front}**/{pattern}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_about_a_file_counts() {
        let text =
            "# version.txt export-subst\n*.txt export-subst text\n/docs/*.txt -export-subst\n\"a b.c\" export-subst\n";
        let root = Attribute::read("", text, "export-subst");
        assert_eq!(root.line(b"deep/version.txt"), Some(2));
        assert_eq!(root.line(b"docs/version.txt"), None);
        assert_eq!(root.line(b"a b.c"), Some(4));
        assert_eq!(root.line(b"other"), None);
        let below = Attribute::read("lib[1]", "*.bin filter=lfs\nx.bin filter=other", "filter=lfs");
        assert_eq!(below.line(b"lib[1]/y/a.bin"), Some(1));
        assert_eq!((below.line(b"a.bin"), below.line(b"lib[1]/x.bin")), (None, None));
    }
}
