//! Tests of the whole: the built binary, the repository's own rules, and what its documents claim.

mod layering;
