//! The ticket: what `decide` saw, kept for the `record` or `stage` of the same build (R11).
//!
//! By the time of `record` the build has written into the source, so what counts is what was there when it was decided. A ticket
//! belongs to one build, and each entry to one store, source and map. The first decision of a build stands until it is recorded.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inputs::CurrentInputs;
use super::mark::{AttemptId, Build, Deploy, Home, Release, Rest, Reused, ShadowBasis};
use super::policy::Caller;
use super::reason::Reason;
use super::refusal::Refusal;
use crate::base::fingerprint::Fingerprint;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::source::extras::Extras;

/// The version of the form.
pub const TICKET_SCHEMA: u32 = 2;

/// What was decided in one build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    schema: u32,
    /// The build that it belongs to; without one it holds a single call of `decide`.
    pub build: Option<String>,
    /// One entry for each service, environment and store.
    pub entries: Vec<TicketEntry>,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// What was decided of one service in one environment of one store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketEntry {
    /// Whose mark.
    pub key: Key,
    /// The store.
    pub store: String,
    /// The source.
    pub source: String,
    /// The digest of the map.
    pub map: Option<Fingerprint>,
    /// The attempt that was opened; of a skip the id that it would have.
    pub attempt: AttemptId,
    /// The reason.
    pub reason: Reason,
    /// The sentence that was said about it.
    pub detail: String,
    /// What `decide` saw.
    pub inputs: CurrentInputs,
    /// Label of the source.
    pub revision: Option<String>,
    /// Who decided.
    pub build: Build,
    /// `--extra`, so that later commands can be held to the same.
    pub extras: Extras,
    /// Who deploys.
    pub home: Option<Home>,
    /// How many seconds the build may live.
    pub build_timeout_seconds: u64,
    /// How many seconds an action of an abandoned deploy stage may still act.
    pub deploy_timeout_seconds: u64,
    /// Of a skip: the deploy that it stands on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Deploy>,
    /// Another environment's deploy that is deployed without building.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<ReusedRelease>,
    /// In shadow: what a skip would have handed on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shadow: Option<ShadowBasis>,
    /// Whether the attempt could not be written.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// The other services that its deploy deploys again as they are recorded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pins: Vec<Pin>,
    /// The other services that its deploy deploys again and that the same call builds.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub built_along: Vec<ServiceName>,
    /// The services that have a mark here and that the map lacks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub orphans: Vec<Orphan>,
    /// Whether the orphans could not be found out.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub orphans_unknown: bool,
    /// The outputs that it was staged with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// The candidates that wait for its deploy stages, in every mark that these touch.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub candidates: Vec<StagedCandidate>,
    /// What has become of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closed: Option<Closed>,
    /// What a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// Another environment's deploy that is deployed here without building.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReusedRelease {
    /// Where it comes from.
    pub origin: Reused,
    /// What it was there.
    pub release: Release,
}

/// Another service's deploy that is made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The other service.
    pub service: ServiceName,
    /// The attempt that was opened there; after a skip the id that it would have.
    pub attempt: AttemptId,
    /// Whether `decide` opened no attempt although it should have: the store refused.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// What is deployed again; `None` where nobody knows.
    pub deploy: Option<Deploy>,
}

/// A service that has a mark and is not in the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// Its name.
    pub service: ServiceName,
    /// Whether its mark holds no attempt that lasts, although it should: the store refused.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
}

/// A candidate that was staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedCandidate {
    /// In whose mark.
    pub service: ServiceName,
    /// The name of its deploy stage there.
    pub stage: String,
    /// Its id.
    pub id: AttemptId,
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

impl TicketEntry {
    /// Whether the decision was to skip.
    pub fn skips(&self) -> bool {
        self.reason.skips()
    }

    /// Whether a further decision of the same build is bound to it.
    pub fn stands(&self) -> bool {
        matches!(self.closed, None | Some(Closed::Staged))
    }

    /// Whether it was decided with the same source, map and extras.
    pub(super) fn binds(&self, caller: &Caller) -> Result<(), Refusal> {
        if self.source != caller.source {
            return Err(Refusal::OtherSource(self.key.clone(), self.source.clone()));
        }
        if self.map != caller.map {
            return Err(Refusal::OtherMap(self.key.clone()));
        }
        if self.extras != caller.extras {
            return Err(Refusal::ExtrasDiffer(self.key.clone()));
        }
        Ok(())
    }

    /// The key of another service in the same environment.
    pub fn key_of(&self, service: &ServiceName) -> Key {
        Key { service: service.clone(), ..self.key.clone() }
    }

    /// The marks that its deploy touches besides its own.
    pub fn others(&self) -> impl Iterator<Item = Key> {
        let pins = self.pins.iter().map(|pin| &pin.service).chain(&self.built_along);
        pins.chain(self.orphans.iter().map(|orphan| &orphan.service)).map(|service| self.key_of(service))
    }
}

impl Ticket {
    /// An empty ticket of a build.
    pub fn new(build: Option<&str>) -> Self {
        Self { schema: TICKET_SCHEMA, build: build.map(str::to_owned), entries: Vec::new(), rest: Rest::new() }
    }

    /// Strikes what does not bind this call of `decide`, before anything can fail: entries of another build, and those that were
    /// recorded or failed. Without a build everything is another call's.
    pub fn strike(&mut self, build: Option<&str>) {
        if build.is_none() || self.build.as_deref() != build {
            self.build = build.map(str::to_owned);
            self.entries.clear();
        }
        self.entries.retain(TicketEntry::stands);
    }

    /// What was decided of a service in a store.
    pub fn entry(&self, store: &str, key: &Key) -> Option<&TicketEntry> {
        self.entries.iter().find(|entry| entry.key == *key && entry.store == store)
    }

    /// The same, to be changed.
    pub fn entry_mut(&mut self, store: &str, key: &Key) -> Option<&mut TicketEntry> {
        self.entries.iter_mut().find(|entry| entry.key == *key && entry.store == store)
    }

    /// Puts an entry in the place of an earlier one.
    pub fn put(&mut self, entry: TicketEntry) {
        match self.entry_mut(&entry.store.clone(), &entry.key) {
            Some(other) => *other = entry,
            None => self.entries.push(entry),
        }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// None that is known: every key is a string.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads the bytes of its file.
    ///
    /// # Errors
    /// It is not a ticket, or another version's; the text says which.
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            schema: u32,
        }
        let Head { schema } = serde_json::from_slice(bytes).map_err(|cause| cause.to_string())?;
        if schema != TICKET_SCHEMA {
            return Err(format!("its version is {schema}, and this shipmark knows {TICKET_SCHEMA}"));
        }
        serde_json::from_slice(bytes).map_err(|cause| cause.to_string())
    }
}
