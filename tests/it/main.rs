//! Tests from outside: against real shells, real directories and the real program.

// The attribute tells clippy that helpers, too, are test code, where `unwrap` is allowed.
#[cfg(test)]
mod output_eval;
