//! R13: one build for several environments is skipped only if each would be, with the same outputs.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use crate::base::names::{EnvironmentName, OutputName};

/// What one environment says of a service.
#[derive(Debug)]
pub struct Vote<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What it says.
    pub evidence: &'a mut Evidence,
    /// The outputs that a skip would hand on.
    pub outputs: Option<&'a BTreeMap<OutputName, String>>,
}

/// Lets the environments agree about one service.
pub fn agree(votes: &mut [Vote<'_>]) {
    let building = votes.iter().find(|vote| !vote.evidence.skips());
    let verdict = match building {
        Some(vote) => Some(Evidence::OtherEnvironment(vote.environment.clone(), Box::new((*vote.evidence).clone()))),
        None => votes.split_first().and_then(|(first, rest)| {
            let other = rest.iter().find(|vote| vote.outputs != first.outputs)?;
            Some(Evidence::OtherOutputs(first.environment.clone(), other.environment.clone()))
        }),
    };
    let Some(verdict) = verdict else { return };
    for vote in votes.iter_mut().filter(|vote| vote.evidence.skips()) {
        *vote.evidence = verdict.clone();
    }
}
