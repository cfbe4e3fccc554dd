//! Collects the problems of a map while it is read.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::{Problem, Problems, Table};
use crate::base::duration;
use crate::base::names::NameError;
use crate::base::text;
use crate::map::excerpt::MapFile;
use crate::pattern::{Pattern, Position};

/// How many names are compared when searching for the intended one. Ten thousand wrong names among ten thousand
/// services would otherwise take a hundred million comparisons.
const MOST_COMPARISONS: usize = 100_000;
/// How many characters of a text a message shows.
const MOST_SHOWN: usize = 200;

/// A part of one of the map's files.
#[derive(Debug, Clone, Default)]
pub(in crate::map) struct Span {
    /// As in [`Position`].
    pub(in crate::map) file: usize,
    pub(in crate::map) bytes: Range<usize>,
}

/// A text in the map and its span.
#[derive(Debug, Clone)]
pub(in crate::map) struct Text {
    pub(in crate::map) text: String,
    pub(in crate::map) span: Span,
}

/// The problems found so far.
pub(in crate::map) struct Report<'a> {
    /// The files, in the order of [`Position::file`]. The last is the one being read.
    files: Vec<(Arc<str>, MapFile<'a>)>,
    problems: Vec<Problem>,
    /// The tables that are being read or checked; empty for the map as a whole.
    tables: Vec<Table>,
    comparisons: usize,
    /// Whether a syntax error may have hidden parts of the map: then missing things are not reported.
    pub(in crate::map) broken: bool,
}

impl<'a> Report<'a> {
    pub(in crate::map) fn new() -> Self {
        Self { files: Vec::new(), problems: Vec::new(), tables: Vec::new(), comparisons: 0, broken: false }
    }

    /// Starts another file. The first is the map's own.
    pub(in crate::map) fn open(&mut self, file: &str, text: &'a str) {
        self.files.push((file.into(), MapFile::new(text)));
    }

    /// Whether the file being read is an included one.
    pub(in crate::map) fn is_included(&self) -> bool {
        self.files.len() > 1
    }

    /// The map's own file.
    pub(in crate::map) fn root(&self) -> &str {
        self.files.first().map_or("", |(file, _)| file)
    }

    /// The file and line of a span, for people.
    pub(in crate::map) fn place(&self, span: &Span) -> String {
        let (file, source) = &self.files[span.file];
        format!("{file}:{}", source.place(span.bytes.start).0)
    }

    /// The texts of the files, in order.
    pub(in crate::map) fn texts(&self) -> Vec<Arc<str>> {
        self.files.iter().map(|(_, source)| source.text().into()).collect()
    }

    /// A span in the file being read.
    pub(in crate::map) fn span(&self, bytes: Range<usize>) -> Span {
        Span { file: self.files.len().saturating_sub(1), bytes }
    }

    pub(in crate::map) fn position(&self, span: &Span) -> Position {
        let (line, column) = self.files[span.file].1.place(span.bytes.start);
        Position { file: span.file, line, column }
    }

    pub(in crate::map) fn add(&mut self, code: &'static str, span: &Span, message: String, hint: impl Into<String>) {
        let (file, source) = &self.files[span.file];
        self.problems.push(Problem {
            code,
            message,
            file: Arc::clone(file),
            position: self.position(span),
            excerpt: source.excerpt(&span.bytes),
            hint: hint.into(),
            tables: self.tables.clone(),
        });
    }

    /// Adds a problem that only counts if the map was read completely.
    pub(in crate::map) fn add_missing(
        &mut self,
        code: &'static str,
        span: &Span,
        message: String,
        hint: impl Into<String>,
    ) {
        if !self.broken {
            self.add(code, span, message, hint);
        }
    }

    /// Reads or checks something that lies wholly in these tables.
    pub(in crate::map) fn within<T>(
        &mut self,
        tables: impl IntoIterator<Item = Table>,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = std::mem::replace(&mut self.tables, tables.into_iter().collect());
        let checked = check(self);
        self.tables = outer;
        checked
    }

    /// All problems found so far if one of them counts; otherwise those that do not.
    pub(in crate::map) fn finish_but(&mut self, spared: impl Fn(&Problem) -> bool) -> Result<Vec<Problem>, Problems> {
        match self.problems.iter().all(spared) {
            true => Ok(std::mem::take(&mut self.problems)),
            false => Err(Problems::new(std::mem::take(&mut self.problems))),
        }
    }

    /// All problems found so far, if there are any.
    pub(in crate::map) fn finish(&mut self) -> Result<(), Problems> {
        if self.problems.is_empty() { Ok(()) } else { Err(Problems::new(std::mem::take(&mut self.problems))) }
    }

    /// The candidate that was probably meant, among those that may still be compared.
    pub(in crate::map) fn meant<'c>(
        &mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Option<&'c str> {
        let left = MOST_COMPARISONS - self.comparisons;
        let compared = candidates.into_iter().take(left).inspect(|_| self.comparisons += 1);
        text::did_you_mean(word, compared)
    }

    /// A checked name; reports a problem if it is invalid.
    pub(in crate::map) fn name<T>(
        &mut self,
        text: &Text,
        check: impl FnOnce(String) -> Result<T, NameError>,
    ) -> Option<T> {
        let error = match check(text.text.clone()) {
            Ok(name) => return Some(name),
            Err(error) => error,
        };
        let (code, hint) = match error {
            NameError::Reserved { .. } => {
                ("reserved-name", "choose another name: this one would steer the shell or the build")
            }
            _ => ("bad-name", "choose another name"),
        };
        self.add(code, &text.span, error.to_string(), hint);
        None
    }

    /// A text that must not be empty.
    pub(in crate::map) fn filled(&mut self, text: &Text, what: &str) -> String {
        if text.text.trim().is_empty() {
            self.add("empty-text", &text.span, format!("{what} is empty"), "fill it in, or leave the key out");
        }
        text.text.clone()
    }

    /// A duration, if one was given; reports a problem if it is invalid.
    pub(in crate::map) fn duration(&mut self, text: Option<&Text>) -> Option<Duration> {
        let text = text?;
        match duration::parse(&text.text) {
            Ok(duration) => Some(duration),
            Err(flaw) => {
                let message = format!("`{}` {flaw}", shown(&text.text));
                self.add("bad-duration", &text.span, message, "write it like `30d`, `1h30m` or `45s`");
                None
            }
        }
    }

    /// A checked pattern; reports a problem if it is invalid.
    pub(in crate::map) fn pattern(&mut self, text: &Text) -> Option<Pattern> {
        match Pattern::parse(&text.text, self.position(&text.span)) {
            Ok(pattern) => Some(pattern),
            Err(flaw) => {
                let message = format!("the pattern `{}` {}", shown(&text.text), flaw.message);
                self.add("bad-pattern", &text.span, message, flaw.hint);
                None
            }
        }
    }

    /// The valid patterns of a list.
    pub(in crate::map) fn patterns(&mut self, list: &[Text]) -> Vec<Pattern> {
        list.iter().filter_map(|text| self.pattern(text)).collect()
    }

    /// Reports each text of a list that appears in it before.
    pub(in crate::map) fn duplicates(&mut self, list: &[Text], what: &str) {
        if list.len() < 2 {
            return;
        }
        let mut seen = std::collections::HashSet::new();
        for text in list.iter().filter(|text| !seen.insert(text.text.as_str())) {
            let message = format!("the {what} `{}` is listed twice", shown(&text.text));
            self.add("duplicate", &text.span, message, "remove one of them");
        }
    }
}

/// A text of the map for use in a message: control characters are escaped, so that a map cannot control a terminal, and
/// a long text is truncated.
pub(in crate::map) fn shown(text: &str) -> String {
    let end = text.char_indices().nth(MOST_SHOWN).map(|(at, _)| at);
    let shown = text::printable(&text.as_bytes()[..end.unwrap_or(text.len())]);
    if end.is_some() { shown + "…" } else { shown }
}
