//! The findings of a store check, one by one.

use jiff::Timestamp;

use super::StoreError;
use crate::base::failure::chain;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works but could be better.
    Warning,
    /// The store must not be used as it is.
    Failed,
    /// It was not checked.
    Skipped,
}

impl Health {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFinding {
    /// What was checked.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Health,
    /// What was seen.
    pub text: String,
    /// What to do, if anything.
    pub fix: Option<String>,
}

impl StoreFinding {
    /// As it should be.
    pub fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, verdict: Health::Ok, text: text.into(), fix: None }
    }

    /// It works but could be better.
    pub fn warning(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Health::Warning, text: text.into(), fix: Some(fix.into()) }
    }

    /// The store must not be used as it is.
    pub fn failed(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Health::Failed, text: text.into(), fix: Some(fix.into()) }
    }

    /// It was not checked.
    pub fn skipped(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, verdict: Health::Skipped, text: text.into(), fix: None }
    }

    /// Whether the store must not be used as it is.
    pub fn is_failed(&self) -> bool {
        self.verdict == Health::Failed
    }

    /// The store could not answer.
    pub(super) fn error(check: &'static str, error: &StoreError) -> Self {
        match error {
            StoreError::Cloud(error) => {
                let (text, fix) = error.parts();
                Self::failed(check, text, fix)
            }
            StoreError::Io { .. } => {
                Self::failed(check, chain(error), "make the directory one that this user may write, or name another")
            }
        }
    }

    /// For a check that builds do not need: a missing permission is not a failure.
    pub(super) fn unseen(check: &'static str, error: &StoreError) -> Self {
        match error {
            StoreError::Cloud(cloud) if cloud.is_denied() => {
                Self::skipped(check, "these credentials may not look at it; a build need not")
            }
            error => Self::lacking(check, error),
        }
    }

    /// For something that failed but that the store can work without.
    pub(super) fn lacking(check: &'static str, error: &StoreError) -> Self {
        Self { verdict: Health::Warning, ..Self::error(check, error) }
    }
}

/// The result of the first check of a store: whether it is usable at all.
#[derive(Debug, Default)]
pub struct Reached {
    /// What was checked.
    pub findings: Vec<StoreFinding>,
    /// The store's own time, from its answer.
    pub date: Option<Timestamp>,
}
