//! What a lint found, and where.

use bstr::BString;

use crate::map::lint_codes::Code;
use crate::pattern::Position;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub code: Code,
    /// Where it is.
    pub place: FindingPlace,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Additional notes, one line each.
    pub notes: Vec<String>,
    /// All files concerned, sorted.
    pub paths: Vec<BString>,
    /// What corrects the map, if that is known and cannot make a service build less often.
    pub fix: Option<Fix>,
}

/// A correction: patterns that a service lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The service, as an index into the map's.
    pub service: usize,
    /// Patterns for its `include`.
    pub include: Vec<String>,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingPlace {
    /// A place in the map.
    Map(Position),
    /// The map as a whole.
    WholeMap,
    /// A line of another file of the source, counted from 1; 0 means the whole file.
    File {
        /// The file.
        path: String,
        /// The line.
        line: usize,
    },
}

impl Finding {
    /// A finding with the lint's default advice.
    pub fn new(code: Code, place: FindingPlace, message: impl Into<String>) -> Self {
        let hint = code.lint().fix.to_owned();
        Self { code, place, message: message.into(), hint, notes: Vec::new(), paths: Vec::new(), fix: None }
    }

    /// Replaces the advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Sets the notes.
    #[must_use]
    pub fn notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// Sets the correction.
    #[must_use]
    pub fn fix(mut self, service: usize, include: Vec<String>) -> Self {
        self.fix = Some(Fix { service, include }).filter(|fix| !fix.include.is_empty());
        self
    }

    /// Sets the files concerned.
    #[must_use]
    pub fn paths(mut self, paths: impl IntoIterator<Item = BString>) -> Self {
        self.paths = paths.into_iter().collect();
        self.paths.sort_unstable();
        self
    }
}
