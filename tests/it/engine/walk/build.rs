//! A build and its decision: one call of `decide` after the other, then what it will deploy.

use std::collections::{BTreeMap, BTreeSet};

use shipmark::base::key::Key;
use shipmark::protocol::engine::core::{Engine, Verification, Verified};
use shipmark::protocol::engine::decide::{Reuse, ServiceDecision};
use shipmark::protocol::engine::mark::Deploy;
use shipmark::protocol::engine::marks::{Known, Marks};
use shipmark::protocol::engine::policy::{Asked, Caller};
use shipmark::protocol::engine::stage::{StagedDecisions, StagedService};
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::Ticket;
use shipmark::protocol::engine::tokens::Claim;

use super::apply::{Op, Tried};
use super::checks::check_printed;
use super::fault::{Event, Fault};
use super::pipe::{Candidates, Coming};
use super::traced::About;
use super::world::{GONE, HAND, Plan, Slot, What, World, again, inputs, service};

/// One call of `decide`, or of `decide --stage`.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) envs: Vec<usize>,
    pub(super) services: Vec<usize>,
    /// Of `decide --stage`: the name of the stage, if it has one.
    pub(super) stage: Option<String>,
    pub(super) op: Op,
    verified: Option<Verified>,
    pub(super) marks: Marks,
    step: Option<Step<StagedDecisions>>,
}

impl Call {
    pub(super) fn new(op: Op, envs: Vec<usize>, services: Vec<usize>, stage: Option<String>) -> Self {
        Self { envs, services, stage, op, verified: None, marks: Marks::default(), step: None }
    }

    pub(super) fn slots(&self) -> Vec<Slot> {
        self.envs.iter().flat_map(|env| self.services.iter().map(|of| (*env, *of))).collect()
    }
}

/// How far a build is.
#[derive(Debug)]
pub(super) enum Phase {
    Deciding,
    /// Its decision was refused, so it is over.
    Refused,
    /// It builds, and in one step also deploys these halves.
    Building(Vec<(Slot, usize)>),
    /// It records what the call of that number decided.
    Recording(usize, Op),
    /// It stages for the deploy stage of that number.
    Staging(usize, Op),
}

/// One build.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) id: u32,
    pub(super) born: u64,
    pub(super) skew: i64,
    pub(super) caller: Caller,
    pub(super) repo: usize,
    pub(super) has: [bool; 2],
    pub(super) content: [u8; 2],
    /// Whether it stages before anything is built.
    pub(super) early: bool,
    pub(super) verify: bool,
    pub(super) forced: bool,
    pub(super) calls: Vec<Call>,
    pub(super) at: usize,
    pub(super) phase: Phase,
    pub(super) ticket: Ticket,
    /// The answers, by slot.
    pub(super) told: BTreeMap<Slot, ServiceDecision>,
    /// The last deploys as they were read for what was told.
    pub(super) known: BTreeMap<Slot, Option<Deploy>>,
    /// Whether it has removed these, since its map lacks them.
    pub(super) gone: BTreeSet<Slot>,
    pub(super) plan: Plan,
    pub(super) staged: Vec<StagedService>,
    pub(super) claims: Vec<(Slot, Key, Claim)>,
    /// Of a pipeline: what its stages will do, and their candidates.
    pub(super) coming: Option<Coming>,
    pub(super) candidates: BTreeMap<usize, Candidates>,
}

impl Build {
    pub(super) fn new(world: &mut World, pipe: Option<&str>, repo: usize, calls: Vec<Call>) -> Self {
        let id = world.next();
        let skew = if world.p.odd { world.luck.of(&[0, 0, 0, 3, -3, 300, -300]) } else { 0 };
        let home = world.home(pipe, repo);
        let caller = world.caller(id, home);
        let mut content = world.head;
        if repo == 1 {
            content = content.map(|of| if world.luck.hits(0.6) { of } else { world.luck.of(&[0, 1, 2]) });
        }
        let (verify, forced) = (world.luck.hits(world.p.verify), world.luck.hits(world.p.force));
        Self {
            id,
            born: world.now,
            skew,
            ticket: Ticket::new(caller.build.id.as_deref()),
            caller,
            repo,
            has: [true, world.has_b],
            content,
            early: false,
            verify,
            forced,
            calls,
            at: 0,
            phase: Phase::Deciding,
            told: BTreeMap::new(),
            known: BTreeMap::new(),
            gone: BTreeSet::new(),
            plan: Plan::new(),
            staged: Vec::new(),
            claims: Vec::new(),
            coming: None,
            candidates: BTreeMap::new(),
        }
    }

    pub(super) fn builds(&self, slot: Slot) -> bool {
        self.told.get(&slot).is_some_and(|decision| !decision.skips())
    }

    /// Whether anything that it does could not be announced.
    pub(super) fn unannounced(&self) -> bool {
        let blind = |entry: &shipmark::protocol::engine::ticket::TicketEntry| {
            entry.orphans_unknown || entry.orphans.iter().any(|orphan| orphan.unwritten)
        };
        self.told.values().any(|decision| !decision.skips() && decision.unwritten)
            || self.ticket.entries.iter().any(blind)
    }

    /// What a build of that slot deploys there.
    pub(super) fn makes(&self, slot: Slot) -> What {
        let decision = &self.told[&slot];
        let image = match &decision.reuse {
            Reuse::Yes(reused) => reused.release.outputs.values().next().and_then(|image| image.parse().ok()),
            _ => None,
        };
        let artifact = Some(decision.attempt.clone());
        What { content: self.content[slot.1], artifact, image: image.unwrap_or(self.id), who: None }
    }

    /// What is deployed again there: what was printed.
    pub(super) fn pinned(&self, slot: Slot) -> What {
        let printed = self.known.get(&slot).and_then(Option::as_ref).and_then(again);
        printed.unwrap_or(What { content: HAND, artifact: None, image: 0, who: None })
    }

    fn asked(&self, world: &World, call: &Call) -> Vec<Asked> {
        let asked =
            |slot: &Slot| Asked { key: world.key(*slot), forced: self.forced, inputs: inputs(self.content[slot.1]) };
        call.slots().iter().map(asked).collect()
    }
}

pub(super) fn gone() -> What {
    What { content: GONE, artifact: None, image: 0, who: None }
}

impl World {
    /// Reads every mark that the call needs, and decides. A skip must be right as it was read.
    pub(super) fn look(&mut self, b: &mut Build) -> Result<(), String> {
        let call = &b.calls[b.at];
        let engine = self.engine(&b.caller, &call.envs, b.has);
        let (at, asked) = (self.at(call.envs[0]), b.asked(self, call));
        let stale = self.fault == Some(Fault::VerifyStale) && call.verified.is_some();
        if !stale {
            let needed = |marks: &Marks| engine.keys(asked.iter().map(|asked| &asked.key), marks);
            b.calls[b.at].marks = self.read(at, &b.calls[b.at].op.clone(), &needed);
        }
        self.remember(b);
        self.plant_in_ticket(b);
        let call = &b.calls[b.at];
        self.plant_in_agreement(b, call)?;
        let alone = (call.envs.len() == 1).then(|| self.environment(call.envs[0]));
        let event = Event::decide(b.caller.home.clone(), alone);
        let step = self.asked(&event, &call.marks, &|marks: &Marks| b.ask(&engine, &asked, call, marks));
        let step = match step {
            Ok(step) => step,
            Err(refusal) if b.early => {
                // What it must stage cannot be written: it fails, and nothing is built.
                self.seen.note(&format!("decide --stage refused: {}", super::staging::kind(&refusal)));
                b.phase = Phase::Refused;
                return Ok(());
            }
            Err(refusal) => return Err(format!("decide was refused: {refusal}")),
        };
        for decision in step.told.decided.services.iter().filter(|decision| decision.skips()) {
            let slot = self.slot(call, &decision.key);
            self.skipped(slot, b.content[slot.1], b.repo, None)?;
        }
        self.check_told(&step.told.decided.services)?;
        let told = &step.told.decided.services;
        for decision in told {
            let slot = self.slot(call, &decision.key);
            self.check_reuse(decision, slot, b.content[slot.1])?;
        }
        self.trace_decision(b, told);
        b.calls[b.at].step = Some(step);
        Ok(())
    }

    /// The service of a call that has this key.
    pub(super) fn slot(&self, call: &Call, key: &Key) -> Slot {
        call.slots().into_iter().find(|slot| self.key(*slot) == *key).unwrap()
    }

    /// What was printed stands on this look: deploys as they were read, and what has left the map.
    fn remember(&self, b: &mut Build) {
        let call = &b.calls[b.at];
        for slot in call.envs.iter().flat_map(|env| [(*env, 0), (*env, 1)]) {
            let key = self.key(slot);
            let deploy = match call.marks.get(&key).map(|read| &read.known) {
                Some(Known::Mark(mark)) => mark.deployed.clone(),
                Some(_) => None,
                None => self.deployed(slot).cloned(),
            };
            b.known.insert(slot, deploy);
            if !b.has[slot.1] && self.stores[self.at(slot.0)].lists(&key) {
                b.gone.insert(slot);
            } else {
                b.gone.remove(&slot);
            }
        }
    }

    /// Writes the attempts, on the condition that the marks are as they were read; else it looks again. False if the build has died.
    pub(super) fn commit(&mut self, b: &mut Build) -> Result<bool, String> {
        if matches!(b.phase, Phase::Refused) {
            return Ok(false);
        }
        let Some(mut step) = b.calls[b.at].step.take() else {
            self.look(b)?;
            return Ok(true);
        };
        if !step.told.decided.verify.is_empty() {
            self.verify(b, &step);
            self.look(b)?;
            let Some(again) = b.calls[b.at].step.take() else { return Ok(true) };
            step = again;
            if !step.told.decided.verify.is_empty() {
                b.calls[b.at].step = Some(step);
                return Ok(true);
            }
        }
        self.plant_in_step(b, &mut step);
        let at = self.at(b.calls[b.at].envs[0]);
        b.calls[b.at].op.about = About::Decides(b.has);
        let (told, ticket) = match self.applied(at, &mut b.calls[b.at].op, step) {
            Some(Tried::Told(told, ticket)) => (told, ticket),
            Some(Tried::Died) => return Ok(false),
            Some(Tried::Again | Tried::No(_)) | None => {
                self.seen.note("decided again");
                self.look(b)?;
                return Ok(true);
            }
        };
        b.ticket = ticket.unwrap();
        self.plant_after_told(b);
        self.told(b, told)?;
        b.at += 1;
        if b.at < b.calls.len() {
            self.look(b)?;
        }
        Ok(true)
    }

    /// Runs the commands of `--verify`.
    fn verify(&mut self, b: &mut Build, step: &Step<StagedDecisions>) {
        self.seen.note("verified");
        for one in &step.told.decided.verify {
            let failed = self.luck.hits(0.05).then(|| "it is gone".to_owned());
            let said = Verification { deploy: one.deploy.clone(), failed };
            b.calls[b.at].verified.get_or_insert_with(Verified::new).insert(one.key.clone(), said);
        }
    }

    fn told(&mut self, b: &mut Build, told: StagedDecisions) -> Result<(), String> {
        let call = &b.calls[b.at];
        let slots: Vec<Slot> = told.decided.services.iter().map(|one| self.slot(call, &one.key)).collect();
        for (slot, decision) in slots.iter().zip(told.decided.services) {
            if decision.skips() {
                self.seen.note("skips");
                // It is handed on by a build that deploys it again: it still holds as it is told.
                let pinned = self.redeploys[1 - slot.1] && b.builds((slot.0, 1 - slot.1));
                if pinned || b.verify {
                    self.skipped(*slot, b.content[slot.1], b.repo, None)?;
                }
            } else {
                self.seen.note("builds");
                self.seen.note(decision.evidence.reason().word());
                let keys: Vec<Slot> = call.envs.iter().map(|env| (*env, slot.1)).collect();
                let keys = if b.early { vec![*slot] } else { keys };
                if !b.forced && b.repo == 0 && self.needless(&keys, b.content[slot.1]) {
                    *self.seen.missed.entry(decision.evidence.reason().word()).or_default() += 1;
                }
            }
            if self.fault.is_none() {
                check_printed(&decision, b.known.get(&(slot.0, 1 - slot.1)).and_then(Option::as_ref));
            }
            b.told.insert(*slot, decision);
        }
        b.staged.extend(told.staged);
        let claims = told.claims.into_iter().map(|(key, claim)| (self.slot(&b.calls[b.at], &key), key, claim));
        b.claims.extend(claims);
        Ok(())
    }
}

impl Build {
    pub(super) fn ask(
        &self,
        engine: &Engine,
        asked: &[Asked],
        call: &Call,
        marks: &Marks,
    ) -> Result<Step<StagedDecisions>, shipmark::protocol::engine::refusal::Refusal> {
        let none = Verified::new();
        let verified = self.verify.then(|| call.verified.as_ref().unwrap_or(&none));
        if self.early {
            return engine.decide_staged(asked, call.stage.as_deref(), marks, &self.ticket, verified, &call.op.moment);
        }
        let step = engine.decide(asked, marks, &self.ticket, verified, &call.op.moment)?;
        Ok(step.map(|decided| StagedDecisions { decided, ..StagedDecisions::default() }))
    }

    /// The keys of a call.
    pub(super) fn keys(&self, world: &World, call: usize) -> Vec<Key> {
        self.calls[call].slots().into_iter().map(|slot| world.key(slot)).collect()
    }

    /// The names of the services that it has built, with what it says of them.
    pub(super) fn outputs(
        &self,
    ) -> BTreeMap<shipmark::base::names::ServiceName, BTreeMap<shipmark::base::names::OutputName, String>> {
        let made =
            self.told.iter().filter(|(_, decision)| !decision.skips() && !matches!(decision.reuse, Reuse::Yes(_)));
        made.map(|(slot, _)| (service(slot.1), super::world::outputs(self.makes(*slot).image))).collect()
    }
}
