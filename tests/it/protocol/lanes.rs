//! Two-step recording: a build stage, a wait, a deploy stage, and rollbacks and retries of the deploy stage.

use std::collections::BTreeMap;

use shipmark::base::names::ServiceName;
use shipmark::protocol::mark::stored::{SCHEMA, decode_candidate, encode_candidate};
use shipmark::protocol::mark::transitions::Opening;
use shipmark::protocol::mark::{AttemptId, Candidate};

use super::fault::{Event, Fault};
use super::walk::Luck;
use super::world::{Exec, Phase, TIMEOUT, World, content, release};

/// How executions take turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Turns {
    /// Each stage holds one execution; a waiting one is overtaken by the next.
    Superseded,
    /// Each stage holds one execution; they wait in line.
    Queued,
    /// No pipeline that is known: nobody takes turns.
    None,
}

/// What builds and deploys in two steps: a pipeline, or builds that belong to none.
#[derive(Debug)]
pub(super) struct Lane {
    pipeline: Option<String>,
    turns: Turns,
    pub(super) build: Vec<Exec>,
    pub(super) wait: Vec<Exec>,
    pub(super) deploy: Vec<Exec>,
    /// The candidates in the store.
    candidates: BTreeMap<AttemptId, Vec<u8>>,
    /// What was deployed once, and may be rolled back to.
    done: Vec<(AttemptId, u8)>,
}

impl Lane {
    pub(super) fn new(pipeline: Option<&str>, turns: Turns) -> Self {
        Self {
            pipeline: pipeline.map(str::to_owned),
            turns,
            build: Vec::new(),
            wait: Vec::new(),
            deploy: Vec::new(),
            candidates: BTreeMap::new(),
            done: Vec::new(),
        }
    }

    /// A person stops all of its executions.
    pub(super) fn stop(&mut self) {
        self.build.clear();
        self.wait.clear();
        self.deploy.clear();
    }

    /// The mark was removed.
    pub(super) fn forget(&mut self) {
        if self.turns == Turns::None {
            self.deploy.clear();
        }
        for exec in self.build.iter_mut().chain(&mut self.wait).chain(&mut self.deploy) {
            exec.listed = false;
        }
    }

    fn room(&self) -> usize {
        if self.turns == Turns::None { 2 } else { 1 }
    }

    fn arrive(&mut self, exec: Exec) {
        if self.turns == Turns::Superseded {
            self.wait.clear();
        }
        self.wait.push(exec);
    }
}

impl World {
    fn lane(&mut self, luck: &mut Luck) -> usize {
        luck.below(self.lanes.len() as u32) as usize
    }

    /// An execution enters a build stage, with its decision; or another service's, which will deploy this one again.
    pub(super) fn enter(&mut self, luck: &mut Luck, unlisted: u32) -> Result<(), String> {
        let at = self.lane(luck);
        if self.lanes[at].build.len() >= self.lanes[at].room() || self.lanes[at].wait.len() > 2 {
            return Ok(());
        }
        let (mut of, forced) = (luck.content(), luck.one_in(16));
        let pin = self.deployed().filter(|_| luck.one_in(16));
        let id = self.next_id();
        let mut exec = Exec::new(id.clone(), of, self.now);
        let skip = if pin.is_some() { None } else { self.decide(of, forced)? };
        if let Some(deploy) = skip {
            exec.phase = Phase::Skipped(deploy);
            exec.skipped = true;
        } else {
            of = pin.unwrap_or(of);
            exec.content = of;
            exec.listed = !luck.one_in(unlisted);
            let pinned_by = pin.and_then(|_| ServiceName::new("command").ok());
            self.seen.pins += usize::from(pin.is_some());
            self.seen.unlisted += usize::from(!exec.listed);
            let opening = Opening { pinned_by, ..self.opening(id, of, self.lanes[at].pipeline.as_deref()) };
            if exec.listed {
                self.change(Event::Open, |mark, now| mark.open(opening, now));
            }
        }
        self.lanes[at].build.push(exec);
        Ok(())
    }

    /// A build stage is done, or fails.
    pub(super) fn leave(&mut self, luck: &mut Luck) -> Result<(), String> {
        let at = self.lane(luck);
        let Some(exec) = self.lanes[at].build.pop() else { return Ok(()) };
        match (&exec.phase, luck.below(12)) {
            (Phase::Build, 11) => self.change(Event::Withdraw, |mark, now| mark.withdraw(&exec.id, now)),
            (_, 10) => self.seen.kills += 1,
            _ => {
                let other_settled = exec.skipped && self.skips(3 - exec.content)?;
                if !self.stage(at, &exec) {
                    self.seen.stale += 1;
                } else if other_settled {
                    return Err(format!("a skip of the other content was right until {exec:?} came to deploy"));
                } else {
                    self.lanes[at].arrive(Exec { listed: true, phase: Phase::Wait, ..exec });
                }
            }
        }
        Ok(())
    }

    /// Whether it was staged, and goes on to its deploy stage.
    fn stage(&mut self, at: usize, exec: &Exec) -> bool {
        let pipeline = self.lanes[at].pipeline.clone();
        let opening = self.opening(exec.id.clone(), exec.content, pipeline.as_deref());
        let repeats = if let Phase::Skipped(deploy) = &exec.phase { Some(deploy.clone()) } else { None };
        let unstaged = repeats.is_some() && self.fault.is_some_and(Fault::leaves_skips_unstaged);
        let staged = if unstaged {
            self.mark.as_ref().map(|mark| mark.serial)
        } else if self.fault == Some(Fault::StaleSkip) {
            self.change(Event::Stage, |mark, now| mark.stage(opening, None, now))
        } else {
            self.change(Event::Stage, |mark, now| mark.stage(opening, repeats, now))
        };
        let Some(staged) = staged else { return false };
        let candidate = Candidate {
            schema: SCHEMA,
            id: exec.id.clone(),
            staged,
            staged_at: self.now,
            timeout_seconds: TIMEOUT,
            pinned_by: None,
            redeploys: Vec::new(),
            release: release(exec.content, pipeline.as_deref()),
        };
        let bytes = encode_candidate(&candidate).unwrap();
        assert_eq!(decode_candidate(&bytes).unwrap(), candidate);
        self.lanes[at].candidates.insert(exec.id.clone(), bytes);
        true
    }

    /// A deploy stage takes an execution, or the one in it goes on.
    pub(super) fn deploy(&mut self, luck: &mut Luck) -> Result<(), String> {
        let at = self.lane(luck);
        let (room, who) = (self.lanes[at].room(), luck.below(2) as usize);
        let lane = &mut self.lanes[at];
        let broken = lane.deploy.iter().position(|exec| exec.phase == Phase::Broken);
        if let Some(broken) = broken.filter(|_| luck.one_in(2)) {
            if lane.turns == Turns::None || luck.one_in(2) {
                // A retry from the failed action: `begin` has succeeded and is not run again.
                lane.deploy[broken].phase = Phase::First;
                self.seen.retries += 1;
            } else {
                lane.deploy.remove(broken);
            }
            return Ok(());
        }
        if lane.deploy.is_empty() || (lane.deploy.len() < room && who == 1) {
            self.take(at, luck);
            return Ok(());
        }
        let who = who % lane.deploy.len();
        self.step(at, who, luck)
    }

    fn take(&mut self, at: usize, luck: &mut Luck) {
        let lane = &mut self.lanes[at];
        let back = luck.one_in(4);
        if !back && !lane.wait.is_empty() {
            let from = if lane.turns == Turns::None { luck.below(4) as usize % lane.wait.len() } else { 0 };
            let exec = lane.wait.remove(from);
            lane.deploy.push(Exec { phase: Phase::Begin, ..exec });
        } else if back && !lane.done.is_empty() {
            let (id, content) = lane.done[luck.below(8) as usize % lane.done.len()].clone();
            let exec = Exec::new(id, content, self.now);
            lane.deploy.push(Exec { phase: Phase::Begin, rollback: true, ..exec });
            self.seen.rollbacks += 1;
        }
    }

    fn step(&mut self, at: usize, who: usize, luck: &mut Luck) -> Result<(), String> {
        let breaks = luck.one_in(10);
        let exec = self.lanes[at].deploy[who].clone();
        let candidate = decode_candidate(&self.lanes[at].candidates[&exec.id]).unwrap();
        assert_eq!(candidate.release.content, Some(content(exec.content)));
        let tells = !(self.fault == Some(Fault::SkippedNothing) && exec.skipped);
        let next = match exec.phase {
            Phase::Begin => {
                let run = self.next_id();
                if tells && self.fault != Some(Fault::NoBegin) {
                    self.change(Event::Begin, |mark, now| mark.begin(&candidate, run, now));
                }
                self.lanes[at].deploy[who].listed = true;
                Phase::First
            }
            Phase::First | Phase::Second => {
                let half = usize::from(exec.phase == Phase::Second);
                if exec.listed {
                    self.live[half] = exec.content;
                }
                match (breaks, half) {
                    (true, _) => Phase::Broken,
                    (false, 0) => Phase::Second,
                    (false, _) => Phase::Finish,
                }
            }
            Phase::Finish => {
                if !exec.listed {
                    self.live = [exec.content; 2];
                }
                self.lanes[at].deploy.remove(who);
                self.lanes[at].done.push((exec.id.clone(), exec.content));
                if tells {
                    let finish = self.change(Event::Promote, |mark, now| mark.promote(&candidate, now));
                    self.finished(&finish, exec.listed)?;
                }
                return Ok(());
            }
            phase => phase,
        };
        self.lanes[at].deploy[who].phase = next;
        Ok(())
    }

    /// More executions than the list holds arrive before a deploy stage.
    pub(super) fn crowd_in(&mut self, luck: &mut Luck) {
        let at = self.lane(luck);
        let of = luck.content();
        for _ in 0..66 {
            let exec = Exec::new(self.next_id(), of, self.now);
            self.stage(at, &exec);
            self.lanes[at].arrive(Exec { phase: Phase::Wait, ..exec });
        }
    }
}
