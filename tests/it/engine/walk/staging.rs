//! The build of a pipeline: what its stages will do, and the candidates that it makes for them.

use std::collections::{BTreeMap, BTreeSet};

use shipmark::base::key::Key;
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::marks::Marks;
use shipmark::protocol::engine::record::{BuildReport, Outcome};
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::stage::Staged;
use shipmark::protocol::engine::step::Step;

use super::apply::{Op, Tried};
use super::build::{Build, Call, Phase, gone};
use super::fault::{Event, Fault};
use super::pipe::{Candidates, Coming, Exec, Pipe, Run, Stage};
use super::traced::About;
use super::world::{Plan, Slot, What, World};

impl World {
    pub(super) fn staging(&self, b: &Build, stage: &Stage) -> (Engine, BuildReport) {
        let own = stage.own.iter().filter(|of| b.told.contains_key(&(stage.env, **of)));
        let keys = own.map(|of| self.key((stage.env, *of))).collect();
        let outputs = b.outputs();
        let report = BuildReport { keys, outcome: Outcome::Succeeded, outputs, revision: None, execution: None };
        (self.engine(&b.caller, &[stage.env], b.has), report)
    }

    /// Planted faults: a stage that is not staged at all.
    pub(super) fn leaves_out(&self, b: &Build, stage: &Stage) -> bool {
        let built = b.told.values().any(|decision| !decision.skips());
        let none = !stage.own.iter().any(|of| b.told.contains_key(&(stage.env, *of)));
        none || (self.fault == Some(Fault::SkipUnstaged) && !built)
            || (self.fault == Some(Fault::TicketAnyStore) && self.apart && stage.env == 1)
    }

    /// A pipeline starts a build.
    pub(super) fn start_pipe(&mut self, at: usize) -> Result<Option<Build>, String> {
        let pipe = &self.pipes[at];
        let (early, name, envs, stages) = (pipe.early, pipe.name, pipe.envs.clone(), pipe.stages.clone());
        let services: Vec<usize> = pipe.services.iter().copied().filter(|of| *of == 0 || self.has_b).collect();
        if services.is_empty() {
            return Ok(None);
        }
        self.seen.note("two-step builds");
        let staged = |world: &mut Self, env: usize, name: Option<String>, services: &[usize]| {
            Call::new(Op::new(world.moment(0)), vec![env], services.to_vec(), name)
        };
        let calls = if !early {
            self.calls(&envs, &services)
        } else if stages[0].name.is_some() {
            stages.iter().map(|stage| staged(self, stage.env, stage.name.clone(), &services)).collect()
        } else {
            envs.iter().map(|env| staged(self, *env, None, &services)).collect()
        };
        let mut b = Build::new(self, name, 0, calls);
        b.early = early;
        self.look(&mut b)?;
        Ok(Some(b))
    }

    /// Stage by stage: what its deploy makes live, and what of that is built only then.
    pub(super) fn coming(&self, pipe: &Pipe, b: &Build) -> Coming {
        let mut coming = Coming::default();
        for stage in &pipe.stages {
            let own: Vec<Slot> = stage.own.iter().map(|of| (stage.env, *of)).collect();
            // What is skipped ahead of a stage that builds is not deployed by it.
            let own: Vec<Slot> =
                own.into_iter().filter(|slot| b.told.contains_key(slot) && (!b.early || b.builds(*slot))).collect();
            let mut plan = Plan::new();
            for slot in &own {
                let other = (slot.0, 1 - slot.1);
                if self.redeploys[slot.1] && b.has[other.1] && !own.contains(&other) {
                    let built = !b.early && b.builds(other);
                    plan.insert(other, if built { b.makes(other) } else { b.pinned(other) });
                }
                plan.extend(b.gone.iter().filter(|gone| gone.0 == stage.env).map(|slot| (*slot, gone())));
            }
            let built: BTreeSet<Slot> = own.iter().copied().filter(|slot| b.builds(*slot)).collect();
            for slot in own {
                let what = if built.contains(&slot) { b.makes(slot) } else { b.pinned(slot) };
                let unbuilt = b.early.then(|| What { artifact: None, image: 0, ..what.clone() });
                plan.insert(slot, unbuilt.unwrap_or(what));
            }
            for (slot, what) in &mut plan {
                let lane = pipe.lane(self, b.caller.home.as_ref(), stage, *slot);
                what.who = lane.map(|lane| (lane, b.id));
            }
            coming.plans.push(plan);
            coming.unbuilt.push(if b.early { built } else { BTreeSet::new() });
        }
        coming
    }

    /// A step of the build of a pipeline. False when it is over.
    pub(super) fn step_build(&mut self, at: usize, b: &mut Build) -> Result<bool, String> {
        if matches!(b.phase, Phase::Refused) {
            return Ok(false);
        }
        if let Phase::Deciding = b.phase {
            if !self.commit(b)? {
                return Ok(false);
            }
            if b.at == b.calls.len() {
                b.coming = Some(self.coming(&self.pipes[at], b));
                b.phase = Phase::Building(Vec::new());
            }
            return Ok(true);
        }
        if self.luck.hits(self.p.kill) {
            self.seen.note("kills");
            return Ok(false);
        }
        let built = b.told.values().any(|decision| !decision.skips());
        let fails = !b.early && built && matches!(b.phase, Phase::Building(_)) && self.luck.hits(3.0 * self.p.fail);
        if fails {
            self.seen.note("failed builds");
            self.fail(b);
            return Ok(false);
        }
        let conditional = self.pipes[at].conditional;
        if b.early || (!built && conditional) {
            self.hand_out_claims(b, conditional && !built);
            if b.early && built {
                self.staged_early(at, b);
            }
            return Ok(false);
        }
        Ok(self.stage(at, b))
    }

    /// Each stage staged what it builds when that was decided.
    fn staged_early(&mut self, at: usize, b: &mut Build) {
        let stages = self.pipes[at].stages.clone();
        let mut all = vec![Candidates::new(); stages.len()];
        for (stage, candidates) in stages.iter().zip(&mut all) {
            let own: BTreeSet<Key> = stage.own.iter().map(|of| self.key((stage.env, *of))).collect();
            let call = |call: &&Call| call.envs == [stage.env] && (stage.name.is_none() || call.stage == stage.name);
            let store = self.at(stage.env);
            let Some(call) = b.calls.iter().find(call) else { continue };
            for staged in b.staged.iter().filter(|staged| own.contains(&staged.key)) {
                for (key, id) in &staged.candidates {
                    let mine = self.stores[store].candidate(key, id).is_some();
                    let slot = [(call.envs[0], 0), (call.envs[0], 1)].into_iter().find(|slot| self.key(*slot) == *key);
                    if mine && !candidates.iter().any(|(_, _, other)| other == id) {
                        candidates.push((slot.unwrap(), key.clone(), id.clone()));
                    }
                }
            }
        }
        self.enter(at, b, all);
    }

    /// R6 for each stage. The build fails if one cannot be staged: then nothing of it goes on.
    fn stage(&mut self, at: usize, b: &mut Build) -> bool {
        let (n, mut op) = match std::mem::replace(&mut b.phase, Phase::Deciding) {
            Phase::Staging(n, op) => (n, op),
            _ => (0, Op::new(self.moment(b.skew))),
        };
        let (stage, count) = (self.pipes[at].stages[n].clone(), self.pipes[at].stages.len());
        if !self.leaves_out(b, &stage) {
            let mut ticket = b.ticket.clone();
            self.plant_in_staging(&mut ticket);
            let (engine, report) = self.staging(b, &stage);
            op.about = About::Stages(b.has);
            let moment = op.moment.clone();
            let needed = |marks: &Marks| engine.ticket_keys(&ticket, &report.keys, marks);
            let ask = |marks: &Marks| -> Result<Step<Staged>, Refusal> {
                engine.stage(&ticket, &report, stage.name.as_deref(), marks, &moment)
            };
            match self.tried(self.at(stage.env), &Event::Stage, &mut op, needed, ask) {
                Tried::Told(told, ticket) => {
                    b.ticket = ticket.unwrap();
                    let found = told.services.into_iter().flat_map(|staged| staged.candidates);
                    for (key, id) in found {
                        let slot = self.slots().into_iter().find(|slot| slot.0 == stage.env && self.key(*slot) == key);
                        let candidate = (slot.unwrap(), key, id);
                        let all = b.candidates.entry(n).or_default();
                        if !all.contains(&candidate) {
                            all.push(candidate);
                        }
                    }
                }
                Tried::Again => {
                    b.phase = Phase::Staging(n, op);
                    return true;
                }
                Tried::Died => return false,
                Tried::No(refusal) => {
                    self.seen.note(&format!("stage refused: {}", kind(&refusal)));
                    return false;
                }
            }
        }
        if n + 1 < count {
            b.phase = Phase::Staging(n + 1, Op::new(self.moment(b.skew)));
            return true;
        }
        let candidates: BTreeMap<usize, Candidates> = std::mem::take(&mut b.candidates);
        let all = (0..count).map(|n| candidates.get(&n).cloned().unwrap_or_default()).collect();
        self.enter(at, b, all);
        false
    }

    /// An execution waits before its first stage, and overtakes the one that waits there.
    fn enter(&mut self, at: usize, b: &mut Build, candidates: Vec<Candidates>) {
        let Coming { plans, unbuilt } = b.coming.take().unwrap_or_default();
        let pipe = &mut self.pipes[at];
        let overtaken = pipe.wait[0].take();
        if self.p.odd && pipe.over.len() < 2 {
            pipe.over.extend(overtaken);
        }
        let hold = if self.luck.hits(self.p.hold) { self.now + self.luck.of(&[20, 60, 200]) } else { 0 };
        let run = Run::Begins(None);
        self.pipes[at].wait[0] = Some(Exec { plans, unbuilt, candidates, only: false, again: false, hold, run });
        self.seen.note("staged");
    }
}

/// Why nothing was staged.
pub(super) fn kind(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::StagedTwice(..) => "one name twice",
        Refusal::Overtaken(..) => "overtaken",
        Refusal::Unwritten(..) | Refusal::Full(_) | Refusal::Damaged(..) => "unwritten",
        _ => panic!("{refusal}"),
    }
}
