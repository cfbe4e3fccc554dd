//! Two-step recording: stage, begin, promote (R6, R7, R8).

use jiff::{SignedDuration, Timestamp};

use super::attempt::later;
use super::finish::OVERLAPPED;
use super::{
    Attempt, AttemptId, Candidate, Clock, Deploy, Finish, Finishing, Full, Lane, Mark, Place, Promoted, State,
    same_artifact,
};

/// How long a candidate waits: the longest that an approval can take. After that, `begin` refuses it.
pub const CANDIDATE_LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Why a promote without a begin drops nothing.
const NEVER_BEGAN: &str = "the deploy after it was promoted and never begun, so nothing says that this one had ended: \
    is `shipmark begin` missing at the start of its deploy stage?";

/// The result of staging a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// It now waits.
    Added,
    /// The same call staged it before; nothing was changed, and its stored form is kept.
    Known,
    /// Another build may rely on nothing else being on its way, so this one must not be staged.
    Refused,
}

/// The result of `promote --failed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldRun {
    /// This run was ended.
    Ended(AttemptId),
    /// Several runs are alive, and it is unknown which of them failed: they end by their deadlines.
    Several,
    /// No run is alive.
    NoRun,
}

impl Attempt {
    /// R7: whether this entry allows a deploy of that candidate to begin. Of merged candidates, only the places are
    /// known.
    fn lets(&self, candidate: &Candidate) -> bool {
        if self.state == State::Building || !self.alive() || self.lane != candidate.lane {
            return false;
        }
        let crowd = self.waits() && self.artifact.is_none() && self.id.is_nameless();
        let within = |place: &Place| place.first <= candidate.place && candidate.place <= place.last;
        same_artifact(self.artifact.as_ref(), candidate.artifact.as_ref())
            || (crowd && self.place.as_ref().is_some_and(within))
    }
}

impl Mark {
    /// R6: adds a candidate that waits for its deploy stage, and fills in its place. `attempt` is the decision's; for
    /// an orphan (`covered`), `decide` has ensured that there is a lasting attempt of unknown content.
    ///
    /// Refused if the mark did not announce it before and it does not repeat the last deploy: another build may have
    /// decided since then, and relies on nothing else being on its way.
    ///
    /// # Errors
    /// The list is full.
    pub fn stage(&mut self, candidate: &mut Candidate, covered: bool, now: Clock) -> Result<Wait, Full> {
        if self.staged(&candidate.id) {
            self.attempts.retain(|attempt| attempt.id != candidate.decided);
            return Ok(Wait::Known);
        }
        let time = self.touch(now);
        let content = candidate.release.content;
        let decided = self.position(&candidate.decided);
        let becomes = decided.filter(|at| self.attempts[*at].content == content);
        let staged = |other: &Attempt| {
            other.waits()
                && !other.id.is_nameless()
                && other.decided.as_ref() == Some(&candidate.decided)
                && other.content == content
        };
        let written = covered || becomes.is_some() || self.attempts.iter().any(staged);
        let repeats = |deploy: &Deploy| content.is_some() && deploy.release.content == content;
        let repeats = self.deployed.as_ref().is_none_or(repeats);
        if !written && (!repeats || self.newer.is_some()) {
            return Ok(Wait::Refused);
        }
        if let Some(at) = becomes {
            self.attempts.remove(at);
        }
        candidate.place = self.serial;
        candidate.staged_at = now.shown();
        let deadline = time.map(|time| time.checked_add(CANDIDATE_LIFE).unwrap_or(Timestamp::MAX));
        let same = |other: &&mut Attempt| {
            let artifact = same_artifact(other.artifact.as_ref(), candidate.artifact.as_ref());
            other.waits() && candidate.lane.is_some() && other.lane == candidate.lane && artifact
        };
        // The same artifact already waits in this lane: one entry covers both.
        if let Some(waiting) = self.attempts.iter_mut().find(same) {
            let first = waiting.place.as_ref().map_or(self.serial, |place| place.first);
            waiting.place = Some(Place { first, ..Place::at(self.serial) });
            waiting.deadline = deadline;
            return Ok(Wait::Added);
        }
        let attempt = Attempt::new(candidate.id.clone(), State::Pending, self.serial, now.shown())
            .by(&candidate.release.build, candidate.release.revision.as_deref());
        self.push(Attempt {
            content,
            artifact: candidate.artifact.clone(),
            timeout_seconds: candidate.build_timeout_seconds,
            deadline,
            home: candidate.home.clone(),
            lane: candidate.lane.clone(),
            place: Some(Place::at(self.serial)),
            decided: Some(candidate.decided.clone()),
            reason: candidate.reason.clone(),
            pinned_by: candidate.pinned_by.clone(),
            reused: candidate.reused.clone(),
            shadow: candidate.shadow.clone(),
            ..attempt
        })?;
        Ok(Wait::Added)
    }

    /// Whether a candidate waits here, or was begun or recorded, as far as the list and the log go back.
    fn staged(&self, id: &AttemptId) -> bool {
        let listed = |attempt: &Attempt| (attempt.waits() && attempt.id == *id) || attempt.is_run_of(id);
        let last = self.deployed.as_ref().and_then(|deploy| deploy.candidate.as_ref());
        self.attempts.iter().any(listed)
            || last == Some(id)
            || self.log.iter().any(|logged| logged.candidate.as_ref() == Some(id))
    }

    /// Whether that run has begun here, or a promote has finished it: then it does not begin again.
    pub fn begun(&self, candidate: &Candidate, run: &AttemptId) -> bool {
        let finished = candidate.promoted.values().any(|promoted| promoted.run.as_ref() == Some(run));
        self.attempt(run).is_some() || finished
    }

    /// R7 and R8: the deploy stage begins. Returns false if the candidate no longer waits and never began before
    /// (`began`): it must not be deployed.
    ///
    /// # Errors
    /// The list is full.
    pub fn begin(&mut self, candidate: &Candidate, began: bool, run: &AttemptId, now: Clock) -> Result<bool, Full> {
        if self.begun(candidate, run) {
            return Ok(true);
        }
        // A run of it in the list is proof too.
        let began = began || self.attempts.iter().any(|attempt| attempt.is_run_of(&candidate.id));
        let time = self.touch(now);
        if !began && !self.attempts.iter().any(|attempt| attempt.lets(candidate)) {
            return Ok(false);
        }
        if let Some(lane) = &candidate.lane {
            self.turn(lane, candidate.deploy_timeout_seconds, time);
            let up_to = |place: &Place| place.last <= candidate.place;
            self.attempts.retain(|other| {
                !(other.waits() && other.lane.as_ref() == Some(lane) && other.place.as_ref().is_some_and(up_to))
            });
        } else {
            // Without turns it does not end other entries; only entries of its own artifact stop waiting.
            let same = |other: &Attempt| same_artifact(other.artifact.as_ref(), candidate.artifact.as_ref());
            self.attempts.retain(|other| !(other.waits() && same(other)));
        }
        let artifact = if candidate.staged_before_built { Some(run.clone()) } else { candidate.artifact.clone() };
        let attempt = Attempt::new(run.clone(), State::Deploying, self.serial, now.shown())
            .by(&candidate.release.build, candidate.release.revision.as_deref());
        self.push(Attempt {
            content: candidate.release.content,
            artifact,
            timeout_seconds: candidate.build_timeout_seconds,
            home: candidate.home.clone(),
            lane: candidate.lane.clone(),
            place: Some(Place::at(candidate.place)),
            candidate: Some(candidate.id.clone()),
            pinned_by: candidate.pinned_by.clone(),
            reused: candidate.reused.clone(),
            shadow: candidate.shadow.clone(),
            ..attempt
        })?;
        Ok(true)
    }

    /// R8: earlier deploys of the lane may still have an effect for a while, because their stage may have been
    /// abandoned.
    fn turn(&mut self, lane: &Lane, deploy_timeout_seconds: u64, time: Option<Timestamp>) {
        for attempt in &mut self.attempts {
            let earlier = attempt.state == State::Deploying && attempt.lane.as_ref() == Some(lane);
            if earlier && attempt.alive() && attempt.deadline.is_none() {
                attempt.deadline = time.map(|time| later(time, deploy_timeout_seconds));
            }
        }
    }

    /// R4 for a deploy stage: the candidate is deployed, and the run that `job` deployed is finished: its own, or else
    /// the one that began first. The choice is recorded in the candidate, which must be stored before the mark. If
    /// there is no run in the list, nothing is dropped. `call` identifies this call of `promote` across its tries.
    pub fn promote(&mut self, candidate: &mut Candidate, job: &str, call: &AttemptId, now: Clock) -> Finish {
        let unlisted = candidate.unlisted(job);
        if let Some(before) = candidate.promoted.get(job) {
            let listed = before.run.as_ref().is_some_and(|run| self.attempt(run).is_some());
            let written = before.run.is_some() || self.serial >= before.serial;
            let id = before.run.as_ref().unwrap_or(&unlisted);
            let recorded = self.recorded(id) || (candidate.is_placeholder() && self.doubts(id));
            // A second delivery: the run was already finished, or there was none. What this same call has recorded does
            // not count.
            if !listed && (recorded || (written && before.by != *call)) {
                return Finish::Already;
            }
            // Once the mark was written, nobody can tell whether by this call: then it must not finish another run,
            // which may still deploy.
            if !listed && self.serial < before.serial {
                candidate.promoted.remove(job);
            }
        }
        let run = match candidate.promoted.get(job) {
            Some(before) => before.run.clone(),
            None => self.run_to_finish(candidate, job),
        };
        let promoted =
            Promoted { run: run.clone(), serial: self.serial + 1, by: call.clone(), rest: super::Rest::new() };
        candidate.promoted.insert(job.to_owned(), promoted);
        let id = run.clone().unwrap_or(unlisted);
        let artifact = if candidate.staged_before_built { Some(id.clone()) } else { candidate.artifact.clone() };
        let done = Finishing {
            id,
            artifact,
            candidate: Some(candidate.id.clone()),
            home: candidate.home.clone(),
            reused: candidate.reused.clone(),
            pinned: candidate.pinned_by.is_some(),
            unwritten: candidate.unwritten,
            release: candidate.release.clone(),
        };
        let never_began = run.is_none() && candidate.began.is_none();
        let previous = self.deployed.as_ref().filter(|_| never_began).map(|deploy| deploy.id.nameless());
        let finish = self.finish(run.as_ref(), done, now);
        for attempt in &mut self.attempts {
            // It was not an overlap: nothing says when this deploy began.
            if Some(&attempt.id) == previous.as_ref() && attempt.doubt.as_deref() == Some(OVERLAPPED) {
                attempt.doubt = Some(NEVER_BEGAN.to_owned());
            }
        }
        match finish {
            Finish::Uncertain(_) if never_began => Finish::Uncertain(self.doubt_about().cloned().map(Box::new)),
            finish => finish,
        }
    }

    /// Whether the attempt with that id was finished with unknown content, and nothing has dropped that doubt since.
    fn doubts(&self, id: &AttemptId) -> bool {
        self.attempts.iter().any(|attempt| attempt.id == id.nameless())
    }

    /// The run of a candidate to finish: the job's, or else the one in the list that began first.
    fn run_to_finish(&self, candidate: &Candidate, job: &str) -> Option<AttemptId> {
        let mut runs = self.attempts.iter().filter(|attempt| attempt.is_run_of(&candidate.id)).map(|run| &run.id);
        let own = AttemptId::of_run(&candidate.id, job);
        if runs.clone().any(|run| *run == own) { Some(own) } else { runs.next().cloned() }
    }

    /// Whether all runs of a candidate were reported as failed, and none has begun since.
    pub fn told_failed(&self, candidate: &Candidate) -> bool {
        let mut runs = self.attempts.iter().filter(|attempt| attempt.is_run_of(&candidate.id)).peekable();
        runs.peek().is_some() && runs.all(Attempt::told_failed)
    }

    /// R2 for a deploy stage: `promote --failed`. Ends the run of its own job, or else the only one that is alive.
    pub fn tell(&mut self, candidate: &Candidate, job: &str, now: Clock) -> ToldRun {
        let alive = |attempt: &&Attempt| attempt.is_run_of(&candidate.id) && attempt.alive();
        let runs: Vec<AttemptId> = self.attempts.iter().filter(alive).map(|run| run.id.clone()).collect();
        let own = AttemptId::of_run(&candidate.id, job);
        let run = match runs.as_slice() {
            runs if runs.contains(&own) => own,
            [run] => run.clone(),
            [] => return ToldRun::NoRun,
            _ => return ToldRun::Several,
        };
        self.fail(&run, now);
        ToldRun::Ended(run)
    }
}
