//! Removes data that is no longer needed. It never makes a command fail: leftovers only cost a little space.

use jiff::{SignedDuration, Timestamp};

use crate::app::settings::now;
use crate::base::key::Key;
use crate::protocol::engine::mark::stored::decode_candidate;
use crate::protocol::engine::mark::{Candidate, Mark};
use crate::protocol::engine::step::Write;
use crate::store::{Store, StoreError};

/// Candidates are kept for rollbacks: the last 20 however old, and all of 90 days.
const CANDIDATES: usize = 20;
const CANDIDATE_DAYS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// The start of the period to prune, if pruning is due: each UTC day is pruned once, by the first deploy of a later
/// day. Pruning asks the store for two lists, which may cost more than everything else that a record does, so what was
/// stored on the same day is left for later.
fn due(mark: &Mark) -> Option<Timestamp> {
    let day = |at: Timestamp| at.as_second().div_euclid(DAY) * DAY;
    let last = mark.deployed.as_ref()?.recorded_at;
    let since = mark.log.first().map(|earlier| day(earlier.recorded_at)).filter(|since| *since != day(last))?;
    Timestamp::from_second(since).ok()
}

/// After deploys were recorded: prunes the data of their services if that is due.
pub(super) fn after(store: &Store, writes: &[Write]) {
    for write in writes {
        let Some(mark) = &write.mark else { continue };
        if let Some(since) = due(mark) {
            prune(store, &write.key, mark, since);
        }
    }
}

/// Drops old candidates of a service, and snapshots that are no longer referred to, by its mark as just written or by a
/// candidate.
fn prune(store: &Store, key: &Key, mark: &Mark, since: Timestamp) {
    if let Err(error) = try_prune(store, key, mark, since, now()) {
        tracing::debug!(%error, service = %key.service, "old candidates and snapshots stay");
    }
}

fn try_prune(store: &Store, key: &Key, mark: &Mark, since: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    let mut snapshots: Vec<String> =
        mark.deployed.iter().filter_map(|deploy| deploy.release.snapshot.clone()).collect();
    let candidates: Vec<_> =
        store.candidates(key)?.into_iter().map(|(id, bytes)| (id, decode_candidate(&bytes).ok())).collect();
    let old = candidates.len().saturating_sub(CANDIDATES);
    let is_new = |candidate: &Candidate| candidate.staged_at >= since;
    let new = candidates.iter().filter(|(_, candidate)| candidate.as_ref().is_some_and(is_new)).count();
    for (at, (id, candidate)) in candidates.into_iter().enumerate() {
        // An unreadable candidate may be from a newer version, which will drop it in time.
        let Some(candidate) = candidate else { continue };
        let waits = mark.attempts.iter().any(|attempt| attempt.id == id || attempt.candidate.as_ref() == Some(&id));
        let end = candidate.staged_at.saturating_add(CANDIDATE_DAYS).unwrap_or(Timestamp::MAX);
        if at < old && !waits && now > end {
            store.remove_candidate(key, &id)?;
            continue;
        }
        // As many candidates have become old as have been added since the last time; those before them are known to
        // expire.
        if (old.saturating_sub(new)..old).contains(&at) && !waits {
            store.expire_candidate(key, &id, end)?;
        }
        snapshots.extend(candidate.release.snapshot);
    }
    store.prune_snapshots(key, &snapshots, now)
}
