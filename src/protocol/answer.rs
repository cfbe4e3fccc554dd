//! The result of a decision as values: the model that every output format prints.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;
use jiff::Timestamp;

use crate::base::fingerprint::Fingerprint;
use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::SourceKind;

pub use super::engine::reason::Reason;

/// The deploy that a source was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The revision label of its source.
    pub revision: Option<String>,
    /// When it was recorded; `None` for a commit given with `--base`.
    pub recorded_at: Option<Timestamp>,
    /// Whether it is certain that nothing else was deployed since.
    pub certain: bool,
    /// The build that recorded it.
    pub build: Option<String>,
}

/// The answer for one service.
#[derive(Debug, Clone)]
pub struct ServiceAnswer {
    /// The service.
    pub service: ServiceName,
    /// The reason; the service is skipped only if it is [`Reason::Unchanged`].
    pub reason: Reason,
    /// One sentence for people.
    pub detail: String,
    /// What image tags and cache keys are made of; `None` if the content is unknown.
    pub fingerprint: Option<Fingerprint>,
    /// What it was compared with.
    pub baseline: Option<Baseline>,
    /// The differences, sorted bytewise by path; not truncated.
    pub changes: Vec<Change>,
    /// How many differences there are; `None` if unknown (a missing snapshot).
    pub changes_total: Option<usize>,
    /// Whether the rules differ from those of the last deploy.
    pub rules_changed: bool,
    /// Recorded outputs; only for a skipped or reused service.
    pub outputs: BTreeMap<OutputName, String>,
    /// The environment whose deploy is deployed here without building.
    pub reused: Option<EnvironmentName>,
    /// The outputs that the map declares: only these may be exported under their own name.
    pub declared: BTreeSet<OutputName>,
    /// Recorded outputs of the services that are redeployed with this one.
    pub redeploys: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// How many inputs it has; `None` if not all of them were read (`--base`).
    pub inputs: Option<usize>,
    /// The environment and the service whose list of attempts is full, if that is why it builds.
    pub full: Option<(EnvironmentName, ServiceName)>,
    /// The token for its deploy stage (`decide --stage`): a candidate, or a claim if it is skipped.
    pub candidate: Option<String>,
    /// More details, if requested.
    pub why: Option<Why>,
}

/// More details, for people who ask for them.
#[derive(Debug, Clone)]
pub struct Why {
    /// The origin of each change's rule, in the order of the changes; `None` if the map no longer has it.
    pub origins: Vec<Option<Origin>>,
    /// What else changed.
    pub since: Since,
}

/// The position of a rule, and how it applies to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file and line of the map.
    pub at: String,
    /// From the service to the one that owns the rule.
    pub chain: Vec<ServiceName>,
    /// How many services before the last one are left out of a very long chain.
    pub left_out: usize,
    /// The group that contains the rule, in the last service of the chain.
    pub group: Option<String>,
}

/// What changed in the source since the revision that a skipped service was deployed from.
#[derive(Debug, Clone)]
pub enum Since {
    /// It is not skipped: its own changes are enough.
    NotAsked,
    /// Unknown; the text says why.
    Unknown(String),
    /// These changes, sorted bytewise by path.
    Known(Arc<Vec<Elsewhere>>),
}

/// A changed path, and the services that it is an input of.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// The path.
    pub path: BString,
    /// How it differs.
    pub kind: ChangeKind,
    /// The services that it is an input of.
    pub services: Vec<ServiceName>,
}

impl ServiceAnswer {
    /// Whether the service does not need a build.
    pub fn skip(&self) -> bool {
        self.reason == Reason::Unchanged
    }

    /// What happens to the service, in a word for people.
    pub fn decision(&self) -> &'static str {
        match &self.reused {
            _ if self.skip() => "skip",
            Some(_) => "reuse",
            None => "build",
        }
    }
}

/// The answer for one environment.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The project.
    pub project: ProjectName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The address of the store that was read; `None` if none was.
    pub state: Option<String>,
    /// The revision label of the source.
    pub revision: Option<String>,
    /// The commit that it was compared with instead of the last deploy (`--base`).
    pub base: Option<String>,
    /// Where the source was read from.
    pub source: SourceKind,
    /// How many files were seen in it; when commits are compared, only those that differ.
    pub files: usize,
    /// The services in dependency order.
    pub services: Vec<ServiceAnswer>,
    /// Files that no service covers, sorted bytewise, not truncated; `None` if not requested.
    pub unowned: Option<Vec<BString>>,
}
