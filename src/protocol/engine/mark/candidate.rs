//! A candidate's own item, beside the mark: what a stage will deploy to one service, kept for rollbacks months later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptId, Home, Lane, Release, Rest, Reused, ShadowBasis};
use crate::base::names::ServiceName;

/// Which run a `promote` finishes. It is stored before the mark is written, so that a second delivery changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// The run; `None` where none was in the list.
    pub run: Option<AttemptId>,
    /// The serial of the mark's write that follows.
    pub serial: u64,
    /// The call that chose.
    pub by: AttemptId,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The first begin of a candidate. It is stored after the mark was written: where that failed, nothing has begun, and a candidate that
/// waits no longer is still refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// When: the store's time, where it is known.
    pub at: Timestamp,
    /// The run.
    pub by: AttemptId,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What a deploy stage is handed. It is stored before the mark that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Version of this form.
    pub schema: u32,
    /// Its id.
    pub id: AttemptId,
    /// The attempt that was decided.
    pub decided: AttemptId,
    /// The deploy stage's name.
    pub stage: String,
    /// The deploy stage, where its executions take turns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<Lane>,
    /// The mark's serial when it was staged: its place among the candidates of its lane.
    pub place: u64,
    /// When it was staged: the store's time, where it is known.
    pub staged_at: Timestamp,
    /// Its first begin: from then on it may begin again, whether it waits or not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub began: Option<Began>,
    /// The runs that were chosen to be finished, by the job that promoted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub promoted: BTreeMap<String, Promoted>,
    /// Whether it was staged before it was built: then each run is an artifact of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub staged_before_built: bool,
    /// Whether `decide` could not write its attempt, so that nobody was warned of it then.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// The artifact that it deploys, where it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<AttemptId>,
    /// Who deploys, as it was decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// How many seconds the build may live.
    pub build_timeout_seconds: u64,
    /// How many seconds an action of an abandoned deploy stage may still act.
    pub deploy_timeout_seconds: u64,
    /// Of a pin: the service whose deploy deploys this one again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned_by: Option<ServiceName>,
    /// What its deploy touches besides: the other services and their candidates.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub touches: BTreeMap<ServiceName, AttemptId>,
    /// The reason of the decision, as its word. A pin has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Of a reused deploy: where it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<Reused>,
    /// In shadow: what a skip would have handed on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shadow: Option<ShadowBasis>,
    /// What it deploys.
    #[serde(flatten)]
    pub release: Release,
}

impl Candidate {
    /// The id of the deploy that a `promote` by `job` records: that of the run that was chosen, or one of its own where none was in the
    /// list. `None` where nothing was chosen yet.
    pub fn finished_as(&self, job: &str) -> Option<AttemptId> {
        let chosen = self.promoted.get(job)?;
        Some(chosen.run.clone().unwrap_or_else(|| self.unlisted(job)))
    }

    /// The id of a deploy by `job` of which no run is in the list.
    pub(super) fn unlisted(&self, job: &str) -> AttemptId {
        self.id.derive(&["deploy", job])
    }
}
