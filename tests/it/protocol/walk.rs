//! A walk: a list of numbers, each of which is one step of the world. So a walk that fails shrinks to a short one.

use super::fault::Fault;
use super::lanes::{Lane, Turns};
use super::world::{Seen, World};

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Nap,
    Start,
    GoOn,
    Pin,
    Enter,
    Leave,
    Deploy,
    Hand,
    Stop,
    Adopt,
    Remove,
    Burst,
    CrowdIn,
}

/// Which world is walked through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scene {
    /// Builds that deploy and record, interleaving freely.
    OneStep,
    /// One pipeline in two steps.
    TwoStep,
    /// The same, where executions wait in line.
    Queued,
    /// Two pipelines that deploy one service without taking turns, beside builds in one step.
    TwoPipelines,
    /// Two steps without a pipeline that is known.
    NoPipeline,
    /// All of it, with writes that fail, people who deploy by hand, and marks that are removed.
    Storm,
    /// So many attempts that the list is full.
    Crowd,
}

impl Scene {
    fn lanes(self) -> Vec<Lane> {
        let p = Lane::new(Some("codepipeline/p"), Turns::Superseded);
        let q = Lane::new(Some("codepipeline/q"), Turns::Superseded);
        match self {
            Self::OneStep => Vec::new(),
            Self::TwoStep => vec![p],
            Self::Queued => vec![Lane::new(Some("codepipeline/p"), Turns::Queued)],
            Self::TwoPipelines => vec![p, q],
            Self::NoPipeline => vec![Lane::new(None, Turns::None)],
            Self::Storm | Self::Crowd => vec![p, Lane::new(Some("codepipeline/q"), Turns::Queued)],
        }
    }

    fn weights(self) -> &'static [(Step, u32)] {
        use Step::{Adopt, Burst, CrowdIn, Deploy, Enter, GoOn, Hand, Leave, Nap, Pin, Remove, Start, Stop};
        match self {
            Self::OneStep => &[(Nap, 2), (Start, 10), (GoOn, 40), (Pin, 1)],
            Self::TwoStep | Self::Queued | Self::NoPipeline => &[(Nap, 2), (Enter, 14), (Leave, 14), (Deploy, 34)],
            Self::TwoPipelines => &[(Nap, 2), (Enter, 12), (Leave, 12), (Deploy, 30), (Start, 2), (GoOn, 6)],
            Self::Storm => &[
                (Nap, 2),
                (Enter, 10),
                (Leave, 10),
                (Deploy, 22),
                (Start, 6),
                (GoOn, 18),
                (Pin, 1),
                (Hand, 1),
                (Stop, 1),
                (Adopt, 1),
                (Remove, 1),
            ],
            Self::Crowd => {
                &[(Nap, 1), (Start, 16), (GoOn, 42), (Burst, 2), (Enter, 1), (Leave, 1), (Deploy, 12), (CrowdIn, 1)]
            }
        }
    }

    /// One in so many openings cannot be written.
    fn unlisted(self) -> u32 {
        if self == Self::Storm { 12 } else { u32::MAX }
    }

    /// Walks through it.
    pub(super) fn walk(self, steps: &[u32], fault: Option<Fault>) -> (Seen, Result<(), String>) {
        let mut world = World::new(self.lanes(), fault);
        // The stored form costs more than all the rest: every fourth walk goes through it.
        world.stored = steps.len().is_multiple_of(4);
        let weights = self.weights();
        let total = weights.iter().map(|(_, weight)| weight).sum();
        for step in steps {
            let mut luck = Luck(*step);
            let mut at = luck.below(total);
            let fits = |(_, weight): &&(Step, u32)| {
                let here = at < *weight;
                at = at.saturating_sub(*weight);
                here
            };
            let (step, _) = weights.iter().find(fits).copied().unwrap_or((Step::Nap, 0));
            world.pass(2);
            if let Err(false_skip) = self.step(&mut world, step, luck).and_then(|()| world.plan()) {
                return (world.seen, Err(false_skip));
            }
        }
        (world.seen, Ok(()))
    }

    fn step(self, world: &mut World, step: Step, mut luck: Luck) -> Result<(), String> {
        match step {
            Step::Nap => world.pass(if luck.one_in(3) { 61 } else { 25 }),
            Step::Start => world.start_build(&mut luck, self.unlisted())?,
            Step::GoOn => world.go_on(&mut luck)?,
            Step::Pin => world.start_pin(&mut luck),
            Step::Enter => world.enter(&mut luck, self.unlisted())?,
            Step::Leave => world.leave(&mut luck)?,
            Step::Deploy => world.deploy(&mut luck)?,
            Step::Hand => world.deploy_by_hand(&mut luck),
            Step::Stop => world.stop_everything(),
            Step::Adopt => world.adopt(&mut luck)?,
            Step::Remove => world.remove_mark(),
            Step::Burst => world.burst(&mut luck),
            Step::CrowdIn => world.crowd_in(&mut luck),
        }
        Ok(())
    }
}

/// The chance in one step. Smaller numbers are duller, so that a walk shrinks to what matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Luck(u32);

impl Luck {
    /// A number below `n`.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        let value = self.0 % n;
        self.0 /= n;
        value
    }

    pub(super) fn one_in(&mut self, n: u32) -> bool {
        n != u32::MAX && self.below(n) == n - 1
    }

    /// One of two contents.
    pub(super) fn content(&mut self) -> u8 {
        1 + u8::from(self.one_in(2))
    }
}
