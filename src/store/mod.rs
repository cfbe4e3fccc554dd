//! Where marks, candidates and snapshots are kept.
//!
//! A store knows nothing of what it keeps: bytes under keys, and one promise, that a mark is written only if it is still
//! what was read. It is an enum, so that every caller handles every store and one suite of tests can run on all of them.

mod file;
mod key;
mod url;

use std::time::Duration;

pub use file::FileStore;
pub use url::{StoreUrl, UrlError};

use crate::mark::AttemptId;
use crate::mark::stored::Key;

/// A store could not answer. Never "there is nothing".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("the store cannot {verb} `{path}`")]
    Io {
        /// What was tried.
        verb: &'static str,
        /// On which file.
        path: String,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
}

/// A write that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The mark is not what was read any more: read it and decide again.
    #[error("somebody else wrote the mark meanwhile")]
    Conflict,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was read, as far as a later write must know it: the write happens only if the mark is still this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

/// A mark's bytes, and the version that a write is conditional on.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their version.
    pub version: Version,
}

/// A store that is open.
#[derive(Debug)]
pub enum Store {
    /// A directory.
    File(FileStore),
}

impl Store {
    /// Opens a store; nothing is read or made yet. `timeout` is how long one operation may take.
    pub fn open(url: &StoreUrl, timeout: Duration) -> Self {
        match url {
            StoreUrl::File { path } => Self::File(FileStore::new(path.clone(), timeout)),
        }
    }

    /// Reads one mark. `None` means that there is none, for sure.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        match self {
            Self::File(store) => store.read_mark(key),
        }
    }

    /// Reads the marks of several services; one answer for each key, in order. `None` means that there is none, for sure.
    pub fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        match self {
            Self::File(store) => keys.iter().map(|key| store.read_mark(key)).collect(),
        }
    }

    /// Writes a mark if it is still `expected` (`None`: if there still is none).
    ///
    /// # Errors
    /// A conflict, or the store does not answer.
    pub fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        match self {
            Self::File(store) => store.write_mark(key, bytes, expected),
        }
    }

    /// Keeps a candidate.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn put_candidate(&self, key: &Key, id: &AttemptId, bytes: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.put_candidate(key, id, bytes),
        }
    }

    /// The bytes of a candidate, if there is one.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::File(store) => store.candidate(key, id),
        }
    }

    /// The ids of all candidates of a service, oldest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn candidates(&self, key: &Key) -> Result<Vec<AttemptId>, StoreError> {
        match self {
            Self::File(store) => store.candidates(key),
        }
    }

    /// Forgets a candidate.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.remove_candidate(key, id),
        }
    }

    /// Keeps a snapshot under the hash of its contents.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.put_snapshot(key, hash, bytes),
        }
    }

    /// The bytes of a snapshot, if there is one.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::File(store) => store.snapshot(key, hash),
        }
    }

    /// Drops the snapshots that nothing names any more, as far as they are old enough that no build is about to name them.
    /// A snapshot only explains, so losing one loses no decision.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn prune_snapshots(&self, key: &Key, keep: &[String]) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.prune_snapshots(key, keep),
        }
    }

    /// Removes all that is kept of a service. Whether there was anything.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        match self {
            Self::File(store) => store.remove(key),
        }
    }
}
