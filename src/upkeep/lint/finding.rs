//! What a lint found, and where.

use bstr::BString;

use super::facts::{Facts, View};
use crate::base::text;
use crate::map::Position;
use crate::map::lint_codes::Code;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub code: Code,
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// What belongs to it, a line each.
    pub notes: Vec<String>,
    /// The files concerned, all of them, sorted.
    pub paths: Vec<BString>,
}

/// Where a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A place in the map.
    Map(Position),
    /// The map as a whole.
    WholeMap,
    /// A line of another file of the source, counted from 1; 0 is the file as a whole.
    File {
        /// The file.
        path: String,
        /// The line.
        line: usize,
    },
}

impl Finding {
    /// A finding with the lint's own advice.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        let hint = code.lint().fix.to_owned();
        Self { code, place, message: message.into(), hint, notes: Vec::new(), paths: Vec::new() }
    }

    /// With other advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With lines that belong to it.
    #[must_use]
    pub fn notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// With the files concerned.
    #[must_use]
    pub fn paths(mut self, paths: impl IntoIterator<Item = BString>) -> Self {
        self.paths = paths.into_iter().collect();
        self.paths.sort_unstable();
        self
    }
}

/// What is found in each environment. What is found in all of them is told once, and of the rest is said where.
pub(super) fn across(facts: &Facts<'_>, find: impl Fn(&View) -> Vec<Finding>) -> Vec<Finding> {
    let mut found: Vec<(Finding, Vec<String>)> = Vec::new();
    for view in &facts.views {
        let environment = format!("`{}`", view.environment);
        for finding in find(view) {
            match found.iter_mut().find(|(other, _)| *other == finding) {
                Some((_, environments)) => environments.push(environment.clone()),
                None => found.push((finding, vec![environment.clone()])),
            }
        }
    }
    let several = facts.views.len();
    let told = |(mut finding, environments): (Finding, Vec<String>)| {
        if environments.len() < several {
            let noun = if environments.len() == 1 { "environment" } else { "environments" };
            finding.message = format!("{}, in {noun} {}", finding.message, text::list(&environments));
        }
        finding
    };
    found.into_iter().map(told).collect()
}
