//! The ticket: what `decide` saw, kept for the `record` or `stage` of the same build (R11).
//!
//! By the time of `record` the build has written into the source, so only the state at the time of the decision counts.
//! A ticket belongs to one build, and each entry to one store, source and map. The first decision of a build remains
//! valid until it is recorded.

use std::collections::BTreeMap;
use std::collections::btree_map::IntoValues;

use serde::{Deserialize, Serialize, Serializer};

use super::inputs::CurrentInputs;
use super::mark::{AttemptId, Build, Deploy, Home, Release, Rest, Reused, ShadowBasis};
use super::policy::Caller;
use super::reason::Reason;
use super::refusal::Refusal;
use crate::base::fingerprint::Fingerprint;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};
use crate::source::extras::Extras;

/// The version of the format.
pub const TICKET_SCHEMA: u32 = 2;

/// The decisions of one build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    schema: u32,
    /// The build that it belongs to; without one it holds a single call of `decide`.
    pub build: Option<String>,
    /// One entry for each service, environment and store.
    pub entries: TicketEntries,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The entries of a ticket; a list in its file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(from = "Vec<TicketEntry>")]
pub struct TicketEntries(BTreeMap<(Key, String), TicketEntry>);

impl TicketEntries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, mutable. Its key and its store do not change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut TicketEntry> {
        self.0.values_mut()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &TicketEntry> {
        self.0.values()
    }
}

impl IntoIterator for TicketEntries {
    type Item = TicketEntry;
    type IntoIter = IntoValues<(Key, String), TicketEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
    }
}

impl Serialize for TicketEntries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl From<Vec<TicketEntry>> for TicketEntries {
    fn from(entries: Vec<TicketEntry>) -> Self {
        Self(entries.into_iter().map(placed).collect())
    }
}

/// An entry with its place in the ticket.
fn placed(entry: TicketEntry) -> ((Key, String), TicketEntry) {
    ((entry.key.clone(), entry.store.clone()), entry)
}

/// The decision about one service in one environment of one store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketEntry {
    /// The mark's key.
    pub key: Key,
    /// The store.
    pub store: String,
    /// The source.
    pub source: String,
    /// The digest of the map.
    pub map: Option<Fingerprint>,
    /// The attempt that was opened; for a skip, the id that it would have had.
    pub attempt: AttemptId,
    /// The reason.
    pub reason: Reason,
    /// The sentence that was printed about it.
    pub detail: String,
    /// What `decide` saw.
    pub inputs: CurrentInputs,
    /// The revision label of the source.
    pub revision: Option<String>,
    /// The build that decided.
    pub build: Build,
    /// `--extra`, so that later commands can be checked against the same values.
    pub extras: Extras,
    /// Who deploys.
    pub home: Option<Home>,
    /// How many seconds the build may run.
    pub build_timeout_seconds: u64,
    /// How many seconds an action of an abandoned deploy stage may still have an effect.
    pub deploy_timeout_seconds: u64,
    /// For a skip: the deploy that it relies on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Deploy>,
    /// Another environment's deploy that is deployed without building.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<ReusedRelease>,
    /// In shadow: what a skip would have passed on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shadow: Option<ShadowBasis>,
    /// Whether the attempt could not be written.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// The other services that its deploy redeploys as they are recorded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pins: Vec<Pin>,
    /// The other services that its deploy redeploys and that the same call builds.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub built_along: Vec<ServiceName>,
    /// The services that have a mark here but are not in the map.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub orphans: Vec<Orphan>,
    /// Whether the orphans could not be determined.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub orphans_unknown: bool,
    /// The outputs that the map declares and the shapes of their values, as `decide` saw them: `promote` has no map.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub declared: BTreeMap<OutputName, String>,
    /// The outputs that it was staged with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub outputs: BTreeMap<OutputName, String>,
    /// The candidates that wait for its deploy stages, in every mark that these stages touch.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub candidates: Vec<StagedCandidate>,
    /// Whether its build reported a failure, even one that the store did not take, or may have failed: `run` has started
    /// and not finished.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub failed: bool,
    /// How it was closed, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub closed: Option<Closed>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// Another environment's deploy that is deployed here without building.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReusedRelease {
    /// The deploy that it comes from.
    pub origin: Reused,
    /// What was deployed there.
    pub release: Release,
}

/// A redeploy of another service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The other service.
    pub service: ServiceName,
    /// The attempt that was opened there; after a skip, the id that it would have had.
    pub attempt: AttemptId,
    /// Whether `decide` should have opened an attempt but could not: the store refused.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
    /// What is redeployed; `None` if unknown.
    pub deploy: Option<Deploy>,
}

/// A service that has a mark but is not in the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// Its name.
    pub service: ServiceName,
    /// Whether its mark should have an attempt that lasts but does not: the store refused.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unwritten: bool,
}

/// A staged candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedCandidate {
    /// The service whose mark it is in.
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

    /// Whether another decision of the same build is bound to it.
    pub fn stands(&self) -> bool {
        matches!(self.closed, None | Some(Closed::Staged))
    }

    /// Whether another decision of the same build is about the inputs that this one saw. A skip is about those of its time, unless
    /// its deploy stage has been handed what it stands on.
    pub fn inputs_stand(&self) -> bool {
        self.stands() && (!self.skips() || self.closed.is_some())
    }

    /// Checks that it was decided with the same source and map, and with the extras that are given, if any.
    pub(super) fn binds(&self, caller: &Caller) -> Result<(), Refusal> {
        if self.source != caller.source {
            return Err(Refusal::OtherSource(self.key.clone(), self.source.clone()));
        }
        if self.map != caller.map {
            return Err(Refusal::OtherMap(self.key.clone()));
        }
        if caller.extras.as_ref().is_some_and(|given| *given != self.extras) {
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
    /// An empty ticket for a build.
    pub fn new(build: Option<&str>) -> Self {
        Self {
            schema: TICKET_SCHEMA,
            build: build.map(str::to_owned),
            entries: TicketEntries::default(),
            rest: Rest::new(),
        }
    }

    /// Removes entries that do not bind this call of `decide`, before anything can fail: those of another build, and
    /// those that were recorded or failed. Without a build, every entry comes from another call.
    pub fn strike(&mut self, build: Option<&str>) {
        if build.is_none() || self.build.as_deref() != build {
            self.build = build.map(str::to_owned);
            self.entries.0.clear();
        }
        self.entries.0.retain(|_, entry| entry.stands());
    }

    /// The decision about a service in a store.
    pub fn entry(&self, store: &str, key: &Key) -> Option<&TicketEntry> {
        self.entries.0.get(&(key.clone(), store.to_owned()))
    }

    /// The same, mutable.
    pub fn entry_mut(&mut self, store: &str, key: &Key) -> Option<&mut TicketEntry> {
        self.entries.0.get_mut(&(key.clone(), store.to_owned()))
    }

    /// Adds entries, replacing earlier ones for the same service, environment and store.
    pub fn put(&mut self, entries: impl IntoIterator<Item = TicketEntry>) {
        self.entries.0.extend(entries.into_iter().map(placed));
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// None known: every key is a string.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Decodes the bytes of its file.
    ///
    /// # Errors
    /// It is not a ticket, or has another version; the text says which.
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
