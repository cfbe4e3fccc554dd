//! What a decision says, as values: the model that every output format prints.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::BString;
use jiff::Timestamp;

use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::SourceKind;

/// Why a service is built or skipped. In the order in which they are tried: the first that holds is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// `--force` or `SHIPMARK_FORCE`.
    Forced,
    /// The rules select no file.
    NoInputs,
    /// An input could not be read, or changed while it was read.
    SourceUnreadable,
    /// The store could not be read, or the attempt could not be written.
    StateUnavailable,
    /// The mark is damaged, or was written by a newer version.
    StateUnreadable,
    /// No deploy is recorded.
    NeverDeployed,
    /// The mark of the environment `default` was made by another pipeline.
    OtherPipeline,
    /// Recorded by this very execution, which is being retried.
    SameExecution,
    /// Something else may have been deployed since.
    Uncertain,
    /// The inputs differ from those last deployed.
    Changed,
    /// Another attempt may have left something else.
    DeployPending,
    /// A required output is not recorded or has another shape.
    OutputMissing,
    /// The deploy is older than `max_skip_age`.
    SkipTooOld,
    /// Nothing differs: the only reason to skip.
    Unchanged,
}

impl Reason {
    /// All reasons in the order in which they are tried.
    pub const ALL: [Self; 14] = [
        Self::Forced,
        Self::NoInputs,
        Self::SourceUnreadable,
        Self::StateUnavailable,
        Self::StateUnreadable,
        Self::NeverDeployed,
        Self::OtherPipeline,
        Self::SameExecution,
        Self::Uncertain,
        Self::Changed,
        Self::DeployPending,
        Self::OutputMissing,
        Self::SkipTooOld,
        Self::Unchanged,
    ];

    /// The stable word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forced => "forced",
            Self::NoInputs => "no-inputs",
            Self::SourceUnreadable => "source-unreadable",
            Self::StateUnavailable => "state-unavailable",
            Self::StateUnreadable => "state-unreadable",
            Self::NeverDeployed => "never-deployed",
            Self::OtherPipeline => "other-pipeline",
            Self::SameExecution => "same-execution",
            Self::Uncertain => "uncertain",
            Self::Changed => "changed",
            Self::DeployPending => "deploy-pending",
            Self::OutputMissing => "output-missing",
            Self::SkipTooOld => "skip-too-old",
            Self::Unchanged => "unchanged",
        }
    }

    /// Whether `--strict` refuses it: something could not be read.
    pub fn is_doubt(self) -> bool {
        matches!(self, Self::SourceUnreadable | Self::StateUnavailable | Self::StateUnreadable)
    }
}

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
