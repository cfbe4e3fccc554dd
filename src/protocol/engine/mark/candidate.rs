//! A candidate's own item, beside the mark: what a stage will deploy to one service, kept for rollbacks months later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptId, Home, Lane, Release, Rest, Reused, ShadowBasis};
use crate::base::names::{OutputName, ServiceName};

/// The run that a `promote` finishes. It is stored before the mark is written, so that a second delivery does not
/// change anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promoted {
    /// The run; `None` if there was none in the list.
    pub run: Option<AttemptId>,
    /// The serial of the following write of the mark.
    pub serial: u64,
    /// The call that made the choice.
    pub by: AttemptId,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The first begin of a candidate. It is stored after the mark was written: if that write failed, nothing has begun,
/// and a candidate that no longer waits is still refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// When it began: the store's time, if known.
    pub at: Timestamp,
    /// The run.
    pub by: AttemptId,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What a deploy stage receives. It is stored before the mark that refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The version of this format.
    pub schema: u32,
    /// Its id.
    pub id: AttemptId,
    /// The attempt that was decided.
    pub decided: AttemptId,
    /// The deploy stage's name.
    pub stage: String,
    /// The deploy stage, if its executions take turns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<Lane>,
    /// The mark's serial when it was staged: its place among the candidates of its lane.
    pub place: u64,
    /// When it was staged: the store's time, if known.
    pub staged_at: Timestamp,
    /// Its first begin: from then on it may begin again, whether it waits or not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub began: Option<Began>,
    /// The runs that were chosen to be finished, keyed by the job that promoted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub promoted: BTreeMap<String, Promoted>,
    /// Whether it was staged before it was built: then each run is an artifact of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub staged_before_built: bool,
    /// Whether `decide` could not write its attempt, so that it was not announced at that time.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// The artifact that it deploys, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<AttemptId>,
    /// The home that deploys, as decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// How many seconds the build may run.
    pub build_timeout_seconds: u64,
    /// How many seconds an action of an abandoned deploy stage may still have an effect.
    pub deploy_timeout_seconds: u64,
    /// For a pin: the service whose deploy redeploys this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned_by: Option<ServiceName>,
    /// What else its deploy touches: the other services and their candidates.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub touches: BTreeMap<ServiceName, AttemptId>,
    /// The reason of the decision, as its word. A pin does not have one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// For a reused deploy: the deploy that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<Reused>,
    /// In shadow: what a skip would have passed on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shadow: Option<ShadowBasis>,
    /// The outputs that the map declares and the shapes of their values: `promote` has no map. A pin and a skip, which
    /// are deployed as they are recorded, have none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub declared: BTreeMap<OutputName, String>,
    /// What it deploys.
    #[serde(flatten)]
    pub release: Release,
}

impl Candidate {
    /// The id of the deploy that a `promote` by `job` records: the id of the chosen run, or a new one if none was in
    /// the list. `None` if nothing has been chosen yet.
    pub fn finished_as(&self, job: &str) -> Option<AttemptId> {
        let chosen = self.promoted.get(job)?;
        Some(chosen.run.clone().unwrap_or_else(|| self.unlisted(job)))
    }

    /// Whether what it deploys is unknown, so that a `promote` leaves doubt and not a deploy.
    pub fn is_placeholder(&self) -> bool {
        self.pinned_by.is_some() && self.release.content.is_none()
    }

    /// The id of a deploy by `job` without a run in the list.
    pub(super) fn unlisted(&self, job: &str) -> AttemptId {
        self.id.derive(&["deploy", job])
    }
}
