//! shipmark: which services of a monorepo must be built and deployed now?
//!
//! The library is the program without its `main`. It has nine wings; `tests/it/layering` says which may use which.

pub mod base;
pub mod pattern;
pub mod map;
pub mod source;
pub mod protocol;
pub mod store;
pub mod upkeep;
pub mod output;
pub mod app;
