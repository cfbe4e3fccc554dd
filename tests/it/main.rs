//! The integration tests, in one binary.

mod rules_git;
mod rules_naive;
