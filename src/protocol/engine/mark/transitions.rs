//! Open, end, doubt: changes to the list before and beside a deploy.

use jiff::Timestamp;

use super::attempt::later;
use super::{Attempt, AttemptId, Build, Clock, Full, Home, Lane, Mark, Reused, ShadowBasis, State};
use crate::base::fingerprint::Content;
use crate::base::names::ServiceName;

/// The details of a new attempt.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The attempt's id.
    pub id: AttemptId,
    /// What it will deploy.
    pub content: Option<Content>,
    /// The attempt that built it: this one, or for a pin the recorded artifact.
    pub artifact: Option<AttemptId>,
    /// The build.
    pub build: Build,
    /// The revision label of the source.
    pub revision: Option<String>,
    /// The home that deploys.
    pub home: Option<Home>,
    /// How many seconds the build may run.
    pub timeout_seconds: u64,
    /// The lane, if `decide --stage` stages into only one.
    pub lane: Option<Lane>,
    /// For a pin: the service whose deploy redeploys this one.
    pub pinned_by: Option<ServiceName>,
    /// For a reused deploy: the deploy that it comes from.
    pub reused: Option<Reused>,
    /// In shadow: what a skip would have passed on.
    pub shadow: Option<ShadowBasis>,
    /// The reason, as its word. A pin does not have one.
    pub reason: Option<String>,
}

impl Mark {
    /// R1: `decide` said build. Opening again replaces what it will deploy: nothing is deployed before `decide` has
    /// printed.
    ///
    /// # Errors
    /// The list is full.
    pub fn open(&mut self, opening: Opening, now: Clock) -> Result<(), Full> {
        let time = self.touch(now);
        if let Some(at) = self.position(&opening.id) {
            let attempt = &mut self.attempts[at];
            attempt.content = opening.content;
            attempt.artifact = opening.artifact;
            attempt.pinned_by = opening.pinned_by;
            attempt.reused = opening.reused;
            attempt.shadow = opening.shadow;
            attempt.reason = opening.reason;
            return Ok(());
        }
        let attempt = Attempt::new(opening.id, State::Building, self.serial, now.shown())
            .by(&opening.build, opening.revision.as_deref());
        self.push(Attempt {
            content: opening.content,
            artifact: opening.artifact,
            timeout_seconds: opening.timeout_seconds,
            deadline: time.map(|time| later(time, opening.timeout_seconds)),
            home: opening.home,
            lane: opening.lane,
            pinned_by: opening.pinned_by,
            reused: opening.reused,
            shadow: opening.shadow,
            reason: opening.reason,
            ..attempt
        })
    }

    /// Whether an orphan's attempt will last for a whole build, so that another one is not needed.
    pub fn orphan_lasts(&self, timeout_seconds: u64, now: Clock) -> bool {
        let Some(time) = self.time(now) else { return false };
        self.attempts.iter().any(|attempt| {
            let unowned = attempt.state == State::Building && attempt.id.is_nameless() && attempt.content.is_none();
            let lasts = attempt.deadline.is_none_or(|deadline| deadline >= later(time, timeout_seconds));
            attempt.alive() && unowned && lasts
        })
    }

    /// R1 for a service that is not in the map: the deploy may remove it. The attempt has no owner, so a record cannot
    /// end it and `begin` cannot cancel it: it lasts twice as long as a build may. Returns false, without a change, if
    /// there already is one that lasts.
    ///
    /// # Errors
    /// The list is full.
    pub fn orphan(&mut self, id: &AttemptId, build: &Build, timeout_seconds: u64, now: Clock) -> Result<bool, Full> {
        if self.orphan_lasts(timeout_seconds, now) {
            return Ok(false);
        }
        let time = self.touch(now);
        let twice = timeout_seconds.saturating_mul(2);
        let attempt = Attempt::new(id.nameless(), State::Building, self.serial, now.shown()).by(build, None);
        self.push(Attempt {
            timeout_seconds: twice,
            deadline: time.map(|time| later(time, twice)),
            doubt: Some("the map of a build lacked this service, and its deploy may have removed it".to_owned()),
            ..attempt
        })?;
        Ok(true)
    }

    /// R2: it may have deployed something but will not from here on. An attempt that is not in the list leaves doubt
    /// (R9).
    pub fn fail(&mut self, id: &AttemptId, now: Clock) {
        let time = self.touch(now);
        match self.position(id) {
            Some(at) => {
                let serial = self.serial;
                let attempt = &mut self.attempts[at];
                attempt.unreported = None;
                // If it outlived its deadline, the deadline was too short: it has ended only now.
                if attempt.alive() || attempt.outlived(time) {
                    attempt.end(serial);
                }
            }
            None => {
                let doubt = self.doubtful(id, now);
                self.push_ended(Attempt {
                    doubt: Some("a build that was not in the list failed, and may have deployed something".to_owned()),
                    ..doubt
                });
            }
        }
    }

    /// R9: something of unknown content may have been deployed, and is over. Adding the same doubt again moves its end.
    pub fn doubt(&mut self, id: &AttemptId, why: &str, build: &Build, now: Clock) {
        self.touch(now);
        let doubt = self.doubtful(id, now).by(build, None);
        self.push_ended(Attempt { doubt: Some(why.to_owned()), ..doubt });
    }

    /// An entry of unknown content that has just ended.
    pub(super) fn doubtful(&self, id: &AttemptId, now: Clock) -> Attempt {
        let mut doubt = Attempt::new(id.nameless(), State::Failed, self.serial, now.shown());
        doubt.end(self.serial);
        doubt
    }

    /// Starts a write: raises the serial, and applies ages (R3). Builds and deploys past their deadlines have ended;
    /// expired candidates are cancelled, because one that has not begun has not deployed anything, and the gate (R7)
    /// ensures that it will not. Returns the time by which attempts end.
    pub(super) fn touch(&mut self, now: Clock) -> Option<Timestamp> {
        self.serial += 1;
        let time = self.time(now);
        let serial = self.serial;
        self.attempts.retain(|attempt| !(attempt.waits() && attempt.outlived(time)));
        for attempt in &mut self.attempts {
            if attempt.alive() && attempt.outlived(time) {
                attempt.unreported = Some(attempt.state);
                attempt.end(serial);
            }
            // The store's time was unknown when it was opened, so its age is unknown too.
            let timeless = attempt.state == State::Building && attempt.deadline.is_none();
            if timeless && attempt.timeout_seconds > 0 {
                attempt.deadline = time.map(|time| later(time, attempt.timeout_seconds));
            }
        }
        self.written_at = time.or(self.written_at);
        time
    }

    /// Adds an entry that has ended.
    pub(super) fn push_ended(&mut self, mut ended: Attempt) {
        // The same entry, reported again: the later end counts.
        let again = |other: &Attempt| {
            let same = other.artifact == ended.artifact && other.content == ended.content;
            other.id == ended.id && !other.alive() && other.stands_for.is_none() && same
        };
        if let Some(at) = self.attempts.iter().position(again) {
            ended.ended = ended.ended.max(self.attempts.remove(at).ended);
        }
        self.keep(ended);
    }

    /// Adds an attempt that must not be left out, even if the list is full.
    pub(super) fn keep(&mut self, attempt: Attempt) {
        let _ = self.make_room();
        self.attempts.push(attempt);
    }

    pub(super) fn push(&mut self, attempt: Attempt) -> Result<(), Full> {
        self.make_room()?;
        self.attempts.push(attempt);
        Ok(())
    }
}
