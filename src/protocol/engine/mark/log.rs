//! The log: the deploys before the last one, kept in the mark to show people what was deployed. It is not used to
//! decide.
//!
//! The last deploy is in the mark itself; the write that records the next one moves it here. So the log cannot
//! contradict the mark or lose an entry to a race, and it contains each recorded deploy once, in the order of the
//! writes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AttemptId, Build, Home, Mark, Rest, Taint};
use crate::base::names::OutputName;

/// How many deploys a mark shows, including the last one.
pub const MOST_DEPLOYS: usize = 20;

/// The maximum size of the log in bytes of compact JSON (a quarter more as it is stored, indented), so that a mark
/// stays small: DynamoDB charges a write unit per 1 KB, and a read unit per 4 KB (see `docs/stores.md`).
const MOST_BYTES: usize = 8 * 1024;

/// A recorded deploy, as it was known when the next one was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// The attempt that finished.
    pub id: AttemptId,
    /// The candidate that was promoted, in two-step recording.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// When it was recorded: the store's time, if known.
    pub recorded_at: Timestamp,
    /// Whether it was certainly live until the next one.
    pub certain: bool,
    /// Why it was not certain, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doubt: Option<String>,
    /// The last statement of a person that something else was deployed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taint: Option<Taint>,
    /// How many seconds the deploy took.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u64>,
    /// The home that deployed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// The revision label of the source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<String>,
    /// The build that built it.
    #[serde(default)]
    pub build: Build,
    /// The outputs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// Fields that a newer version has added, kept unchanged.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Mark {
    /// The known recorded deploys, newest first.
    pub fn deploys(&self) -> Vec<Logged> {
        self.last().into_iter().chain(self.log.iter().cloned()).collect()
    }

    /// The last deploy as a log entry.
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

    /// Moves the last deploy into the log: another one is about to replace it.
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
