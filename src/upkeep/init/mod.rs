//! A first map for a source: from what its manifests say to services, the groups that they share, and what is excluded.
//!
//! A service is a unit that is built and deployed together. What speaks for one has a weight: a Dockerfile, a function of a
//! stack, a Terraform root say how it is deployed; a manifest of a program only that it runs. What several units pull in is
//! a group. Where nothing is known, a file is an input rather than not: a draft builds too much before it skips falsely.

mod cover;
mod draft;
mod excludes;
mod inputs;
mod leftovers;
mod toml;
mod units;
mod words;

pub use draft::{DraftedGroup, DraftedService, FirstDraft, draft};
pub use toml::text;
pub use words::service_name;
