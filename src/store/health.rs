//! What a look at a store has found, one thing after another.

use jiff::Timestamp;

use super::StoreError;
use crate::base::failure::chain;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, and could be better.
    Warning,
    /// The store must not be used as it is.
    Failed,
    /// It was not looked at.
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
    /// What to do, where something is to be done.
    pub fix: Option<String>,
}

impl StoreFinding {
    /// As it should be.
    pub fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self { check, verdict: Health::Ok, text: text.into(), fix: None }
    }

    /// It works, and could be better.
    pub fn warning(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Health::Warning, text: text.into(), fix: Some(fix.into()) }
    }

    /// The store must not be used as it is.
    pub fn failed(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Health::Failed, text: text.into(), fix: Some(fix.into()) }
    }

    /// It was not looked at.
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

    /// A look at something that a build does not need: that it may not be looked at is no failure.
    pub(super) fn unseen(check: &'static str, error: &StoreError) -> Self {
        match error {
            StoreError::Cloud(cloud) if cloud.is_denied() => {
                Self::skipped(check, "these credentials may not look at it; a build need not")
            }
            error => Self::lacking(check, error),
        }
    }

    /// Something that the store works without could not be done.
    pub(super) fn lacking(check: &'static str, error: &StoreError) -> Self {
        Self { verdict: Health::Warning, ..Self::error(check, error) }
    }
}

/// What the first look at a store has found: whether it can be used at all.
#[derive(Debug, Default)]
pub struct Reached {
    /// What was checked.
    pub findings: Vec<StoreFinding>,
    /// The store's own time, as its answer says.
    pub date: Option<Timestamp>,
}
