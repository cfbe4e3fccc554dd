//! Planted faults: the protocol with one rule left out, by tampering around the engine's calls. A walk or a story must catch each.
//!
//! The names are those of the executable model. What is here tampers with marks before and after a transition; whatever a fault
//! leaves out of the order of calls is where the walk makes that call.

use std::collections::BTreeMap;

use shipmark::base::key::Key;
use shipmark::base::names::EnvironmentName;
use shipmark::protocol::engine::mark::{Attempt, AttemptId, Deploy, Home, Lane, MOST_ATTEMPTS, Mark, Place, State};

macro_rules! faults {
    ($($fault:ident $name:literal;)*) => {
        /// The rule that is broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Fault { $($fault,)* }

        impl Fault {
            pub(super) const ALL: &[Self] = &[$(Self::$fault,)*];

            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$fault => $name,)* }
            }
        }
    };
}

faults! {
    NoPin "no-pin";
    PinRace "pin-race";
    NoUnknownPin "no-unknown-pin";
    NoRemoved "no-removed";
    SameBuildPin "same-build-pin";
    SameCallSkipUnpinned "same-call-skip-unpinned";
    OrphanAnyones "orphan-anyones";
    VerifyStale "verify-stale";
    ReuseUncertain "reuse-uncertain";
    ReuseSharesArtifact "reuse-shares-artifact";
    Withdraw "withdraw";
    DropFailed "drop-failed";
    OwnClock "own-clock";
    ShortAge "short-age";
    DropAll "drop-all";
    DropAlive "drop-alive";
    ForgetLast "forget-last";
    NoAttemptDrops "no-attempt-drops";
    SameContentEnded "same-content-ended";
    IgnoreEnded "ignore-ended";
    IgnoreAlive "ignore-alive";
    SkipUnstaged "skip-unstaged";
    StaleStage "stale-stage";
    ForgetUnwritten "forget-unwritten";
    SameNameTwice "same-name-twice";
    EarlyCandidateOneArtifact "early-candidate-one-artifact";
    PromoteNewest "promote-newest";
    SecondDelivery "second-delivery";
    TellNewest "tell-newest";
    NoGate "no-gate";
    NoBegin "no-begin";
    PipelineLane "pipeline-lane";
    TurnAttemptTimeout "turn-attempt-timeout";
    TurnEnds "turn-ends";
    NoTaint "no-taint";
    NoTicketFine "no-ticket-fine";
    RmForgets "rm-forgets";
    RmDropsDeploy "rm-drops-deploy";
    RmDamagedForgets "rm-damaged-forgets";
    TicketAnyStore "ticket-any-store";
    TicketAnySource "ticket-any-source";
    StrikeOwn "strike-own";
    OldTicket "old-ticket";
    AnyHome "any-home";
    UnknownHomeFits "unknown-home-fits";
    HomeArtifact "home-artifact";
    AnyEnvironment "any-environment";
    OtherOutputs "other-outputs";
    NoConfirm "no-confirm";
    ClaimRollback "claim-rollback";
    FullDrops "full-drops";
    FullFirstEnds "full-first-ends";
}

/// What is done to marks.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// By whom, and for which environment where it is only one.
    Decide(Option<Box<Home>>, Option<EnvironmentName>),
    Confirm,
    Record,
    Fail,
    Doubt,
    Stage,
    /// The lanes of the candidates.
    Begin(BTreeMap<Key, Lane>),
    Promote,
    Tell,
    Rm,
    RmDamaged,
    Other,
}

impl Event {
    pub(super) fn decide(home: Option<Home>, alone: Option<EnvironmentName>) -> Self {
        Self::Decide(home.map(Box::new), alone)
    }
}

impl Fault {
    /// What the engine sees instead of a mark.
    pub(super) fn sees(self, event: &Event, key: &Key, mark: &mut Mark) {
        let artifact = mark.deployed.as_ref().and_then(|deploy| deploy.artifact.clone());
        match (self, event) {
            (Self::IgnoreEnded, Event::Decide(..) | Event::Confirm) => mark.attempts.retain(Attempt::alive),
            (Self::IgnoreAlive, Event::Decide(..) | Event::Confirm) => mark.attempts.retain(|other| !other.alive()),
            (Self::SameContentEnded, Event::Decide(..) | Event::Confirm) => {
                let content = mark.deployed.as_ref().and_then(|deploy| deploy.release.content);
                let same = |other: &&mut Attempt| content.is_some() && other.content == content;
                mark.attempts.iter_mut().filter(same).for_each(|other| other.artifact.clone_from(&artifact));
            }
            (
                Self::EarlyCandidateOneArtifact | Self::ReuseSharesArtifact,
                Event::Decide(..) | Event::Confirm | Event::Record | Event::Promote,
            ) => self.share_artifacts(mark),
            (Self::AnyHome, Event::Decide(home, _)) => {
                mark.deployed.iter_mut().for_each(|deploy| deploy.home = home.as_deref().cloned());
            }
            (Self::UnknownHomeFits, Event::Decide(home, _)) => {
                let unknown = home.as_deref() == Some(&anyone());
                let deploys = mark.deployed.iter_mut().filter(|deploy| unknown || deploy.home.is_none());
                deploys.for_each(|deploy| deploy.home = home.as_deref().cloned());
            }
            (Self::ReuseUncertain, Event::Decide(_, Some(mine))) if key.environment != *mine => mark.attempts.clear(),
            (Self::StaleStage, Event::Stage) => mark.deployed = None,
            (Self::PipelineLane, Event::Begin(lanes)) => {
                let Some(mine) = lanes.get(key) else { return };
                let lanes = mark.attempts.iter_mut().filter_map(|other| other.lane.as_mut());
                lanes.filter(|lane| lane.pipeline == mine.pipeline).for_each(|lane| lane.stage.clone_from(&mine.stage));
            }
            (Self::PromoteNewest, Event::Promote) => mark.attempts.reverse(),
            (Self::TellNewest, Event::Tell) => {
                let newest: BTreeMap<AttemptId, AttemptId> =
                    mark.attempts.iter().filter_map(|run| Some((run.candidate.clone()?, run.id.clone()))).collect();
                mark.attempts.retain(|run| run.candidate.as_ref().is_none_or(|of| newest[of] == run.id));
            }
            (Self::ClaimRollback, Event::Confirm) => {
                for run in mark.attempts.iter_mut().filter(|run| run.place.is_some()) {
                    run.place = Some(Place::at(run.opened));
                }
            }
            (Self::FullDrops, _) if mark.attempts.len() >= MOST_ATTEMPTS => {
                mark.attempts.remove(0);
            }
            (Self::FullFirstEnds, _) if mark.attempts.len() >= MOST_ATTEMPTS => merge_too_early(mark),
            _ => {}
        }
    }

    /// Different artifacts that count as one.
    fn share_artifacts(self, mark: &mut Mark) {
        let shared = |id: &AttemptId, candidate: Option<&AttemptId>, artifact: Option<&AttemptId>| {
            candidate.filter(|_| artifact == Some(id)).cloned()
        };
        for other in &mut mark.attempts {
            let one = match self {
                Self::ReuseSharesArtifact => other.reused.as_ref().map(|reused| reused.deploy.clone()),
                _ => shared(&other.id, other.candidate.as_ref(), other.artifact.as_ref()),
            };
            other.artifact = one.or(other.artifact.take());
        }
        if let Some(deploy) = &mut mark.deployed {
            let one = match self {
                Self::ReuseSharesArtifact => deploy.reused.as_ref().map(|reused| reused.deploy.clone()),
                _ => shared(&deploy.id, deploy.candidate.as_ref(), deploy.artifact.as_ref()),
            };
            deploy.artifact = one.or(deploy.artifact.take());
        }
    }

    /// Puts back what the engine did not see.
    pub(super) fn restores(self, event: &Event, before: &Mark, seen: &Mark, mark: &mut Mark) {
        if seen == before || matches!(self, Self::FullDrops | Self::FullFirstEnds) {
            return;
        }
        if self == Self::PromoteNewest && matches!(event, Event::Promote) {
            mark.attempts.reverse();
        }
        for (at, was) in before.attempts.iter().enumerate() {
            let same = |other: &&Attempt| other.id == was.id && other.opened == was.opened;
            let Some(shown) = seen.attempts.iter().find(same) else {
                mark.attempts.insert(at.min(mark.attempts.len()), was.clone());
                continue;
            };
            let kept = |other: &&mut Attempt| other.id == was.id && other.opened == was.opened;
            let Some(kept) = mark.attempts.iter_mut().find(kept) else { continue };
            if shown.artifact != was.artifact {
                kept.artifact.clone_from(&was.artifact);
            }
            if shown.lane != was.lane {
                kept.lane.clone_from(&was.lane);
            }
        }
        match (&before.deployed, &seen.deployed, &mut mark.deployed) {
            (Some(was), None, deployed @ None) => *deployed = Some(was.clone()),
            (Some(was), Some(shown), Some(kept)) if shown != was && kept.id == was.id => {
                *kept = Deploy { artifact: was.artifact.clone(), home: was.home.clone(), ..kept.clone() };
            }
            _ => {}
        }
    }

    /// Tampers with what is about to be written.
    pub(super) fn after(self, event: &Event, before: Option<&Mark>, mark: &mut Mark) {
        if let (Self::RmDamagedForgets, Event::RmDamaged) = (self, event) {
            mark.attempts.clear();
        }
        let Some(before) = before else { return };
        let (id, ended) = (|deploy: &Deploy| deploy.id.clone(), mark.serial);
        let deployed =
            mark.deployed.as_ref().map(id).filter(|id| before.deployed.as_ref().map(|was| &was.id) != Some(id));
        let recorded = deployed.filter(|_| matches!(event, Event::Record | Event::Promote));
        let previous = before.deployed.as_ref().map(|deploy| deploy.id.nameless());
        let was = |other: &Attempt| before.attempts.iter().find(|was| was.id == other.id && was.opened == other.opened);
        match (self, event, recorded) {
            (Self::DropAll, _, Some(_)) => mark.attempts.retain(Attempt::alive),
            (Self::DropAlive, _, Some(id)) => {
                let me = before.attempt(&id).map_or(0, |me| me.opened);
                mark.attempts.retain(|other| !other.alive() || other.opened > me);
            }
            (Self::ForgetLast, _, Some(_)) => {
                mark.attempts.retain(|other| was(other).is_some() || Some(&other.id) != previous.as_ref());
            }
            (Self::NoAttemptDrops, _, Some(id)) if before.attempt(&id).is_none() => {
                mark.attempts.retain(Attempt::alive);
            }
            (Self::HomeArtifact, _, Some(_)) => {
                let artifact = |mark: &Mark| mark.deployed.as_ref().and_then(|deploy| deploy.artifact.clone());
                if artifact(before).is_some() && artifact(before) == artifact(mark) {
                    mark.attempts.retain(|other| was(other).is_some() || Some(&other.id) != previous.as_ref());
                }
            }
            (Self::DropFailed, Event::Fail | Event::Tell, _) => {
                let told = |other: &Attempt| {
                    let old = other.deadline.zip(mark.written_at).is_some_and(|(deadline, now)| deadline < now);
                    !old && other.ended == Some(ended) && was(other).is_some_and(Attempt::alive)
                };
                mark.attempts.retain(|other| !told(other));
            }
            (Self::TurnEnds, Event::Begin(_), _) => {
                let earlier = |other: &&mut Attempt| {
                    let late = was(other).is_some_and(|was| was.deadline.is_none());
                    late && other.state == State::Deploying && other.deadline.is_some() && other.alive()
                };
                mark.attempts.iter_mut().filter(earlier).for_each(|other| {
                    other.state = State::Failed;
                    other.ended = Some(ended);
                });
            }
            (Self::RmForgets, Event::Rm, _) => mark.attempts.clear(),
            (Self::RmDropsDeploy, Event::Rm, _) => mark.attempts.retain(Attempt::alive),
            _ => {}
        }
    }
}

/// Whom an unknown home is taken for.
pub(super) fn anyone() -> Home {
    Home { workflow: Some("anyone".to_owned()), ..Home::default() }
}

/// Merges as a full list does, but what is merged ends with the first.
fn merge_too_early(mark: &mut Mark) {
    let builds = |other: &Attempt| other.state == State::Building && other.deadline.is_some();
    let two = |pick: &dyn Fn(&Attempt) -> bool| {
        let mut picked = (0..mark.attempts.len()).filter(|at| pick(&mark.attempts[*at]));
        picked.next().zip(picked.next())
    };
    let Some((one, other)) = two(&|other| !other.alive()).or_else(|| two(&builds)) else { return };
    let other = mark.attempts.remove(other);
    let one = &mut mark.attempts[one];
    *one = Attempt {
        id: one.id.nameless(),
        opened: one.opened.min(other.opened),
        ended: one.ended.min(other.ended),
        deadline: one.deadline.min(other.deadline),
        content: one.content.filter(|content| Some(*content) == other.content),
        artifact: one.artifact.clone().filter(|artifact| Some(artifact) == other.artifact.as_ref()),
        lane: None,
        place: None,
        candidate: None,
        decided: None,
        stands_for: Some(2),
        ..one.clone()
    };
}
