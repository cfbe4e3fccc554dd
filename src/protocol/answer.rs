//! What a decision says, as values: the model that every output format prints.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::BString;
use jiff::Timestamp;

use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::SourceKind;

pub use super::engine::reason::Reason;

/// The deploy that a source was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// Whatever named its source.
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
    /// What it was compared with.
    pub baseline: Option<Baseline>,
    /// The differences, sorted bytewise by path; not cut.
    pub changes: Vec<Change>,
    /// How many differences there are; `None` where they cannot be told (a missing snapshot).
    pub changes_total: Option<usize>,
    /// Whether the rules differ from those of the last deploy.
    pub rules_changed: bool,
    /// Recorded outputs, of a skipped service only.
    pub outputs: BTreeMap<OutputName, String>,
    /// Recorded outputs of the services that deploying this one deploys again.
    pub redeploys: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// How many inputs it has; `None` where they were not all read (`--base`).
    pub inputs: Option<usize>,
    /// What its deploy stage is handed (`decide --stage`): a candidate, or a claim where it is skipped.
    pub candidate: Option<String>,
    /// More of the why, where that was asked for.
    pub why: Option<Why>,
}

/// More of the why, for people who ask for it.
#[derive(Debug, Clone)]
pub struct Why {
    /// Where the rule of each change stands, in the order of the changes; `None` where the map has it no more.
    pub origins: Vec<Option<Origin>>,
    /// What else changed.
    pub since: Since,
}

/// Where a rule stands, and through what it reaches a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file and line of the map.
    pub at: String,
    /// From the service to the one whose own rule it is.
    pub chain: Vec<ServiceName>,
    /// The group of the last one that it stands in.
    pub group: Option<String>,
}

/// What changed in the source since the revision that a skipped service was deployed from.
#[derive(Debug, Clone)]
pub enum Since {
    /// It is not skipped: its changes say all.
    NotAsked,
    /// Nobody can tell; the text says why.
    Unknown(String),
    /// These, sorted bytewise by path.
    Known(Arc<Vec<Elsewhere>>),
}

/// A changed path, and whose input it is.
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
    /// Whether the service needs no build.
    pub fn skip(&self) -> bool {
        self.reason == Reason::Unchanged
    }
}

/// The answer for one environment.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The project.
    pub project: ProjectName,
    /// The environment.
    pub environment: EnvironmentName,
    /// The address of the store that was asked; `None` where none was.
    pub state: Option<String>,
    /// Whatever names the source.
    pub revision: Option<String>,
    /// The commit that it was compared with instead of what is deployed (`--base`).
    pub base: Option<String>,
    /// Where the source was read from.
    pub source: SourceKind,
    /// How many files were seen in it; of a comparison of commits, only those that differ are.
    pub files: usize,
    /// The services in dependency order.
    pub services: Vec<ServiceAnswer>,
    /// Files that no service covers, sorted bytewise, not cut; `None` where they were not looked for.
    pub unowned: Option<Vec<BString>>,
}
