//! The life of an attempt: every transition of a mark, each a pure function that stands for one write.
//!
//! The protocol in one paragraph. `decide` opens an attempt before it says build. A deploy that finishes is *certain* only
//! if everything else that might have deployed other content had ended when it opened (or, in two steps, when its deploy
//! stage began), and no other content was recorded since. What had ended is then behind it and is dropped; what is alive
//! stays; what ended meanwhile stays only while there is doubt. A skip needs a certain deploy of the same content and no
//! attempt of any other content in the list, in whatever state.

use jiff::Timestamp;

use super::{Attempt, AttemptId, Build, Candidate, Deploy, Mark, Release, State, Taint, compaction};
use crate::base::fingerprint::{Content, same};
use crate::base::names::ServiceName;

/// Why the record of a deploy without an attempt is uncertain.
const NO_ATTEMPT: &str = "it belongs to no open attempt (there was no ticket of a decision, or an old one), \
                          so nobody knows what ran beside it";

/// What a new attempt is about.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The new attempt's id.
    pub id: AttemptId,
    /// What it will deploy.
    pub content: Option<Content>,
    /// Who builds.
    pub build: Build,
    /// Whatever names the source.
    pub revision: Option<String>,
    /// How many seconds the build may live.
    pub timeout_seconds: u64,
    /// The service whose deploy deploys this one again.
    pub pinned_by: Option<ServiceName>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// It is the last deploy, and surely what is live.
    Certain,
    /// It is the last deploy, but something else may be live; the text says why.
    Uncertain(String),
    /// It was recorded before: nothing was changed.
    Already,
    /// Another service's deploy has deployed what nobody knows: the last deploy stays what it was, in doubt.
    Unrecorded,
}

impl Mark {
    /// A mark of nothing, whose first write has a serial that no earlier mark had.
    pub fn new(now: Timestamp) -> Self {
        Self {
            serial: u64::try_from(now.as_millisecond()).unwrap_or(0),
            certain: false,
            attempts: Vec::new(),
            deployed: None,
            log: Vec::new(),
            taint: None,
            doubt: None,
            newer: None,
        }
    }

    /// `decide` said build (rule 1). Opening the same attempt twice changes nothing but the serial.
    pub fn open(&mut self, opening: Opening, now: Timestamp) {
        self.advance(now);
        if self.position(&opening.id).is_some() {
            return;
        }
        self.push(Attempt {
            id: opening.id,
            state: State::Building,
            content: opening.content,
            pipeline: opening.build.pipeline().map(str::to_owned),
            build: opening.build.id,
            revision: opening.revision,
            opened_at: now,
            timeout_seconds: opening.timeout_seconds,
            opened: self.serial,
            ended: None,
            staged: None,
            candidate: None,
            repeats: None,
            overtaken: false,
            pinned_by: opening.pinned_by,
            stands_for: None,
            rest: serde_json::Map::new(),
        });
    }

    /// The build or the deploy failed (rule 2): something of it may be deployed. An attempt that is not in the list, since
    /// its opening could not be written, leaves doubt all the same.
    pub fn fail(&mut self, id: &AttemptId, now: Timestamp) {
        self.advance(now);
        match self.position(id) {
            Some(at) => {
                // It outlived its timeout, or a clock is wrong: it has ended only now.
                if self.attempts[at].deadline() < now {
                    self.attempts[at].ended = Some(self.serial);
                }
                self.end(at);
            }
            None => self.unknown_deployed("a failed build that was not in the list may have deployed something"),
        }
    }

    /// The build failed before its deploy stage (rule 3): nothing was deployed.
    pub fn withdraw(&mut self, id: &AttemptId, now: Timestamp) {
        self.advance(now);
        self.attempts.retain(|attempt| &attempt.id != id);
    }

    /// The build is done and waits for its deploy stage (rule 3). `repeats` is the deploy that a skip stands on.
    ///
    /// Gives the candidate's place. `None`, with nothing changed, where the skip has gone stale: until it is staged nobody
    /// knows that it will be deployed, so whoever recorded other content meanwhile may have been told that nothing else is
    /// under way. It must not go on.
    #[must_use]
    pub fn stage(&mut self, candidate: Opening, repeats: Option<AttemptId>, now: Timestamp) -> Option<u64> {
        let id = candidate.id.clone();
        let deployed = self.deployed.as_ref().and_then(|deploy| deploy.release.content.as_ref());
        if repeats.is_some() && self.position(&id).is_none() && !same(deployed, candidate.content.as_ref()) {
            return None;
        }
        if repeats.is_some() {
            let pipeline = candidate.build.pipeline();
            let earlier = |attempt: &Attempt| {
                attempt.id != id
                    && attempt.state == State::Pending
                    && attempt.repeats == repeats
                    && pipeline.is_some()
                    && attempt.pipeline.as_deref() == pipeline
            };
            self.attempts.retain(|attempt| !earlier(attempt));
        }
        self.open(candidate, now);
        let serial = self.serial;
        let at = self.position(&id)?;
        let attempt = &mut self.attempts[at];
        attempt.state = State::Pending;
        attempt.ended = None;
        attempt.candidate = Some(id);
        attempt.repeats = repeats;
        Some(*attempt.staged.get_or_insert(serial))
    }

    /// The deploy stage begins (rule 4). `run` is the id of the new attempt: on a rollback the same candidate runs again.
    ///
    /// Executions take turns in a stage, so whatever of the same pipeline was deploying has ended; and the candidates of the
    /// same pipeline that were staged up to this one will not be deployed after it but by a rollback, which begins afresh.
    /// Beginning the same run twice changes nothing but the serial.
    pub fn begin(&mut self, candidate: &Candidate, run: AttemptId, now: Timestamp) {
        self.advance(now);
        if self.position(&run).is_some() {
            return;
        }
        let pipeline = candidate.release.build.pipeline().map(str::to_owned);
        for at in 0..self.attempts.len() {
            let attempt = &self.attempts[at];
            if attempt.state == State::Deploying && pipeline.is_some() && attempt.pipeline == pipeline {
                self.end(at);
            }
        }
        self.attempts.retain(|attempt| !(attempt.state == State::Pending && attempt.id == candidate.id));
        self.push(Attempt {
            id: run,
            state: State::Deploying,
            content: candidate.release.content,
            pipeline,
            build: candidate.release.build.id.clone(),
            revision: candidate.release.revision.clone(),
            opened_at: now,
            timeout_seconds: candidate.timeout_seconds,
            opened: self.serial,
            ended: None,
            staged: Some(candidate.staged),
            candidate: Some(candidate.id.clone()),
            repeats: None,
            overtaken: false,
            pinned_by: candidate.pinned_by.clone(),
            stands_for: None,
            rest: serde_json::Map::new(),
        });
    }

    /// The deploy stage is done: the candidate is deployed.
    pub fn promote(&mut self, candidate: &Candidate, now: Timestamp) -> Finish {
        let of_candidate = |attempt: &&Attempt| attempt.candidate.as_ref() == Some(&candidate.id);
        let running = |attempt: &&Attempt| attempt.state != State::Pending;
        // Where nobody takes turns, a candidate may run twice at once, and which of the two is done cannot be told: the one
        // that began first claims least.
        let claim = |attempt: &&Attempt| (!attempt.alive(), attempt.opened);
        let run = self.attempts.iter().filter(of_candidate).filter(running).min_by_key(claim);
        let run = run.map(|attempt| attempt.id.clone());
        let recorded = self.deployed.as_ref().is_some_and(|deploy| deploy.candidate.as_ref() == Some(&candidate.id));
        if run.is_none() && recorded {
            return Finish::Already;
        }
        if run.is_none() {
            // It was not begun, so nobody knows what ran beside it. It waits no longer.
            self.attempts.retain(|attempt| attempt.id != candidate.id);
        }
        let id = run.unwrap_or_else(|| candidate.id.clone());
        if candidate.pinned_by.is_some() && candidate.release.content.is_none() {
            return self.redeploy_unknown(&id, now);
        }
        self.finish(id, Some(candidate.id.clone()), candidate.release.clone(), now)
    }

    /// The deploy of an attempt is done (rule 5): it becomes the last deploy.
    pub fn record(&mut self, id: AttemptId, release: Release, now: Timestamp) -> Finish {
        if self.position(&id).is_none() && self.deployed.as_ref().is_some_and(|deploy| deploy.id == id) {
            return Finish::Already;
        }
        self.finish(id, None, release, now)
    }

    /// The deploy of another service is done, which has deployed this one too; but nothing was recorded of it when that was
    /// decided, so nobody knows as what: a placeholder, or what was recorded meanwhile. It has ended, and is not forgotten.
    pub fn redeploy_unknown(&mut self, id: &AttemptId, now: Timestamp) -> Finish {
        self.fail(id, now);
        Finish::Unrecorded
    }

    /// A deploy that no attempt stands for: adopted from elsewhere. Certain only where nothing else ever was.
    pub fn adopt(&mut self, id: AttemptId, release: Release, now: Timestamp) -> Finish {
        if self.deployed.as_ref().is_some_and(|deploy| deploy.id == id) {
            return Finish::Already;
        }
        let empty = self.deployed.is_none() && self.attempts.is_empty();
        let alone = empty && self.taint.is_none() && self.doubt.is_none() && self.newer.is_none();
        let finish = self.finish(id, None, release, now);
        if !alone || self.deployed.as_ref().is_none_or(|deploy| deploy.release.content.is_none()) {
            return finish;
        }
        self.certain = true;
        self.doubt = None;
        Finish::Certain
    }

    /// A human says that something else is deployed. With `ended`, also that nothing else runs.
    pub fn taint(&mut self, taint: Taint, ended: bool, now: Timestamp) {
        self.advance(now);
        self.unknown_deployed("it was tainted");
        self.taint = Some(taint);
        if ended {
            self.attempts.clear();
        }
    }

    /// Something of unknown content may have been deployed, e.g. by a build that had no ticket.
    pub fn doubt(&mut self, why: &str, now: Timestamp) {
        self.advance(now);
        self.unknown_deployed(why);
    }

    /// The attempt of that id.
    pub fn attempt(&self, id: &AttemptId) -> Option<&Attempt> {
        self.position(id).map(|at| &self.attempts[at])
    }

    /// Starts a write: the serial rises, and builds that outlived their timeout have ended by now.
    fn advance(&mut self, now: Timestamp) {
        self.serial += 1;
        for at in 0..self.attempts.len() {
            let attempt = &self.attempts[at];
            if attempt.state == State::Building && attempt.deadline() < now {
                self.end(at);
            }
        }
    }

    fn end(&mut self, at: usize) {
        let serial = self.serial;
        let attempt = &mut self.attempts[at];
        if attempt.alive() {
            attempt.state = State::Failed;
            attempt.ended = Some(serial);
        }
    }

    fn finish(&mut self, id: AttemptId, candidate: Option<AttemptId>, release: Release, now: Timestamp) -> Finish {
        self.advance(now);
        let me = self.position(&id).map(|at| self.attempts.remove(at));
        let content = release.content;
        let behind = |attempt: &Attempt| me.as_ref().is_some_and(|me| is_behind(attempt, me));
        let beside = self
            .attempts
            .iter()
            .find(|attempt| !same(attempt.content.as_ref(), content.as_ref()) && !behind(attempt))
            .map(|attempt| attempt.id.as_str().to_owned());
        let doubt = match (&me, beside) {
            // What a newer version has stored as the last deploy stays, so it may not be called certain.
            _ if self.newer.is_some() => Some("the mark was written by a newer shipmark".to_owned()),
            _ if content.is_none() => Some("what was deployed is not known".to_owned()),
            (None, _) => Some(NO_ATTEMPT.to_owned()),
            (Some(me), _) if me.overtaken => Some("another deploy was recorded while it ran".to_owned()),
            (Some(_), Some(other)) => {
                Some(format!("the attempt `{other}` of other content had not ended when it began"))
            }
            (Some(_), None) => None,
        };
        self.attempts.retain(|attempt| !behind(attempt) && (doubt.is_some() || attempt.alive()));
        self.overtake(content.as_ref());
        self.remember();
        self.certain = doubt.is_none();
        self.taint = None;
        self.doubt = doubt.clone();
        self.deployed = Some(Deploy { id, candidate, recorded_at: now, release });
        doubt.map_or(Finish::Certain, Finish::Uncertain)
    }

    fn unknown_deployed(&mut self, why: &str) {
        self.certain = false;
        self.doubt = Some(why.to_owned());
        self.overtake(None);
    }

    /// A deploy of `content` was recorded: whoever deploys other content and is still open can no longer be certain.
    fn overtake(&mut self, content: Option<&Content>) {
        for attempt in &mut self.attempts {
            attempt.overtaken |= !same(attempt.content.as_ref(), content);
        }
    }

    fn position(&self, id: &AttemptId) -> Option<usize> {
        self.attempts.iter().position(|attempt| &attempt.id == id)
    }

    fn push(&mut self, attempt: Attempt) {
        compaction::make_room(&mut self.attempts);
        self.attempts.push(attempt);
    }
}

/// Whether `other` could deploy nothing any more once `me` was opened, or begun.
fn is_behind(other: &Attempt, me: &Attempt) -> bool {
    let over = |ended: u64| ended <= me.opened;
    let overtaken_in_stage = me.state == State::Deploying
        && other.state == State::Pending
        && me.pipeline.is_some()
        && other.pipeline == me.pipeline
        && other.staged.is_some_and(|staged| me.staged.is_some_and(|mine| staged <= mine));
    // Of an entry that stands for several, the last to end counts, also where another of them still waits.
    (overtaken_in_stage && other.ended.is_none_or(over)) || (!other.alive() && other.ended.is_some_and(over))
}

#[cfg(test)]
mod tests;
