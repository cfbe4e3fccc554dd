//! How a command fails: the exit status, the error with its causes, and what to do about it.

use std::error::Error;
use std::fmt;

/// All exit statuses of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 0: done; for `decide`, a decision was made.
    Done = 0,
    /// 1: anything else that went wrong.
    Other = 1,
    /// 2: the request or the map is invalid.
    Request = 2,
    /// 3: `--strict` was given and something could not be read.
    Doubt = 3,
    /// 4: `check` found a denied lint, `observe --deny` a file that is not covered, `status --max-age` found something older or in doubt, or `output` found nothing.
    Denied = 4,
}

/// A command that failed.
#[derive(Debug)]
pub struct Failure {
    /// The exit status of the process.
    pub status: Status,
    /// What went wrong; its causes are in `source()`.
    pub error: Box<dyn Error + Send + Sync>,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// The request or the map is invalid.
    pub fn request(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { status: Status::Request, error: error.into(), hint: None }
    }

    /// Anything else.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { status: Status::Other, error: error.into(), hint: None }
    }

    /// Sets another exit status.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    /// The error and all its causes in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(self.error.as_ref()))
    }
}

/// An error and all its causes in one line.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
