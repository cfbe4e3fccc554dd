//! Claims: skips that are acted on later.

use shipmark::base::key::Key;
use shipmark::protocol::engine::deploy::confirm;
use shipmark::protocol::engine::drafting::unread;
use shipmark::protocol::engine::mark::AttemptId;
use shipmark::protocol::engine::marks::Marks;
use shipmark::protocol::engine::policy::Asked;
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::tokens::Claim;

use super::apply::Op;
use super::build::Build;
use super::fault::{Event, Fault};
use super::world::{Slot, World, content, inputs};

/// A claim that somebody holds.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) slot: Slot,
    pub(super) key: Key,
    pub(super) claim: Claim,
    /// The artifact that is deployed where it was decided.
    pub(super) artifact: Option<AttemptId>,
    pub(super) build: u32,
}

impl World {
    /// R14: a decision far ahead of the stage's condition: handed out, an approval later acted on.
    pub(super) fn step_claim(&mut self) -> Result<(), String> {
        if !self.claims.is_empty() && self.luck.hits(0.7) {
            let n = self.luck.below(self.claims.len());
            let held = self.claims.swap_remove(n);
            return self.act_on(&held);
        }
        if self.claims.len() >= 2 {
            return Ok(());
        }
        let slot = self.luck.of(&self.slots());
        if slot.1 == 1 && !self.has_b {
            return Ok(());
        }
        let mut b = Build::new(self, None, 0, vec![]);
        (b.early, b.verify, b.forced) = (true, false, false);
        let (engine, at) = (self.engine(&b.caller, &[slot.0], b.has), self.at(slot.0));
        let asked = [Asked { key: self.key(slot), forced: false, inputs: inputs(b.content[slot.1]) }];
        let op = Op::new(self.moment(0));
        let marks = self.read(at, &op, &|marks: &Marks| engine.keys([&asked[0].key], marks));
        let event = Event::decide(b.caller.home.clone(), Some(self.environment(slot.0)));
        let step = self.asked(&event, &marks, &|marks: &Marks| {
            engine.decide_staged(&asked, None, marks, &b.ticket, None, &op.moment)
        });
        // What would build and cannot be written is no skip.
        let Ok(step) = step else { return Ok(()) };
        if let Some((key, claim)) = step.told.claims.into_iter().next() {
            self.skipped(slot, b.content[slot.1], 0, None)?;
            self.hold(slot, key, claim, b.id);
        }
        Ok(())
    }

    fn hold(&mut self, slot: Slot, key: Key, claim: Claim, build: u32) {
        let artifact = self.deployed(slot).and_then(|deploy| deploy.artifact.clone());
        self.seen.note(if claim.lane.is_some() { "claims of a lane" } else { "claims" });
        self.claims.push(Held { slot, key, claim, artifact, build });
    }

    /// The skips of a build whose stages are skipped by a condition, perhaps much later.
    pub(super) fn hand_out_claims(&mut self, b: &mut Build, conditional: bool) {
        if b.early {
            for (slot, key, claim) in std::mem::take(&mut b.claims) {
                let artifact = b.known[&slot].as_ref().and_then(|deploy| deploy.artifact.clone());
                self.seen.note(if claim.lane.is_some() { "claims of a lane" } else { "claims" });
                self.claims.push(Held { slot, key, claim, artifact, build: b.id });
            }
        } else if conditional && self.luck.hits(0.5) {
            for (slot, decision) in &b.told {
                let Some(mark) = self.stores[self.at(slot.0)].mark(&self.key(*slot)) else { continue };
                let claim = Claim {
                    service: decision.key.service.clone(),
                    home: b.caller.home.clone(),
                    content: content(b.content[slot.1]),
                    serial: mark.serial,
                    lane: None,
                };
                let artifact = b.known[slot].as_ref().and_then(|deploy| deploy.artifact.clone());
                self.seen.note("claims");
                self.claims.push(Held { slot: *slot, key: decision.key.clone(), claim, artifact, build: b.id });
            }
        }
        let most = self.claims.len().saturating_sub(6);
        self.claims.drain(..most);
    }

    fn act_on(&mut self, held: &Held) -> Result<(), String> {
        let (at, op) = (self.at(held.slot.0), Op::new(self.moment(0)));
        let marks = self.read(at, &op, &|marks: &Marks| unread([&held.key], marks));
        let claims = [(held.key.clone(), held.claim.clone())];
        let ask = |marks: &Marks| -> Result<Step<bool>, Refusal> {
            let told = confirm(&claims, marks, &op.moment)[0].1.skips();
            Ok(Step { told, names: vec![], writes: vec![], removals: vec![], ticket: None })
        };
        let holds = self.asked(&Event::Confirm, &marks, &ask).is_ok_and(|step| step.told);
        self.trace_claim(held, &marks, holds);
        let lane = held.claim.lane.is_some();
        if !holds && self.fault != Some(Fault::NoConfirm) {
            self.seen.note(if lane { "claims of a lane refused" } else { "claims refused" });
            return Ok(());
        }
        self.skipped(held.slot, held.claim.content.fingerprint.0[0], 0, Some(held))?;
        self.seen.note(if lane { "claims of a lane confirmed" } else { "claims confirmed" });
        Ok(())
    }
}
