//! shipmark: which services of a monorepo must be built and deployed now?
//!
//! The library is the program without its `main`: the modules below stand in the order in which data flows through them,
//! and each may use only those above it. See ARCHITECTURE.md.

pub mod text;
pub mod names;
pub mod content;
pub mod extras;
pub mod codes;
pub mod map;
pub mod rules;
pub mod tree;
pub mod manifests;
pub mod lint;
pub mod answer;
pub mod inputs;
pub mod snapshot;
pub mod difference;
pub mod replay;
pub mod mark;
pub mod exported;
pub mod init;
pub mod decide;
pub mod standing;
pub mod durable;
pub mod failure;
pub mod store;
pub mod documents;
pub mod ticket;
pub mod handoff;
pub mod output;
pub mod cli;
pub mod settings;
pub mod report;
pub mod commands;
