//! A list that is full: 64 attempts at most, so that a mark stays small. Forgetting one could be a false skip, so two
//! become one that stands for both, and that has ended only when both would have.

use super::{Attempt, State};
use crate::content::same;

/// How many attempts a mark holds.
pub(super) const LIMIT: usize = 64;

/// Makes room for one more.
pub(super) fn make_room(attempts: &mut Vec<Attempt>) {
    while attempts.len() >= LIMIT {
        let (first, second) = pair(attempts);
        let second = attempts.remove(second);
        let first = &mut attempts[first];
        *first = both(first, &second);
    }
}

/// The two oldest that lose least by being one: those that ended, then builds, then what waits in one pipeline's stage.
fn pair(attempts: &[Attempt]) -> (usize, usize) {
    for state in [State::Failed, State::Building, State::Pending, State::Deploying] {
        for (first, one) in attempts.iter().enumerate().filter(|(_, attempt)| attempt.state == state) {
            let alike = |other: &Attempt| {
                let in_turn = matches!(state, State::Failed | State::Building) || one.pipeline == other.pipeline;
                other.state == state && in_turn
            };
            if let Some(second) = attempts.iter().skip(first + 1).position(alike) {
                return (first, first + 1 + second);
            }
        }
    }
    (0, 1)
}

fn both(one: &Attempt, other: &Attempt) -> Attempt {
    // A build and a candidate in one entry: nothing that happens later could tell that both are over.
    let state = match (one.state, other.state) {
        (a, b) if a == b => a,
        (State::Failed, alive) | (alive, State::Failed) => alive,
        _ => State::Deploying,
    };
    let mixed = one.alive() && other.alive() && one.state != other.state;
    let elder = if one.alive() || !other.alive() { one } else { other };
    let pipeline = match (one.alive(), other.alive()) {
        (true, true) => one.pipeline.clone().filter(|_| !mixed && one.pipeline == other.pipeline),
        (true, false) => one.pipeline.clone(),
        _ => other.pipeline.clone(),
    };
    let last = if one.deadline() >= other.deadline() { one } else { other };
    Attempt {
        id: elder.id.as_crowd(),
        state,
        content: one
            .content
            .filter(|_| same(one.content.as_ref(), other.content.as_ref()) && one.content == other.content),
        pipeline,
        build: None,
        revision: None,
        opened_at: last.opened_at,
        timeout_seconds: last.timeout_seconds,
        opened: one.opened.min(other.opened),
        ended: one.ended.max(other.ended),
        staged: one.staged.max(other.staged),
        candidate: None,
        repeats: None,
        overtaken: true,
        pinned_by: None,
        stands_for: Some(one.stands_for.unwrap_or(1).saturating_add(other.stands_for.unwrap_or(1))),
        rest: serde_json::Map::new(),
    }
}
