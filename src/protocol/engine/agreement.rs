//! R13: one build for several environments is skipped only if it would be in each of them, with the same outputs.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use crate::base::names::{EnvironmentName, OutputName};

/// The evidence of one environment for a service.
#[derive(Debug)]
pub struct Vote<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// Its evidence.
    pub evidence: &'a mut Evidence,
    /// The outputs that a skip would pass on.
    pub outputs: Option<&'a BTreeMap<OutputName, String>>,
}

/// Makes the environments agree about one service.
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
