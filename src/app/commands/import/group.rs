//! Imports one service into a store: snapshots first, then candidates, then the mark that makes them count.

use serde_json::{Map, Value};

use crate::app::commands::context::{keep_candidate, write};
use crate::app::commands::recording::not_recorded;
use crate::app::settings::now;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::protocol::mark::stored::{Damaged, decode_candidate, decode_mark, encode_candidate};
use crate::protocol::mark::{AttemptId, Mark};
use crate::source::snapshot::{Snapshot, SnapshotError};
use crate::store::{Store, StoreError, Version, WriteError};

/// Why a line was not imported.
pub(super) enum Refusal {
    /// The service's own data is at fault; others may still be imported.
    Service(Failure),
    /// The store does not answer, so nothing else can be imported.
    Store(Failure),
}

/// A service whose lines are being read.
pub(super) struct ImportGroup {
    pub(super) key: Key,
    /// Whether any part of it was refused, and therefore all of it.
    pub(super) refused: bool,
    /// The existing mark, which is to be replaced.
    replaced: Option<Mark>,
    version: Option<Version>,
    candidates: Vec<(AttemptId, Vec<u8>)>,
}

impl ImportGroup {
    /// Checks for an existing mark; without `replace` there must not be one.
    pub(super) fn open(store: &Store, key: Key, replace: bool) -> Result<Self, Refusal> {
        let stored = store.read_mark(&key)?;
        if stored.is_some() && !replace {
            let failure = Failure::other("it has a mark already, which is not overwritten");
            return Err(Refusal::Service(failure.hint("--replace overwrites it")));
        }
        // An unreadable mark has no attempts to keep as doubt, and may be what the import is meant to repair.
        let replaced = stored.as_ref().and_then(|stored| decode_mark(&key, &stored.bytes).ok());
        let version = stored.map(|stored| stored.version);
        Ok(Self { refused: false, replaced, version, ..Self::refused(key) })
    }

    /// A service of which nothing is imported.
    pub(super) fn refused(key: Key) -> Self {
        Self { key, refused: true, replaced: None, version: None, candidates: Vec::new() }
    }

    /// A snapshot from a newer version is stored as it is, since its name matches.
    pub(super) fn snapshot(&self, store: &Store, hash: &str, bytes: &[u8]) -> Result<(), Refusal> {
        match Snapshot::decode(bytes, hash) {
            Err(damaged @ SnapshotError::Damaged(_)) => Err(Refusal::Service(Failure::other(damaged))),
            Ok(_) | Err(SnapshotError::Newer) => Ok(store.put_snapshot(&self.key, hash, bytes, now())?),
        }
    }

    /// Held back until the mark is known to be valid.
    pub(super) fn candidate(&mut self, stored: &Map<String, Value>) -> Result<(), Refusal> {
        let candidate = decode_candidate(&bytes(stored)?)?;
        if AttemptId::parse(candidate.id.as_str()).is_none() {
            let failure = Failure::other("the candidate's id is none: it has letters and digits only, 64 at most");
            return Err(Refusal::Service(failure));
        }
        let stored = encode_candidate(&candidate)?;
        self.candidates.push((candidate.id, stored));
        Ok(())
    }

    /// Writes the rest, the mark last. Returns the mark as it is now.
    pub(super) fn mark(&self, store: &Store, stored: &Map<String, Value>, trusted: bool) -> Result<Mark, Refusal> {
        let mark = decode_mark(&self.key, &bytes(stored)?)?;
        if !mark.is_in_order() {
            return Err(Refusal::Service(Failure::other("its attempts are later than the mark itself")));
        }
        for (id, candidate) in &self.candidates {
            keep_candidate(store, &self.key, id, candidate).map_err(|error| Refusal::Store(error.failure()))?;
        }
        let mark = mark.imported(self.replaced.as_ref(), trusted, now());
        match write(store, &self.key, &mark, self.version.as_ref()) {
            Ok(()) => Ok(mark),
            Err(WriteError::Store(error)) => Err(error.into()),
            Err(conflict @ WriteError::Conflict) => Err(Refusal::Service(
                Failure::other(conflict).hint("look at it with `shipmark status`, then run it again"),
            )),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(not_recorded(error))
    }
}

impl From<Damaged> for Refusal {
    fn from(damaged: Damaged) -> Self {
        Self::Service(Failure::other(damaged))
    }
}

fn bytes(stored: &Map<String, Value>) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(stored).map_err(|cause| Refusal::Service(Failure::other(cause)))
}
