//! The looks that a person asks for, which no build takes: whether a store can be used, and whether it is well kept.

use super::{Reached, Store, StoreFinding};
use crate::base::names::ProjectName;

/// The check that says what was made.
pub(super) const CREATION: &str = "creation";

impl Store {
    /// Whether this machine can ask at all: the region and the credentials.
    pub fn access(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => Vec::new(),
            Self::DynamoDb(store) => store.access(),
            Self::S3(store) => store.access(),
        }
    }

    /// Whether the store is there, as far as that can be told without writing.
    pub fn reach(&self, project: &ProjectName) -> Reached {
        match self {
            // Whether a directory can be made, written and locked, a write tells.
            Self::File(_) => Reached::default(),
            Self::DynamoDb(store) => store.reach(),
            Self::S3(store) => store.reach(project),
        }
    }

    /// Whether the store is kept as it should be: what nothing depends on today.
    pub fn care(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => Vec::new(),
            Self::DynamoDb(store) => store.care(),
            Self::S3(store) => store.care(),
        }
    }

    /// Makes what is missing, where that is a table. Nothing that is there is lost or made anew.
    pub fn create(&self) -> Vec<StoreFinding> {
        match self {
            Self::File(_) => vec![StoreFinding::ok(CREATION, "the directory is made by the first write")],
            Self::DynamoDb(store) => store.create(),
            Self::S3(_) => vec![StoreFinding::skipped(CREATION, "a bucket is never made or changed; see what follows")],
        }
    }
}
