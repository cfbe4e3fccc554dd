//! The published pipelines, as far as they can be judged without AWS: that what an action uses was made by one before it, that their
//! buildspecs are the examples, and that their roles may do no more than is needed. What other people's tools say of them is asked in
//! `.ci/pipelines`. No AWS account runs them.

mod actions;
mod faults;
mod in_step;
mod policies;
mod template;
mod terraform;

use std::fs;
use std::path::Path;

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository.
fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// The CloudFormation templates.
const TEMPLATES: [&str; 2] = ["pipelines/per-service.yml", "pipelines/all-services.yml"];

/// What makes ECS deploy in the first of them, where CloudFormation does otherwise.
const ECS: [(&str, &str); 3] = [("Service", "api"), ("Cluster", "shop"), ("EcsService", "api")];
