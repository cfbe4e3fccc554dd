//! A step: what may be told, and what must be written before that.
//!
//! A step is a value that is computed from marks that were read. Whoever makes it real writes the names, then each mark on the
//! condition that it is still what was read, and tells only when everything is written. At a conflict the marks are read again
//! and the step is computed again with the same [`Moment`](super::marks::Moment): it finds what was written already. A mark whose
//! write is refused for good is put back as [`Marks::unwritable`](super::marks::Marks::unwritable), and the step is computed again
//! as well.

use std::collections::BTreeSet;

use super::mark::{Candidate, Mark};
use super::marks::Version;
use super::ticket::Ticket;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};

/// What is stored beside a mark.
#[derive(Debug, Clone, PartialEq)]
pub enum Put {
    /// The snapshot of that hash.
    Snapshot(String),
    /// A candidate, on the condition that the stored one still has that version; `None` for a new one, which nobody else writes.
    /// A candidate that has another version by then is a conflict: it is read again, as its mark is.
    Candidate(Box<Candidate>, Option<Version>),
}

/// What is written of one service, if its mark is still what was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// Whose mark.
    pub key: Key,
    /// The new mark; `None` where the mark stays and only the rest is stored.
    pub mark: Option<Mark>,
    /// The version that the mark replaces; `None` where there must be no mark.
    pub expected: Option<Version>,
    /// What is stored before the mark.
    pub first: Vec<Put>,
    /// What is stored after the mark.
    pub then: Vec<Put>,
}

/// The names of an environment's services, to be written if they are still what was read.
#[derive(Debug, Clone, PartialEq)]
pub struct NamesWrite {
    /// The environment.
    pub environment: EnvironmentName,
    /// All names.
    pub names: BTreeSet<ServiceName>,
    /// The version that it replaces; `None` where there must be no item.
    pub expected: Option<Version>,
    /// The item that it replaces, for what a newer version keeps in it.
    pub replaced: Option<Vec<u8>>,
    /// Whether it is written after the marks, since names go, and not before them.
    pub after: bool,
}

/// A mark to be removed, if it is still what was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Removal {
    /// Whose mark.
    pub key: Key,
    /// The version that was read.
    pub expected: Option<Version>,
}

/// One try: what may be told once all of it is written.
#[derive(Debug, Clone)]
pub struct Step<T> {
    /// What is told.
    pub told: T,
    /// The names; those that are not `after` are written first of all.
    pub names: Vec<NamesWrite>,
    /// The marks, in any order, abreast: what is written by half is doubt.
    pub writes: Vec<Write>,
    /// The marks that go.
    pub removals: Vec<Removal>,
    /// The ticket as it then is, where the step has to do with one.
    pub ticket: Option<Ticket>,
}

impl<T> Step<T> {
    /// Whether there is nothing to write but the ticket.
    pub fn is_read_only(&self) -> bool {
        self.names.is_empty() && self.writes.is_empty() && self.removals.is_empty()
    }

    /// The same step, with something else to tell.
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
    /// Environments whose names of services are needed.
    pub names: BTreeSet<EnvironmentName>,
}

impl Unread {
    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.names.is_empty()
    }
}
