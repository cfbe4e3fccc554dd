//! The protocol engine: what is written before a decision is printed, and what a record changes. Pure.
//!
//! No clock, no files, no environment variables: everything is computed from values, and the same ids, times and marks
//! give the same step. [`mark`] contains the stored state and its transitions.

pub mod agreement;
pub mod decision;
pub mod attempt_text;
pub mod evidence;
pub mod inputs;
pub mod mark;
pub mod marks;
pub mod names;
pub mod policy;
pub mod reason;
pub mod drafting;
pub mod core;
mod judgement;
mod reuse;
pub mod refusal;
pub mod step;
pub mod ticket;
pub mod decide;
mod opening;
pub mod noted;
pub mod record;
pub mod stage;
mod staging;
pub mod tokens;
pub mod deploy;
pub mod people;
pub mod forgotten;
pub mod status;
