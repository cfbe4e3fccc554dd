//! The mark: what was last deployed for one service in one environment, and what else may have been deployed since.
//!
//! The protocol in five lines. A mark is the last deploy and a list of attempts, each with the serial at which it
//! opened and at which it ended. An attempt is never taken back: it only ends. A deploy that finishes drops exactly
//! what had ended before it began, including the previous deploy. What it cannot drop stays in the list, as doubt. So
//! whether a mark is certain is not stored but derived: it is uncertain if the list has an ended attempt with an
//! artifact other than the last deploy's.
//!
//! Every transition is a pure function that represents one conditional write: `transitions` (open, end, doubt),
//! `finish`, `deploy_stage` (stage, begin, promote), `people` (taint, `state rm`), `imported`, `compaction` of a
//! full list.

mod attempt;
mod candidate;
mod compaction;
mod deploy_stage;
mod finish;
mod home;
mod ids;
mod imported;
mod log;
mod people;
mod release;
mod schema1;
mod shadow;
mod skip;
pub mod stored;
mod transitions;

use jiff::Timestamp;

pub use attempt::{Attempt, State, same_artifact};
pub use candidate::{Began, Candidate, Promoted};
pub use compaction::{Full, MOST_ATTEMPTS};
pub use deploy_stage::{CANDIDATE_LIFE, ToldRun, Wait};
pub use finish::{Finish, Finishing};
pub use home::{Home, Lane, Place, Rest};
pub use ids::AttemptId;
pub use log::{Logged, MOST_DEPLOYS};
pub use release::{Build, Deploy, Release, Reused, Taint, Unseen};
pub use shadow::{Contradiction, Shadow, ShadowBasis};
pub use skip::{Later, Skip};
pub use transitions::Opening;

/// The time of a write: the store's time when the mark was read, and the writer's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The store's time; if it is `None`, nothing ends by age.
    pub store: Option<Timestamp>,
    /// The writer's own time. It is shown if the store's is unknown, and does not decide anything.
    pub own: Timestamp,
}

impl Clock {
    /// The clock of a store that reports its time.
    pub fn of_store(time: Timestamp) -> Self {
        Self { store: Some(time), own: time }
    }

    /// The time to show.
    pub fn shown(self) -> Timestamp {
        self.store.unwrap_or(self.own)
    }
}

/// The stored state of one service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Raised by one with every write. A new mark starts at the milliseconds since 1970, so that it never reuses a
    /// serial of a mark that was removed.
    pub serial: u64,
    /// The attempts that may have touched the service since the last deploy, oldest first.
    pub attempts: Vec<Attempt>,
    /// The last deploy.
    pub deployed: Option<Deploy>,
    /// The deploys before that one, newest first (see [`Mark::deploys`]).
    pub log: Vec<Logged>,
    /// The counts of a shadow environment.
    pub shadow: Option<Shadow>,
    /// The newest store time at which it was written.
    pub written_at: Option<Timestamp>,
    /// If a newer version wrote it: the whole stored mark. We only change its envelope (serial, certain, attempts).
    pub newer: Option<Newer>,
    /// Fields that a newer version of the same schema has added, kept unchanged.
    pub rest: Rest,
}

/// A mark that a newer version wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Newer {
    /// Its schema.
    pub schema: u32,
    /// Whether it was certain when read.
    pub certain: bool,
    /// All its fields.
    pub whole: Rest,
}

impl Mark {
    /// An empty mark; its first write has a serial that no earlier mark had.
    pub fn new(now: Clock) -> Self {
        Self {
            serial: u64::try_from(now.shown().as_millisecond()).unwrap_or(0),
            attempts: Vec::new(),
            deployed: None,
            log: Vec::new(),
            shadow: None,
            written_at: None,
            newer: None,
            rest: Rest::new(),
        }
    }

    /// Whether the last deploy is known and certainly live: every ended attempt in the list has the same artifact.
    ///
    /// The artifacts in a mark of a newer version are unknown to us: it is certain if that version said so and nothing
    /// has ended.
    pub fn certain(&self) -> bool {
        match (&self.newer, &self.deployed) {
            (Some(newer), _) => newer.certain && self.attempts.iter().all(Attempt::alive),
            (None, None) => false,
            (None, Some(deploy)) => {
                let same = |attempt: &Attempt| same_artifact(attempt.artifact.as_ref(), deploy.artifact.as_ref());
                deploy.release.content.is_some() && self.attempts.iter().all(|attempt| attempt.alive() || same(attempt))
            }
        }
    }

    /// The attempt that makes the mark uncertain; `None` if it is certain, or nothing was deployed.
    pub fn doubt_about(&self) -> Option<&Attempt> {
        self.doubt_at(None)
    }

    /// The same at a given store time: attempts past their deadline by then count as ended.
    pub fn doubt_at(&self, time: Option<Timestamp>) -> Option<&Attempt> {
        let artifact = self.deployed.as_ref().and_then(|deploy| deploy.artifact.as_ref());
        let doubts = |attempt: &&Attempt| attempt.over(time) && !same_artifact(attempt.artifact.as_ref(), artifact);
        // A person's statement explains more than anything else in the list.
        let tainted = self.attempts.iter().filter(doubts).rev().find(|attempt| attempt.taint.is_some());
        tainted.or_else(|| self.attempts.iter().find(doubts))
    }

    /// The attempt with that id.
    pub fn attempt(&self, id: &AttemptId) -> Option<&Attempt> {
        self.position(id).map(|at| &self.attempts[at])
    }

    /// The time by which attempts have ended. A time before the newest one in the mark does not end anything: the read
    /// that it came with is outdated.
    pub fn time(&self, now: Clock) -> Option<Timestamp> {
        now.store.map(|time| self.written_at.map_or(time, |newest| newest.max(time)))
    }

    /// Whether a deploy with that id was recorded here, as far as the log goes back.
    pub(super) fn recorded(&self, id: &AttemptId) -> bool {
        self.deployed.as_ref().is_some_and(|deploy| deploy.id == *id) || self.log.iter().any(|logged| logged.id == *id)
    }

    /// An entry that does not belong to an attempt is never found.
    fn position(&self, id: &AttemptId) -> Option<usize> {
        self.attempts.iter().position(|attempt| !attempt.id.is_nameless() && attempt.id == *id)
    }
}
