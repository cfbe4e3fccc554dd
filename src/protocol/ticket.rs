//! The ticket: what `decide` saw, kept for the `record` or `stage` of the same build.
//!
//! By the time of `record` the build has written into the source, so what counts is what was there when it was decided. A
//! ticket belongs to one build; the first decision of a build stands until it is recorded.

use serde::{Deserialize, Serialize};

use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::protocol::mark::{AttemptId, Build, Release};
use crate::source::extras::Extras;

const SCHEMA: u32 = 1;

/// What was decided in one build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ticket {
    schema: u32,
    /// The build that it belongs to.
    pub build: Option<String>,
    /// One entry for each service and environment.
    pub entries: Vec<Entry>,
}

/// What was decided of one service in one environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Whose mark it is.
    pub key: Key,
    /// The attempt that was opened, or for a skip the id that its candidate will have.
    pub attempt: AttemptId,
    /// The word of the reason, which is `unchanged` for a skip.
    pub reason: String,
    /// What was said about it.
    pub detail: String,
    /// What `decide` saw; for a skip the deploy that the skip stands on.
    pub release: Release,
    /// A skip: the deploy that it stands on.
    pub repeats: Option<AttemptId>,
    /// `--extra`, so that `record` can be held to the same.
    pub extras: Extras,
    /// Who decided.
    pub build: Build,
    /// How many seconds the build may live.
    pub timeout_seconds: u64,
    /// The other services that the deploy of this one deploys again.
    pub pins: Vec<Pin>,
    /// What has become of it.
    pub closed: Option<Closed>,
}

/// Another service's deploy that is made again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pin {
    /// The other service.
    pub service: ServiceName,
    /// The attempt that was opened there, or for a skip the id that its candidate will have.
    pub attempt: AttemptId,
    /// Whether that attempt was opened; a skip opens nothing.
    pub opened: bool,
    /// Of a skip: the other's deploy that its deploy stage will make again.
    pub repeats: Option<AttemptId>,
    /// What is deployed again; `None` where nothing was ever recorded, so that nobody knows what that is.
    pub release: Option<Release>,
}

/// How an entry was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closed {
    /// Its deploy was recorded.
    Recorded,
    /// It is a candidate.
    Staged,
    /// Its build failed.
    Failed,
}

impl Entry {
    /// Whether the decision was to skip.
    pub fn skip(&self) -> bool {
        self.repeats.is_some()
    }

    /// Whether a further decision of the same build is bound to this one: until it is recorded, or its build has failed.
    pub fn stands(&self) -> bool {
        matches!(self.closed, None | Some(Closed::Staged))
    }
}

impl Ticket {
    /// An empty ticket of a build.
    pub fn new(build: Option<&str>) -> Self {
        Self { schema: SCHEMA, build: build.map(str::to_owned), entries: Vec::new() }
    }

    /// What was decided of a service, if anything.
    pub fn entry(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| &entry.key == key)
    }

    /// Puts an entry in the place of an earlier one.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => *other = entry,
            None => self.entries.push(entry),
        }
    }

    /// Reads what [`Ticket::encode`] wrote.
    ///
    /// # Errors
    /// Why it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        let ticket: Self = serde_json::from_slice(bytes).map_err(|cause| cause.to_string())?;
        match ticket.schema {
            SCHEMA => Ok(ticket),
            other => Err(format!("its version is {other}, and this shipmark knows {SCHEMA}")),
        }
    }

    /// The ticket as the bytes of a file.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}
