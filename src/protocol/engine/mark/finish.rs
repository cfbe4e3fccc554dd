//! R4: a deploy is done. It drops exactly what had ended before it began, including the previous deploy.

use super::{Attempt, AttemptId, Build, Clock, Deploy, Home, Mark, Release, Reused, Shadow, State, same_artifact};

/// Why a deploy that was recorded stays in the list.
pub(super) const OVERLAPPED: &str = "it was recorded while another deploy was under way";

/// Why a deploy is in doubt that was recorded after its build or run had reported a failure.
const FAILED_BEFORE: &str = "its deploy had failed before it was recorded, and may be half done";

/// What was deployed, according to the caller that records it.
#[derive(Debug, Clone)]
pub struct Finishing {
    /// The deploy's id: the attempt's, or the run's.
    pub id: AttemptId,
    /// The artifact, if it is not given by an attempt in the list.
    pub artifact: Option<AttemptId>,
    /// The candidate, in two-step recording.
    pub candidate: Option<AttemptId>,
    /// The home that deployed.
    pub home: Option<Home>,
    /// For a reused deploy: the deploy that it comes from.
    pub reused: Option<Reused>,
    /// Whether it was redeployed by another service's deploy. Then unknown content is a placeholder and is not
    /// recorded.
    pub pinned: bool,
    /// Whether `decide` could not write the attempt, so that it was not announced.
    pub unwritten: bool,
    /// What was deployed.
    pub release: Release,
}

/// The result of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Finish {
    /// It is the last deploy, and certainly live.
    Certain,
    /// It is the last deploy, but something else may be live: this attempt. Without an attempt, its inputs are unknown.
    Uncertain(Option<Box<Attempt>>),
    /// It was already recorded: nothing was changed.
    Already,
    /// What was deployed is unknown: the last deploy remains recorded, but is in doubt.
    Unknown,
    /// A newer version wrote the mark: only the fact that something was deployed is added.
    Newer,
}

impl Mark {
    /// A deploy is done. `attempt` is the entry that it finishes; if it is not in the list, nothing is dropped.
    pub fn finish(&mut self, attempt: Option<&AttemptId>, done: Finishing, now: Clock) -> Finish {
        let listed = attempt.and_then(|id| self.attempt(id));
        if listed.is_none() && self.recorded(&done.id) {
            return Finish::Already;
        }
        if self.newer.is_some() {
            self.fail(attempt.unwrap_or(&done.id), now);
            return Finish::Newer;
        }
        self.touch(now);
        let at = attempt.and_then(|id| self.position(id));
        let placeholder = done.pinned && done.release.content.is_none();
        if !placeholder {
            self.remember();
        }
        let me = at.map(|at| self.attempts.remove(at));
        if placeholder {
            // It was never recorded, or the service was removed: it has ended, with unknown content.
            let doubt = self.doubtful(&done.id, now).by(&done.release.build, None);
            self.push_ended(Attempt { doubt: Some("something unknown was deployed".to_owned()), ..doubt });
            return Finish::Unknown;
        }
        let over = |ended: Option<u64>| ended.zip(me.as_ref()).is_some_and(|(ended, me)| ended <= me.opened);
        self.attempts.retain(|other| !over(other.ended));
        let artifact = me.as_ref().map_or(done.artifact, |me| me.artifact.clone());
        if let Some(previous) = self.deployed.take().filter(|deploy| !over(Some(deploy.ended))) {
            self.keep_previous(&previous, done.home.as_ref(), artifact.as_ref());
        }
        if let Some(basis) = me.as_ref().and_then(|me| me.shadow.as_ref()) {
            let counts = self.shadow.get_or_insert_with(Shadow::default);
            counts.count(basis, &done.id, &done.release.outputs, &done.release.build, now.shown());
        }
        let seconds = me.as_ref().map(|me| now.shown().duration_since(me.opened_at).as_secs());
        if done.unwritten {
            let doubt = self.doubtful(&done.id, now).by(&done.release.build, None);
            let why = "its attempt could not be written, so others may have deployed beside it";
            self.push_ended(Attempt { doubt: Some(why.to_owned()), ..doubt });
        }
        let id = done.id.clone();
        self.deployed = Some(Deploy {
            id: done.id,
            artifact,
            ended: self.serial,
            home: done.home,
            lane: me.as_ref().and_then(|me| me.lane.clone()),
            place: me.as_ref().and_then(|me| me.place.as_ref()).map(|place| place.last),
            candidate: done.candidate,
            recorded_at: now.shown(),
            seconds: seconds.and_then(|seconds| u64::try_from(seconds).ok()),
            reused: done.reused.or_else(|| me.and_then(|me| me.reused)),
            release: done.release,
        });
        self.finished(&id).unwrap_or(Finish::Already)
    }

    /// R9 right after R4: the deploy that was just finished belongs to a build or run that had reported a failure. `doubt`
    /// is the id of the new entry.
    pub fn had_failed(&mut self, finish: Finish, doubt: &AttemptId, now: Clock) -> Finish {
        match &self.deployed {
            Some(deploy) if finish == Finish::Certain => {
                let (id, build) = (deploy.id.clone(), deploy.release.build.clone());
                self.doubt(doubt, FAILED_BEFORE, &build, now);
                self.finished(&id).unwrap_or(finish)
            }
            _ => finish,
        }
    }

    /// The result of recording the deploy with that id, if it is the last one.
    pub fn finished(&self, id: &AttemptId) -> Option<Finish> {
        self.deployed.as_ref().filter(|deploy| deploy.id == *id)?;
        Some(match self.doubt_about() {
            None if self.certain() => Finish::Certain,
            doubt => Finish::Uncertain(doubt.cloned().map(Box::new)),
        })
    }

    /// A previous deploy that had not ended when the new one began stays, as ended. The same artifact is not doubt
    /// unless another home recorded it, because that home may have dropped attempts it was not aware of (R12).
    fn keep_previous(&mut self, previous: &Deploy, home: Option<&Home>, artifact: Option<&AttemptId>) {
        if !home.is_some_and(|home| home.fits(previous.home.as_ref())) {
            let kept = self.as_ended(previous);
            self.push_ended(Attempt { content: None, artifact: None, ..kept });
        } else if !same_artifact(previous.artifact.as_ref(), artifact) {
            let kept = self.as_ended(previous);
            self.push_ended(kept);
        }
    }

    /// A deploy as an attempt that has ended.
    pub(super) fn as_ended(&self, deploy: &Deploy) -> Attempt {
        let build: &Build = &deploy.release.build;
        let mut ended = Attempt::new(deploy.id.nameless(), State::Failed, 0, deploy.recorded_at)
            .by(build, deploy.release.revision.as_deref());
        ended.end(deploy.ended);
        ended.content = deploy.release.content;
        ended.artifact.clone_from(&deploy.artifact);
        ended.doubt = Some(OVERLAPPED.to_owned());
        ended
    }
}
