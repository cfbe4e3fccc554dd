//! Where a service stands in an environment: what `status` tells, as values. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::base::names::{EnvironmentName, ServiceName};
use crate::protocol::decide::Known;
use crate::protocol::mark::log::Logged;
use crate::protocol::mark::{Attempt, Deploy, Mark};

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
#[derive(Debug, Clone)]
pub struct ServiceStatus {
    /// The service.
    pub service: ServiceName,
    /// The environment.
    pub environment: EnvironmentName,
    /// What is known.
    pub knowledge: Certainty,
    /// Why it is not known for certain, for people.
    pub detail: Option<String>,
    /// The last deploy.
    pub deployed: Option<Deploy>,
    /// What may still be deployed, or may have left something, oldest first.
    pub attempts: Vec<Attempt>,
    /// The recorded deploys that are known, newest first.
    pub deploys: Vec<Logged>,
    /// How far behind the source it is.
    pub behind: Behind,
}

impl ServiceStatus {
    /// What the store says of a service. How far behind it is comes later.
    pub fn new(service: ServiceName, environment: EnvironmentName, known: &Known) -> Self {
        let mark = match known {
            Known::Mark(mark) => Some(mark.as_ref()),
            _ => None,
        };
        let (knowledge, detail) = match known {
            Known::Unavailable(cause) => (Certainty::Unavailable, Some(cause.clone())),
            Known::Damaged(cause) => (Certainty::Unreadable, Some(cause.clone())),
            Known::Absent => (Certainty::NeverDeployed, None),
            Known::Mark(mark) if mark.newer.is_some() => {
                (Certainty::Unreadable, Some("written by a newer shipmark".to_owned()))
            }
            Known::Mark(mark) if mark.deployed.is_none() => (Certainty::NeverDeployed, doubt(mark)),
            Known::Mark(mark) if !mark.certain => (Certainty::Uncertain, doubt(mark)),
            Known::Mark(_) => (Certainty::Deployed, None),
        };
        Self {
            service,
            environment,
            knowledge,
            detail,
            deployed: mark.and_then(|mark| mark.deployed.clone()),
            attempts: mark.map(|mark| mark.attempts.clone()).unwrap_or_default(),
            deploys: mark.map(Mark::deploys).unwrap_or_default(),
            behind: Behind::default(),
        }
    }

    /// Whether it is certain, nothing is open, and it was recorded no longer ago than that.
    pub fn is_fresh(&self, max_age: Duration, now: Timestamp) -> bool {
        let limit = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
        let young = self.deployed.as_ref().is_some_and(|deploy| now.duration_since(deploy.recorded_at) <= limit);
        self.knowledge == Certainty::Deployed && self.attempts.is_empty() && young
    }
}

/// Whether an attempt is older than a build may be, and still not over: a build is surely dead then, a candidate or a deploy
/// stage may still come.
pub fn is_expired(attempt: &Attempt, now: Timestamp) -> bool {
    attempt.alive() && attempt.deadline() < now
}

fn doubt(mark: &Mark) -> Option<String> {
    let taint = mark.taint.as_ref().map(|taint| format!("tainted by {}: {}", taint.by, taint.reason));
    taint.or_else(|| mark.doubt.clone())
}
