//! Findings with what people need to see: file, line, column and the source line.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::context::LintContext;
use super::finding::{Finding, FindingPlace};
use crate::map::lint_codes::Level;
use crate::map::{Excerpt, MapFile};

/// A finding at its place.
#[derive(Debug)]
pub struct Located {
    /// Its severity.
    pub level: Level,
    /// The finding.
    pub finding: Finding,
    /// The file, as shown to people; relative to the root of the source if inside it.
    pub file: String,
    /// The position in it, and the line with the offending part marked. `None` for the whole file.
    pub span: Option<LinkSpan>,
}

/// A line of a file.
#[derive(Debug)]
pub struct LinkSpan {
    /// Its number, from 1.
    pub line: usize,
    /// The column of the offending part, in characters, from 1.
    pub column: usize,
    /// The line, with the offending part marked.
    pub excerpt: Excerpt,
}

impl LinkSpan {
    /// The column after the offending part.
    pub fn end(&self) -> usize {
        self.column + self.excerpt.length
    }
}

/// Finds the lines of findings.
pub fn locate(facts: &LintContext<'_>, findings: Vec<(Level, Finding)>) -> Vec<Located> {
    let texts = files(facts, &findings);
    let sources = texts.iter().map(|(path, text)| (path.as_str(), MapFile::new(text)));
    let sources: HashMap<&str, MapFile<'_>> = sources.collect();
    let mut maps: HashMap<*const u8, MapFile<'_>> = HashMap::new();
    let mut located = Vec::new();
    for (level, finding) in findings {
        let (file, span) = match &finding.place {
            FindingPlace::WholeMap => (facts.map.file.clone(), None),
            FindingPlace::Map(position) => {
                let text = facts.map.text(*position);
                let source = maps.entry(text.as_ptr()).or_insert_with(|| MapFile::new(text));
                let excerpt = source.excerpt(&source.token(position.line, position.column));
                (
                    facts.map.file_of(*position).to_owned(),
                    Some(LinkSpan { line: position.line, column: position.column, excerpt }),
                )
            }
            FindingPlace::File { path, line } => {
                (path.clone(), sources.get(path.as_str()).and_then(|of| whole(of, *line)))
            }
        };
        located.push(Located { level, finding, file, span });
    }
    located
}

/// The texts of the files that findings are in.
fn files<'a>(facts: &LintContext<'a>, findings: &[(Level, Finding)]) -> BTreeMap<String, Cow<'a, str>> {
    let path = |(_, finding): &(Level, Finding)| match &finding.place {
        FindingPlace::File { path, .. } => Some((path.clone(), facts.text(path)?)),
        _ => None,
    };
    findings.iter().filter_map(path).collect()
}

/// A whole line, starting at its first character.
fn whole(source: &MapFile<'_>, line: usize) -> Option<LinkSpan> {
    if line == 0 {
        return None;
    }
    let span = source.line(line);
    let (line, column) = source.place(span.start);
    Some(LinkSpan { line, column, excerpt: source.excerpt(&span) })
}
