//! Path patterns: how they are read, and how they are matched against many paths at once.

pub mod component;
pub mod finder;
pub mod flaw;
pub mod glob;
pub mod glob_index;
mod literal;
pub mod parse;
pub mod pattern_set;
pub mod shape;
pub mod trie;

pub use literal::literal;
pub use parse::Pattern;

/// A position in one of the map's files. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file: 0 is the map itself, any other a place in [`ServiceMap::included`](crate::map::ServiceMap::included),
    /// counted from 1.
    pub file: usize,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}
