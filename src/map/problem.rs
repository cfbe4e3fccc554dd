//! What is wrong with a map, where, and what to do.

/// One problem of a map.
#[derive(Debug)]
pub struct Problem;

/// All problems of a map.
#[derive(Debug)]
pub struct Problems;
