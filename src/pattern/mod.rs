//! Path patterns: how they are read, and how they are matched against many paths at once.

pub mod finder;
pub mod glob;
pub mod glob_index;
pub mod parse;
pub mod pattern_set;
pub mod trie;
