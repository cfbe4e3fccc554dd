//! The status of services, as values for `status`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::attempt_text::{AttemptText, SETTLES};
use super::forgotten::{Forgotten, forgotten};
use super::mark::{Attempt, AttemptId, Clock, Deploy, Logged, Mark, Shadow};
use super::marks::{Known, Marks, Moment};
use crate::base::key::Key;

/// How certain the last deploy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is certainly live.
    Deployed,
    /// Something else may be live.
    Uncertain,
    /// No deploy is recorded.
    NeverDeployed,
    /// The mark is damaged, or was written by a newer version.
    Unreadable,
    /// The store could not be read.
    Unavailable,
}

impl Certainty {
    /// All values, best first.
    pub const ALL: [Self; 5] =
        [Self::Deployed, Self::Uncertain, Self::NeverDeployed, Self::Unreadable, Self::Unavailable];

    /// Whether nothing of the mark is known.
    pub fn is_unknown(self) -> bool {
        matches!(self, Self::Unreadable | Self::Unavailable)
    }

    /// The stable word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Uncertain => "uncertain",
            Self::NeverDeployed => "never-deployed",
            Self::Unreadable => "state-unreadable",
            Self::Unavailable => "state-unavailable",
        }
    }
}

/// How far the last deploy is behind the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behind {
    /// How many inputs differ; `None` if unknown.
    pub inputs: Option<usize>,
    /// How many commits of the source's first-parent history are missing from the deploy's revision and touch an input;
    /// or why this is unknown. `None` if nothing is deployed.
    pub commits: Option<Result<usize, String>>,
}

/// One service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStatus {
    /// The mark's key.
    pub key: Key,
    /// How certain the last deploy is.
    pub certainty: Certainty,
    /// Why it is not certain, for people.
    pub detail: Option<String>,
    /// The last deploy.
    pub deployed: Option<Deploy>,
    /// The attempts that may still deploy, or may have left, something, oldest first.
    pub attempts: Vec<Attempt>,
    /// The known recorded deploys, newest first.
    pub deploys: Vec<Logged>,
    /// The counts of a shadow environment.
    pub shadow: Option<Shadow>,
    /// The attempts that a forgotten command left behind, with that command.
    pub forgotten: Vec<(Forgotten, AttemptId)>,
    /// The store's time of the read, which determines whether attempts are over.
    pub read_at: Option<Timestamp>,
    /// How far it is behind the source, once this has been determined.
    pub behind: Behind,
}

impl ServiceStatus {
    /// The status of a service, from what the store returned.
    pub fn new(key: &Key, known: &Known, now: Clock) -> Self {
        let (certainty, detail) = match known {
            Known::Unavailable(cause) => (Certainty::Unavailable, Some(cause.clone())),
            Known::Damaged { cause, .. } => (Certainty::Unreadable, Some(cause.clone())),
            Known::Absent => (Certainty::NeverDeployed, None),
            Known::Mark(mark) if mark.newer.is_some() => {
                (Certainty::Unreadable, Some("a newer shipmark wrote the mark".to_owned()))
            }
            Known::Mark(mark) if mark.deployed.is_none() => (Certainty::NeverDeployed, doubt(mark, now)),
            Known::Mark(mark) => match doubt(mark, now) {
                None if mark.certain() => (Certainty::Deployed, None),
                doubt => (Certainty::Uncertain, doubt),
            },
        };
        let mark = match known {
            Known::Mark(mark) => Some(mark.as_ref()),
            Known::Absent | Known::Unavailable(_) | Known::Damaged { .. } => None,
        };
        Self {
            key: key.clone(),
            certainty,
            detail,
            deployed: mark.and_then(|mark| mark.deployed.clone()),
            attempts: mark.map(|mark| mark.attempts.clone()).unwrap_or_default(),
            deploys: mark.map(Mark::deploys).unwrap_or_default(),
            shadow: mark.and_then(|mark| mark.shadow.clone()),
            forgotten: mark.map(|mark| ids(forgotten(mark, now))).unwrap_or_default(),
            read_at: mark.and_then(|mark| mark.time(now)),
            behind: Behind::default(),
        }
    }

    /// Whether it is certain, nothing is open, and it was recorded at most `max_age` ago by the store's clock.
    pub fn is_fresh(&self, max_age: Duration) -> bool {
        let limit = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
        let deploy = self.deployed.as_ref().zip(self.read_at);
        let young = deploy.is_some_and(|(deploy, now)| now.duration_since(deploy.recorded_at) <= limit);
        self.certainty == Certainty::Deployed && self.attempts.is_empty() && young
    }

    /// How many attempts may still deploy something.
    pub fn open(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.alive()).count()
    }

    /// The median of what its recorded builds took, in seconds; `None` if none is known. A deploy stage's time is not a
    /// build's.
    pub fn build_seconds(&self) -> Option<u64> {
        let builds = self.deploys.iter().filter(|logged| logged.candidate.is_none());
        let mut seconds: Vec<u64> = builds.filter_map(|logged| logged.seconds).collect();
        seconds.sort_unstable();
        seconds.get(seconds.len().checked_sub(1)? / 2).copied()
    }

    /// Whether an attempt has ended by the time of the read, even if the list does not say so yet.
    pub fn is_over(&self, attempt: &Attempt) -> bool {
        attempt.over(self.read_at)
    }
}

/// The status of the services whose marks were read.
pub fn status(marks: &Marks, now: &Moment) -> Vec<ServiceStatus> {
    marks.iter().map(|(key, read)| ServiceStatus::new(key, &read.known, now.clock(read))).collect()
}

fn ids(forgotten: Vec<(Forgotten, &Attempt)>) -> Vec<(Forgotten, AttemptId)> {
    forgotten.into_iter().map(|(kind, attempt)| (kind, attempt.id.clone())).collect()
}

/// The doubt about a mark, including ages.
fn doubt(mark: &Mark, now: Clock) -> Option<String> {
    let attempt = mark.doubt_at(mark.time(now))?;
    Some(format!("{}; {SETTLES}", AttemptText::ended(attempt, Some(now.own))))
}
