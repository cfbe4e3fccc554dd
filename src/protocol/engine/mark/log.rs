//! The log: the deploys before the last one, kept in the mark to tell people what was deployed. It never decides.
//!
//! The last deploy is in the mark itself; the write that records the next one moves it here. So the log cannot disagree with
//! the mark, loses no race, and holds each recorded deploy once, in the order of the writes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptId, Build, Home, Mark, Rest, Taint};
use crate::base::names::OutputName;

/// How many deploys a mark tells of, the last one included.
pub const MOST_DEPLOYS: usize = 20;

/// How many bytes the log may have in compact JSON (a quarter more as it is stored, indented), so that a mark stays small: a
/// write to DynamoDB costs a unit for each 1 KB, a read one for each 4 KB (see `docs/stores.md`).
const MOST_BYTES: usize = 8 * 1024;

/// A deploy that was recorded, as it was known when the next one was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// The attempt that finished.
    pub id: AttemptId,
    /// The candidate that was promoted, in two-step recording.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// When it was recorded: the store's time, where it is known.
    pub recorded_at: Timestamp,
    /// Whether it was surely what was live, until the next one.
    pub certain: bool,
    /// Why it was not, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doubt: Option<String>,
    /// The last word of a human that something else was deployed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taint: Option<Taint>,
    /// How many seconds the deploy took.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u64>,
    /// Who deployed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// Label of the source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<String>,
    /// Who built it.
    #[serde(default)]
    pub build: Build,
    /// What was made.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// What a newer version has added; kept as it is.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Mark {
    /// The recorded deploys that are known, newest first.
    pub fn deploys(&self) -> Vec<Logged> {
        self.last().into_iter().chain(self.log.iter().cloned()).collect()
    }

    /// The last deploy, as the log will tell of it.
    fn last(&self) -> Option<Logged> {
        self.deployed.as_ref().map(|deploy| Logged {
            id: deploy.id.clone(),
            candidate: deploy.candidate.clone(),
            recorded_at: deploy.recorded_at,
            seconds: deploy.seconds,
            home: deploy.home.clone(),
            certain: self.certain(),
            doubt: self.doubt_about().and_then(|attempt| attempt.doubt.clone()),
            taint: self.doubt_about().and_then(|attempt| attempt.taint.clone()),
            revision: deploy.release.revision.clone(),
            build: deploy.release.build.clone(),
            outputs: deploy.release.outputs.clone(),
            rest: Rest::new(),
        })
    }

    /// Moves the last deploy into the log: another one is about to take its place.
    pub(super) fn remember(&mut self) {
        let Some(last) = self.last() else { return };
        self.log.insert(0, last);
        let mut bytes = 0;
        let fits = |logged: &&Logged| {
            bytes += serde_json::to_string(logged).map_or(MOST_BYTES + 1, |text| text.len());
            bytes <= MOST_BYTES
        };
        let kept = self.log.iter().take(MOST_DEPLOYS - 1).take_while(fits).count();
        self.log.truncate(kept);
    }
}
