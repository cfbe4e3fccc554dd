//! What happens to pipelines from outside, and whole runs of them.

use super::deployed::Half;
use super::execution::{Execution, Shape, Step};
use super::fault::{Fault, build_steps, deploy_steps};
use super::history::History;
use super::stages::{Mode, Pipeline};
use super::storm::Storm;
use super::walk::{Counts, Walk, Wrong};

/// How often something happens, of a hundred steps.
const PUSH: u8 = 16;
const DEPLOY: u8 = 32;
const RETRY: u8 = 5;
const ROLL_BACK: u8 = 5;
const ABANDON: u8 = 3;
const BY_HAND: u8 = 1;
/// What a fault needs comes more often.
const OFTEN: u8 = 16;

/// A run: what it is made of and how long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) shape: Shape,
    pub(super) mode: Mode,
    /// How many pipelines deploy the same services.
    pub(super) pipelines: usize,
    pub(super) seed: u64,
    pub(super) fault: Option<Fault>,
    /// How often all comes to rest, and the steps before each.
    pub(super) rounds: usize,
    pub(super) steps: usize,
    /// Whether processes are killed between writes, and clocks lie.
    pub(super) storm: bool,
}

/// What a run has caught, and all that was done before.
#[derive(Debug)]
pub(super) struct Caught {
    pub(super) wrong: Wrong,
    trace: String,
}

impl std::fmt::Display for Caught {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.wrong, self.trace)
    }
}

impl Run {
    fn walk(self, mut history: History, rng: fastrand::Rng) -> Walk {
        if self.fault == Some(Fault::RedeploysInSilence) {
            let told = history.map.lines().filter(|line| !line.starts_with("redeploys"));
            history.map = told.map(|line| format!("{line}\n")).collect();
        }
        let pipelines = ["p", "q"].into_iter().take(self.pipelines).zip(&history.pipelines);
        let new = |(name, services): (_, &Vec<_>)| Pipeline::new(name, self.shape, self.mode, services.clone());
        let mut walk = Walk::new(pipelines.map(new).collect(), history, rng, self.fault);
        walk.site.storm = self.storm.then(|| Storm::new(self.seed)).flatten();
        walk
    }

    /// Runs it. What went wrong is told with all that was done.
    pub(super) fn go(self, history: impl FnOnce(&mut fastrand::Rng) -> History) -> Result<Counts, Caught> {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let history = history(&mut rng);
        let mut walk = self.walk(history, rng);
        // A fault is looked for where all was well before, and there is something to roll back to.
        let mut quiet = 0..if self.fault.is_some() { 3 } else { 0 };
        let begun = quiet.try_for_each(|_| walk.rest());
        let mut rounds = || {
            (0..self.rounds).try_for_each(|_| {
                (0..self.steps).try_for_each(|_| walk.step())?;
                walk.rest()
            })
        };
        let gone = begun.and_then(|()| rounds());
        walk.told(gone, self)
    }

    /// Runs executions one after the other, without any mishap: every decision follows from the bytes alone.
    pub(super) fn go_calmly(self, history: impl FnOnce(&mut fastrand::Rng) -> History) -> Result<Counts, Caught> {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let history = history(&mut rng);
        let mut walk = self.walk(history, rng);
        walk.calm = true;
        let gone = (0..self.steps).try_for_each(|_| {
            let commit = walk.rng.usize(..walk.site.history.commits.len());
            let right = walk
                .site
                .history
                .services
                .iter()
                .filter(|service| walk.site.deployed.bytes(service) == **walk.site.content(service, commit));
            let right = walk.counts.skipped + right.count();
            walk.ship_all(commit)?;
            if walk.counts.skipped == right { Ok(()) } else { Err(Wrong::Build(format!("of commit {commit}"))) }
        });
        walk.told(gone, self)
    }

    /// Lets executions overlap as it happens, each to its end, and then one go alone. No mishaps, and nobody says anything.
    pub(super) fn go_to_the_ends(self, history: impl FnOnce(&mut fastrand::Rng) -> History) -> Result<Counts, Caught> {
        let mut rng = fastrand::Rng::with_seed(self.seed);
        let history = history(&mut rng);
        let mut walk = self.walk(history, rng);
        walk.calm = true;
        let gone = (0..self.rounds).try_for_each(|_| {
            let all = 0..walk.pipelines.len();
            (0..self.steps).for_each(|_| all.clone().for_each(|at| walk.push(at)));
            while walk.pipelines.iter().any(Pipeline::is_busy) {
                let at = walk.rng.usize(all.clone());
                if self.shape == Shape::TwoStep && walk.rng.bool() {
                    walk.deploy(at)?
                } else {
                    walk.build(at)?
                }
                walk.compare()?;
            }
            walk.one_is_enough("when all had ended")
        });
        walk.told(gone, self)
    }
}

impl Walk {
    fn told(self, gone: Result<(), Wrong>, run: Run) -> Result<Counts, Caught> {
        let trace = self.site.trace;
        gone.map_err(|wrong| Caught { wrong, trace: format!("{run:?}\n{}", trace.join("\n")) })?;
        Ok(self.counts)
    }

    /// Something happens; then the program and the truth are held against each other.
    fn step(&mut self) -> Result<(), Wrong> {
        let at = self.rng.usize(..self.pipelines.len());
        let before = self.site.trace.len();
        let often = |fault, share: u8| if self.fault == Some(fault) { OFTEN } else { share };
        let roll_back = often(Fault::SkipsInSilence, often(Fault::NoBegin, ROLL_BACK));
        let by_hand = if self.fault.is_none() { BY_HAND } else { 0 };
        let mut dice = self.rng.u8(..100);
        let mut falls = |share: u8| {
            let here = dice < share;
            dice = dice.saturating_sub(if here { 0 } else { share });
            here
        };
        if falls(PUSH) {
            self.push(at);
        } else if falls(RETRY) {
            self.retry(at);
        } else if falls(ABANDON) {
            self.abandon(at);
        } else if falls(by_hand) {
            self.deploy_by_hand();
        } else if falls(roll_back) {
            let (to, id) = (self.rng.usize(..), self.next_id());
            let first = deploy_steps(self.fault())[0];
            self.pipelines[at].roll_back(to, id, first);
        } else if falls(DEPLOY) && self.pipelines[at].shape == Shape::TwoStep {
            self.deploy(at)?;
        } else {
            self.build(at)?;
        }
        if self.site.trace.len() == before { Ok(()) } else { self.compare() }
    }

    /// Somebody retries what failed: the build from its beginning; of a deploy the failed action or all actions.
    fn retry(&mut self, at: usize) {
        let build = self.next_id();
        let (all, first) = (self.rng.bool(), deploy_steps(self.fault())[0]);
        let pipeline = &mut self.pipelines[at];
        if let Some(failed) = pipeline.failed_build.take_if(|_| pipeline.building.is_empty()) {
            pipeline.building.push(failed.retried(build));
        } else if let Some(mut failed) = pipeline.failed_deploy.take_if(|_| pipeline.deploying.is_empty()) {
            if all {
                failed.step = first;
            } else if matches!(failed.step, Step::Copy(_)) {
                failed.step = Step::Copy(Half::First);
            }
            pipeline.deploying.push(failed);
        }
    }

    /// Somebody stops an execution and abandons what it does: its build goes on, and so does the action of its deploy stage.
    fn abandon(&mut self, at: usize) {
        let pipeline = &mut self.pipelines[at];
        if let Some(deploying) = pipeline.deploying.pop() {
            self.site.trace.push(format!("{deploying}: abandoned"));
            pipeline.abandoned.push(deploying);
        } else if let Some(building) = pipeline.building.pop() {
            self.site.trace.push(format!("{building}: abandoned"));
            pipeline.abandoned.push(building);
        }
    }

    /// Somebody deploys half of something by hand, and says so.
    fn deploy_by_hand(&mut self) {
        let services = &self.site.history.services;
        let service = services[self.rng.usize(..services.len())];
        let commit = self.rng.usize(..self.site.history.commits.len());
        self.site.deployed.copy(service, self.site.content(service, commit), Half::First);
        self.site.taint(service, false);
    }

    /// Somebody stops everything and says so. Then one deploy is enough, and the next decision skips all.
    fn rest(&mut self) -> Result<(), Wrong> {
        let goes_on = self.fault == Some(Fault::EndsTooEarly);
        self.pipelines.iter_mut().for_each(|pipeline| pipeline.stop(goes_on));
        for service in self.site.history.services.clone() {
            self.site.taint(service, true);
        }
        let calm = std::mem::replace(&mut self.calm, true);
        self.one_is_enough("after a rest")?;
        self.calm = calm;
        Ok(())
    }

    /// One deploy of a commit, and the next decision skips all.
    fn one_is_enough(&mut self, when: &str) -> Result<(), Wrong> {
        let commit = self.rng.usize(..self.site.history.commits.len());
        self.ship_all(commit)?;
        let before = self.counts.skipped;
        self.ship_all(commit)?;
        // Not what the walk was about.
        let skipped = std::mem::replace(&mut self.counts.skipped, before) - before;
        let all = self.site.history.services.len();
        if skipped == all { Ok(()) } else { Err(Wrong::Build(format!("{} of {all} services {when}", all - skipped))) }
    }

    /// All services of a commit, one execution after the other.
    fn ship_all(&mut self, commit: usize) -> Result<(), Wrong> {
        let pipelines = if self.site.history.is_stack() { self.pipelines.len() } else { 1 };
        (0..pipelines).try_for_each(|at| self.ship(at, commit))
    }

    /// One execution from its beginning to its end.
    fn ship(&mut self, at: usize, commit: usize) -> Result<(), Wrong> {
        let (id, build) = (self.next_id(), self.next_id());
        self.pipelines[at].push(Execution::new(id, commit, build));
        for _ in build_steps(self.pipelines[at].shape, self.fault()) {
            self.build(at)?;
            self.compare()?;
        }
        if self.pipelines[at].shape == Shape::TwoStep {
            for _ in deploy_steps(self.fault()) {
                self.deploy(at)?;
                self.compare()?;
            }
        }
        Ok(())
    }
}
