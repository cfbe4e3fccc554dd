//! The error of the pattern parser.

/// What is wrong with a pattern, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) hint: String,
}

pub(super) fn flaw<T>(message: impl Into<String>, hint: String) -> Result<T, Flaw> {
    Err(Flaw { message: message.into(), hint })
}
