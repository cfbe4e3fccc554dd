//! A first map for a source: derives services, the groups that they share, and excludes from the source's manifests.
//!
//! A service is a unit that is built and deployed together. The evidence has weights: a Dockerfile, a function of a
//! stack or a Terraform root says how the unit is deployed; a program's manifest only says that it runs. What several
//! units pull in becomes a group. When in doubt, a file is an input: a draft should build too much rather than skip
//! falsely.

mod alike;
mod draft;
mod excludes;
mod inputs;
mod leftovers;
mod observed;
mod pipelines;
mod settle;
mod toml;
mod units;
mod words;

pub use draft::{DraftedGroup, DraftedService, FirstDraft, draft};
pub use observed::{ObservedReads, service_of};
pub use settle::settle;
pub use words::service_name;
