//! An attempt as a sentence for people: which build, how old it is, what ends it and by when.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::mark::{Attempt, State};
use crate::base::clock::age;
use crate::base::text::short_revision;

/// What settles the doubt about something that has ended.
pub const SETTLES: &str = "the next recorded deploy that nothing overlaps settles it";

/// An attempt as half a sentence.
#[derive(Debug, Clone, Copy)]
pub struct AttemptText<'a> {
    attempt: &'a Attempt,
    now: Option<Timestamp>,
    over: bool,
}

impl<'a> AttemptText<'a> {
    /// As the list has it. Without `now`, dates are shown instead of ages.
    pub fn new(attempt: &'a Attempt, now: Option<Timestamp>) -> Self {
        Self { attempt, now, over: attempt.over(now) }
    }

    /// An attempt that has ended by the store's clock, even if the list does not say so yet.
    pub fn ended(attempt: &'a Attempt, now: Option<Timestamp>) -> Self {
        Self { attempt, now, over: true }
    }

    fn when(&self, time: Timestamp) -> String {
        self.now.map_or_else(|| date(time), |now| age(now, time))
    }

    fn ending(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = self.attempt;
        let state = if self.over && attempt.alive() { Some(attempt.state) } else { attempt.unreported };
        match (self.over, state, attempt.state) {
            (_, Some(State::Deploying), _) => f.write_str(
                " began to deploy and was never promoted: was it stopped, or is `shipmark promote` missing at the end of its deploy stage?",
            )?,
            (_, Some(_), _) => write!(
                f,
                " neither recorded nor failed within {}: was it stopped, or is `shipmark record` (or `stage`) missing at its end?",
                span(attempt.timeout_seconds)
            )?,
            (true, None, _) => f.write_str(" failed, and may have left something")?,
            (false, None, State::Building) => f.write_str(" is under way; it ends when that build records or fails")?,
            (false, None, State::Pending) => f.write_str(
                " is built and waits for its deploy stage; its `begin`, or that of a newer candidate, ends the wait",
            )?,
            (false, None, _) => f.write_str(" is being deployed; its `promote` or `promote --failed` ends it")?,
        }
        match attempt.deadline.filter(|_| !self.over) {
            Some(deadline) => write!(f, ", at the latest {}", date(deadline)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for AttemptText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = self.attempt;
        if let Some(taint) = &attempt.taint {
            return write!(f, "tainted by {}, {}: {}", taint.by, self.when(taint.at), taint.reason);
        }
        let (build, when) = (attempt.build_text(), self.when(attempt.opened_at));
        if let Some(doubt) = &attempt.doubt {
            f.write_str(doubt)?;
            match build {
                Some(build) => write!(f, " ({build}, {when})")?,
                None => write!(f, " ({when})")?,
            }
            return match attempt.deadline.filter(|_| !self.over) {
                Some(deadline) => write!(f, "; it ends at the latest {}", date(deadline)),
                None => Ok(()),
            };
        }
        match (attempt.stands_for, &attempt.revision, &attempt.pinned_by) {
            (Some(count), _, _) => write!(f, "one of {count} attempts")?,
            (None, _, Some(service)) => write!(f, "a deploy of `{service}`, which deploys it again,")?,
            (None, Some(revision), None) => write!(f, "an attempt at {}", short_revision(revision))?,
            (None, None, None) => f.write_str("an attempt")?,
        }
        match build {
            Some(build) => write!(f, " ({build}, {when})")?,
            None => write!(f, " ({when})")?,
        }
        self.ending(f)
    }
}

/// To the minute, in UTC.
pub fn date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `1 hour`, as ages are written.
fn span(seconds: u64) -> String {
    let length = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let start = Timestamp::UNIX_EPOCH;
    let text = start.checked_add(length).map_or_else(|_| String::new(), |end| age(end, start));
    text.strip_suffix(" ago").map_or_else(|| "its timeout".to_owned(), str::to_owned)
}
