//! Planted faults of decisions: what is left out between the engine's answer and what is written and kept.

use shipmark::protocol::engine::mark::{Clock, Opening};
use shipmark::protocol::engine::marks::{Known, Marks};
use shipmark::protocol::engine::stage::StagedDecisions;
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::{Pin, TicketEntry};

use super::build::{Build, Call};
use super::fault::{Event, Fault, anyone};
use super::world::{World, inputs};

impl World {
    /// The ticket of the first store counts in the second one, too.
    pub(super) fn plant_in_ticket(&self, b: &mut Build) {
        if self.fault == Some(Fault::TicketAnyStore) && self.apart && b.at == 1 {
            let entries: Vec<TicketEntry> = b.ticket.entries.iter().filter(|entry| !entry.skips()).cloned().collect();
            for entry in entries {
                b.ticket.put([TicketEntry { store: "store1".to_owned(), ..entry }]);
            }
        }
    }

    /// The environments do not agree, and it is skipped all the same.
    pub(super) fn plant_in_agreement(&mut self, b: &Build, call: &Call) -> Result<(), String> {
        let any = match self.fault {
            Some(Fault::AnyEnvironment) => true,
            Some(Fault::OtherOutputs) => false,
            _ => return Ok(()),
        };
        if call.envs.len() < 2 {
            return Ok(());
        }
        for of in &call.services {
            let alone = |env: &usize| {
                let engine = self.engine(&b.caller, &[*env], b.has);
                let key = self.key((*env, *of));
                let asked =
                    shipmark::protocol::engine::policy::Asked { key, forced: b.forced, inputs: inputs(b.content[*of]) };
                let step = engine.decide(&[asked], &call.marks, &b.ticket, None, &call.op.moment).unwrap();
                step.told.services[0].clone()
            };
            let alone: Vec<_> = call.envs.iter().map(alone).collect();
            let skips = alone.iter().filter(|decision| decision.skips()).count();
            if any && skips > 0 {
                for env in &call.envs {
                    self.skipped((*env, *of), b.content[*of], b.repo, None)?;
                }
            }
            if !any && skips == alone.len() && alone.iter().any(|one| one.outputs != alone[0].outputs) {
                return Err("a skip with the outputs of one environment".to_owned());
            }
        }
        Ok(())
    }

    /// Writes that are left out, or made on something that nobody has read.
    pub(super) fn plant_in_step(&self, b: &Build, step: &mut Step<StagedDecisions>) {
        let skipped = |pin: &Pin, step: &Step<StagedDecisions>| {
            step.told.decided.services.iter().any(|one| one.key.service == pin.service && one.skips())
        };
        match self.fault {
            Some(Fault::NoUnknownPin) => unpin(step, |pin, _| pin.deploy.is_none()),
            Some(Fault::SameCallSkipUnpinned) => unpin(step, skipped),
            Some(Fault::PinRace) => self.pin_what_stands(b, step),
            _ => {}
        }
    }

    /// What is pinned is the deploy that stands at the write.
    fn pin_what_stands(&self, b: &Build, step: &mut Step<StagedDecisions>) {
        let at = self.at(b.calls[b.at].envs[0]);
        let Some(ticket) = &mut step.ticket else { return };
        for entry in ticket.entries.iter_mut() {
            for pin in entry.pins.iter_mut().filter(|pin| !pin.unwritten) {
                let key = entry.key.clone();
                let key = shipmark::base::key::Key { service: pin.service.clone(), ..key };
                let Some(write) = step.writes.iter_mut().find(|write| write.key == key) else { continue };
                let read = self.stores[at].read(&key, Some(self.time()));
                let Known::Mark(mark) = &read.known else { continue };
                if write.expected == read.version {
                    continue;
                }
                let mut mark = mark.as_ref().clone();
                let release = mark.deployed.as_ref().map(|deploy| deploy.release.clone()).unwrap_or_default();
                let opening = Opening {
                    id: pin.attempt.clone(),
                    content: release.content,
                    artifact: mark.deployed.as_ref().and_then(|deploy| deploy.artifact.clone()),
                    build: entry.build.clone(),
                    revision: None,
                    home: entry.home.clone(),
                    timeout_seconds: entry.build_timeout_seconds,
                    lane: None,
                    pinned_by: Some(entry.key.service.clone()),
                    reused: None,
                    shadow: None,
                    reason: None,
                };
                pin.deploy.clone_from(&mark.deployed);
                mark.open(opening, Clock::of_store(self.time())).unwrap();
                write.mark = Some(mark);
                write.expected.clone_from(&read.version);
            }
        }
    }

    /// A home that is taken for anybody's is unknown all the same.
    pub(super) fn plant_after_told(&self, b: &mut Build) {
        if self.fault == Some(Fault::UnknownHomeFits) {
            for entry in b.ticket.entries.iter_mut() {
                entry.home = entry.home.take().filter(|home| *home != anyone());
            }
        }
    }

    /// What of a ticket `stage` does not look at.
    pub(super) fn plant_in_staging(&self, ticket: &mut shipmark::protocol::engine::ticket::Ticket) {
        for entry in ticket.entries.iter_mut() {
            match self.fault {
                Some(Fault::ForgetUnwritten) => {
                    entry.pins.retain(|pin| !pin.unwritten);
                    entry.orphans.retain(|orphan| !orphan.unwritten);
                }
                Some(Fault::SameBuildPin) => entry.built_along.clear(),
                Some(Fault::SameNameTwice) => entry.candidates.clear(),
                _ => {}
            }
        }
    }

    /// An orphan's attempt ends with the build that wrote it, though it spares others theirs.
    pub(super) fn plant_in_orphans(&mut self, b: &Build) {
        if self.fault != Some(Fault::OrphanAnyones) {
            return;
        }
        for slot in &b.gone {
            let (at, key) = (self.at(slot.0), self.key(*slot));
            self.stores[at].force(&key, |mark| {
                mark.serial += 1;
                let mine = |other: &&mut shipmark::protocol::engine::mark::Attempt| {
                    other.build == b.caller.build.id
                        && other.alive()
                        && other.content.is_none()
                        && other.id.is_nameless()
                };
                let serial = mark.serial;
                mark.attempts.iter_mut().filter(mine).for_each(|other| {
                    other.state = shipmark::protocol::engine::mark::State::Failed;
                    other.ended = Some(serial);
                });
            });
        }
    }

    /// A second decision of a build reads its source anew: what it has opened is rewritten.
    pub(super) fn strike_own(&mut self, b: &mut Build, contents: [u8; 2]) {
        for n in 0..b.calls.len() {
            let call = &b.calls[n];
            let engine = self.engine(&b.caller, &call.envs, b.has);
            let slots: Vec<_> = call.slots().into_iter().filter(|slot| b.builds(*slot)).collect();
            let asked: Vec<_> = slots
                .iter()
                .map(|slot| shipmark::protocol::engine::policy::Asked {
                    key: self.key(*slot),
                    forced: true,
                    inputs: inputs(contents[slot.1]),
                })
                .collect();
            if asked.is_empty() {
                continue;
            }
            let (mut op, at) = (call.op.clone(), self.at(call.envs[0]));
            let ticket = shipmark::protocol::engine::ticket::Ticket::new(b.caller.build.id.as_deref());
            let needed = |marks: &Marks| engine.keys(asked.iter().map(|asked| &asked.key), marks);
            let ask = |marks: &Marks| engine.decide(&asked, marks, &ticket, None, &op.moment);
            let event = Event::decide(b.caller.home.clone(), None);
            let marks = self.read(at, &op, &needed);
            let Ok(step) = self.asked(&event, &marks, &ask) else { continue };
            if let Some(super::apply::Tried::Told(_, Some(ticket))) = self.applied(at, &mut op, step) {
                b.ticket.put(ticket.entries);
            }
        }
    }
}

/// Leaves out pins: what was opened for them, and what the ticket says of them.
fn unpin(step: &mut Step<StagedDecisions>, out: impl Fn(&Pin, &Step<StagedDecisions>) -> bool) {
    let Some(mut ticket) = step.ticket.take() else { return };
    for entry in ticket.entries.iter_mut() {
        let (left, kept) = entry.pins.drain(..).partition(|pin| out(pin, step));
        entry.pins = kept;
        let left: Vec<Pin> = left;
        for pin in left {
            let key = shipmark::base::key::Key { service: pin.service.clone(), ..entry.key.clone() };
            let builds = step.told.decided.services.iter().any(|one| one.key == key && !one.skips());
            if !builds {
                step.writes.retain(|write| write.key != key);
            }
        }
    }
    step.ticket = Some(ticket);
}
