//! How reports are written: the same for all commands that report something.

use clap::{Args, ValueEnum};

/// How a report is written.
#[derive(Debug, Args)]
pub struct Shape {
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
    /// The same as --format json
    #[arg(long, hide = true, conflicts_with = "format")]
    json: bool,
}

/// Who reads a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people.
    Text,
    /// All of it, as JSON.
    Json,
}

impl Shape {
    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        self.json || self.format == ReportFormat::Json
    }
}
