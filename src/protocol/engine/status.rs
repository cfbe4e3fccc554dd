//! Where services stand: what `status` tells, as values.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::evidence::AttemptText;
use super::mark::{Attempt, Clock, Deploy, Logged, Mark, Shadow};
use super::marks::{Known, Marks, Moment};
use crate::base::key::Key;

/// What is known of the last deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is surely what is live.
    Deployed,
    /// Something else may be.
    Uncertain,
    /// None is recorded.
    NeverDeployed,
    /// The mark is damaged, or of a newer version.
    Unreadable,
    /// The store could not be read.
    Unavailable,
}

impl Certainty {
    /// All of them, the best first.
    pub const ALL: [Self; 5] =
        [Self::Deployed, Self::Uncertain, Self::NeverDeployed, Self::Unreadable, Self::Unavailable];

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
    /// How many inputs differ; `None` where that cannot be told.
    pub inputs: Option<usize>,
    /// How many commits of the source's first-parent history, that the deploy's revision lacks, touch an input; or why
    /// that cannot be told. `None` where nothing is deployed.
    pub commits: Option<Result<usize, String>>,
}

/// One service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStatus {
    /// Whose mark.
    pub key: Key,
    /// What is known of the last deploy.
    pub certainty: Certainty,
    /// Why it is not known for certain, for people.
    pub detail: Option<String>,
    /// The last deploy.
    pub deployed: Option<Deploy>,
    /// What may still be deployed, or may have left something, oldest first.
    pub attempts: Vec<Attempt>,
    /// The recorded deploys that are known, newest first.
    pub deploys: Vec<Logged>,
    /// What a shadow environment has counted.
    pub shadow: Option<Shadow>,
    /// The store's time of the read, by which attempts are over.
    pub read_at: Option<Timestamp>,
    /// How far behind the source it is, once that was looked at.
    pub behind: Behind,
}

impl ServiceStatus {
    /// What the store says of a service.
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
            read_at: mark.and_then(|mark| mark.time(now)),
            behind: Behind::default(),
        }
    }

    /// Whether it is certain, nothing is open, and it was recorded no longer ago than that by the store's clock.
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

    /// Whether an attempt has ended by the time of the read, though the list does not say so yet.
    pub fn is_over(&self, attempt: &Attempt) -> bool {
        attempt.over(self.read_at)
    }
}

/// Where the services stand whose marks were read.
pub fn status(marks: &Marks, now: &Moment) -> Vec<ServiceStatus> {
    marks.iter().map(|(key, read)| ServiceStatus::new(key, &read.known, now.clock(read))).collect()
}

/// The doubt about a mark, ages included.
fn doubt(mark: &Mark, now: Clock) -> Option<String> {
    let attempt = mark.doubt_at(mark.time(now))?;
    Some(match &attempt.taint {
        Some(taint) => format!("tainted by {}: {}", taint.by, taint.reason),
        None => AttemptText(attempt).to_string(),
    })
}
