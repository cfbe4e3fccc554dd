//! The integration tests, one binary: each module tests the program from outside, or against git and shells.

#[cfg(test)]
mod protocol;
