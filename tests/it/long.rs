//! How long the long tier walks. Its tests are ignored, are in modules named `long`, and are run by `.ci/long`.
//!
//! What walks by chance is given minutes and not counts: each test takes its part of a share, and walks at least once. The seeds
//! change by the day, and are printed. `SHIPMARK_LONG_MINUTES` are the minutes of all shares together, one test after the other;
//! `SHIPMARK_LONG_SEED` is the seed of the first walk, to repeat one that failed; `SHIPMARK_LONG=full` asks for counts instead.

use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime};

use crate::support::say;

/// Who shares the minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Share {
    /// The protocol's transitions and decisions, in this process.
    Protocol,
    /// The program, by one pipeline.
    Program,
    /// The program, by several pipelines that share services or a stack.
    Fleet,
    /// Kills and races. Tables, whole histories and engines belong here too; they take what they take.
    Rest,
}

impl Share {
    /// Of the default's forty minutes.
    const fn minutes(self) -> f64 {
        match self {
            Self::Protocol => 5.0,
            Self::Program => 12.0,
            Self::Fleet => 8.0,
            Self::Rest => 15.0,
        }
    }
}

/// The minutes of all shares, where nobody asks for others.
const MINUTES: f64 = 40.0;

/// Walks by their seeds.
pub(crate) struct Walks {
    first: u64,
    taken: u64,
    until: Until,
}

enum Until {
    Count(u64),
    Time(Instant),
}

/// Seeds for walks, at least one, until this part of a share is used; or so many as `full`, where all are asked for.
pub(crate) fn walks(share: Share, part: f64, full: u64) -> Walks {
    let until = match variable::<String>("SHIPMARK_LONG").as_deref() {
        Some("full") => Until::Count(full),
        Some(other) => panic!("SHIPMARK_LONG is `full` or unset, and not `{other}`"),
        None => {
            let all = variable("SHIPMARK_LONG_MINUTES").unwrap_or(MINUTES);
            let minutes = share.minutes() * part * all / MINUTES;
            Until::Time(Instant::now() + Duration::from_secs_f64(minutes * 60.0))
        }
    };
    // Those of a day do not meet those of the next.
    let first = variable("SHIPMARK_LONG_SEED").unwrap_or_else(|| today() * 100_000);
    Walks { first, taken: 0, until }
}

impl Iterator for Walks {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let ended = match self.until {
            Until::Count(count) => self.taken >= count,
            Until::Time(end) => self.taken > 0 && Instant::now() >= end,
        };
        if ended {
            return None;
        }
        self.taken += 1;
        Some(self.first + self.taken - 1)
    }
}

impl Drop for Walks {
    fn drop(&mut self) {
        let current = std::thread::current();
        let test = current.name().unwrap_or_default();
        if std::thread::panicking() {
            let last = self.first + self.taken.saturating_sub(1);
            say(&format!("{test} failed in its walk with the seed {last}: {}", repeat(test, last)));
        } else {
            say(&format!("{test}: {} walks from the seed {}", self.taken, self.first));
        }
    }
}

/// The command that takes one walk again.
fn repeat(test: &str, seed: u64) -> String {
    format!(
        "SHIPMARK_LONG_SEED={seed} SHIPMARK_LONG_MINUTES=0 cargo test --locked --test it -- --ignored --exact {test}"
    )
}

/// A variable of this process. One that cannot be read is a mistake.
fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: `{text}` cannot be read")))
}

/// The days since 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / (24 * 60 * 60)
}

#[test]
fn the_shares_are_all_of_the_minutes() {
    let shares = [Share::Protocol, Share::Program, Share::Fleet, Share::Rest];
    assert_eq!(shares.map(Share::minutes).iter().sum::<f64>(), MINUTES);
}

#[test]
fn at_least_one_walk_is_taken() {
    let over = Walks { first: 7, taken: 0, until: Until::Time(Instant::now()) };
    assert_eq!(over.collect::<Vec<_>>(), [7]);
    let counted = Walks { first: 7, taken: 0, until: Until::Count(3) };
    assert_eq!(counted.collect::<Vec<_>>(), [7, 8, 9]);
}
