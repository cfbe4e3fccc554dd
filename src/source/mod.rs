//! The source as it is now: trees of directories, commits and zips, and the inputs of services in them.

pub mod difference;
pub mod extras;
pub mod inputs;
pub mod snapshot;
pub mod renamed;
pub mod tree;
