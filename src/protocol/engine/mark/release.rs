//! What is deployed, and by whom: the parts of a mark that inform people, and the evidence that decides.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::home::{Home, Lane, Rest};
use super::ids::AttemptId;
use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::names::{EnvironmentName, OutputName};

/// The build: shown to people, and compared for `same-execution`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The build's id: `CODEBUILD_BUILD_ID`, or its equivalent in another CI.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// Where a person can find it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// Its number among the builds of its project or workflow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// The pipeline execution, known only to the pipeline (`--execution`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub execution: Option<String>,
    /// Who started it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A build as a person can find it: `build 42 (api:4f0c…, https://…)`, `build api:4f0c… (https://…)`; `None` if it did not
/// name itself.
pub(super) fn build_text(number: Option<&str>, id: Option<&str>, url: Option<&str>) -> Option<String> {
    let (name, found) = match (number, id, url) {
        (Some(number), id, url) => (format!("build {number}"), [id, url]),
        (None, Some(id), url) => (format!("build {id}"), [url, None]),
        (None, None, Some(url)) => return Some(format!("the build at {url}")),
        (None, None, None) => return None,
    };
    let found: Vec<&str> = found.into_iter().flatten().collect();
    Some(if found.is_empty() { name } else { format!("{name} ({})", found.join(", ")) })
}

/// What a source could not show, so that a record made from it does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unseen {
    /// File modes: a zip loses them.
    Modes,
    /// The targets of links: a zip only has the link's text.
    Links,
    /// Submodules.
    Submodules,
}

impl Unseen {
    /// The word shown to people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Modes => "file modes",
            Self::Links => "link targets",
            Self::Submodules => "submodules",
        }
    }
}

/// What an attempt deploys: the inputs as `decide` saw them, and what was built from them. The default is an unknown
/// release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The inputs; `None` if they are unknown, which equals nothing.
    pub content: Option<Content>,
    /// How many inputs there are.
    pub inputs: usize,
    /// The digest of the rules that selected them.
    pub rules: Option<Fingerprint>,
    /// The name of the snapshot of the inputs.
    pub snapshot: Option<String>,
    /// The revision label of the source.
    pub revision: Option<String>,
    /// The patterns of the rules that matched something; if one stops matching, the service builds.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub matched: BTreeSet<String>,
    /// What the source could not show.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unseen: BTreeSet<Unseen>,
    /// `NAME=VALUE` pairs, returned when a later build is skipped.
    #[serde(default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// The build that built it.
    #[serde(default)]
    pub build: Build,
    /// Fields that a newer version has added.
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
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A recorded deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// The attempt, or the run of a candidate, that finished.
    pub id: AttemptId,
    /// The attempt that built what is deployed. `None` equals nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<AttemptId>,
    /// The mark's serial when it was recorded.
    #[serde(default)]
    pub ended: u64,
    /// The home that deployed it; `None` if unknown, which equals nothing.
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
    /// When it was recorded: the store's time, if known.
    pub recorded_at: Timestamp,
    /// The number of seconds from its opening (two-step: its begin) to its record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u64>,
    /// For a reused deploy: the deploy that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<Reused>,
    /// What was deployed.
    #[serde(flatten)]
    pub release: Release,
}

/// A person's statement that something else is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}
