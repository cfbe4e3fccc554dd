//! What is deployed, and by whom: the parts of a mark that tell people, and the evidence that decides.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::home::{Home, Lane, Rest};
use super::ids::AttemptId;
use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::names::{EnvironmentName, OutputName};

/// Who builds: shown to people, and compared by `same-execution`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The build's id: `CODEBUILD_BUILD_ID`, or what another CI calls it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// Where a person finds it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The pipeline execution, which only the pipeline can tell (`--execution`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub execution: Option<String>,
    /// Who started it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What a source could not show, so that a record made from it does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unseen {
    /// File modes: a zip loses them.
    Modes,
    /// The targets of links: a zip has the link's text.
    Links,
    /// Submodules.
    Submodules,
}

impl Unseen {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Modes => "file modes",
            Self::Links => "link targets",
            Self::Submodules => "submodules",
        }
    }
}

/// What an attempt deploys: the inputs as `decide` saw them, and what was made of them. The default is what nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The inputs; `None` where they are not known, which equals nothing.
    pub content: Option<Content>,
    /// How many inputs there are.
    pub inputs: usize,
    /// The rules that selected them.
    pub rules: Option<Fingerprint>,
    /// Names the stored inputs themselves.
    pub snapshot: Option<String>,
    /// Label of the source.
    pub revision: Option<String>,
    /// Patterns of the rules that matched something; a pattern that stops matching builds.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub matched: BTreeSet<String>,
    /// What the source could not show.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unseen: BTreeSet<Unseen>,
    /// `NAME=VALUE` pairs, handed back when a later build is skipped.
    #[serde(default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// Who built it.
    #[serde(default)]
    pub build: Build,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// Another environment's deploy that was deployed here without building.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reused {
    /// The environment.
    pub environment: EnvironmentName,
    /// The deploy there.
    pub deploy: AttemptId,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A recorded deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// The attempt, or the run of a candidate, that finished.
    pub id: AttemptId,
    /// The build that made what is deployed. `None` equals nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<AttemptId>,
    /// The mark's serial when it was recorded.
    #[serde(default)]
    pub ended: u64,
    /// Who deployed it; `None` where that is unknown, which equals nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// Its deploy stage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<Lane>,
    /// Its place among the candidates of that stage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<u64>,
    /// The candidate that was promoted, in two-step recording.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// When it was recorded: the store's time, where it is known.
    pub recorded_at: Timestamp,
    /// How many seconds passed between its opening (two-step: its begin) and its record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u64>,
    /// Of a reused deploy: where it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<Reused>,
    /// What was deployed.
    #[serde(flatten)]
    pub release: Release,
}

/// A person's word that something else is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}
