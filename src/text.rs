//! Words for people.

/// A revision, short.
pub fn short_revision(revision: &str) -> &str {
    revision
}
