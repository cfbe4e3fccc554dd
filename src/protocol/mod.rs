//! Marks and attempts: what was deployed, what may have been deployed since, and what that means for a decision.

pub mod answer;
pub mod engine;
pub mod export_format;
