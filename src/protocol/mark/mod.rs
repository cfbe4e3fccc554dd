//! The mark: what was last deployed of one service in one environment, and what else may have been since.
//!
//! The types are here; [`transitions`] holds every transition (pure), [`log`] what was deployed before, [`stored`] the form in the store.

mod compaction;
mod imported;
pub mod transitions;
pub mod log;
pub mod stored;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::names::{OutputName, ServiceName};
pub use crate::protocol::engine::mark::AttemptId;

/// Who builds: shown to people, and compared by `other-pipeline`, `same-execution` and the stage lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// `CODEBUILD_BUILD_ID`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// `CODEBUILD_INITIATOR`: `codepipeline/NAME` in a pipeline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub initiator: Option<String>,
    /// The pipeline execution, which only the pipeline can tell (`--execution`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub execution: Option<String>,
}

impl Build {
    /// The pipeline, where one started the build; `None` equals nothing.
    pub fn pipeline(&self) -> Option<&str> {
        self.initiator.as_deref().filter(|initiator| initiator.starts_with("codepipeline/"))
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
    /// Whatever named the source.
    pub revision: Option<String>,
    /// `NAME=VALUE` pairs, handed back when a later build is skipped.
    #[serde(default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// Who built it.
    #[serde(default)]
    pub build: Build,
}

/// A recorded deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploy {
    /// The attempt that finished.
    pub id: AttemptId,
    /// The candidate that was promoted, in two-step recording.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// When it was recorded, by the recorder's clock.
    pub recorded_at: Timestamp,
    /// What was deployed.
    #[serde(flatten)]
    pub release: Release,
}

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// `decide` said build; it builds, and in one-step recording also deploys.
    Building,
    /// Built and staged: a candidate that waits for its deploy stage. It has not ended.
    Pending,
    /// Its deploy stage has begun.
    Deploying,
    /// It failed, was overtaken in its stage, or its build has outlived its timeout: something may be deployed of it.
    Failed,
}

/// One try to build and deploy. The serials order events without a clock: every write of a mark raises its serial by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id. A candidate that is deployed twice (a rollback) is two attempts.
    pub id: AttemptId,
    /// How far it is.
    pub state: State,
    /// What it deploys; `None` where that is not known.
    pub content: Option<Content>,
    /// The pipeline that it runs in, where it runs in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pipeline: Option<String>,
    /// The build, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build: Option<String>,
    /// The revision, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<String>,
    /// When it was opened, by its own clock.
    pub opened_at: Timestamp,
    /// How many seconds its build may live.
    pub timeout_seconds: u64,
    /// The mark's serial when it was opened, or when its deploy stage began: what had ended by then is behind it.
    pub opened: u64,
    /// The mark's serial when it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended: Option<u64>,
    /// The mark's serial when it was staged: its place among the candidates of its pipeline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staged: Option<u64>,
    /// The candidate that is pending or deploying.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// A skip's candidate: the deploy that the skip stands on, and that its stage will make again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repeats: Option<AttemptId>,
    /// A deploy of other or unknown content was recorded since it was opened.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub overtaken: bool,
    /// The service whose deploy deploys this one again (`redeploys`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned_by: Option<ServiceName>,
    /// How many attempts it stands for, where the list was full.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stands_for: Option<u32>,
    /// What a newer version has added; kept as it is.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, serde_json::Value>,
}

impl Attempt {
    /// Whether something of it may still be deployed.
    pub fn alive(&self) -> bool {
        self.state != State::Failed
    }

    /// When a build of its age is surely dead.
    pub fn deadline(&self) -> Timestamp {
        let timeout = SignedDuration::from_secs(i64::try_from(self.timeout_seconds).unwrap_or(i64::MAX));
        self.opened_at.checked_add(timeout).unwrap_or(Timestamp::MAX)
    }
}

/// A human's word that something else is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// The stored state of one service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Raised by one with every write. A new mark starts at the milliseconds since 1970, so that no serial of a mark that
    /// was removed before ever fits it.
    pub serial: u64,
    /// Whether the last deploy is surely what is live.
    pub certain: bool,
    /// The attempts that may have touched the service since, oldest first.
    pub attempts: Vec<Attempt>,
    /// The last deploy.
    pub deployed: Option<Deploy>,
    /// The deploys before that one, newest first (see [`Mark::deploys`]).
    pub log: Vec<log::Logged>,
    /// Set until the next deploy is recorded.
    pub taint: Option<Taint>,
    /// Why the mark is uncertain, for people.
    pub doubt: Option<String>,
    /// The whole stored mark, where a newer version wrote it: only the envelope (serial, certain, attempts) is ours.
    pub newer: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Mark {
    /// The recorded outputs, whether certain or not.
    pub fn outputs(&self) -> Option<&BTreeMap<OutputName, String>> {
        self.deployed.as_ref().map(|deploy| &deploy.release.outputs)
    }
}

/// A built and staged deploy, kept so that its deploy stage can record it, also on a rollback months later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Version of this form.
    pub schema: u32,
    /// Its id: that of the attempt that built it.
    pub id: AttemptId,
    /// Its place among the candidates (see [`Attempt::staged`]).
    pub staged: u64,
    /// When it was staged.
    pub staged_at: Timestamp,
    /// How many seconds its build may live.
    pub timeout_seconds: u64,
    /// The service whose deploy deploys this one again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned_by: Option<ServiceName>,
    /// The services that its deploy deploys again; their candidates have the same id.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub redeploys: Vec<ServiceName>,
    /// What it deploys.
    #[serde(flatten)]
    pub release: Release,
}
