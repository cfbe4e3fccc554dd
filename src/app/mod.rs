//! The program: its command line, settings, messages and commands.

pub mod apply;
pub mod child;
pub mod cli;
pub mod commands;
pub mod fetched;
pub mod lambda;
pub mod reading;
pub mod report;
pub mod settings;
pub mod snapshots;
pub mod ticket_file;
