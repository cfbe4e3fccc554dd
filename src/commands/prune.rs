//! Taking away what nobody will ask for any more. It never fails a command: what stays costs a little room, nothing else.

use jiff::{SignedDuration, Timestamp};

use crate::decide::Known;
use crate::mark::Candidate;
use crate::mark::stored::{Key, decode_candidate};
use crate::settings::now;
use crate::store::{Store, StoreError};

use super::context::read_one;

/// Candidates are kept for rollbacks: the last 20 however old, and all of 90 days.
const CANDIDATES: usize = 20;
const CANDIDATE_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Drops old candidates of a service, and the snapshots that nothing names any more.
pub(super) fn prune(store: &Store, key: &Key) {
    if let Err(error) = try_prune(store, key, now()) {
        tracing::debug!(%error, service = %key.service, "old candidates and snapshots stay");
    }
}

fn try_prune(store: &Store, key: &Key, now: Timestamp) -> Result<(), StoreError> {
    let Known::Mark(mark) = read_one(store, key).known else { return Ok(()) };
    let mut snapshots: Vec<String> =
        mark.deployed.iter().filter_map(|deploy| deploy.release.snapshot.clone()).collect();
    let ids = store.candidates(key)?;
    let old = ids.len().saturating_sub(CANDIDATES);
    for (at, id) in ids.iter().enumerate() {
        let candidate = store.candidate(key, id)?;
        let candidate: Option<Candidate> = candidate.and_then(|bytes| decode_candidate(&bytes).ok());
        // What cannot be read may be a newer version's, which knows when to drop it.
        let Some(candidate) = candidate else { continue };
        let waits = mark.attempts.iter().any(|attempt| attempt.candidate.as_ref() == Some(id));
        if at < old && !waits && now.duration_since(candidate.staged_at) > CANDIDATE_DAYS {
            store.remove_candidate(key, id)?;
        } else {
            snapshots.extend(candidate.release.snapshot);
        }
    }
    store.prune_snapshots(key, &snapshots)
}
