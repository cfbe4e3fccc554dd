//! The findings of `check` in every format: pure functions from [`Checked`] to text.

mod github;
mod json;
#[cfg(test)]
mod samples;
mod sarif;
mod text;

pub(in crate::output) use github::annotation;

use crate::map::lint_codes::Level;
use crate::upkeep::lint::Located;

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FindingFormat {
    /// For people, as compilers show them.
    Text,
    /// Everything, for programs.
    Json,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// A map that was checked, or templates that were checked against it.
#[derive(Debug)]
pub struct Checked {
    /// The map's file, as shown to people.
    pub map: String,
    /// How many services it has.
    pub services: usize,
    /// How many expectations it has.
    pub expectations: usize,
    /// How many pipelines the templates have, if those were checked, and not the map.
    pub pipelines: Option<usize>,
    /// How many files the source has, or how many templates were checked.
    pub files: usize,
    /// What was found.
    pub findings: Vec<Located>,
}

impl Checked {
    /// The number of findings of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|found| found.level == level).count()
    }

    /// Prints the findings. Only [`FindingFormat::Text`] uses colours.
    pub fn render(&self, format: FindingFormat, color: bool) -> String {
        match format {
            FindingFormat::Text => text::render(self, color),
            FindingFormat::Json => json::render(self),
            FindingFormat::Github => github::render(self),
            FindingFormat::Sarif => sarif::render(self),
        }
    }
}

/// The word that compilers use for a level.
fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}
