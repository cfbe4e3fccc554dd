//! Pipelines that deploy in later stages: what is staged, waits, overtakes, is begun and promoted.

use std::collections::BTreeSet;

use shipmark::base::key::Key;
use shipmark::protocol::engine::deploy::{Target, begin};
use shipmark::protocol::engine::mark::{AttemptId, Home, Lane};
use shipmark::protocol::engine::marks::{Marks, Moment};
use shipmark::protocol::engine::noted::Noted;

use super::apply::Op;
use super::build::{Build, Phase};
use super::deploys::Made;
use super::fault::{Event, Fault};
use super::world::{Plan, Slot, World};

/// One deploy stage: what it deploys, in one environment.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) env: usize,
    pub(super) own: Vec<usize>,
    pub(super) name: Option<String>,
}

/// The candidates of a deploy stage.
pub(super) type Candidates = Vec<(Slot, Key, AttemptId)>;

/// An execution after its build.
#[derive(Debug, Clone)]
pub(super) struct Exec {
    pub(super) plans: Vec<Plan>,
    /// By stage: what is built only when it begins.
    pub(super) unbuilt: Vec<BTreeSet<Slot>>,
    pub(super) candidates: Vec<Candidates>,
    /// Of a rollback: it is of one stage only.
    pub(super) only: bool,
    /// A retry or a rollback: nothing of it is on the way before it has begun.
    pub(super) again: bool,
    pub(super) hold: u64,
    pub(super) run: Run,
}

/// What the stage that an execution is in does.
#[derive(Debug, Clone)]
pub(super) enum Run {
    Begins(Option<(Op, String)>),
    /// It deploys these halves, as that job.
    Deploys(Vec<(Slot, usize)>, String),
    Promotes(Op, String, String),
}

/// An action of an abandoned deploy stage, which still acts until a time.
#[derive(Debug)]
pub(super) struct Zombie {
    pub(super) plan: Plan,
    pub(super) todo: Vec<(Slot, usize)>,
    pub(super) dies: u64,
    pub(super) at: usize,
    pub(super) candidates: Candidates,
    pub(super) job: String,
    pub(super) made: Made,
}

/// SUPERSEDED: each stage holds one execution, one waits before it and is overtaken by the next.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) name: Option<&'static str>,
    pub(super) services: Vec<usize>,
    pub(super) envs: Vec<usize>,
    pub(super) stages: Vec<Stage>,
    pub(super) build: Option<Build>,
    pub(super) wait: Vec<Option<Exec>>,
    pub(super) dep: Vec<Option<Exec>>,
    pub(super) failed: Vec<Option<Exec>>,
    pub(super) done: Vec<Vec<Exec>>,
    /// Overtaken, and perhaps let in later.
    pub(super) over: Vec<Exec>,
    pub(super) early: bool,
    /// Whether begin and promote are steps of one build.
    pub(super) inside: bool,
    pub(super) conditional: bool,
}

impl Pipe {
    pub(super) fn new(world: &mut World, name: Option<&'static str>) -> Self {
        let services = world.luck.of(&[vec![0], vec![0, 1], vec![0, 1], vec![1]]);
        let both = world.envs.len() == 1 || world.luck.hits(if world.reuse { 0.4 } else { 0.7 });
        let envs = if both { world.envs.clone() } else { vec![world.luck.of(&world.envs)] };
        let split = services.len() == 2 && !world.luck.hits(0.5);
        let early = world.luck.hits(world.p.early);
        // In life one call decides what one stage builds.
        let together = !split || (early && !world.p.odd);
        let groups: Vec<Vec<usize>> =
            if together { vec![services.clone()] } else { services.iter().map(|of| vec![*of]).collect() };
        let mut stages: Vec<(usize, Vec<usize>)> =
            envs.iter().flat_map(|env| groups.iter().map(|own| (*env, own.clone()))).collect();
        let twice = !early && world.luck.hits(world.p.named_twice);
        if twice {
            stages.push(stages[0].clone());
        }
        // A stage of two services that builds them itself needs a name.
        let named = (twice && world.luck.hits(0.5)) || (early && together && services.len() == 2);
        let stages: Vec<Stage> = (0..)
            .zip(stages)
            .map(|(n, (env, own))| Stage { env, own, name: named.then(|| format!("stage{n}")) })
            .collect();
        let count = stages.len();
        Self {
            name,
            services,
            envs,
            stages,
            build: None,
            wait: vec![None; count],
            dep: vec![None; count],
            failed: vec![None; count],
            done: vec![Vec::new(); count],
            over: Vec::new(),
            early,
            inside: world.luck.hits(0.5),
            conditional: world.luck.hits(if early { 0.5 } else { 0.3 }),
        }
    }

    /// What its build and its executions may still deploy.
    pub(super) fn may_deploy<'w>(&'w self, world: &World, plans: &mut Vec<&'w Plan>) {
        if let Some((b, staged)) = self.build.as_ref().and_then(|b| Some((b, b.coming.as_ref()?)))
            && world.may_stage(self, b)
        {
            plans.extend(&staged.plans);
        }
        let count = self.stages.len();
        let waiting = self.wait.iter().enumerate().filter_map(|(n, exec)| Some((exec.as_ref()?, n)));
        let next = self.dep.iter().enumerate().filter_map(|(n, exec)| Some((exec.as_ref()?, n + 1)));
        let over = self.over.iter().map(|exec| (exec, 0));
        for (exec, first) in waiting.chain(next).chain(over).filter(|(exec, _)| !exec.only) {
            plans.extend((first..count).filter(|n| world.may_begin(self, exec, *n)).map(|n| &exec.plans[n]));
        }
        for (n, exec) in self.dep.iter().enumerate().filter_map(|(n, exec)| Some((n, exec.as_ref()?))) {
            let begins = matches!(exec.run, Run::Begins(_));
            if !begins || (!exec.again && world.may_begin(self, exec, n)) {
                plans.push(&exec.plans[n]);
            }
        }
    }

    /// The lane of a stage in one mark.
    pub(super) fn lane(&self, world: &World, home: Option<&Home>, stage: &Stage, slot: Slot) -> Option<Lane> {
        let by = if stage.own.contains(&slot.1) {
            slot.1
        } else {
            stage.own.iter().copied().find(|of| world.redeploys[*of] && *of != slot.1).unwrap_or(stage.own[0])
        };
        let name = stage.name.clone().unwrap_or_else(|| super::world::service(by).to_string());
        home?.lane(&name)
    }
}

impl World {
    /// Whether everything of a build could be staged now (R6).
    fn may_stage(&self, pipe: &Pipe, b: &Build) -> bool {
        let built = b.told.values().any(|decision| !decision.skips());
        if !built && pipe.conditional {
            return false;
        }
        let moment = Moment { at: self.time(), call: AttemptId::new(self.time(), 1) };
        let mut ticket = b.ticket.clone();
        let first = match b.phase {
            Phase::Staging(n, _) => n,
            _ => 0,
        };
        pipe.stages[first..].iter().all(|stage| {
            if self.leaves_out(b, stage) {
                return true;
            }
            ticket.entries.iter_mut().for_each(|entry| entry.candidates.clear());
            self.plant_in_staging(&mut ticket);
            let (engine, report) = self.staging(b, stage);
            let mut marks = Marks::default();
            loop {
                let unread = engine.ticket_keys(&ticket, &report.keys, &marks);
                if unread.is_empty() {
                    break;
                }
                let at = self.at(stage.env);
                for key in unread.keys {
                    marks.put(key.clone(), self.stores[at].read(&key, Some(self.time())));
                }
                for environment in unread.names {
                    marks.put_names(environment.clone(), self.stores[at].names(&environment));
                }
            }
            let ask = |marks: &Marks| engine.stage(&ticket, &report, stage.name.as_deref(), marks, &moment);
            self.asked(&Event::Stage, &marks, &ask).is_ok()
        })
    }

    /// Whether the gate would let an execution through (R7).
    fn may_begin(&self, pipe: &Pipe, exec: &Exec, n: usize) -> bool {
        if matches!(self.fault, Some(Fault::NoGate | Fault::NoBegin)) {
            return true;
        }
        let at = self.at(pipe.stages[n].env);
        let targets = self.targets(at, &exec.candidates[n]);
        let mut marks = Marks::default();
        for target in &targets {
            marks.put(target.key.clone(), self.stores[at].read(&target.key, Some(self.time())));
        }
        let moment = Moment { at: self.time(), call: AttemptId::new(self.time(), 2) };
        let ask = |marks: &Marks| Ok(begin(&targets, Some("somebody"), marks, &moment));
        let step = self.asked(&self.beginning(&targets), &marks, &ask);
        step.is_ok_and(|step| !step.told.iter().any(Noted::failed))
    }

    /// The candidates of a stage as they are stored.
    pub(super) fn targets(&self, at: usize, candidates: &Candidates) -> Vec<Target> {
        let target = |(_, key, id): &(Slot, Key, AttemptId)| Target {
            key: key.clone(),
            candidate: self.stores[at].candidate(key, id),
        };
        candidates.iter().map(target).collect()
    }

    pub(super) fn beginning(&self, targets: &[Target]) -> Event {
        let lane = |target: &Target| Some((target.key.clone(), target.candidate.as_ref()?.candidate.lane.clone()?));
        Event::Begin(targets.iter().filter_map(lane).collect())
    }
}

/// What the stages of a pipeline will do for a build.
#[derive(Debug, Default)]
pub(super) struct Coming {
    pub(super) plans: Vec<Plan>,
    pub(super) unbuilt: Vec<BTreeSet<Slot>>,
}
