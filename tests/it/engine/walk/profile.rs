//! How often things go wrong, and how long they take.

use fastrand::Rng;

use super::fault::Fault;

/// The chances of a world. `wild` looks for false skips; `calm` is closer to life, and measures needless builds.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// Steps of one world.
    pub(super) walk: usize,
    pub(super) push: f64,
    pub(super) kill: f64,
    pub(super) fail: f64,
    pub(super) lost_ticket: f64,
    /// Of one write: refused for good, made but not answered, or the writer dies.
    pub(super) write: f64,
    /// Of one write: somebody else wrote in between.
    pub(super) conflict: f64,
    /// Of one read: it fails.
    pub(super) read: f64,
    /// Of one read: the store does not say what time it is.
    pub(super) timeless: f64,
    pub(super) human: f64,
    pub(super) stranger: f64,
    pub(super) force: f64,
    pub(super) stage_fail: f64,
    pub(super) abandon: f64,
    pub(super) hold: f64,
    pub(super) lost_candidate: f64,
    pub(super) unknown: f64,
    pub(super) verify: f64,
    pub(super) again: f64,
    pub(super) twice: f64,
    pub(super) early: f64,
    pub(super) named_twice: f64,
    pub(super) listed: f64,
    /// Of one step: many builds at once, so that lists fill up.
    pub(super) burst: f64,
    /// Whether clocks lie, services leave the map, and repositories share keys.
    pub(super) odd: bool,
    /// One-step builds at once.
    pub(super) crowd: usize,
    /// In ticks: how long a candidate waits, a build lives, and an abandoned action acts.
    pub(super) life: u64,
    pub(super) timeout: u64,
    pub(super) deploy: u64,
}

impl Profile {
    pub(super) fn wild() -> Self {
        Self {
            walk: 150,
            push: 0.12,
            kill: 0.04,
            fail: 0.05,
            lost_ticket: 0.03,
            write: 0.03,
            conflict: 0.02,
            read: 0.005,
            timeless: 0.01,
            human: 0.01,
            stranger: 0.01,
            force: 0.04,
            stage_fail: 0.04,
            abandon: 0.4,
            hold: 0.15,
            lost_candidate: 0.01,
            unknown: 0.02,
            verify: 0.15,
            again: 0.02,
            twice: 0.05,
            early: 0.4,
            named_twice: 0.04,
            listed: 0.85,
            burst: 0.0,
            odd: true,
            crowd: 3,
            life: 160,
            timeout: 40,
            deploy: 120,
        }
    }

    pub(super) fn calm() -> Self {
        Self {
            walk: 900,
            push: 0.06,
            kill: 0.002,
            fail: 0.012,
            lost_ticket: 0.0,
            write: 0.0005,
            conflict: 0.0005,
            read: 0.0002,
            timeless: 0.0,
            human: 0.0,
            stranger: 0.0,
            force: 0.01,
            stage_fail: 0.01,
            abandon: 0.02,
            hold: 0.05,
            lost_candidate: 0.0,
            unknown: 0.0,
            verify: 0.05,
            again: 0.0,
            twice: 0.0,
            named_twice: 0.0,
            listed: 1.0,
            odd: false,
            crowd: 1,
            life: 1000,
            deploy: 360,
            ..Self::wild()
        }
    }

    /// Many lost writes and overlaps, and candidates that wait for a short time only.
    pub(super) fn rough() -> Self {
        Self {
            walk: 400,
            push: 0.4,
            kill: 0.0,
            write: 0.15,
            stranger: 0.05,
            abandon: 0.9,
            hold: 0.0,
            life: 20,
            timeout: 80,
            deploy: 240,
            crowd: 6,
            ..Self::wild()
        }
    }

    /// Lists that are full.
    pub(super) fn crowded() -> Self {
        Self { walk: 300, burst: 0.03, write: 0.003, kill: 0.01, human: 0.0, ..Self::wild() }
    }

    /// One in which what a fault is about happens more often than in the others.
    pub(super) fn of(fault: Fault) -> Self {
        let wild = Self::wild();
        match fault {
            Fault::FullDrops | Fault::FullFirstEnds => Self::crowded(),
            Fault::Withdraw => Self { fail: 0.25, ..wild },
            Fault::StrikeOwn => Self { again: 0.3, ..wild },
            Fault::RmForgets | Fault::RmDropsDeploy | Fault::RmDamagedForgets => {
                Self { human: 0.06, kill: 0.02, ..wild }
            }
            Fault::ForgetUnwritten | Fault::StaleStage => {
                Self { write: 0.2, early: 0.0, kill: 0.01, fail: 0.01, ..wild }
            }
            Fault::ClaimRollback => Self { early: 1.0, odd: false, human: 0.0, stranger: 0.0, ..wild },
            Fault::PipelineLane => Self { early: 0.2, hold: 0.4, crowd: 1, ..wild },
            Fault::PinRace => Self { crowd: 6, push: 0.4, kill: 0.01, fail: 0.01, ..wild },
            Fault::NoRemoved | Fault::SameCallSkipUnpinned | Fault::TurnAttemptTimeout => Self::rough(),
            _ => wild,
        }
    }

    /// One where little goes wrong but the order of deploy stages.
    pub(super) fn quiet(&mut self) {
        let rare = [
            &mut self.kill,
            &mut self.fail,
            &mut self.lost_ticket,
            &mut self.write,
            &mut self.human,
            &mut self.stranger,
            &mut self.lost_candidate,
            &mut self.read,
        ];
        rare.into_iter().for_each(|chance| *chance *= 0.1);
    }
}

/// Chance, repeatable by its seed.
#[derive(Debug, Clone)]
pub(super) struct Luck(Rng);

impl Luck {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// True that often.
    pub(super) fn hits(&mut self, chance: f64) -> bool {
        self.0.f64() < chance
    }

    pub(super) fn unit(&mut self) -> f64 {
        self.0.f64()
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.usize(..n)
    }

    pub(super) fn of<T: Clone>(&mut self, choice: &[T]) -> T {
        choice[self.below(choice.len())].clone()
    }

    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        self.0.shuffle(all);
    }
}
