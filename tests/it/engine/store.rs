//! A store in memory: marks, candidates and names, each with a version.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ServiceName};
use shipmark::protocol::engine::deploy::StoredCandidate;
use shipmark::protocol::engine::mark::stored::{decode_candidate, decode_mark, encode_candidate, encode_mark};
use shipmark::protocol::engine::mark::{AttemptId, Candidate, Mark};
use shipmark::protocol::engine::marks::{Known, Marks, StoredMark, StoredNames, Version};
use shipmark::protocol::engine::step::{NamesWrite, Put, Removal, Write};

/// Something was written since it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Conflict;

/// An item: a value and how often anything was written before it.
type Item<T> = (T, u64);

/// One store. It keeps everything in its stored form too if it is `strict`, which costs more than all the rest.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Store {
    strict: bool,
    marks: BTreeMap<Key, Item<Known>>,
    candidates: BTreeMap<(Key, AttemptId), Item<Candidate>>,
    names: BTreeMap<EnvironmentName, Item<BTreeSet<ServiceName>>>,
    writes: u64,
}

impl Store {
    pub(in crate::engine) fn new(strict: bool) -> Self {
        Self { strict, ..Self::default() }
    }

    /// A mark as it is.
    pub(in crate::engine) fn mark(&self, key: &Key) -> Option<&Mark> {
        match self.marks.get(key) {
            Some((Known::Mark(mark), _)) => Some(mark),
            _ => None,
        }
    }

    pub(in crate::engine) fn is_damaged(&self, key: &Key) -> bool {
        matches!(self.marks.get(key), Some((Known::Damaged { .. }, _)))
    }

    /// Whether decisions can find the mark by its name.
    pub(in crate::engine) fn lists(&self, key: &Key) -> bool {
        self.names.get(&key.environment).is_some_and(|(names, _)| names.contains(&key.service))
            && self.marks.contains_key(key)
    }

    pub(in crate::engine) fn read(&self, key: &Key, read_at: Option<Timestamp>) -> StoredMark {
        match self.marks.get(key) {
            Some((known, version)) => StoredMark { known: known.clone(), version: Some(named(*version)), read_at },
            None => StoredMark { known: Known::Absent, version: None, read_at },
        }
    }

    pub(in crate::engine) fn names(&self, environment: &EnvironmentName) -> StoredNames {
        match self.names.get(environment) {
            Some((names, version)) => {
                StoredNames::Names { names: names.clone(), version: Some(named(*version)), item: None }
            }
            None => {
                let listed = self.marks.keys().filter(|key| key.environment == *environment);
                StoredNames::Names { names: listed.map(|key| key.service.clone()).collect(), version: None, item: None }
            }
        }
    }

    pub(in crate::engine) fn candidate(&self, key: &Key, id: &AttemptId) -> Option<StoredCandidate> {
        let (candidate, version) = self.candidates.get(&(key.clone(), id.clone()))?;
        Some(StoredCandidate { candidate: candidate.clone(), version: Some(named(*version)) })
    }

    /// Somebody writes the same mark again: nothing changes but the version.
    pub(in crate::engine) fn touch(&mut self, key: &Key) {
        self.writes += 1;
        if let Some((_, version)) = self.marks.get_mut(key) {
            *version = self.writes;
        }
    }

    /// The mark can no longer be read.
    pub(in crate::engine) fn damage(&mut self, key: &Key, with_serial: bool) {
        self.writes += 1;
        let Some((known, version)) = self.marks.get_mut(key) else { return };
        let Known::Mark(mark) = known else { return };
        let serial = Some(mark.serial).filter(|_| with_serial);
        *known = Known::Damaged { cause: "it was cut".to_owned(), serial };
        *version = self.writes;
    }

    /// The item of names is gone: it is made again from a listing.
    pub(in crate::engine) fn forget_names(&mut self, environment: &EnvironmentName) {
        self.names.remove(environment);
    }

    /// A planted fault's own write.
    pub(in crate::engine) fn force(&mut self, key: &Key, change: impl FnOnce(&mut Mark)) {
        self.writes += 1;
        if let Some((Known::Mark(mark), version)) = self.marks.get_mut(key) {
            change(mark);
            *version = self.writes;
        }
    }

    pub(in crate::engine) fn write_names(&mut self, write: &NamesWrite) -> Result<(), Conflict> {
        let there = self.names.get(&write.environment).map(|(_, version)| named(*version));
        if there != write.expected {
            return Err(Conflict);
        }
        self.writes += 1;
        self.names.insert(write.environment.clone(), (write.names.clone(), self.writes));
        Ok(())
    }

    /// What goes before the mark, the mark, what goes after it.
    pub(in crate::engine) fn write(&mut self, write: &Write) -> Result<(), Conflict> {
        self.put(&write.key, &write.first)?;
        if let Some(mark) = &write.mark {
            self.fits(&write.key, write.expected.as_ref())?;
            self.writes += 1;
            let mark = if self.strict { reread(&write.key, mark) } else { mark.clone() };
            self.marks.insert(write.key.clone(), (Known::Mark(Box::new(mark)), self.writes));
        }
        self.put(&write.key, &write.then)
    }

    /// Only what goes before the mark: then the writer dies.
    pub(in crate::engine) fn write_first(&mut self, write: &Write) {
        let _ = self.put(&write.key, &write.first);
    }

    pub(in crate::engine) fn remove(&mut self, removal: &Removal) -> Result<(), Conflict> {
        self.fits(&removal.key, removal.expected.as_ref())?;
        self.marks.remove(&removal.key);
        Ok(())
    }

    fn fits(&self, key: &Key, expected: Option<&Version>) -> Result<(), Conflict> {
        let there = self.marks.get(key).map(|(_, version)| named(*version));
        if there.as_ref() == expected { Ok(()) } else { Err(Conflict) }
    }

    fn put(&mut self, key: &Key, puts: &[Put]) -> Result<(), Conflict> {
        for put in puts {
            let Put::Candidate(candidate, expected) = put else { continue };
            let at = (key.clone(), candidate.id.clone());
            let there = self.candidates.get(&at).map(|(_, version)| named(*version));
            // Nobody else writes a new one, so that a further try may write it again.
            if expected.is_some() && there != *expected {
                return Err(Conflict);
            }
            self.writes += 1;
            let mut candidate = candidate.as_ref().clone();
            if self.strict {
                candidate = decode_candidate(&encode_candidate(&candidate).unwrap()).unwrap();
            }
            self.candidates.insert(at, (candidate, self.writes));
        }
        Ok(())
    }
}

/// A mark through its stored form.
fn reread(key: &Key, mark: &Mark) -> Mark {
    let stored = decode_mark(key, &encode_mark(key, mark, "0.0.0").unwrap()).unwrap();
    assert_eq!(stored, *mark, "what is read is what was written");
    stored
}

fn named(version: u64) -> Version {
    Version::new(version.to_string())
}

/// Makes a mark unavailable in what was read.
pub(in crate::engine) fn unreadable(marks: &mut Marks, key: &Key, read_at: Option<Timestamp>) {
    let known = Known::Unavailable("the store did not answer".to_owned());
    marks.put(key.clone(), StoredMark { known, version: None, read_at });
}
