//! Deploy stages: begin, deploy, promote; abandoned, failed, retried and rolled back.

use std::collections::BTreeMap;

use shipmark::base::names::{OutputName, ServiceName};
use shipmark::protocol::engine::deploy::{Promotion, Target, begin, promote, promote_failed};
use shipmark::protocol::engine::mark::{AttemptId, Began, Clock, Finishing, Rest};
use shipmark::protocol::engine::marks::{Marks, Moment};
use shipmark::protocol::engine::noted::{Noted, What as Done};
use shipmark::protocol::engine::step::Step;

use super::apply::{Op, Tried};
use super::fault::{Event, Fault};
use super::people::Late;
use super::pipe::{Candidates, Exec, Pipe, Run, Zombie};
use super::traced::About;
use super::world::{Plan, Slot, World, outputs, service};

pub(super) type Made = BTreeMap<ServiceName, BTreeMap<OutputName, String>>;

/// All that is needed is there from the start.
pub(super) fn keys_of(targets: &[Target]) -> impl Fn(&Marks) -> shipmark::protocol::engine::step::Unread {
    let keys: Vec<_> = targets.iter().map(|target| target.key.clone()).collect();
    move |marks: &Marks| {
        let mut unread = shipmark::protocol::engine::drafting::unread(&keys, marks);
        unread.names.clear();
        unread
    }
}

impl World {
    pub(super) fn step_deploy(&mut self, pipe: &mut Pipe, n: usize) {
        let Some(mut exec) = pipe.dep[n].take() else {
            self.next_exec(pipe, n);
            return;
        };
        if exec.hold > self.now {
            pipe.dep[n] = Some(exec);
            return;
        }
        match std::mem::replace(&mut exec.run, Run::Begins(None)) {
            Run::Begins(before) => self.begin_stage(pipe, n, exec, before),
            Run::Deploys(todo, job) => self.deploy(pipe, n, exec, todo, job),
            Run::Promotes(op, job, run) => self.promote_stage(pipe, n, exec, op, job, run),
        }
    }

    /// Who enters a free stage.
    fn next_exec(&mut self, pipe: &mut Pipe, n: usize) {
        if pipe.wait[n].as_ref().is_some_and(|exec| exec.hold > self.now) {
            return;
        }
        let mut exec = None;
        if pipe.wait[n].is_some() && self.luck.hits(0.6) {
            exec = pipe.wait[n].take();
        } else if n == 0 && !pipe.over.is_empty() && self.luck.hits(0.1) {
            self.seen.note("let in late");
            exec = Some(pipe.over.remove(0));
        } else if pipe.failed[n].is_some() && self.luck.hits(0.5) {
            self.seen.note("retried stages");
            exec = pipe.failed[n].take().map(|exec| Exec { again: true, ..exec });
        } else if !pipe.done[n].is_empty() && self.luck.hits(0.12) {
            self.seen.note("rollbacks");
            exec = Some(Exec { only: true, again: true, ..self.luck.of(&pipe.done[n]) });
        }
        if let Some(exec) = exec {
            pipe.failed[n] = None;
            pipe.dep[n] = Some(Exec { run: Run::Begins(None), hold: 0, ..exec });
        }
    }

    fn begin_stage(&mut self, pipe: &mut Pipe, n: usize, mut exec: Exec, before: Option<(Op, String)>) {
        let candidates = exec.candidates[n].clone();
        let (mut op, job) = before.unwrap_or_else(|| (Op::new(self.moment(0)), format!("run{}", self.next())));
        let at = self.at(pipe.stages[n].env);
        if !(candidates.is_empty() || self.fault == Some(Fault::NoBegin)) {
            let mut targets = self.targets(at, &candidates);
            self.plant_in_begin(&mut targets);
            let moment = op.moment.clone();
            op.about = self.about_begin(at, &job, &targets);
            let ask = |marks: &Marks| Ok(begin(&targets, Some(&job), marks, &moment));
            match self.tried(at, &self.beginning(&targets), &mut op, keys_of(&targets), ask) {
                Tried::Told(told, _) if told.iter().any(|noted| noted.what == Done::MustNotBegin) => {
                    // The stage fails, and there is no way but a new build.
                    self.seen.note("begin refused");
                    return;
                }
                Tried::Told(told, _) if !told.iter().any(Noted::failed) => {}
                Tried::Again => {
                    exec.run = Run::Begins(Some((op, job)));
                    pipe.dep[n] = Some(exec);
                    return;
                }
                Tried::Told(..) | Tried::Died | Tried::No(_) => {
                    self.seen.note("begin failed");
                    pipe.failed[n] = Some(exec);
                    return;
                }
            }
            if self.luck.hits(self.p.twice) {
                self.late.push(Late::Begin {
                    at,
                    candidates: candidates.clone(),
                    job: job.clone(),
                    call: op.moment.call,
                });
            }
        }
        self.seen.note("begins");
        for slot in exec.unbuilt[n].clone() {
            let candidate = candidates.iter().find(|(other, ..)| *other == slot).map(|(_, _, id)| id);
            let image = self.next();
            if let (Some(id), Some(what)) = (candidate, exec.plans[n].get_mut(&slot)) {
                what.artifact = Some(AttemptId::of_run(id, &job));
                what.image = image;
            }
        }
        let mut halves: Vec<(Slot, usize)> = exec.plans[n].keys().flat_map(|slot| [(*slot, 0), (*slot, 1)]).collect();
        self.luck.shuffle(&mut halves);
        exec.run = Run::Deploys(halves, job);
        let slower = if self.quiet && n > 0 { 3.0 } else { 1.0 };
        if self.luck.hits(self.p.hold * slower) {
            exec.hold = self.now + self.luck.of(&[20, 50, 120, 250]);
        }
        pipe.dep[n] = Some(exec);
    }

    fn deploy(&mut self, pipe: &mut Pipe, n: usize, mut exec: Exec, mut todo: Vec<(Slot, usize)>, run: String) {
        if self.luck.hits(self.p.stage_fail) {
            let job = if pipe.inside { run } else { format!("job{}", self.next()) };
            let (at, candidates) = (self.at(pipe.stages[n].env), exec.candidates[n].clone());
            if !todo.is_empty() && self.luck.hits(self.p.abandon) {
                self.seen.note("abandoned stages");
                let (plan, dies) = (exec.plans[n].clone(), self.now + self.p.deploy);
                let made = made(&exec, n);
                self.zombies.push(Zombie { plan, todo, dies, at, candidates, job, made });
            } else {
                self.seen.note("failed stages");
                if self.luck.hits(0.5) {
                    self.tell(at, &candidates, &job);
                }
                pipe.failed[n] = Some(exec);
            }
            return;
        }
        if let Some((slot, half)) = todo.pop() {
            let what = exec.plans[n][&slot].clone();
            self.live[0].entry(slot).or_default()[half] = Some(what);
        } else if self.luck.hits(0.5) {
            let job = if pipe.inside { run.clone() } else { format!("job{}", self.next()) };
            let op = Op::new(self.moment(0));
            return self.promote_stage(pipe, n, exec, op, job, run);
        }
        exec.run = Run::Deploys(todo, run);
        pipe.dep[n] = Some(exec);
    }

    fn promote_stage(&mut self, pipe: &mut Pipe, n: usize, mut exec: Exec, mut op: Op, job: String, run: String) {
        let (at, candidates, made) = (self.at(pipe.stages[n].env), exec.candidates[n].clone(), made(&exec, n));
        if self.fault == Some(Fault::NoBegin) {
            self.finish_as_decided(at, &candidates, &made);
        } else {
            let lost = self.luck.hits(self.p.lost_candidate);
            match self.promoted(at, &candidates, &job, &made, lost, &mut op) {
                Tried::Told(told, _) if !told.iter().any(Noted::failed) => {}
                Tried::Again => {
                    exec.run = Run::Promotes(op, job, run);
                    pipe.dep[n] = Some(exec);
                    return;
                }
                _ => {
                    self.seen.note(if lost { "lost candidates" } else { "promote failed" });
                    pipe.failed[n] = Some(exec);
                    return;
                }
            }
        }
        if self.luck.hits(self.p.twice) {
            let call = op.moment.call;
            self.late.push(Late::Promote { at, candidates, job, made, call });
        }
        self.seen.note("promotes");
        if pipe.done[n].len() < 6 {
            pipe.done[n].push(exec.clone());
        }
        if n + 1 < pipe.stages.len() && !exec.only {
            exec.again = false;
            exec.run = Run::Begins(None);
            pipe.wait[n + 1] = Some(exec);
        }
    }

    /// One try of a promote.
    pub(super) fn promoted(
        &mut self,
        at: usize,
        candidates: &Candidates,
        job: &str,
        made: &Made,
        lost: bool,
        op: &mut Op,
    ) -> Tried<Vec<Noted>> {
        let mut targets = self.targets(at, candidates);
        for target in &mut targets {
            if lost {
                target.candidate = None;
            }
            if let (Some(Fault::SecondDelivery), Some(stored)) = (self.fault, &mut target.candidate) {
                stored.candidate.promoted.clear();
            }
        }
        let known = targets.iter().filter_map(|target| {
            target.candidate.as_ref().map(|stored| (target.key.clone(), stored.candidate.clone()))
        });
        op.about = About::Promotes(job.to_owned(), known.collect());
        let promotion = Promotion { job: Some(job.to_owned()), outputs: made.clone(), execution: None };
        let moment = op.moment.clone();
        let ask = |marks: &Marks| -> Result<Step<Vec<Noted>>, _> { Ok(promote(&targets, &promotion, marks, &moment)) };
        self.tried(at, &Event::Promote, op, keys_of(&targets), ask)
    }

    pub(super) fn tell(&mut self, at: usize, candidates: &Candidates, job: &str) {
        self.seen.note("failed stages told");
        let targets = self.targets(at, candidates);
        let told = candidates.iter().map(|(_, key, id)| (key.clone(), id.clone())).collect();
        let mut op = Op::new(self.moment(0)).about(About::Tells(job.to_owned(), told));
        let moment = op.moment.clone();
        let ask = |marks: &Marks| Ok(promote_failed(&targets, Some(job), marks, &moment));
        let _: Tried<_> = self.tried(at, &Event::Tell, &mut op, keys_of(&targets), ask);
    }

    /// What an abandoned action still does.
    pub(super) fn step_zombie(&mut self) {
        let n = self.luck.below(self.zombies.len());
        let zombie = &mut self.zombies[n];
        if let Some((slot, half)) = zombie.todo.pop() {
            self.seen.note("zombie deploys");
            self.live[0].entry(slot).or_default()[half] = Some(zombie.plan[&slot].clone());
        }
        let (left, at, candidates, job) = (zombie.todo.len(), zombie.at, zombie.candidates.clone(), zombie.job.clone());
        let made = zombie.made.clone();
        if left == 0 && self.luck.hits(0.5) && self.fault != Some(Fault::NoBegin) {
            // The abandoned action was the deploying build, which promotes as well.
            self.seen.note("promotes of abandoned runs");
            let mut op = Op::new(self.moment(0));
            for _ in 0..3 {
                if !matches!(self.promoted(at, &candidates, &job, &made, false, &mut op), Tried::Again) {
                    break;
                }
            }
        } else if left > 0 && self.luck.hits(0.1) {
            self.seen.note("abandoned runs told");
            self.zombies[n].todo.clear();
            self.tell(at, &candidates, &job);
        }
        if self.zombies[n].todo.is_empty() {
            self.zombies.swap_remove(n);
        }
    }

    fn about_begin(&self, at: usize, job: &str, targets: &[Target]) -> About {
        let begins = targets.iter().filter_map(|target| {
            let candidate = &target.candidate.as_ref()?.candidate;
            let runs = self.stores[at].mark(&target.key).map_or(&[][..], |mark| &mark.attempts);
            let began =
                candidate.began.is_some() || runs.iter().any(|run| run.candidate.as_ref() == Some(&candidate.id));
            Some((target.key.clone(), candidate.id.clone(), began))
        });
        About::Begins(job.to_owned(), begins.collect())
    }

    fn plant_in_begin(&self, targets: &mut [Target]) {
        for stored in targets.iter_mut().filter_map(|target| target.candidate.as_mut()) {
            let candidate = &mut stored.candidate;
            match self.fault {
                Some(Fault::NoGate) => {
                    let by = candidate.id.clone();
                    candidate.began.get_or_insert(Began { at: candidate.staged_at, by, rest: Rest::new() });
                }
                Some(Fault::TurnAttemptTimeout) => {
                    candidate.deploy_timeout_seconds = candidate.build_timeout_seconds;
                }
                _ => {}
            }
        }
    }

    /// A planted fault: nobody begins, so a promote finishes what was decided.
    fn finish_as_decided(&mut self, at: usize, candidates: &Candidates, made: &Made) {
        let now = Clock::of_store(self.time());
        for target in self.targets(at, candidates) {
            let Some(candidate) = target.candidate.map(|stored| stored.candidate) else { continue };
            let mut release = candidate.release.clone();
            release.outputs.extend(made.get(&target.key.service).cloned().unwrap_or_default());
            self.stores[at].force(&target.key, |mark| {
                let done = Finishing {
                    id: candidate.id.clone(),
                    artifact: candidate.artifact.clone(),
                    candidate: Some(candidate.id.clone()),
                    home: candidate.home.clone(),
                    reused: None,
                    pinned: candidate.pinned_by.is_some(),
                    unwritten: false,
                    release,
                };
                mark.finish(Some(&candidate.id), done, now);
            });
        }
    }

    /// The queue delivers a begin or a promote a second time, perhaps much later.
    pub(super) fn deliver_again(&mut self) {
        let n = self.luck.below(self.late.len());
        self.seen.note("second deliveries");
        match self.late.swap_remove(n) {
            Late::Promote { at, candidates, job, made, call } => {
                let mut op = Op::new(self.same_or_new(call));
                let _: Tried<_> = self.promoted(at, &candidates, &job, &made, false, &mut op);
            }
            Late::Begin { at, candidates, job, call } => {
                let targets = self.targets(at, &candidates);
                // A second delivery after its run was told and dropped is a new begin.
                let begun = |target: &Target| {
                    let stored = target.candidate.as_ref()?;
                    let run = AttemptId::of_run(&stored.candidate.id, &job);
                    Some(self.stores[at].mark(&target.key)?.begun(&stored.candidate, &run))
                };
                if targets.iter().all(|target| begun(target) == Some(true)) {
                    let mut op = Op::new(self.same_or_new(call));
                    let moment = op.moment.clone();
                    op.about = self.about_begin(at, &job, &targets);
                    let ask = |marks: &Marks| Ok(begin(&targets, Some(&job), marks, &moment));
                    let _: Tried<_> = self.tried(at, &self.beginning(&targets), &mut op, keys_of(&targets), ask);
                }
            }
        }
    }

    /// A call whose id comes from its job has the same one again. The model knows no calls.
    fn same_or_new(&mut self, call: AttemptId) -> Moment {
        let moment = self.moment(0);
        if self.luck.hits(0.5) && self.trace.is_none() { Moment { call, ..moment } } else { moment }
    }
}

/// What a run has built, as its promote says.
fn made(exec: &Exec, n: usize) -> Made {
    let plan: &Plan = &exec.plans[n];
    exec.unbuilt[n].iter().map(|slot| (service(slot.1), outputs(plan[slot].image))).collect()
}
