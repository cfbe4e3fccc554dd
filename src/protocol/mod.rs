//! Marks and attempts: what was deployed, what may have been since, and what follows for a decision.

pub mod answer;
pub mod candidate_token;
pub mod decide;
pub mod engine;
pub mod export_format;
pub mod mark;
pub mod service_status;
pub mod ticket;
