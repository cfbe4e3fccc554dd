//! shipmark: which services of a monorepo must be built and deployed now?
//!
//! The library is the program without its `main`: the modules below stand in the order in which data flows through them,
//! and each may use only those above it. See ARCHITECTURE.md.

pub mod answer;
pub mod content;
pub mod map;
pub mod names;
pub mod output;
pub mod rules;
pub mod text;
pub mod tree;
