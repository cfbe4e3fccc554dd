//! A step: what may be reported, and what must be written first.
//!
//! A step is a value computed from marks that were read. To carry it out, the caller writes the names, then each mark
//! on the condition that it has not changed since it was read, and reports only once everything is written. After a
//! conflict the marks are read again and the step is computed again with the same [`Moment`](super::marks::Moment): it
//! finds what was already written. A mark whose write is refused for good is put back as
//! [`Marks::unwritable`](super::marks::Marks::unwritable), and the step is computed again too.

use std::collections::BTreeSet;

use super::mark::{Candidate, Mark};
use super::marks::Version;
use super::ticket::Ticket;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};

/// What is stored beside a mark.
#[derive(Debug, Clone, PartialEq)]
pub enum Put {
    /// The snapshot with that hash.
    Snapshot(String),
    /// A candidate, on the condition that the stored one still has that version; `None` for a new one, which nobody
    /// else writes. If it has another version by then, that is a conflict: it is read again, like its mark.
    Candidate(Box<Candidate>, Option<Version>),
}

/// What is written for one service, if its mark has not changed since it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// The mark's key.
    pub key: Key,
    /// The new mark; `None` if the mark is not changed and only the rest is stored.
    pub mark: Option<Mark>,
    /// The version that the mark replaces; `None` if there must not be a mark.
    pub expected: Option<Version>,
    /// What is stored before the mark.
    pub first: Vec<Put>,
    /// What is stored after the mark.
    pub then: Vec<Put>,
}

/// The names of an environment's services, to be written if they have not changed since they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct NamesWrite {
    /// The environment.
    pub environment: EnvironmentName,
    /// All names.
    pub names: BTreeSet<ServiceName>,
    /// The version that it replaces; `None` if there must not be an item.
    pub expected: Option<Version>,
    /// The item that it replaces, to keep what a newer version stores in it.
    pub replaced: Option<Vec<u8>>,
    /// Whether it is written after the marks instead of before, because names are removed.
    pub after: bool,
}

/// A mark to be removed if it has not changed since it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// The mark's key.
    pub key: Key,
    /// The version that was read.
    pub expected: Option<Version>,
}

/// One try: what may be reported once all of it is written.
#[derive(Debug, Clone)]
pub struct Step<T> {
    /// The report.
    pub told: T,
    /// The names; those that are not `after` are written first.
    pub names: Vec<NamesWrite>,
    /// The marks, in any order or concurrently: if only some are written, that is doubt.
    pub writes: Vec<Write>,
    /// The marks to remove.
    pub removals: Vec<Removal>,
    /// The updated ticket, if the step involves one.
    pub ticket: Option<Ticket>,
}

impl<T> Step<T> {
    /// Whether nothing but the ticket needs to be written.
    pub fn is_read_only(&self) -> bool {
        self.names.is_empty() && self.writes.is_empty() && self.removals.is_empty()
    }

    /// The same step with another report.
    pub fn map<U>(self, tell: impl FnOnce(T) -> U) -> Step<U> {
        let Self { told, names, writes, removals, ticket } = self;
        Step { told: tell(told), names, writes, removals, ticket }
    }
}

/// What must be read before the engine can answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Marks.
    pub keys: BTreeSet<Key>,
    /// Environments whose service names are needed.
    pub names: BTreeSet<EnvironmentName>,
}

impl Unread {
    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.names.is_empty()
    }
}
