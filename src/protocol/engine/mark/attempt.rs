//! One entry of a mark's list of attempts.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::home::{Home, Lane, Place, Rest};
use super::ids::AttemptId;
use super::release::{Build, Reused, Taint, build_text};
use super::shadow::ShadowBasis;
use crate::base::fingerprint::Content;
use crate::base::names::ServiceName;

/// The state of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// `decide` said build; it is being built, and in one-step recording also deployed.
    Building,
    /// A candidate that waits for its deploy stage. It has not deployed anything, and `begin` is a gate, so it may be
    /// dropped.
    Pending,
    /// Its deploy stage has begun: a run of a candidate.
    Deploying,
    /// It has ended, and may have left something deployed.
    Failed,
}

/// One attempt to build and deploy. Serials order events without a clock: every write of a mark raises its serial by
/// one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id. Each run of a candidate has its own.
    pub id: AttemptId,
    /// Its state.
    pub state: State,
    /// What it deploys; `None` if unknown, which equals nothing.
    pub content: Option<Content>,
    /// The attempt that built what it deploys; `None` equals nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artifact: Option<AttemptId>,
    /// The mark's serial when it was opened, or when its deploy stage began: anything that had ended by then came
    /// before it.
    pub opened: u64,
    /// The mark's serial when it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended: Option<u64>,
    /// When it was opened: the store's time, if known.
    pub opened_at: Timestamp,
    /// How many seconds its build may run.
    pub timeout_seconds: u64,
    /// The store's time after which it counts as ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Timestamp>,
    /// The home that deploys, as decided; `None` if unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<Home>,
    /// The deploy stage that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<Lane>,
    /// Its place among the candidates of that stage.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<Place>,
    /// For a run: the candidate that it deploys.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub candidate: Option<AttemptId>,
    /// For a candidate: the attempt that was decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decided: Option<AttemptId>,
    /// The service whose deploy redeploys this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pinned_by: Option<ServiceName>,
    /// For a reused deploy: the deploy that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reused: Option<Reused>,
    /// In shadow: what a skip would have passed on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shadow: Option<ShadowBasis>,
    /// How many attempts it represents, if some were merged because the list was full.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stands_for: Option<u32>,
    /// The reason of the decision, as its word.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// For a doubt: what happened, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub doubt: Option<String>,
    /// For a taint: the person's statement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taint: Option<Taint>,
    /// The build, for people: its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build: Option<String>,
    /// The build, for people: where it can be found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The build, for people: its number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// For people: the state in which it outlived its deadline, if nothing has reported its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreported: Option<State>,
    /// The revision, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<String>,
    /// Who started it, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Attempt {
    /// An attempt with only its id, state, serial and time.
    pub(super) fn new(id: AttemptId, state: State, opened: u64, opened_at: Timestamp) -> Self {
        Self {
            id,
            state,
            content: None,
            artifact: None,
            opened,
            ended: None,
            opened_at,
            timeout_seconds: 0,
            deadline: None,
            home: None,
            lane: None,
            place: None,
            candidate: None,
            decided: None,
            pinned_by: None,
            reused: None,
            shadow: None,
            stands_for: None,
            reason: None,
            doubt: None,
            taint: None,
            build: None,
            url: None,
            number: None,
            unreported: None,
            revision: None,
            actor: None,
            rest: Rest::new(),
        }
    }

    /// Adds what people may want to know about its build.
    pub(super) fn by(mut self, build: &Build, revision: Option<&str>) -> Self {
        self.build.clone_from(&build.id);
        self.url.clone_from(&build.url);
        self.number.clone_from(&build.number);
        self.actor.clone_from(&build.actor);
        self.revision = revision.map(str::to_owned);
        self
    }

    /// Whether it may still deploy something, according to the list.
    pub fn alive(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it waits for its deploy stage.
    pub fn waits(&self) -> bool {
        self.state == State::Pending
    }

    /// Whether it has ended by that time of the store (R3). An old candidate is not doubt: the next write drops it.
    pub fn over(&self, time: Option<Timestamp>) -> bool {
        !self.alive() || (!self.waits() && self.outlived(time))
    }

    /// Whether its deadline has passed.
    pub(super) fn outlived(&self, time: Option<Timestamp>) -> bool {
        matches!((self.deadline, time), (Some(deadline), Some(time)) if deadline < time)
    }

    /// Whether it is a run of that candidate.
    pub(super) fn is_run_of(&self, candidate: &AttemptId) -> bool {
        self.candidate.as_ref() == Some(candidate) && !self.id.is_nameless()
    }

    /// The state in which it outlived its deadline, if nothing has reported its end by that time of the store. A
    /// candidate that waits is not expected to report anything.
    pub fn unreported_at(&self, time: Option<Timestamp>) -> Option<State> {
        let outlived = self.alive() && !self.waits() && self.outlived(time);
        if outlived { Some(self.state) } else { self.unreported }
    }

    /// Whether it ended because somebody reported a failure, and not by age.
    pub fn told_failed(&self) -> bool {
        !self.alive() && self.unreported.is_none()
    }

    /// Its build, as a person can find it; `None` if it did not name itself.
    pub fn build_text(&self) -> Option<String> {
        build_text(self.number.as_deref(), self.build.as_deref(), self.url.as_deref())
    }

    /// Its rank within its lane: the serial at which it was staged, or else opened.
    pub(super) fn order(&self) -> u64 {
        self.place.as_ref().map_or(self.opened, |place| place.first)
    }

    pub(super) fn end(&mut self, serial: u64) {
        self.state = State::Failed;
        self.ended = Some(serial);
    }
}

/// `time + seconds`, up to the latest possible time.
pub(super) fn later(time: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    time.checked_add(seconds).unwrap_or(Timestamp::MAX)
}

/// Whether both are the same artifact. Unknown equals nothing.
pub fn same_artifact(one: Option<&AttemptId>, other: Option<&AttemptId>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one == other)
}
