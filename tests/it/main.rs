//! Tests from outside, against real git and real files.

#[cfg(test)]
mod trees;
