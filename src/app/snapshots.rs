//! The snapshots that a step refers to, on their way into the store. They only explain: one that is lost, or that the store
//! does not take, fails nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::report::{ByCause, Reporter};
use crate::base::failure::chain;
use crate::base::key::Key;
use crate::store::Store;

/// The bytes of a snapshot, by its hash; `None` if they are lost.
type Bytes<'a> = &'a (dyn Fn(&str) -> Option<Vec<u8>> + Sync);

/// Where the bytes of snapshots are, and which of them the store did not take.
pub struct Snapshots<'a> {
    at_hand: Option<(Bytes<'a>, Reporter)>,
    /// By key and hash: those that are not tried again.
    refused: Mutex<BTreeSet<(Key, String)>>,
    causes: ByCause,
}

impl<'a> Snapshots<'a> {
    /// Snapshots whose bytes are at hand.
    pub fn new(bytes: Bytes<'a>, reporter: Reporter) -> Self {
        Self { at_hand: Some((bytes, reporter)), ..Self::none() }
    }

    /// For steps that refer to no snapshot that is not stored yet.
    pub fn none() -> Self {
        Self { at_hand: None, refused: Mutex::default(), causes: ByCause::default() }
    }

    /// Stores a snapshot, if the store takes it.
    pub fn keep(&self, store: &Store, key: &Key, hash: &str, at: Timestamp) {
        let place = (key.clone(), hash.to_owned());
        if self.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(&place) {
            return;
        }
        let Some(bytes) = self.at_hand.and_then(|(bytes, _)| bytes(hash)) else { return };
        if let Err(error) = store.put_snapshot(key, hash, &bytes, at) {
            self.causes.add(&key.service, chain(&error));
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
        }
    }

    /// Warns of those that were not stored.
    pub fn warn(&self) {
        let Some((_, reporter)) = self.at_hand else { return };
        self.causes.warn(reporter, |services| {
            format!("the list of the inputs of {services} is not stored, so the next changes cannot be listed")
        });
    }
}
