//! Nobody's own clock decides anything: ages are measured by the store's.

use jiff::{SignedDuration, Timestamp};
use shipmark::protocol::engine::mark::{AttemptId, Build, Clock, Mark, Opening};

const TIMEOUT: u64 = 3600;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_mins(minutes)
}

/// The store says that so many minutes have passed, and the writer's clock is off by so many hours.
fn clock(minutes: i64, off: i64) -> Clock {
    Clock { store: Some(at(minutes)), own: at(minutes) + SignedDuration::from_hours(off) }
}

fn id(text: &str) -> AttemptId {
    AttemptId::parse(text).unwrap()
}

/// A mark in which a writer whose clock is off by so many hours has opened an attempt.
fn opened(now: Clock) -> Mark {
    let mut mark = Mark::new(now);
    let opening = Opening {
        id: id("first"),
        content: None,
        artifact: None,
        build: Build::default(),
        revision: None,
        home: None,
        timeout_seconds: TIMEOUT,
        lane: None,
        pinned_by: None,
        reused: None,
        shadow: None,
        reason: None,
    };
    mark.open(opening, now).unwrap();
    mark
}

/// Whether the first attempt is under way, as a reader with that clock sees it and after it has written something.
fn alive(mark: &Mark, now: Clock) -> bool {
    let seen = !mark.attempt(&id("first")).unwrap().over(mark.time(now));
    let mut written = mark.clone();
    written.doubt(&id("second"), "something", &Build::default(), now);
    assert_eq!(written.attempt(&id("first")).unwrap().alive(), seen);
    seen
}

#[test]
fn a_writer_whose_clock_is_hours_off_ends_nobody_elses_attempt() {
    for opener in [-9, 0, 9] {
        let mark = opened(clock(0, opener));
        for other in [-9, 0, 9] {
            assert!(alive(&mark, clock(59, other)), "{opener} {other}");
            assert!(!alive(&mark, clock(61, other)), "{opener} {other}");
        }
        // A time from before the newest in the mark came with an old answer.
        assert!(alive(&mark, clock(-600, 9)), "{opener}");
    }
}

#[test]
fn without_the_stores_time_nothing_ends_by_age() {
    let timeless = |hours: i64| Clock { store: None, own: at(60 * hours) };
    let mark = opened(clock(0, 0));
    assert!(alive(&mark, timeless(1000)));
    // One that was opened without it is as old as the first write that knows it.
    let mut mark = opened(timeless(-1000));
    assert!(alive(&mark, clock(120, 0)));
    mark.doubt(&id("third"), "something", &Build::default(), clock(120, 9));
    assert!(alive(&mark, clock(179, 9)));
    assert!(!alive(&mark, clock(181, -9)));
}
