//! A list that is full: 64 attempts at most, so that a mark stays small. Forgetting one could be a false skip, so two
//! become one that stands for both, and that has ended only when both would have.

use super::{Attempt, State};
use crate::base::fingerprint::same;

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
        id: elder.id.nameless(),
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

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::base::fingerprint::{Content, Fingerprint};
    use crate::protocol::mark::AttemptId;

    fn attempt(name: &str, state: State, serial: u64) -> Attempt {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        Attempt {
            id: AttemptId::parse(name).unwrap(),
            state,
            content: Some(Content { fingerprint: Fingerprint([1; 32]), modes: None }),
            pipeline: Some("codepipeline/p".to_owned()),
            build: None,
            revision: None,
            opened_at: now + SignedDuration::from_mins(i64::try_from(serial).unwrap()),
            timeout_seconds: 3600,
            opened: serial,
            ended: (state == State::Failed).then_some(serial + 10),
            staged: (state == State::Pending).then_some(serial),
            candidate: None,
            repeats: None,
            overtaken: false,
            pinned_by: None,
            stands_for: None,
            rest: serde_json::Map::new(),
        }
    }

    /// Both orders give the same claim.
    fn merged(one: &Attempt, other: &Attempt) -> Attempt {
        let (there, back) = (both(one, other), both(other, one));
        assert_eq!(Attempt { id: back.id.clone(), ..there.clone() }, back);
        there
    }

    #[test]
    fn those_that_ended_have_ended_when_the_last_has() {
        let both = merged(&attempt("a", State::Failed, 1), &attempt("b", State::Failed, 2));
        assert_eq!((both.state, both.ended, both.stands_for), (State::Failed, Some(12), Some(2)));
        let all = merged(&both, &attempt("c", State::Failed, 0));
        assert_eq!((all.ended, all.stands_for), (Some(12), Some(3)));
    }

    #[test]
    fn builds_time_out_when_the_last_has() {
        let (short, long) = (attempt("a", State::Building, 9), attempt("b", State::Building, 1));
        let short = Attempt { timeout_seconds: 60, ..short };
        assert_eq!(merged(&short, &long).deadline(), long.deadline());
    }

    #[test]
    fn candidates_of_one_pipeline_are_covered_when_the_last_is() {
        let (one, other) = (attempt("a", State::Pending, 1), attempt("b", State::Pending, 2));
        let both = merged(&one, &other);
        assert_eq!((both.state, both.staged, &both.pipeline), (State::Pending, Some(2), &one.pipeline));
        let elsewhere = Attempt { pipeline: Some("codepipeline/q".to_owned()), ..other };
        assert_eq!(merged(&one, &elsewhere).pipeline, None, "no pipeline's turn covers both");
    }

    #[test]
    fn what_ended_beside_what_is_alive_ends_with_it() {
        let both = merged(&attempt("a", State::Failed, 1), &attempt("b", State::Pending, 2));
        assert_eq!((both.state, both.ended, both.staged), (State::Pending, Some(11), Some(2)));
    }

    #[test]
    fn a_build_and_a_candidate_never_end() {
        let both = merged(&attempt("a", State::Building, 1), &attempt("b", State::Pending, 2));
        assert_eq!((both.state, both.pipeline), (State::Deploying, None));
    }

    #[test]
    fn only_the_very_same_content_stays_known() {
        let one = attempt("a", State::Failed, 1);
        let content = one.content;
        let modes = |of: u8| content.map(|content| Content { modes: Some(Fingerprint([of; 32])), ..content });
        for (other, expected) in [(content, content), (modes(1), None), (None, None)] {
            let other = Attempt { content: other, ..attempt("b", State::Failed, 2) };
            assert_eq!(merged(&one, &other).content, expected);
        }
    }

    #[test]
    fn nobody_finds_it_by_the_id_of_one() {
        let (a, b) = (attempt("a", State::Failed, 1), attempt("b", State::Failed, 2));
        let all = both(&both(&a, &b), &attempt("c", State::Failed, 3));
        assert_eq!(all.id.as_str(), "a+");
        assert!(AttemptId::parse(all.id.as_str()).is_none());
    }

    #[test]
    fn the_oldest_that_ended_become_one_first() {
        let mut list: Vec<Attempt> = (0..62).map(|n| attempt(&format!("b{n}"), State::Building, n)).collect();
        list.push(attempt("x", State::Failed, 70));
        list.push(attempt("y", State::Failed, 71));
        make_room(&mut list);
        assert_eq!(list.len(), LIMIT - 1);
        assert_eq!(list[62].id.as_str(), "x+");
        assert_eq!(list[62].stands_for, Some(2));
        list.push(attempt("z", State::Pending, 72));
        make_room(&mut list);
        assert_eq!(list[0].id.as_str(), "b0+");
    }
}
