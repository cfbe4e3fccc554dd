//! Output options: the format, and what affects how it looks.

use jiff::Timestamp;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `export NAME='value'` lines for any POSIX shell, to be evaluated.
    Shell,
    /// `NAME="value"` lines for dotenv readers.
    Dotenv,
    /// The whole answer, as `schema/decision.schema.json` describes it.
    Json,
    /// `$env:NAME = 'value'` lines, to be evaluated.
    Powershell,
    /// Blocks for the files `$GITHUB_ENV` and `$GITHUB_OUTPUT`.
    Github,
    /// A table for people.
    Table,
    /// Text for a comment of a pull request, on GitHub or GitLab.
    Markdown,
}

/// What affects how answers look.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whether to list all changes and unowned files, however many there are.
    pub all_changes: bool,
    /// Whether the table shows its environments side by side instead of one after the other.
    pub side_by_side: bool,
    /// The time that ages are relative to.
    pub now: Timestamp,
    /// Whether the table may have colours.
    pub color: bool,
}
