//! Answers in every format: pure functions from [`Answer`]s to bytes.
//!
//! Four formats print the same `variables`, quoted for their readers; nothing they print can run code there, whatever a
//! value contains. None of them decides anything: a service is skipped if its answers say so.

pub mod adopted;
mod columns;
mod command;
mod dotenv;
mod event;
pub mod explained;
mod findings;
mod github;
mod hint;
mod html;
mod job;
mod json;
mod markdown;
pub mod observed;
mod options;
mod paint;
mod powershell;
pub mod replay;
#[cfg(test)]
mod schemas;
mod sentences;
mod shell;
pub mod status;
mod table;
mod variables;

use crate::base::names::ServiceName;
use crate::protocol::answer::Answer;

pub use command::{Handed, command_variables};
pub use event::DecisionEvent;
pub use findings::{Checked, FindingFormat};
pub use hint::{Hint, Suggestion};
pub use job::{OfMap, job_variables};
pub use markdown::{MapChange, MapFlip};
pub use options::{Format, Options};
pub use sentences::sentences;
pub use variables::OutputError;

use variables::{Case, for_github, variables};

/// Prints the answers, one per requested environment.
///
/// # Errors
/// When variables cannot carry the answers; the caller then refuses the request. JSON and the table can carry
/// everything.
pub fn render(format: Format, answers: &[Answer], options: &Options) -> Result<Vec<u8>, OutputError> {
    let text = match format {
        Format::Shell => shell::render(&variables(answers, Case::Matters)?),
        Format::Dotenv => dotenv::render(&variables(answers, Case::Matters)?),
        // Variable names are case-insensitive on Windows, and so are the names of outputs on GitHub.
        Format::Powershell => powershell::render(&variables(answers, Case::Ignored)?),
        Format::Github => github::render(&for_github(answers)?),
        Format::Json => json::render(answers, options.all_changes),
        Format::Table => table::render(answers, options),
        Format::Markdown => markdown::render(answers, &[], options),
    };
    Ok(text.into_bytes())
}

/// Prints a plan as a comment of a pull request, with what the change of the map means in each environment, if it changes.
pub fn comment(answers: &[Answer], changes: &[Option<MapChange>], options: &Options) -> Vec<u8> {
    markdown::render(answers, changes, options).into_bytes()
}

/// Prints what `stage` hands to deploy stages: the value of each service, and that of all of them.
///
/// # Errors
/// As of [`render`].
pub fn candidates(format: Format, services: &[(ServiceName, String)], all: &str) -> Result<Vec<u8>, OutputError> {
    let variables = |case| variables::candidates(services, all, case);
    let text = match format {
        Format::Shell => shell::render(&variables(Case::Matters)?),
        Format::Dotenv => dotenv::render(&variables(Case::Matters)?),
        Format::Powershell => powershell::render(&variables(Case::Ignored)?),
        Format::Github => github::render(&variables(Case::Ignored)?),
        Format::Json => json::candidates(services, all),
        Format::Table | Format::Markdown => {
            services.iter().map(|(service, value)| format!("{service} {value}\n")).collect()
        }
    };
    Ok(text.into_bytes())
}

/// Prints that nothing was staged. What is evaluated fails.
pub fn candidates_refusal(format: Format, message: &str) -> Vec<u8> {
    let text = match format {
        Format::Shell => "false\n".to_owned(),
        Format::Json => json::refusal(message),
        Format::Powershell => powershell::refusal(message),
        Format::Dotenv | Format::Github | Format::Table | Format::Markdown => String::new(),
    };
    text.into_bytes()
}

/// Prints that no decision was made, so that anyone who reads only this output builds. In formats that are evaluated,
/// the evaluation fails. People read the message on stderr, so the table is empty.
pub fn refusal(format: Format, message: &str) -> Vec<u8> {
    let text = match format {
        Format::Shell => shell::refusal(),
        Format::Dotenv => dotenv::refusal(),
        Format::Json => json::refusal(message),
        Format::Powershell => powershell::refusal(message),
        Format::Github => github::refusal(),
        Format::Table | Format::Markdown => String::new(),
    };
    text.into_bytes()
}

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn formats_are_single_words() {
        let words: Vec<String> =
            Format::value_variants().iter().map(|f| f.to_possible_value().unwrap().get_name().to_owned()).collect();
        assert_eq!(words, ["shell", "dotenv", "json", "powershell", "github", "table", "markdown"]);
    }

    #[test]
    fn every_refusal_says_not_skipped_or_error() {
        for format in Format::value_variants() {
            let text = String::from_utf8(refusal(*format, "the map is `bad`")).unwrap();
            assert!(!text.contains("true"), "{text}");
            match format {
                Format::Table | Format::Markdown => assert_eq!(text, ""),
                Format::Json => assert!(text.contains("\"error\": \"the map is `bad`\""), "{text}"),
                _ => assert!(text.contains("BUILD_SKIPPED") && text.contains("false"), "{text}"),
            }
        }
    }
}
