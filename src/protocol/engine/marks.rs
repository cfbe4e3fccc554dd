//! What was read from the store for a step, and the ids and times of a call.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::mark::{AttemptId, Clock, Mark};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};

/// The version of a stored item: a write that expects it is refused if the item has another one by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// A version in the store's own notation.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The version in the store's own notation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the store returned for a mark.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It was read, and there is no mark.
    Absent,
    /// The mark.
    Mark(Box<Mark>),
    /// It could not be read, or a write was refused for good.
    Unavailable(String),
    /// There is a mark, but it is invalid.
    Damaged {
        /// What is wrong with it.
        cause: String,
        /// Its serial, if it can be read.
        serial: Option<u64>,
    },
}

/// A mark as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMark {
    /// What the store returned.
    pub known: Known,
    /// The version that a write must still find; `None` if there is no mark.
    pub version: Option<Version>,
    /// The store's time of the read; `None` if it did not report one.
    pub read_at: Option<Timestamp>,
}

/// The names of all services that ever had a mark in an environment (`#services`).
#[derive(Debug, Clone, PartialEq)]
pub enum StoredNames {
    /// They were read, or derived from a listing if the item is missing; then there is no version.
    Names {
        /// The names.
        names: BTreeSet<ServiceName>,
        /// The version of the item.
        version: Option<Version>,
        /// The item as read, to keep what a newer version stores in it.
        item: Option<Vec<u8>>,
    },
    /// They could not be read or written.
    Unavailable(String),
}

/// Everything that was read for a step.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    marks: BTreeMap<Key, StoredMark>,
    names: BTreeMap<EnvironmentName, StoredNames>,
}

impl Marks {
    /// Adds a mark that was read.
    pub fn put(&mut self, key: Key, read: StoredMark) {
        self.marks.insert(key, read);
    }

    /// Adds names that were read.
    pub fn put_names(&mut self, environment: EnvironmentName, names: StoredNames) {
        self.names.insert(environment, names);
    }

    /// Forgets a mark, so that it is read again.
    pub fn forget(&mut self, key: &Key) {
        self.marks.remove(key);
    }

    /// Forgets the names of an environment, so that they are read again.
    pub fn forget_names(&mut self, environment: &EnvironmentName) {
        self.names.remove(environment);
    }

    /// Handles a write that was refused for good: from then on the mark is unavailable, and is decided as a doubt.
    pub fn unwritable(&mut self, key: &Key, cause: &str) {
        let known = Known::Unavailable(format!("its mark could not be written: {cause}"));
        let read_at = self.marks.get(key).and_then(|read| read.read_at);
        self.marks.insert(key.clone(), StoredMark { known, version: None, read_at });
    }

    /// The same for the names of an environment.
    pub fn unwritable_names(&mut self, environment: &EnvironmentName, cause: &str) {
        let cause = format!("the names of the services could not be written: {cause}");
        self.names.insert(environment.clone(), StoredNames::Unavailable(cause));
    }

    /// A mark, if it was read.
    pub fn get(&self, key: &Key) -> Option<&StoredMark> {
        self.marks.get(key)
    }

    /// The names in an environment, if they were read.
    pub fn names(&self, environment: &EnvironmentName) -> Option<&StoredNames> {
        self.names.get(environment)
    }

    /// The names of all environments for which they were read.
    pub fn all_names(&self) -> impl Iterator<Item = (&EnvironmentName, &StoredNames)> {
        self.names.iter()
    }

    /// All marks that were read.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &StoredMark)> {
        self.marks.iter()
    }
}

/// The time and the id of one call. Another try has the same `call`, so that it finds what it has already written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The writer's own clock. It is shown if the store's time is unknown, and does not decide anything.
    pub at: Timestamp,
    /// The id of this call; all ids that it assigns are derived from it. A job that may be delivered twice derives it
    /// from the job.
    pub call: AttemptId,
}

impl Moment {
    /// The clock of a mark that was read.
    pub fn clock(&self, read: &StoredMark) -> Clock {
        Clock { store: read.read_at, own: self.at }
    }

    /// The id that this call assigns to something in one mark.
    pub(super) fn id(&self, key: &Key, parts: &[&str]) -> AttemptId {
        let key = [key.project.as_str(), key.environment.as_str(), key.service.as_str()];
        self.call.derive(&[&key[..], parts].concat())
    }
}
