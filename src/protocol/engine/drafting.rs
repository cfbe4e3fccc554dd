//! Builds steps: transitions on copies of the marks that were read, each of which becomes one conditional write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::mark::{AttemptId, Clock, Mark};
use super::marks::{Known, Marks, Moment, StoredNames, Version};
use super::refusal::Refusal;
use super::step::{NamesWrite, Put, Removal, Step, Unread, Write};
use super::ticket::Ticket;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};

/// Why a mark cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// It could not be read or written; the text says why.
    Unavailable(String),
    /// It is invalid, and is not overwritten; the text says how.
    Damaged(String),
}

impl Unusable {
    /// The refusal of a request that involves that mark.
    pub(super) fn refusal(self, key: &Key) -> Refusal {
        match self {
            Self::Unavailable(cause) => Refusal::Unwritten(key.clone(), cause),
            Self::Damaged(cause) => Refusal::Damaged(key.clone(), cause),
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => f.write_str(cause),
            Self::Damaged(cause) => write!(f, "the mark is damaged: {cause}"),
        }
    }
}

/// A mark to be written.
struct Drafted {
    before: Option<Mark>,
    mark: Mark,
    clock: Clock,
    expected: Option<Version>,
    first: Vec<Put>,
    then: Vec<Put>,
    /// Whether the report relies on the mark, so that it is written even if it does not change.
    stands: bool,
}

impl Drafted {
    /// Whether a transition has changed anything but the serial and the time of the write.
    fn changed(&self) -> bool {
        self.before.as_ref().is_none_or(|before| {
            let Mark { serial, written_at, .. } = *before;
            Mark { serial, written_at, ..self.mark.clone() } != *before
        })
    }
}

/// A step being built.
pub(super) struct StepDraft<'m> {
    pub(super) marks: &'m Marks,
    pub(super) now: &'m Moment,
    drafted: BTreeMap<Key, Box<Drafted>>,
    removed: BTreeMap<Key, Option<Version>>,
    gone: BTreeMap<EnvironmentName, BTreeSet<ServiceName>>,
}

impl<'m> StepDraft<'m> {
    pub(super) fn new(marks: &'m Marks, now: &'m Moment) -> Self {
        Self { marks, now, drafted: BTreeMap::new(), removed: BTreeMap::new(), gone: BTreeMap::new() }
    }

    /// A service's mark, mutable, and the clock of its read. If there is none yet, a new one is created.
    pub(super) fn mark(&mut self, key: &Key) -> Result<(&mut Mark, Clock), Unusable> {
        if !self.drafted.contains_key(key) {
            let drafted = Box::new(self.drafted_from(key)?);
            self.drafted.insert(key.clone(), drafted);
        }
        match self.drafted.get_mut(key) {
            Some(drafted) => Ok((&mut drafted.mark, drafted.clock)),
            None => Err(Unusable::Unavailable(not_read(key))),
        }
    }

    fn drafted_from(&self, key: &Key) -> Result<Drafted, Unusable> {
        let read = self.marks.get(key).ok_or_else(|| Unusable::Unavailable(not_read(key)))?;
        let clock = self.now.clock(read);
        let before = match &read.known {
            Known::Mark(mark) => Some(mark.as_ref().clone()),
            Known::Absent => None,
            Known::Unavailable(cause) => return Err(Unusable::Unavailable(cause.clone())),
            Known::Damaged { cause, .. } => return Err(Unusable::Damaged(cause.clone())),
        };
        if let (None, Some(StoredNames::Unavailable(cause))) = (&before, self.marks.names(&key.environment)) {
            // A mark without a listed name would be missed once the service leaves the map.
            return Err(Unusable::Unavailable(cause.clone()));
        }
        let mark = before.clone().unwrap_or_else(|| Mark::new(clock));
        Ok(Drafted {
            before,
            mark,
            clock,
            expected: read.version.clone(),
            first: Vec::new(),
            then: Vec::new(),
            stands: false,
        })
    }

    /// Replaces a damaged mark with a new one.
    pub(super) fn replace(&mut self, key: &Key, mark: Mark) {
        let Some(read) = self.marks.get(key) else { return };
        let (clock, expected) = (self.now.clock(read), read.version.clone());
        let drafted =
            Drafted { before: None, mark, clock, expected, first: Vec::new(), then: Vec::new(), stands: false };
        self.drafted.insert(key.clone(), Box::new(drafted));
    }

    /// Marks a drafted mark as one that the report relies on: it is written even if an earlier try has already written
    /// all of it, because only a write shows whether it has changed since.
    pub(super) fn stand_on(&mut self, key: &Key) {
        if let Some(drafted) = self.drafted.get_mut(key) {
            drafted.stands = true;
        }
    }

    /// Adds something to store before the mark, which must have been drafted.
    pub(super) fn first(&mut self, key: &Key, put: Put) {
        if let Some(drafted) = self.drafted.get_mut(key) {
            drafted.first.push(put);
        }
    }

    /// Adds something to store after the mark, which must have been drafted.
    pub(super) fn then(&mut self, key: &Key, put: Put) {
        if let Some(drafted) = self.drafted.get_mut(key) {
            drafted.then.push(put);
        }
    }

    /// Removes a mark entirely.
    pub(super) fn remove(&mut self, key: &Key) {
        self.drafted.remove(key);
        let expected = self.marks.get(key).and_then(|read| read.version.clone());
        self.removed.insert(key.clone(), expected);
    }

    /// Removes a name from the list of its environment.
    pub(super) fn drop_name(&mut self, key: &Key) {
        self.gone.entry(key.environment.clone()).or_default().insert(key.service.clone());
    }

    /// An id of this call for something in one mark.
    pub(super) fn id(&self, key: &Key, parts: &[&str]) -> AttemptId {
        self.now.id(key, parts)
    }

    /// The finished step, with its report.
    pub(super) fn step<T>(self, told: T, ticket: Option<Ticket>) -> Step<T> {
        let names = self.names();
        let writes = self.drafted.into_iter().filter_map(|(key, drafted)| {
            let mark = (drafted.stands || drafted.changed()).then(|| drafted.mark.clone());
            let Drafted { expected, first, then, .. } = *drafted;
            let needed = mark.is_some() || !first.is_empty() || !then.is_empty();
            needed.then_some(Write { key, mark, expected, first, then })
        });
        let removals = self.removed.into_iter().map(|(key, expected)| Removal { key, expected });
        Step { told, names, writes: writes.collect(), removals: removals.collect(), ticket }
    }

    /// Ensures that every mark that was read or is written has its name in the list of its environment.
    fn names(&self) -> Vec<NamesWrite> {
        let found = self.marks.iter().filter(|(_, read)| matches!(read.known, Known::Mark(_) | Known::Damaged { .. }));
        let keys: BTreeSet<&Key> = found.map(|(key, _)| key).chain(self.drafted.keys()).collect();
        let mut writes = Vec::new();
        for (environment, stored) in self.marks.all_names() {
            let StoredNames::Names { names, version, item } = stored else { continue };
            let none = BTreeSet::new();
            let gone = self.gone.get(environment).unwrap_or(&none);
            let mine = keys.iter().filter(|key| key.environment == *environment).map(|key| &key.service);
            let all: BTreeSet<ServiceName> =
                names.iter().chain(mine).filter(|name| !gone.contains(*name)).cloned().collect();
            if all != *names || (version.is_none() && !all.is_empty()) {
                let (environment, expected, replaced) = (environment.clone(), version.clone(), item.clone());
                writes.push(NamesWrite { environment, after: all.is_subset(names), names: all, expected, replaced });
            }
        }
        writes
    }
}

/// Which of these marks, and of the names of their environments, have not been read.
pub fn unread<'k>(keys: impl IntoIterator<Item = &'k Key>, marks: &Marks) -> Unread {
    let mut unread = Unread::default();
    for key in keys {
        if marks.get(key).is_none() {
            unread.keys.insert(key.clone());
        }
        if marks.names(&key.environment).is_none() {
            unread.names.insert(key.environment.clone());
        }
    }
    unread
}

fn not_read(key: &Key) -> String {
    format!("the mark of `{}` in `{}` was not read", key.service, key.environment)
}
