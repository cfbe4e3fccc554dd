//! Where a walk writes down what it does, for the executable model to replay.

use serde_json::{Map, Value, json};
use shipmark::base::key::Key;
use shipmark::protocol::engine::decide::{Reuse, ServiceDecision};
use shipmark::protocol::engine::evidence::Evidence;
use shipmark::protocol::engine::mark::AttemptId;
use shipmark::protocol::engine::marks::{Known, Marks};
use shipmark::protocol::engine::step::{Step, Write};

use super::apply::Op;
use super::build::Build;
use super::claims::Held;
use super::traced::{About, Change, Trace, begin, content, home, lane, tell};
use super::world::World;
use crate::engine::replay::word;

/// The model's words for why something is decided.
const WORDS: &[&str] = &[
    "unchanged",
    "never-deployed",
    "other-pipeline",
    "uncertain",
    "changed",
    "deploy-pending",
    "forced",
    "other-environment",
    "other-outputs",
];

impl World {
    /// What the model calls a mark.
    fn traced_name(&self, at: usize, key: &Key) -> String {
        let env = if self.apart {
            at
        } else {
            self.envs.iter().copied().find(|env| self.environment(*env) == key.environment).unwrap()
        };
        format!("{env}/{}", key.service)
    }

    /// Makes a write, and writes it down. False on a conflict.
    pub(super) fn put(&mut self, at: usize, op: &Op, write: &Write) -> bool {
        if self.trace.is_none() {
            return self.stores[at].write(write).is_ok();
        }
        let before = self.stores[at].mark(&write.key).cloned();
        let damaged = self.stores[at].is_damaged(&write.key);
        if self.stores[at].write(write).is_err() {
            return false;
        }
        let name = self.traced_name(at, &write.key);
        let change = Change { name: &name, before: before.as_ref(), damaged, write };
        self.trace.iter_mut().for_each(|trace| trace.wrote(&change, &op.about));
        true
    }

    /// What a step did not have to write: the model must come to the same.
    pub(super) fn trace_unwritten<T>(&mut self, at: usize, op: &Op, step: &Step<T>) {
        let Some(mut trace) = self.trace.take() else { return };
        let unwritten = |key: &Key| {
            let written = step.writes.iter().any(|write| write.key == *key && write.mark.is_some());
            !written && !op.unusable.contains(key)
        };
        let events: Vec<(Key, Value)> = match &op.about {
            About::Begins(job, candidates) => {
                let event = |(key, id, began): &(Key, _, bool)| (key.clone(), begin(job, id, *began, None));
                candidates.iter().map(event).collect()
            }
            About::Promotes(job, candidates) => {
                // One that was reused is refused if outputs are given.
                let own = candidates.iter().filter(|(_, candidate)| candidate.reused.is_none());
                own.map(|(key, candidate)| (key.clone(), trace.promote(job, candidate, None))).collect()
            }
            About::Tells(job, candidates) => candidates.iter().map(|(key, id)| (key.clone(), tell(job, id))).collect(),
            _ => Vec::new(),
        };
        // A gate that refuses one of them writes none: what it says of the others is not told.
        let refused =
            |key: &Key| matches!(&op.about, About::Begins(..)) && step.writes.is_empty() && !self.begun(at, op, key);
        let several = events.len() > 1;
        for (key, event) in events.into_iter().filter(|(key, _)| unwritten(key)) {
            let mark = self.stores[at].mark(&key);
            let ok = match (event["do"] == "begin", refused(&key)) {
                (false, _) => None,
                (true, false) => Some(true),
                // To the model a refusal is a write, in which ages tell.
                (true, true) if several || mark.is_some_and(|mark| trace.ages(mark, self.now)) => continue,
                (true, true) => Some(false),
            };
            let name = self.traced_name(at, &key);
            trace.event(self.now, &name, mark, event, ok);
        }
        self.trace = Some(trace);
    }

    /// Whether that has begun, so that a second delivery is let through.
    fn begun(&self, at: usize, op: &Op, key: &Key) -> bool {
        let About::Begins(job, candidates) = &op.about else { return false };
        candidates.iter().filter(|(of, ..)| of == key).all(|(_, id, _)| {
            let run = AttemptId::of_run(id, job);
            let stored = self.stores[at].candidate(key, id);
            let mark = self.stores[at].mark(key);
            mark.zip(stored).is_some_and(|(mark, stored)| mark.begun(&stored.candidate, &run))
        })
    }

    /// A decision, as far as the model knows its reasons: before anything of its call was written.
    pub(super) fn trace_decision(&mut self, b: &Build, told: &[ServiceDecision]) {
        let Some(mut trace) = self.trace.take() else { return };
        let call = &b.calls[b.at];
        for one in told {
            trace.artifact_of(&call.op.moment.call, &one.attempt);
        }
        if !call.op.wrote && !told.is_empty() {
            let event = self.decision(&trace, b, told);
            event.into_iter().for_each(|(event, expect)| trace.emit(self.now, event, expect));
        }
        self.trace = Some(trace);
    }

    fn decision(&self, trace: &Trace, b: &Build, told: &[ServiceDecision]) -> Option<(Map<String, Value>, Value)> {
        let call = &b.calls[b.at];
        let joint = call.envs.len() > 1;
        let reuse = self.reuse && call.envs == [1];
        let (mut ask, mut expect) = (Map::new(), Map::new());
        for one in told {
            let word = word(&one.evidence);
            let before = matches!(one.evidence, Evidence::Before(..) | Evidence::Opened(_));
            if before || !WORDS.contains(&word.as_str()) || (reuse && b.verify) {
                return None;
            }
            let slot = self.slot(call, &one.key);
            let name = self.traced_name(self.at(slot.0), &one.key);
            ask.insert(name.clone(), json!(b.content[slot.1]));
            let mut said = json!({"skip": one.skips(), "reason": word});
            if reuse {
                let there = self.key((0, slot.1));
                let read = matches!(call.marks.get(&there)?.known, Known::Mark(_) | Known::Absent);
                let deploy = read.then(|| self.deployed((0, slot.1)))?;
                if let Reuse::Yes(_) = &one.reuse {
                    said["reuse"] = trace.artifact(deploy.and_then(|deploy| deploy.artifact.as_ref()));
                }
            }
            expect.insert(name.clone(), said);
            // The model's replay looks at the marks of a joint decision without making them.
            if joint && (!self.outputs_are_artifacts(trace, slot.1) || (b.forced && !trace.knows(&name))) {
                return None;
            }
        }
        let event = json!({
            "do": "decide",
            "build": null,
            "home": home(b.caller.home.as_ref()),
            "forced": b.forced,
            "joint": joint,
            "reuse": reuse,
            "ask": ask,
        });
        let Value::Object(event) = event else { unreachable!() };
        Some((event, Value::Object(expect)))
    }

    /// Whether the outputs of the environments are the same where their artifacts are, as in the model.
    fn outputs_are_artifacts(&self, trace: &Trace, of: usize) -> bool {
        let deploys: Vec<_> = self.envs.iter().map(|env| self.deployed((*env, of))).collect();
        let artifact = |at: usize| deploys[at].map(|deploy| trace.artifact(deploy.artifact.as_ref()));
        let outputs = |at: usize| deploys[at].map(|deploy| &deploy.release.outputs);
        (1..deploys.len()).all(|at| (artifact(0) == artifact(at)) == (outputs(0) == outputs(at)))
    }

    /// A claim that is acted on.
    pub(super) fn trace_claim(&mut self, held: &Held, marks: &Marks, holds: bool) {
        let Some(mut trace) = self.trace.take() else { return };
        let name = self.traced_name(self.at(held.slot.0), &held.key);
        let known = marks.get(&held.key).map(|read| &read.known);
        if let (Some(Known::Mark(_) | Known::Absent), Some(at)) = (known, trace.read_at(&name, held.claim.serial)) {
            let event = json!({
                "do": "confirm",
                "mark": name,
                "content": content(Some(&held.claim.content)),
                "home": home(held.claim.home.as_ref()),
                "lane": lane(held.claim.lane.as_ref()),
                "read_at": at,
            });
            let Value::Object(event) = event else { unreachable!() };
            trace.emit(self.now, event, json!({"skip": holds}));
        }
        self.trace = Some(trace);
    }
}
