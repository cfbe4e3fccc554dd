//! Imports one service into a store: snapshots first, then candidates, then the mark that makes them count.

use serde_json::{Map, Value};

use crate::app::apply::{Applying, apply};
use crate::app::commands::recording::not_recorded;
use crate::app::settings::{moment, now};
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::protocol::engine::drafting::unread;
use crate::protocol::engine::mark::stored::{Damaged, decode_candidate, decode_mark, encode_candidate};
use crate::protocol::engine::mark::{AttemptId, Mark};
use crate::protocol::engine::marks::{Known, Marks};
use crate::protocol::engine::noted::What;
use crate::protocol::engine::people::import;
use crate::source::snapshot::{Snapshot, SnapshotError};
use crate::store::{Store, StoreError, WriteError};

/// Why a line was not imported.
pub(super) enum NotImported {
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
    candidates: Vec<(AttemptId, Vec<u8>)>,
}

impl ImportGroup {
    /// Checks for an existing mark; without `replace` there must not be one.
    pub(super) fn open(store: &Store, key: Key, replace: bool) -> Result<Self, NotImported> {
        if store.read_mark(&key)?.is_some() && !replace {
            return Err(taken());
        }
        Ok(Self { refused: false, ..Self::refused(key) })
    }

    /// A service that is refused as a whole.
    pub(super) fn refused(key: Key) -> Self {
        Self { key, refused: true, candidates: Vec::new() }
    }

    /// A snapshot from a newer version is stored as it is, since its name matches.
    pub(super) fn snapshot(&self, store: &Store, hash: &str, bytes: &[u8]) -> Result<(), NotImported> {
        match Snapshot::decode(bytes, hash) {
            Err(damaged @ SnapshotError::Damaged(_)) => Err(NotImported::Service(Failure::other(damaged))),
            Ok(_) | Err(SnapshotError::Newer) => Ok(store.put_snapshot(&self.key, hash, bytes, now())?),
        }
    }

    /// Held back until the mark is known to be valid.
    pub(super) fn candidate(&mut self, stored: &Map<String, Value>) -> Result<(), NotImported> {
        let candidate = decode_candidate(&bytes(stored)?)?;
        if AttemptId::parse(candidate.id.as_str()).is_none() {
            let failure = Failure::other("the candidate's id is none: it has letters and digits only, 64 at most");
            return Err(NotImported::Service(failure));
        }
        let stored = encode_candidate(&candidate)?;
        self.candidates.push((candidate.id, stored));
        Ok(())
    }

    /// Writes the rest, the mark last. Returns the mark as it is now.
    pub(super) fn mark(
        &self,
        store: &Store,
        stored: &Map<String, Value>,
        (trusted, replace): (bool, bool),
    ) -> Result<Mark, NotImported> {
        let exported = decode_mark(&self.key, &bytes(stored)?)?;
        if !exported.is_in_order() {
            return Err(NotImported::Service(Failure::other("its attempts are later than the mark itself")));
        }
        for (id, candidate) in &self.candidates {
            let there = store.candidate(&self.key, id)?.map(|stored| stored.version);
            match store.put_candidate(&self.key, id, candidate, there.as_ref()) {
                Err(WriteError::Store(error)) => return Err(error.into()),
                Err(conflict @ WriteError::Conflict) => return Err(NotImported::Service(Failure::other(conflict))),
                Ok(()) => {}
            }
        }
        let moment = moment();
        let applying = Applying::without_snapshots(store, &self.key.project, &moment);
        let needed = |marks: &Marks| unread([&self.key], marks);
        let step = apply(&applying, &mut Marks::default(), needed, |marks, now| {
            let known = marks.get(&self.key).map(|read| &read.known);
            match known {
                Some(Known::Absent) => {}
                Some(Known::Unavailable(cause)) => return Err(NotImported::Store(Failure::other(cause.clone()))),
                _ if replace => {}
                _ => return Err(taken()),
            }
            Ok(import(&self.key, &exported, trusted, marks, now))
        })?;
        if let What::Unwritten(cause) = step.told.what {
            return Err(NotImported::Store(Failure::other(cause)));
        }
        let mark = step.writes.into_iter().find_map(|write| write.mark);
        mark.ok_or_else(|| NotImported::Service(Failure::other("nothing was written")))
    }
}

fn taken() -> NotImported {
    let failure = Failure::other("it has a mark already, which is not overwritten");
    NotImported::Service(failure.hint("--replace overwrites it"))
}

impl From<StoreError> for NotImported {
    fn from(error: StoreError) -> Self {
        Self::Store(not_recorded(error))
    }
}

impl From<Damaged> for NotImported {
    fn from(damaged: Damaged) -> Self {
        Self::Service(Failure::other(damaged))
    }
}

fn bytes(stored: &Map<String, Value>) -> Result<Vec<u8>, NotImported> {
    serde_json::to_vec(stored).map_err(|cause| NotImported::Service(Failure::other(cause)))
}
