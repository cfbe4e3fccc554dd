//! What `observe` prints: pure functions from an [`ObservedReport`] to text.

mod github;
mod json;
mod markdown;
mod text;

use bstr::BString;

use crate::map::ServiceMap;
use crate::map::toml_text;
use crate::upkeep::observe::saved::ObservedBuild;
use crate::upkeep::observe::{Gaps, Observation};

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ObservedFormat {
    /// For people.
    Text,
    /// Everything, for programs.
    Json,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
    /// A summary for a job or a pull request.
    Markdown,
}

/// An observed build, and what the rules miss.
#[derive(Debug)]
pub struct ObservedReport<'a> {
    /// The map.
    pub map: &'a ServiceMap,
    /// The service.
    pub service: usize,
    /// The build.
    pub build: &'a ObservedBuild,
    /// All files of the source, sorted.
    pub names: &'a [BString],
    /// What it did.
    pub seen: &'a Observation,
    /// What the rules miss.
    pub gaps: &'a Gaps,
    /// The file in which it is kept, if it was saved.
    pub saved: Option<&'a String>,
}

impl ObservedReport<'_> {
    fn name(&self) -> &str {
        self.map.services[self.service].name.as_str()
    }

    /// Lines of TOML to add to the service.
    fn lines(&self) -> Vec<String> {
        let suggestion = &self.gaps.suggestion;
        let keys =
            [("include", &suggestion.include), ("groups", &suggestion.groups), ("depends_on", &suggestion.depends_on)];
        keys.into_iter()
            .filter(|(_, items)| !items.is_empty())
            .map(|(key, items)| toml_text::list(key, items))
            .collect()
    }
}

/// Prints the report. Only [`ObservedFormat::Text`] uses colours.
pub fn render(report: &ObservedReport<'_>, format: ObservedFormat, color: bool) -> String {
    match format {
        ObservedFormat::Text => text::render(report, color),
        ObservedFormat::Json => json::render(report),
        ObservedFormat::Github => github::render(report),
        ObservedFormat::Markdown => markdown::render(report),
    }
}
