//! The answer to an event, as the process that does the work hands it to the one that reports it.

use serde_json::{Map, Value, json};

use crate::base::failure::{Failure, Status};

/// The most that all variables of an action may take, names and values together, in bytes:
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>
const MOST_BYTES: usize = 122_880;

/// The longest message of a failure, in characters.
const LONGEST_MESSAGE: usize = 5000;

/// The longest summary, in characters.
const LONGEST_SUMMARY: usize = 2048;

/// Why an action fails, in CodePipeline's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The request, the map or the source is wrong: a retry changes nothing.
    Configuration,
    /// Anything else.
    Job,
}

/// The answer to an event.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JobAnswer {
    /// It was done.
    Done {
        /// The variables: an object of strings.
        variables: Value,
        /// What was done, for people.
        summary: String,
    },
    /// It was not.
    Failed {
        /// Why, in a word.
        kind: FailureKind,
        /// Why, and what to do.
        message: String,
    },
}

impl FailureKind {
    /// CodePipeline's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Configuration => "ConfigurationError",
            Self::Job => "JobFailed",
        }
    }
}

impl JobAnswer {
    /// It was done, with these variables.
    pub(super) fn done(variables: Vec<(String, String)>, summary: &str) -> Self {
        let bytes: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MOST_BYTES {
            let text = format!("the variables of all services take {bytes} bytes, and an action may have {MOST_BYTES}");
            return Self::failed(FailureKind::Configuration, &format!("{text}; decide fewer services in one pipeline"));
        }
        let variables: Map<String, Value> = variables.into_iter().map(|(name, value)| (name, value.into())).collect();
        Self::Done { variables: variables.into(), summary: summary.chars().take(LONGEST_SUMMARY).collect() }
    }

    /// It failed.
    pub(super) fn failed(kind: FailureKind, message: &str) -> Self {
        Self::Failed { kind, message: message.chars().take(LONGEST_MESSAGE).collect() }
    }

    /// The bytes that one process hands to the other.
    pub(super) fn encode(&self) -> String {
        match self {
            Self::Done { variables, summary } => json!({ "variables": variables, "summary": summary }).to_string(),
            Self::Failed { kind, message } => json!({ "failed": kind.word(), "message": message }).to_string(),
        }
    }

    /// Reads them; `None` if they are not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        if let Some(message) = value["message"].as_str() {
            let kind = if value["failed"] == FailureKind::Configuration.word() {
                FailureKind::Configuration
            } else {
                FailureKind::Job
            };
            return Some(Self::failed(kind, message));
        }
        let variables = value.get("variables").filter(|variables| variables.is_object())?.clone();
        Some(Self::Done { variables, summary: value["summary"].as_str()?.to_owned() })
    }
}

impl From<&Failure> for JobAnswer {
    fn from(failure: &Failure) -> Self {
        let kind = if failure.status == Status::Request { FailureKind::Configuration } else { FailureKind::Job };
        let hint = failure.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        Self::failed(kind, &format!("{failure}{hint}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        let variables = vec![("BUILD_SKIPPED_WEB".to_owned(), "true".to_owned())];
        for answer in [
            JobAnswer::done(variables, "s"),
            JobAnswer::failed(FailureKind::Configuration, "no map"),
            JobAnswer::failed(FailureKind::Job, "x"),
        ] {
            assert_eq!(JobAnswer::decode(answer.encode().as_bytes()), Some(answer));
        }
        assert_eq!(JobAnswer::decode(b"{\"variables\": {\"A\""), None);
        assert_eq!(JobAnswer::decode(b"{}"), None);
    }

    #[test]
    fn what_codepipeline_would_refuse_is_a_failure() {
        let most = |bytes: usize| JobAnswer::done(vec![("A".to_owned(), "x".repeat(bytes - 1))], "");
        assert!(matches!(most(MOST_BYTES), JobAnswer::Done { .. }));
        assert!(matches!(most(MOST_BYTES + 1), JobAnswer::Failed { kind: FailureKind::Configuration, .. }));
        let JobAnswer::Failed { message, .. } = JobAnswer::failed(FailureKind::Job, &"é".repeat(6000)) else {
            panic!()
        };
        assert_eq!(message.chars().count(), LONGEST_MESSAGE);
    }
}
