//! One service on its way into a store: snapshots first, then candidates, then the mark that makes them count.

use serde_json::{Map, Value};

use crate::app::commands::context::write;
use crate::app::commands::recording::not_recorded;
use crate::app::settings::now;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::protocol::mark::stored::{Damaged, decode_candidate, decode_mark, encode_candidate};
use crate::protocol::mark::{AttemptId, Mark};
use crate::source::snapshot::{Snapshot, SnapshotError};
use crate::store::{Store, StoreError, Version, WriteError};

/// Why a line was not taken in.
pub(super) enum Refusal {
    /// It is the service's own fault; others may still be imported.
    Service(Failure),
    /// The store does not answer, so nothing will be.
    Store(Failure),
}

/// A service whose lines are being read.
pub(super) struct ImportGroup {
    pub(super) key: Key,
    /// Something of it was refused, so all is.
    pub(super) refused: bool,
    /// The mark that stands there and is to be replaced.
    replaced: Option<Mark>,
    version: Option<Version>,
    candidates: Vec<(AttemptId, Vec<u8>)>,
}

impl ImportGroup {
    /// Looks at what stands there: without `replace` nothing may.
    pub(super) fn open(store: &Store, key: Key, replace: bool) -> Result<Self, Refusal> {
        let stored = store.read_mark(&key)?;
        if stored.is_some() && !replace {
            let failure = Failure::other("it has a mark already, which is not overwritten");
            return Err(Refusal::Service(failure.hint("--replace overwrites it")));
        }
        // A mark that cannot be read has no attempts that could be kept as doubt; it may be what the import is to repair.
        let replaced = stored.as_ref().and_then(|stored| decode_mark(&key, &stored.bytes).ok());
        let version = stored.map(|stored| stored.version);
        Ok(Self { refused: false, replaced, version, ..Self::refused(key) })
    }

    /// A service of which nothing is taken in.
    pub(super) fn refused(key: Key) -> Self {
        Self { key, refused: true, replaced: None, version: None, candidates: Vec::new() }
    }

    /// One that a newer version wrote has a name that fits, and is taken as it is.
    pub(super) fn snapshot(&self, store: &Store, hash: &str, bytes: &[u8]) -> Result<(), Refusal> {
        match Snapshot::decode(bytes, hash) {
            Err(damaged @ SnapshotError::Damaged(_)) => Err(Refusal::Service(Failure::other(damaged))),
            Ok(_) | Err(SnapshotError::Newer) => Ok(store.put_snapshot(&self.key, hash, bytes, now())?),
        }
    }

    /// Kept in mind until the mark is known to be good.
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

    /// Writes all that is left, the mark last. Gives the mark as it is now.
    pub(super) fn mark(&self, store: &Store, stored: &Map<String, Value>, trusted: bool) -> Result<Mark, Refusal> {
        let mark = decode_mark(&self.key, &bytes(stored)?)?;
        if !mark.is_in_order() {
            return Err(Refusal::Service(Failure::other("its attempts are later than the mark itself")));
        }
        for (id, candidate) in &self.candidates {
            store.put_candidate(&self.key, id, candidate)?;
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
