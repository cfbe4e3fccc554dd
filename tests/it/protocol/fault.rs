//! Planted faults: the protocol with one rule broken, by tampering around the real functions. A walk must catch each.

use jiff::{SignedDuration, Timestamp};
use shipmark::base::fingerprint::same;
use shipmark::protocol::decide::Known;
use shipmark::protocol::mark::{Attempt, Mark, State};

/// Which write of a mark it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    Open,
    Fail,
    Withdraw,
    Stage,
    Begin,
    Promote,
    Record,
    Adopt,
    Taint,
    Doubt,
}

/// The rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fault {
    /// The decision does not look at attempts.
    IgnoresAttempts,
    /// A failed attempt leaves the list.
    ForgetsFailed,
    /// Every record is certain.
    AlwaysCertain,
    /// A record is certain although others of other content had not ended.
    IgnoresOverlap,
    /// A record is certain although another was recorded since.
    IgnoresOvertaking,
    /// A record empties the list.
    ClearsAll,
    /// Some clocks are an hour ahead.
    ClockAhead,
    /// An execution that skipped says nothing in its deploy stage.
    SkippedNothing,
    /// An execution that skipped does not stage what it will deploy again.
    SkipUnstaged,
    /// A candidate counts as ended.
    PendingEnded,
    /// A deploy stage that begins covers candidates that were staged later.
    CoversLater,
    /// No deploy stage says that it begins, and its record is certain.
    NoBegin,
    /// A deploy of another service's build opens no attempt here.
    NoPin,
    /// A taint leaves the open attempts as they are.
    TaintOvertakesNobody,
    /// A doubt leaves the mark as it is.
    IgnoresDoubt,
    /// A failed build that is not in the list leaves the mark as it is.
    IgnoresUnlistedFailure,
    /// A mark that is made again starts with old serials.
    OldSerials,
    /// A record that no attempt stands for is certain.
    UnlistedCertain,
    /// A record outside of any build is certain.
    AdoptedCertain,
    /// An entry that stands for several leaves the list.
    CrowdForgets,
    /// An entry that stands for several ends with the first of them.
    CrowdEndsEarly,
    /// A deploy stage that begins ends those of other pipelines.
    EndsOtherPipelines,
    /// A deploy stage that begins covers the candidates of other pipelines.
    CoversOtherPipelines,
    /// An execution that skipped stages also when its deploy is no longer the last.
    StaleSkip,
}

impl Fault {
    /// The writer's clock.
    pub(super) fn clock(self, now: Timestamp, ids: u32) -> Timestamp {
        if self == Self::ClockAhead && ids % 2 == 1 { now + SignedDuration::from_mins(61) } else { now }
    }

    /// A mark that is made again.
    pub(super) fn new_mark(self, now: Timestamp) -> Mark {
        let serial = Mark::new(now).serial;
        Mark { serial: if self == Self::OldSerials { 0 } else { serial }, ..Mark::new(now) }
    }

    pub(super) fn leaves_skips_unstaged(self) -> bool {
        matches!(self, Self::SkipUnstaged | Self::SkippedNothing)
    }

    /// What the decision sees instead of the mark.
    pub(super) fn hides(self, mark: &Mark) -> Option<Known> {
        let hidden = || Known::Mark(Box::new(Mark { attempts: Vec::new(), ..mark.clone() }));
        (self == Self::IgnoresAttempts).then(hidden)
    }

    /// Tampers with what was just done.
    pub(super) fn after(self, event: Event, before: &Mark, mark: &mut Mark) {
        let recorded = matches!(event, Event::Promote | Event::Record) && mark.deployed != before.deployed;
        let opened = |attempt: &Attempt| before.attempt(&attempt.id).is_none();
        match self {
            Self::ForgetsFailed => mark.attempts.retain(Attempt::alive),
            Self::AlwaysCertain if recorded => mark.certain = true,
            Self::NoBegin if event == Event::Promote => mark.certain = true,
            Self::UnlistedCertain if recorded && me(before, mark).is_none() => mark.certain = true,
            Self::AdoptedCertain if event == Event::Adopt => mark.certain = true,
            Self::IgnoresOverlap if recorded && me(before, mark).is_some_and(|me| !me.overtaken) => {
                mark.certain = true;
                mark.attempts.retain(Attempt::alive);
            }
            Self::IgnoresOvertaking => mark.attempts.iter_mut().for_each(|attempt| attempt.overtaken = false),
            Self::ClearsAll if recorded => mark.attempts.clear(),
            Self::PendingEnded if event == Event::Stage => {
                for attempt in mark.attempts.iter_mut().filter(|attempt| attempt.state == State::Pending) {
                    attempt.state = State::Failed;
                    attempt.ended = Some(attempt.staged.unwrap_or(0));
                }
            }
            Self::CoversLater if event == Event::Begin => {
                mark.attempts
                    .iter_mut()
                    .filter(|attempt| opened(attempt))
                    .for_each(|run| run.staged = Some(u64::MAX >> 1));
            }
            Self::NoPin => mark.attempts.retain(|attempt| attempt.pinned_by.is_none()),
            Self::TaintOvertakesNobody if event == Event::Taint => {
                for attempt in &mut mark.attempts {
                    attempt.overtaken = before.attempt(&attempt.id).is_some_and(|attempt| attempt.overtaken);
                }
            }
            Self::IgnoresDoubt if event == Event::Doubt => restore(before, mark),
            Self::IgnoresUnlistedFailure if event == Event::Fail && !mark.certain && before.certain => {
                restore(before, mark);
            }
            Self::CrowdForgets => mark.attempts.retain(|attempt| attempt.stands_for.is_none()),
            Self::CrowdEndsEarly => {
                let crowds = mark.attempts.iter_mut().filter(|attempt| attempt.stands_for.is_some() && attempt.alive());
                for crowd in crowds {
                    crowd.state = State::Failed;
                    crowd.ended = Some(crowd.opened);
                }
            }
            Self::EndsOtherPipelines if event == Event::Begin => {
                let serial = mark.serial;
                let deploying = |attempt: &&mut Attempt| attempt.state == State::Deploying && !opened(attempt);
                for attempt in mark.attempts.iter_mut().filter(deploying) {
                    attempt.state = State::Failed;
                    attempt.ended = Some(serial);
                }
            }
            Self::CoversOtherPipelines if event == Event::Begin => {
                let pipeline = mark.attempts.last().and_then(|run| run.pipeline.clone());
                let pending = |attempt: &&mut Attempt| attempt.state == State::Pending;
                mark.attempts.iter_mut().filter(pending).for_each(|attempt| attempt.pipeline.clone_from(&pipeline));
            }
            _ => {}
        }
    }
}

/// The attempt that a record finished.
fn me<'a>(before: &'a Mark, mark: &Mark) -> Option<&'a Attempt> {
    let deploy = mark.deployed.as_ref()?;
    before.attempt(&deploy.id).filter(|me| same(me.content.as_ref(), deploy.release.content.as_ref()))
}

fn restore(before: &Mark, mark: &mut Mark) {
    *mark = Mark { serial: mark.serial, ..before.clone() };
}
