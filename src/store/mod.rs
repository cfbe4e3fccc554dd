//! Where marks, candidates and snapshots are kept.
//!
//! A store does not interpret what it keeps: bytes under keys, and one promise, that a mark is written only if it is
//! still what was read. It is an enum so that every caller handles every store and one suite of tests runs on all of
//! them.

pub mod provision;
mod artifact;
mod batch;
mod budget;
mod cloud;
mod dynamodb;
mod examine;
mod file;
mod health;
mod conformance;
mod s3;
mod url;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

pub use artifact::{FetchError, fetch};
pub use batch::Batch;
pub use budget::{Backoff, Budget};
pub use cloud::CloudError;
pub use conformance::Trial;
pub use dynamodb::{DynamoDbStore, EXPIRES};
pub use file::FileStore;
pub use health::{Health, Reached, StoreFinding};
pub use s3::S3Store;
pub use url::{StoreAccess, StoreUrl, UrlError};

use crate::base::fingerprint::hex;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::protocol::engine::mark::AttemptId;
pub use crate::protocol::engine::marks::Version;

/// A span for one operation, until the end of the scope; it may take several requests.
macro_rules! operation {
    ($operation:literal $(, $field:ident = $value:expr)*) => {
        // Not entered, so what other threads wait for in the meantime is not part of it.
        let _span = tracing::debug_span!("store operation", operation = $operation $(, $field = $value)*);
    };
}

/// The same call on every kind of store.
macro_rules! each {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Self::File($store) => $call,
            Self::DynamoDb($store) => $call,
            Self::S3($store) => $call,
        }
    };
}

use {each, operation};

/// How long an unreferenced snapshot is kept: someone may be about to reference it.
const SNAPSHOT_GRACE: Duration = Duration::from_hours(24);

/// A store could not answer. This never means "there is nothing".
#[derive(Debug, Clone, thiserror::Error)]
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
        cause: Arc<std::io::Error>,
    },
    /// An AWS store failed. The text says what to do.
    #[error(transparent)]
    Cloud(Arc<CloudError>),
}

/// A write that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is no longer what was read: read it and decide again.
    #[error("somebody else wrote the mark meanwhile")]
    Conflict,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The bytes of a mark, a candidate or the names, and the version that a write is conditional on.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their version.
    pub version: Version,
}

/// The version of bytes in a store that has no versions of its own.
fn version(bytes: &[u8]) -> Version {
    Version::new(hex(&Sha256::digest(bytes)))
}

/// An open store.
#[derive(Debug)]
pub enum Store {
    /// A directory.
    File(FileStore),
    /// A DynamoDB table.
    DynamoDb(DynamoDbStore),
    /// A part of an S3 bucket.
    S3(S3Store),
}

impl Store {
    /// Whether it is a directory of this machine.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Opens a store; does not read or create anything yet. All its operations take their time from the budget.
    pub fn open(url: &StoreUrl, budget: &Budget) -> Self {
        let budget = budget.clone();
        match url.clone() {
            StoreUrl::File { path } => Self::File(FileStore::new(path, budget)),
            StoreUrl::DynamoDb { table, reach } => Self::DynamoDb(DynamoDbStore::new(table, reach, budget)),
            StoreUrl::S3 { bucket, prefix, reach } => Self::S3(S3Store::new(bucket, prefix, reach, budget)),
        }
    }

    /// The time that its operations share with all others of the command.
    pub fn budget(&self) -> &Budget {
        each!(self, store => store.budget())
    }

    /// How many concurrent operations are worthwhile: waiting for a network needs no core, waiting for a disk little.
    pub fn abreast(&self) -> usize {
        match self {
            Self::File(_) => 4,
            Self::DynamoDb(_) | Self::S3(_) => 32,
        }
    }

    /// Reads one mark. `None` means that there certainly is none.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        operation!("read mark", service = key.service.as_str());
        each!(self, store => store.read_mark(key))
    }

    /// Reads the marks of several services; one answer per key, in order. `None` means that there certainly is none.
    pub fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        operation!("read marks", keys = keys.len());
        each!(self, store => store.read_marks(keys))
    }

    /// Writes a mark if it is still `expected` (`None`: if it still does not exist).
    ///
    /// # Errors
    /// A conflict, or the store does not answer; in the latter case it may have been written anyway.
    pub fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        let written = {
            operation!("write mark", service = key.service.as_str(), bytes = bytes.len());
            each!(self, store => store.write_mark(key, bytes, expected))
        };
        or_written(written, bytes, || self.read_mark(key))
    }

    /// Writes the names of an environment's services if they are still `expected` (`None`: if they were never written).
    ///
    /// # Errors
    /// A conflict, or the store does not answer; in the latter case they may have been written anyway.
    pub fn write_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let written = {
            operation!("write names", environment = environment.as_str(), bytes = bytes.len());
            each!(self, store => store.write_names(project, environment, bytes, expected))
        };
        or_written(written, bytes, || each!(self, store => store.read_names(project, environment)))
    }

    /// Keeps a candidate if it is still `expected` (`None`: if it still does not exist).
    ///
    /// # Errors
    /// A conflict, or the store does not answer; in the latter case it may have been written anyway.
    pub fn put_candidate(
        &self,
        key: &Key,
        id: &AttemptId,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let written = {
            operation!("put candidate", service = key.service.as_str(), bytes = bytes.len());
            each!(self, store => store.put_candidate(key, id, bytes, expected))
        };
        or_written(written, bytes, || self.candidate(key, id))
    }

    /// A candidate, if it exists.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Stored>, StoreError> {
        operation!("read candidate", service = key.service.as_str());
        each!(self, store => store.candidate(key, id))
    }

    /// All candidates of a service, oldest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        operation!("read candidates", service = key.service.as_str());
        each!(self, store => store.candidates(key))
    }

    /// Lets a candidate expire at a given time, in stores that delete expired data themselves.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn expire_candidate(&self, key: &Key, id: &AttemptId, at: Timestamp) -> Result<(), StoreError> {
        operation!("expire candidate", service = key.service.as_str());
        match self {
            Self::DynamoDb(store) => store.expire_candidate(key, id, at),
            Self::File(_) | Self::S3(_) => Ok(()),
        }
    }

    /// Removes a candidate.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        operation!("remove candidate", service = key.service.as_str());
        each!(self, store => store.remove_candidate(key, id))
    }

    /// Keeps a snapshot under the hash of its contents.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8], now: Timestamp) -> Result<(), StoreError> {
        operation!("put snapshot", service = key.service.as_str(), bytes = bytes.len());
        match self {
            Self::File(store) => store.put_snapshot(key, hash, bytes),
            Self::DynamoDb(store) => store.put_snapshot(key, hash, bytes, now),
            Self::S3(store) => store.put_snapshot(key, hash, bytes),
        }
    }

    /// The bytes of a snapshot, if there is one. The caller checks them against the hash.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        operation!("read snapshot", service = key.service.as_str());
        each!(self, store => store.snapshot(key, hash))
    }

    /// Drops snapshots that nothing references and that are old enough that no build is about to reference them.
    /// Snapshots only explain, so losing one affects no decision.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn prune_snapshots(&self, key: &Key, keep: &[String], now: Timestamp) -> Result<(), StoreError> {
        operation!("prune snapshots", service = key.service.as_str());
        each!(self, store => store.prune_snapshots(key, keep, now))
    }

    /// The services of an environment that have a mark, sorted.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<ServiceName>, StoreError> {
        operation!("list marks", environment = environment.as_str());
        let found = each!(self, store => store.services(project, environment))?;
        let mut names: Vec<_> = found.into_iter().filter_map(|name| ServiceName::new(name).ok()).collect();
        // Stores list them in the order of their encoded names, if in any.
        names.sort();
        Ok(names)
    }

    /// Removes everything kept for a service. Returns whether there was a mark.
    ///
    /// # Errors
    /// The store does not answer.
    pub fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        operation!("remove service", service = key.service.as_str());
        each!(self, store => store.remove(key))
    }

    /// Removes a mark if it is still `expected` (`None`: if it still does not exist), and then the candidates and snapshots of
    /// its service. A mark that is gone already counts as removed. What somebody writes of the service while the rest is
    /// removed may go with it, except for a new mark: that one then lacks a candidate, which is doubt, or a snapshot, which
    /// only explains.
    ///
    /// # Errors
    /// A conflict, or the store does not answer; in the latter case all or some of it may be gone.
    pub fn remove_mark(&self, key: &Key, expected: Option<&Version>) -> Result<(), WriteError> {
        operation!("remove mark", service = key.service.as_str());
        match each!(self, store => store.delete_mark(key, expected)) {
            // As in `or_written`: the mark was there, and then an answer was lost.
            Err(WriteError::Conflict) if self.read_mark(key)?.is_none() => {}
            deleted => deleted?,
        }
        Ok(each!(self, store => store.remove_rest(key))?)
    }
}

/// If an answer is lost, the SDK retries and then conflicts with our own first write.
fn or_written(
    written: Result<(), WriteError>,
    bytes: &[u8],
    read: impl FnOnce() -> Result<Option<Stored>, StoreError>,
) -> Result<(), WriteError> {
    match written {
        Err(WriteError::Conflict) if read()?.is_some_and(|found| found.bytes == bytes) => Ok(()),
        written => written,
    }
}
