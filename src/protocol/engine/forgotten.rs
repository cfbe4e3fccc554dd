//! Commands that a build or a deploy stage lacks, or that never ran: what the list of attempts shows of it.

use jiff::{SignedDuration, Timestamp};

use super::mark::{Attempt, Clock, Mark, State};
use crate::base::clock::age;

/// A command that was forgotten, or that a stopped build did not get to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forgotten {
    /// A build neither recorded nor failed within its timeout.
    Record,
    /// A candidate was promoted and never begun; or several wait, and none was ever deployed.
    Begin,
    /// A deploy stage began and was neither promoted nor failed.
    Promote,
}

impl Forgotten {
    /// The command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Begin => "begin",
            Self::Promote => "promote",
        }
    }

    /// Whether a sentence about the service asks for it already.
    pub fn is_asked_in(self, text: &str) -> bool {
        text.contains(&format!("is `shipmark {}`", self.word()))
    }

    /// What happened, and what to look at: `… neither recorded nor failed: …`.
    pub fn sentence(self, attempt: &Attempt, now: Timestamp) -> String {
        let build = attempt.build_text().unwrap_or_else(|| "a build that did not name itself".to_owned());
        let when = age(now, attempt.opened_at);
        match self {
            Self::Record => format!(
                "{build}, {when}, neither recorded nor failed: was it stopped, or is `shipmark record` (or `stage`) missing at its end?"
            ),
            Self::Begin => format!(
                "the candidate of {build}, {when}, never began to deploy: is `shipmark begin` missing at the start of its deploy stage?"
            ),
            Self::Promote => format!(
                "the deploy of {build} began {when} and was never promoted: was it stopped, or is `shipmark promote` (`promote --failed` after a failure) missing at the end of its deploy stage?"
            ),
        }
    }
}

/// What was forgotten for a service, oldest first.
pub fn forgotten(mark: &Mark, now: Clock) -> Vec<(Forgotten, &Attempt)> {
    let time = mark.time(now);
    let deployed = || mark.deployed.iter().filter_map(|deploy| deploy.candidate.as_ref());
    let candidates: Vec<_> = deployed().chain(mark.log.iter().filter_map(|one| one.candidate.as_ref())).collect();
    let waiting = mark.attempts.iter().filter(|attempt| attempt.waits()).count();
    let of = |attempt: &Attempt| {
        // One that belongs to no build, or stands for several, has nobody who could have spoken for it.
        if attempt.id.is_nameless() || attempt.pinned_by.is_some() {
            return None;
        }
        match attempt.unreported_at(time) {
            Some(State::Building) => return Some(Forgotten::Record),
            Some(State::Deploying) => return Some(Forgotten::Promote),
            Some(State::Pending | State::Failed) | None => {}
        }
        let promoted = candidates.contains(&&attempt.id);
        let unused = waiting > 1 && candidates.is_empty();
        let long = || {
            let limit = SignedDuration::from_secs(i64::try_from(attempt.timeout_seconds).unwrap_or(i64::MAX));
            time.is_some_and(|time| time.duration_since(attempt.opened_at) > limit)
        };
        match attempt.state {
            State::Pending if promoted || unused => Some(Forgotten::Begin),
            State::Deploying if attempt.alive() && long() => Some(Forgotten::Promote),
            _ => None,
        }
    };
    mark.attempts.iter().filter_map(|attempt| Some((of(attempt)?, attempt))).collect()
}
