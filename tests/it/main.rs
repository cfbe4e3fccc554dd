//! The integration tests, one binary: each module tests the program from outside, or against git and shells, or holds the
//! repository to its own rules and documents.

mod layering;
mod output_eval;
mod readme;
mod trees;
