//! shipmark: which services of a monorepo must be built and deployed now?
//!
//! The library is the program without its `main`: the modules below stand in the order in which data flows through them,
//! and each may use only those above it. See ARCHITECTURE.md.

pub mod answer;
pub mod content;
pub mod decide;
pub mod durable;
pub mod failure;
pub mod map;
pub mod mark;
pub mod names;
pub mod rules;
pub mod store;
pub mod text;
pub mod tree;
