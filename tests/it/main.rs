//! Tests from outside, against real git and real files.

mod trees;
