//! The integration tests, one binary: each module tests the program from outside, or against git and shells, or holds the
//! repository to its own rules and documents.

// The attribute tells clippy that helpers, too, are test code, where `unwrap` is allowed.
#[cfg(test)]
mod layering;
#[cfg(test)]
mod output_eval;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod trees;
