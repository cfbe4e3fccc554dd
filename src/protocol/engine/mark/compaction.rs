//! R15: a full list. Forgetting an attempt could cause a false skip, so two are merged into one that represents both,
//! and that has ended only when both have.

use super::{Attempt, Lane, Mark, State};

/// The maximum number of attempts in a mark.
pub const MOST_ATTEMPTS: usize = 64;

/// The list is full of attempts that cannot be merged, so nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MOST_ATTEMPTS} of its deploys are under way or waiting, and none of them can be merged")]
pub struct Full;

impl Mark {
    /// Makes room for one more attempt.
    pub(super) fn make_room(&mut self) -> Result<(), Full> {
        while self.attempts.len() >= MOST_ATTEMPTS {
            let (first, second) = pair(&self.attempts).ok_or(Full)?;
            let second = self.attempts.remove(second);
            merge(&mut self.attempts[first], &second);
        }
        Ok(())
    }
}

/// The two oldest attempts whose merge loses the least: first ended ones, then builds, then candidates of one lane.
fn pair(attempts: &[Attempt]) -> Option<(usize, usize)> {
    let two = |pick: &dyn Fn(&Attempt) -> bool| {
        let mut picked = attempts.iter().enumerate().filter(|(_, attempt)| pick(attempt)).map(|(at, _)| at);
        picked.next().zip(picked.next())
    };
    let builds = |attempt: &Attempt| attempt.state == State::Building && attempt.deadline.is_some();
    let waiting = |lane: &Lane| two(&|attempt: &Attempt| attempt.waits() && attempt.lane.as_ref() == Some(lane));
    let lanes = || attempts.iter().filter(|attempt| attempt.waits()).filter_map(|attempt| attempt.lane.as_ref());
    two(&|attempt| !attempt.alive()).or_else(|| two(&builds)).or_else(|| lanes().find_map(waiting))
}

/// Merges `other` into `one`.
fn merge(one: &mut Attempt, other: &Attempt) {
    let both_wait = one.waits() && other.waits();
    if let Some((place, theirs)) = one.place.as_mut().zip(other.place.as_ref()).filter(|_| both_wait) {
        place.first = place.first.min(theirs.first);
        place.last = place.last.max(theirs.last);
    } else {
        one.lane = None;
        one.place = None;
        one.candidate = None;
    }
    one.id = one.id.nameless();
    one.opened = one.opened.min(other.opened);
    // Either both have ended or neither has.
    one.ended = one.ended.max(other.ended);
    one.deadline = one.deadline.max(other.deadline);
    if one.home != other.home {
        one.home = None;
    }
    one.timeout_seconds = one.timeout_seconds.max(other.timeout_seconds);
    if one.content != other.content {
        one.content = None;
    }
    if one.artifact != other.artifact {
        one.artifact = None;
    }
    one.decided = None;
    one.pinned_by = None;
    one.reused = None;
    one.shadow = None;
    one.reason = None;
    one.unreported = None;
    one.doubt = other.doubt.clone().or(one.doubt.take());
    one.taint = other.taint.clone().or(one.taint.take());
    // The newer one is the one that a person can still find.
    for (mine, theirs) in [
        (&mut one.build, &other.build),
        (&mut one.url, &other.url),
        (&mut one.number, &other.number),
        (&mut one.revision, &other.revision),
        (&mut one.actor, &other.actor),
    ] {
        if theirs.is_some() {
            mine.clone_from(theirs);
        }
    }
    one.stands_for = Some(one.stands_for.unwrap_or(1).saturating_add(other.stands_for.unwrap_or(1)));
}

#[cfg(test)]
mod tests;
