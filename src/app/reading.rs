//! Reads what a step needs: marks, and the names of the services that have one. An error is never read as absence.

use jiff::{SignedDuration, Timestamp};

use super::settings::now;
use crate::base::failure::chain;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::stored::{decode_mark, serial_of};
use crate::protocol::engine::marks::{Known, Marks, StoredMark, StoredNames};
use crate::protocol::engine::names::decode_names;
use crate::protocol::engine::step::Unread;
use crate::store::{Store, StoreError, Stored};

/// Reads everything needed that has not been read yet. What is needed may depend on what was read.
pub fn read(store: &Store, project: &ProjectName, marks: &mut Marks, needed: &impl Fn(&Marks) -> Unread) {
    read_with(store, &[], project, marks, needed);
}

/// [`read`], with the stores of the environments that have another one.
pub fn read_with(
    store: &Store,
    elsewhere: &[(EnvironmentName, Store)],
    project: &ProjectName,
    marks: &mut Marks,
    needed: &impl Fn(&Marks) -> Unread,
) {
    loop {
        let missing = needed(marks);
        if missing.is_empty() {
            return;
        }
        let (other, keys): (Vec<Key>, Vec<Key>) =
            missing.keys.into_iter().partition(|key| elsewhere.iter().any(|(name, _)| *name == key.environment));
        for (name, store) in elsewhere {
            let keys: Vec<Key> = other.iter().filter(|key| key.environment == *name).cloned().collect();
            if !keys.is_empty() {
                let batch = store.read_batch(project, &keys, &[]);
                put(marks, keys, batch.marks, time_of(store, batch.time));
            }
        }
        let environments: Vec<EnvironmentName> = missing.names.into_iter().collect();
        let batch = store.read_batch(project, &keys, &environments);
        put(marks, keys, batch.marks, time_of(store, batch.time));
        for (environment, found) in environments.into_iter().zip(batch.names) {
            let names = names(store, project, &environment, found);
            marks.put_names(environment, names);
        }
    }
}

/// The store's time. One that came over a network and is a day or more off this machine's clock comes from something that
/// answers in the store's place, and would end the attempts of builds that are still running. Without a time, nothing ends
/// by its age.
fn time_of(store: &Store, time: Option<Timestamp>) -> Option<Timestamp> {
    let off = |time: &Timestamp| time.duration_since(now()).abs() >= SignedDuration::from_hours(24);
    time.filter(|time| store.is_local() || !off(time))
}

fn put(marks: &mut Marks, keys: Vec<Key>, found: Vec<Result<Option<Stored>, StoreError>>, time: Option<Timestamp>) {
    for (key, found) in keys.into_iter().zip(found) {
        let read = interpret(&key, found, time);
        marks.put(key, read);
    }
}

fn interpret(key: &Key, found: Result<Option<Stored>, StoreError>, time: Option<Timestamp>) -> StoredMark {
    let (known, version) = match found {
        Err(error) => (Known::Unavailable(chain(&error)), None),
        Ok(None) => (Known::Absent, None),
        Ok(Some(stored)) => {
            let known = match decode_mark(key, &stored.bytes) {
                Ok(mark) => Known::Mark(Box::new(mark)),
                Err(damaged) => Known::Damaged { cause: damaged.to_string(), serial: serial_of(&stored.bytes) },
            };
            (known, Some(stored.version))
        }
    };
    StoredMark { known, version, read_at: time }
}

/// The names of an environment, derived from a listing if the item is missing.
fn names(
    store: &Store,
    project: &ProjectName,
    environment: &EnvironmentName,
    found: Result<Option<Stored>, StoreError>,
) -> StoredNames {
    let unavailable = |cause: String| StoredNames::Unavailable(cause);
    match found {
        Err(error) => unavailable(chain(&error)),
        Ok(Some(stored)) => match decode_names(&stored.bytes) {
            Ok(names) => StoredNames::Names { names, version: Some(stored.version), item: Some(stored.bytes) },
            Err(damaged) => unavailable(format!("the list of the services is damaged: {damaged}")),
        },
        Ok(None) => match store.services(project, environment) {
            Ok(names) => StoredNames::Names { names: names.into_iter().collect(), version: None, item: None },
            Err(error) => unavailable(chain(&error)),
        },
    }
}
