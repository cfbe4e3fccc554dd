//! Marks and attempts: what was deployed, what may have been since, and what follows for a decision.

pub mod answer;
pub mod engine;
pub mod export_format;
