//! Checks that a person requests and no build makes: whether a store is usable, and whether it is well maintained.

use super::{Reached, Store, StoreFinding, Trial};
use crate::base::names::ProjectName;

/// The check that reports what was created.
pub(super) const CREATION: &str = "creation";

impl Store {
    /// Whether this machine can send requests at all: the region and the credentials.
    pub fn access(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => Vec::new(),
            Self::DynamoDb(store) => store.access(),
            Self::S3(store) => store.access(),
        }
    }

    /// Whether the store exists, as far as that can be seen without writing.
    pub fn reach(&self, project: &ProjectName, trial: &Trial) -> Reached {
        match self {
            // Only a write shows whether a directory can be made, written and locked.
            Self::File(_) => Reached::default(),
            Self::DynamoDb(store) => store.reach(),
            Self::S3(store) => store.reach(project, trial),
        }
    }

    /// Whether the store is maintained as it should be: things that no build depends on today.
    pub fn care(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => Vec::new(),
            Self::DynamoDb(store) => store.care(),
            Self::S3(store) => store.care(),
        }
    }

    /// Creates what is missing, if the store is a table. Nothing that exists is lost or recreated.
    pub fn create(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => vec![StoreFinding::ok(CREATION, "the directory is made by the first write")],
            Self::DynamoDb(store) => store.create(),
            Self::S3(_) => vec![StoreFinding::skipped(CREATION, "a bucket is never made or changed; see what follows")],
        }
    }
}
