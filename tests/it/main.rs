//! The integration tests, in one binary.

#[cfg(test)]
mod rules_git;
#[cfg(test)]
mod rules_naive;
