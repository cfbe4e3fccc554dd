//! A walk: pipelines go on in any order, one command at a time, by seeded chance.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::execution::{Execution, Shape, Step};
use super::fault::{Fault, build_steps, deploy_steps};
use super::history::{Content, History};
use super::site::Site;
use super::stages::Pipeline;
use crate::support::exported;

const OTHER_BYTES: &str = "other bytes are deployed";

/// What a walk came to.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// How often a service was skipped while anything may have gone on.
    pub(super) skipped: usize,
    /// Why services were built.
    pub(super) built: BTreeMap<String, usize>,
    /// How often the program and the folder were held against each other, and the program named no doubt.
    pub(super) settled: usize,
    pub(super) commands: usize,
    /// How many commands were killed between two writes.
    pub(super) killed: usize,
}

/// What is wrong with the program, or with how it is used.
#[derive(Debug)]
pub(super) enum Wrong {
    /// A decision was false.
    Skip(String),
    /// What the program says is deployed is not, or not for long.
    Belief(String),
    /// It builds what it need not.
    Build(String),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Skip(why) => write!(f, "a false skip of {why}"),
            Self::Belief(why) => write!(f, "`status` names no doubt of {why}"),
            Self::Build(what) => write!(f, "built for nothing: {what}"),
        }
    }
}

/// How a command went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Luck {
    Fine,
    /// It fails, and the build knows.
    Fails,
    /// The build is killed before it.
    KilledBefore,
    /// The build is killed after it, before anybody hears of it.
    KilledAfter,
}

/// What becomes of an execution.
enum Fate {
    GoesOn,
    /// It is through with its stage.
    Leaves,
    Failed,
}

/// The pipelines of one system.
pub(super) struct Walk {
    pub(super) site: Site,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) rng: Rng,
    pub(super) fault: Option<Fault>,
    /// Whether nothing goes wrong.
    pub(super) calm: bool,
    pub(super) counts: Counts,
    ids: usize,
}

impl Walk {
    pub(super) fn new(pipelines: Vec<Pipeline>, history: History, rng: Rng, fault: Option<Fault>) -> Self {
        let site = Site::new(history);
        Self { site, pipelines, rng, fault, calm: false, counts: Counts::default(), ids: 0 }
    }

    /// A number that no execution and no build has.
    pub(super) fn next_id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    /// A new execution of some commit: a newer one, or one that is reverted to.
    pub(super) fn push(&mut self, at: usize) {
        let commit = self.rng.usize(..self.site.history.commits.len());
        let (id, build) = (self.next_id(), self.next_id());
        self.pipelines[at].push(Execution::new(id, commit, build));
    }

    /// A build of the first stage goes on, or one that was abandoned.
    pub(super) fn build(&mut self, at: usize) -> Result<(), Wrong> {
        self.pipelines[at].enter_build();
        let pipeline = &mut self.pipelines[at];
        let all = pipeline.building.len() + if self.calm { 0 } else { pipeline.abandoned.len() };
        if all == 0 {
            return Ok(());
        }
        let which = self.rng.usize(..all);
        if let Some(which) = which.checked_sub(pipeline.building.len()) {
            let mut execution = pipeline.abandoned.remove(which);
            if let Fate::GoesOn = self.advance(at, &mut execution)? {
                self.pipelines[at].abandoned.push(execution);
            }
            return Ok(());
        }
        let mut execution = pipeline.building.remove(which);
        let fate = self.advance(at, &mut execution)?;
        let pipeline = &mut self.pipelines[at];
        match fate {
            Fate::GoesOn => pipeline.building.push(execution),
            Fate::Failed => pipeline.failed_build = Some(execution),
            Fate::Leaves if execution.candidate.is_some() => {
                pipeline.pass_on(Execution { step: Step::Begin, ..execution })
            }
            // An action after `record` fails, and the stage may be retried.
            Fate::Leaves if !self.calm && self.rng.u8(..6) == 0 => pipeline.failed_build = Some(execution),
            Fate::Leaves => {}
        }
        Ok(())
    }

    /// The stage that deploys goes on.
    pub(super) fn deploy(&mut self, at: usize) -> Result<(), Wrong> {
        let first = deploy_steps(self.fault())[0];
        self.pipelines[at].enter_deploy(first);
        let Some(mut execution) = self.pipelines[at].deploying.pop() else { return Ok(()) };
        let fate = self.advance(at, &mut execution)?;
        if matches!(fate, Fate::Failed) && !self.calm && self.fault().is_none() && self.rng.u8(..3) > 0 {
            // Somebody says so. Whoever retries it then begins anew.
            let done = self.site.act(&execution, &["promote", "--failed"]);
            execution = Execution { step: first, untold: done.code == 0, ..execution };
        }
        let pipeline = &mut self.pipelines[at];
        match fate {
            Fate::GoesOn => pipeline.deploying.push(execution),
            Fate::Failed => pipeline.failed_deploy = Some(execution),
            Fate::Leaves => pipeline.shipped.push(execution),
        }
        Ok(())
    }

    /// A mishap leaves doubt behind, which would hide a fault that needs none.
    fn luck(&mut self) -> Luck {
        match (self.fault, self.rng.u8(..100)) {
            _ if self.calm => Luck::Fine,
            (Some(Fault::HidesFailure), 0..15) | (None, 0..3) => Luck::Fails,
            (None, 3..5) => Luck::KilledBefore,
            (None, 5..7) => Luck::KilledAfter,
            _ => Luck::Fine,
        }
    }

    /// Runs the next command of an execution.
    fn advance(&mut self, at: usize, execution: &mut Execution) -> Result<Fate, Wrong> {
        let luck = self.luck();
        if luck == Luck::KilledBefore {
            self.site.trace.push(format!("{execution}: killed before it"));
            return Ok(Fate::Failed);
        }
        if luck == Luck::Fails && matches!(execution.step, Step::Ask | Step::Stage) {
            execution.step = Step::Fail;
        }
        self.counts.commands += 1;
        let calm = self.calm;
        self.site.storm.iter_mut().for_each(|storm| (storm.calm, storm.killed) = (calm, false));
        let untold = execution.untold;
        let mut succeeded = self.command(at, execution)?;
        if self.site.was_killed() {
            self.counts.killed += 1;
            succeeded = false;
            if execution.step == Step::Begin {
                // Of a rollback that has not begun nobody can know.
                execution.untold = untold;
            }
        }
        let steps = if execution.candidate.is_some() && execution.step != Step::Stage {
            deploy_steps(self.fault())
        } else {
            build_steps(self.pipelines[at].shape, self.fault())
        };
        let to_ask = |step: &&Step| **step != Step::Ask || !execution.asks.is_empty();
        let next = steps.iter().skip_while(|step| **step != execution.step).skip(1).find(to_ask).copied();
        if !succeeded || luck == Luck::KilledAfter {
            self.site.trace.push(format!("{execution}: ends here"));
            return Ok(Fate::Failed);
        }
        if luck == Luck::Fails && matches!(execution.step, Step::Copy(_)) {
            // A deploy action has no `post_build`; that of one step has.
            if execution.candidate.is_some() {
                return Ok(Fate::Failed);
            }
            execution.step = Step::Fail;
            return Ok(Fate::GoesOn);
        }
        let Some(next) = next else { return Ok(Fate::Leaves) };
        execution.step = next;
        Ok(Fate::GoesOn)
    }

    /// Whether it succeeded.
    fn command(&mut self, at: usize, execution: &mut Execution) -> Result<bool, Wrong> {
        let name = self.pipelines[at].name;
        // Those that were skipped, too.
        let mut services = self.pipelines[at].services.clone();
        match execution.step {
            Step::Decide => {
                self.decide(at, execution)?;
                Ok(true)
            }
            Step::Ask => {
                for service in &execution.asks {
                    execution.deploys.insert(service, self.site.ask(execution, name, service));
                }
                Ok(true)
            }
            Step::Copy(half) => {
                execution.untold = false;
                self.site.trace.push(format!("{execution}: {:?}", execution.deploys.keys()));
                for (service, content) in &execution.deploys {
                    self.site.deployed.copy(service, content, half);
                }
                Ok(true)
            }
            Step::Record => Ok(self.site.record(execution, name, ("record", false), &services).code == 0),
            Step::Begin | Step::Promote if execution.candidate.as_deref() == Some("") => Ok(true),
            Step::Stage => {
                if self.fault() == Some(Fault::SkipsInSilence) {
                    services.retain(|service| !execution.skipped.contains(service));
                }
                if services.is_empty() {
                    execution.candidate = Some(String::new());
                    return Ok(true);
                }
                let done = self.site.record(execution, name, ("stage", false), &services);
                execution.candidate = exported(&done.stdout).filter(|_| done.code == 0);
                Ok(done.code == 0)
            }
            Step::Fail => {
                let staged = self.pipelines[at].shape == Shape::TwoStep;
                // Either ends the attempts.
                let word = if staged || self.rng.bool() { "stage" } else { "record" };
                let failing = self.fault() != Some(Fault::HidesFailure);
                self.site.record(execution, name, (word, failing), &services);
                Ok(false)
            }
            Step::Begin => {
                execution.untold = false;
                Ok(self.site.act(execution, &["begin"]).code == 0)
            }
            Step::Promote => Ok(self.site.act(execution, &["promote"]).code == 0),
        }
    }

    /// Decides, and holds the answer against the truth.
    fn decide(&mut self, at: usize, execution: &mut Execution) -> Result<(), Wrong> {
        let pipeline = &self.pipelines[at];
        let two_steps = pipeline.shape == Shape::TwoStep;
        let word = if self.fault() == Some(Fault::OpensNothing) { "plan" } else { "decide" };
        for (service, verdict) in self.site.decide(execution, pipeline.name, word, &pipeline.services) {
            let content = self.site.content(service, execution.commit).clone();
            // What one stack holds is deployed together.
            if let Some(other) = self.site.history.redeploys.get(service).filter(|_| two_steps || !verdict.skip) {
                match verdict.other {
                    Some(handed) => drop(execution.deploys.insert(other, handed)),
                    None => execution.asks.push(other),
                }
            }
            if !verdict.skip {
                *self.counts.built.entry(verdict.reason).or_default() += 1;
                execution.deploys.insert(service, content);
                continue;
            }
            self.counts.skipped += 1;
            execution.skipped.push(service);
            if self.site.deployed.bytes(service) != *content {
                return Err(Wrong::Skip(format!("{service}: {OTHER_BYTES}")));
            }
            if let Some(other) = self.threat(service, &content) {
                return Err(Wrong::Skip(format!("{service}: other bytes may yet be deployed by {other}")));
            }
            let handed = verdict.content.expect("every record has an output");
            if handed != content {
                return Err(Wrong::Skip(format!("{service}: it hands back what was made of other bytes")));
            }
            if two_steps {
                // The stage that deploys will make the deploy again that the skip stands on.
                execution.deploys.insert(service, handed);
            }
        }
        Ok(())
    }

    /// Who may still deploy other bytes of a service.
    fn threat(&self, service: &str, content: &Content) -> Option<&Execution> {
        let mut all = self.pipelines.iter().flat_map(Pipeline::executions);
        all.find(|execution| execution.threatens(service, content))
    }

    /// Where the program names no doubt, exactly what it says is deployed, and nothing else is on its way.
    pub(super) fn compare(&mut self) -> Result<(), Wrong> {
        for (service, commit) in self.site.settled() {
            self.counts.settled += 1;
            let content = self.site.content(service, commit);
            let other = self.threat(service, content).map(|other| format!("{other} may yet deploy other bytes"));
            let wrong =
                if self.site.deployed.bytes(service) == **content { other } else { Some(OTHER_BYTES.to_owned()) };
            let Some(wrong) = wrong else { continue };
            // What would the next decision on that commit be?
            let next = Execution::new(self.next_id(), commit, self.next_id());
            let skips = self.site.decide(&next, self.pipelines[0].name, "plan", &[service])[service].skip;
            let wrong = format!("{service}: {wrong}");
            return Err(if skips { Wrong::Skip(wrong) } else { Wrong::Belief(wrong) });
        }
        Ok(())
    }

    /// The fault that is in force: while the walk is calm, the program is used rightly.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.filter(|_| !self.calm)
    }
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.skipped += other.skipped;
        self.settled += other.settled;
        self.commands += other.commands;
        self.killed += other.killed;
        other.built.into_iter().for_each(|(reason, count)| *self.built.entry(reason).or_default() += count);
    }
}
