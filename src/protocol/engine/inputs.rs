//! The input of a decision: the inputs of one service in one environment, as values.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::mark::{Build, Release, Unseen};
use crate::base::fingerprint::{Content, Fingerprint};

/// The inputs of one service in one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentInputs {
    /// The content of the inputs; `None` if there are none or not all could be read.
    pub content: Option<Content>,
    /// How many there are.
    pub count: usize,
    /// Whether the rules select any files.
    pub selects: bool,
    /// Why the inputs are unknown, if something could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreadable: Option<String>,
    /// Environment variables that are inputs but are not set.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub env_missing: Vec<String>,
    /// The digest of the rules.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rules: Option<Fingerprint>,
    /// The hash of the snapshot of the inputs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub snapshot: Option<String>,
    /// The patterns that match something.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub matched: BTreeSet<String>,
    /// The patterns that match nothing.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unmatched: BTreeSet<String>,
    /// What the source cannot show.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unseen: BTreeSet<Unseen>,
}

impl CurrentInputs {
    /// What a build of these inputs will deploy, without outputs.
    pub fn release(&self, revision: Option<&str>, build: &Build) -> Release {
        Release {
            content: self.content,
            inputs: self.count,
            rules: self.rules,
            snapshot: self.snapshot.clone(),
            revision: revision.map(str::to_owned),
            matched: self.matched.clone(),
            unseen: self.unseen.clone(),
            build: build.clone(),
            ..Release::default()
        }
    }
}
