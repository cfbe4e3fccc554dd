//! Taking away what nobody will ask for any more. It never fails a command: what stays costs a little room, nothing else.

use jiff::{SignedDuration, Timestamp};

use crate::mark::Mark;
use crate::mark::stored::{Key, decode_candidate};
use crate::settings::now;
use crate::store::{Store, StoreError};

/// Candidates are kept for rollbacks: the last 20 however old, and all of 90 days.
const CANDIDATES: usize = 20;
const CANDIDATE_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Drops old candidates of a service, and the snapshots that nothing names any more: neither its mark, as it was written
/// just now, nor a candidate.
pub(super) fn prune(store: &Store, key: &Key, mark: &Mark) {
    if let Err(error) = try_prune(store, key, mark, now()) {
        tracing::debug!(%error, service = %key.service, "old candidates and snapshots stay");
    }
}

fn try_prune(store: &Store, key: &Key, mark: &Mark, now: Timestamp) -> Result<(), StoreError> {
    let mut snapshots: Vec<String> =
        mark.deployed.iter().filter_map(|deploy| deploy.release.snapshot.clone()).collect();
    let candidates = store.candidates(key)?;
    let old = candidates.len().saturating_sub(CANDIDATES);
    for (at, (id, bytes)) in candidates.into_iter().enumerate() {
        // What cannot be read may be a newer version's, which knows when to drop it.
        let Ok(candidate) = decode_candidate(&bytes) else { continue };
        let waits = mark.attempts.iter().any(|attempt| attempt.candidate.as_ref() == Some(&id));
        let end = candidate.staged_at.saturating_add(CANDIDATE_DAYS).unwrap_or(Timestamp::MAX);
        if at < old && !waits && now > end {
            store.remove_candidate(key, &id)?;
            continue;
        }
        // One more is old now; those before it are known to expire.
        if at + 1 == old && !waits {
            store.expire_candidate(key, &id, end)?;
        }
        snapshots.extend(candidate.release.snapshot);
    }
    store.prune_snapshots(key, &snapshots, now)
}
