//! People and strangers, and what a queue delivers twice.

use shipmark::base::key::Key;
use shipmark::protocol::engine::drafting::unread;
use shipmark::protocol::engine::mark::{AttemptId, Mark, Taint};
use shipmark::protocol::engine::marks::{Marks, Moment};
use shipmark::protocol::engine::noted::{Noted, What as Done};
use shipmark::protocol::engine::people::{import, rm_orphans, state_rm, taint};
use shipmark::protocol::engine::policy::Asked;
use shipmark::protocol::engine::record::{BuildReport, Outcome};
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::{Closed, Ticket};

use super::apply::{Op, Tried};
use super::build::Build;
use super::deploys::Made;
use super::fault::{Event, Fault};
use super::pipe::Candidates;
use super::traced::About;
use super::world::{GONE, HAND, Slot, What, World, content, inputs};

/// What a queue may deliver a second time.
#[derive(Debug, Clone)]
pub(super) enum Late {
    Begin { at: usize, candidates: Candidates, job: String, call: AttemptId },
    Promote { at: usize, candidates: Candidates, job: String, made: Made, call: AttemptId },
}

impl World {
    /// One call that does something to one mark.
    fn once(
        &mut self,
        slot: Slot,
        (event, about): (&Event, About),
        skew: i64,
        act: impl Fn(&Key, &Marks, &Moment) -> Result<Step<Vec<Noted>>, Refusal>,
    ) {
        let (key, at, mut op) = (self.key(slot), self.at(slot.0), Op::new(self.moment(skew)).about(about));
        let moment = op.moment.clone();
        for _ in 0..3 {
            let ask = |marks: &Marks| act(&key, marks, &moment);
            if !matches!(self.tried(at, event, &mut op, |marks: &Marks| unread([&key], marks), ask), Tried::Again) {
                break;
            }
        }
    }

    pub(super) fn say_taint(&mut self, slot: Slot, nothing_running: bool, skew: i64) {
        self.seen.note(if nothing_running { "taint --nothing-running" } else { "taints" });
        if self.fault == Some(Fault::NoTaint) && !nothing_running {
            return;
        }
        let said = Taint {
            reason: "by hand".to_owned(),
            by: "somebody".to_owned(),
            at: self.time(),
            rest: Default::default(),
        };
        let about = About::Taints { nothing_running };
        self.once(slot, (&Event::Other, about), skew, |key, marks, now| {
            taint(std::slice::from_ref(key), &said, nothing_running, marks, now)
        });
    }

    pub(super) fn human(&mut self) {
        let (x, slot) = (self.luck.unit(), self.luck.of(&self.slots()));
        let (key, at) = (self.key(slot), self.at(slot.0));
        let has = self.stores[at].mark(&key).is_some_and(|mark| mark.deployed.is_some() || !mark.attempts.is_empty());
        let running =
            !self.one.is_empty() || !self.zombies.is_empty() || self.pipes.iter().any(|pipe| pipe.build.is_some());
        let quiet = !running && self.others(0).is_empty();
        if x < 0.3 && has {
            // A deploy by hand, which is told.
            let by_hand = What { content: HAND, artifact: None, image: 0, who: None };
            self.live[0].insert(slot, [Some(by_hand.clone()), Some(by_hand)]);
            self.in_peace(|world| world.say_taint(slot, false, 0));
        } else if x < 0.4 {
            let skew = self.luck.of(&[0, 0, 500, -500]);
            self.say_taint(slot, false, skew);
        } else if x < 0.65 && !self.has_b {
            self.remove_orphans(slot.0);
        } else if x < 0.55 {
            self.seen.note("state rm");
            self.once(slot, (&Event::Rm, About::Records), 0, |key, marks, now| {
                Ok(state_rm(std::slice::from_ref(key), marks, now))
            });
        } else if x < 0.65 || self.stores[at].is_damaged(&key) {
            let with_serial = self.luck.hits(0.5);
            self.stores[at].damage(&key, with_serial);
            if self.stores[at].is_damaged(&key) && self.luck.hits(0.7) {
                self.seen.note("state rm of a damaged mark");
                self.once(slot, (&Event::RmDamaged, About::Records), 0, |key, marks, now| {
                    Ok(state_rm(std::slice::from_ref(key), marks, now))
                });
            }
        } else if x < 0.72 {
            self.adopt_what_is_live(slot);
        } else if x < 0.82 {
            self.move_mark(slot);
        } else if x < 0.86 {
            self.seen.note("names lost");
            let environment = self.environment(slot.0);
            self.stores[at].forget_names(&environment);
        } else if quiet {
            self.slots().into_iter().for_each(|slot| self.say_taint(slot, true, 0));
        }
    }

    /// `adopt`: what is live is what is said.
    fn adopt_what_is_live(&mut self, slot: Slot) {
        let live = self.live[0].get(&slot).cloned().unwrap_or_default();
        let (Some(one), Some(other)) = (&live[0], &live[1]) else { return };
        let same = one.content == other.content && one.artifact == other.artifact;
        if !same || [GONE, HAND].contains(&one.content) || self.deployed(slot).is_some() {
            return;
        }
        self.seen.note("adopted");
        let home = if self.luck.hits(0.5) { self.home(None, 0) } else { None };
        let (at, key) = (self.at(slot.0), self.key(slot));
        self.adopt(at, &key, one.content, one.image, home);
        // What was adopted is an artifact of its own, and it is live.
        let adopted = self.deployed(slot).and_then(|deploy| deploy.artifact.clone());
        for half in self.live[0].entry(slot).or_default().iter_mut().flatten() {
            half.artifact.clone_from(&adopted);
        }
    }

    /// `state export`, and much later `import`. Somebody vouches for it only if it is what is live.
    fn move_mark(&mut self, slot: Slot) {
        let (at, key) = (self.at(slot.0), self.key(slot));
        let live = self.live[0].get(&slot).cloned().unwrap_or_default();
        let is_live = |mark: &Mark| {
            let deploy = mark.deployed.as_ref();
            let artifact = deploy.and_then(|deploy| deploy.artifact.as_ref());
            let of = deploy.and_then(|deploy| deploy.release.content);
            let is = |half: &What| Some(content(half.content)) == of && half.artifact.as_ref() == artifact;
            of.is_some() && live.iter().all(|half| half.as_ref().is_some_and(is))
        };
        let current = self.stores[at].mark(&key).cloned();
        // Most who vouch for a mark restore it right away.
        let restored = current.clone().filter(|mark| is_live(mark) && self.luck.hits(0.5));
        if restored.is_none() && (self.exports.is_empty() || self.luck.hits(0.5)) {
            self.exports.extend(current.map(|mark| (slot, mark)));
            return;
        }
        let (from, exported): (Slot, Mark) = match restored {
            Some(mark) => (slot, mark),
            None => {
                let any = self.luck.below(self.exports.len());
                let n = self.exports.iter().rposition(|(from, _)| *from == slot).unwrap_or(any);
                self.exports.swap_remove(n)
            }
        };
        let trusted = from == slot && is_live(&exported) && self.luck.hits(0.7);
        self.seen.note(if trusted { "trusted imports" } else { "imports" });
        self.once(slot, (&Event::Other, About::Unknown), 0, |key, marks, now| {
            Ok(import(key, &exported, trusted, marks, now).map(|noted| vec![noted]))
        });
    }

    /// `state rm --orphans`.
    fn remove_orphans(&mut self, env: usize) {
        self.seen.note("state rm --orphans");
        let environment = self.environment(env);
        let services = [super::world::service(0)].into();
        let key = self.key((env, 1));
        let mut op = Op::new(self.moment(0));
        let moment = op.moment.clone();
        let project = key.project.clone();
        let ask = |marks: &Marks| Ok(rm_orphans(&project, &environment, &services, marks, &moment));
        let _: Tried<_> = self.tried(self.at(env), &Event::Rm, &mut op, |marks: &Marks| unread([&key], marks), ask);
    }

    /// Commands outside of the order of things: each deploys and records in one go, so that nothing is decided in between.
    pub(super) fn stranger(&mut self) -> Result<(), String> {
        let (x, slot, of) = (self.luck.unit(), self.luck.of(&self.slots()), self.luck.of(&[0, 1]));
        if slot.1 == 1 && !self.has_b {
            return Ok(());
        }
        let id = self.next();
        let home = self.home(None, 0);
        let caller = self.caller(id, home);
        let (engine, at, key) = (self.engine(&caller, &[slot.0], [true, self.has_b]), self.at(slot.0), self.key(slot));
        let asked = |of: u8| [Asked { key: key.clone(), forced: true, inputs: inputs(of) }];
        let op = Op::new(self.moment(0));
        if x >= 0.7 {
            return self.second_source(slot, of);
        }
        if self.stores[at].is_damaged(&key) {
            return Ok(());
        }
        let marks = self.in_peace(|world| world.read(at, &op, &|marks: &Marks| engine.keys([&key], marks)));
        let ticket = Ticket::new(caller.build.id.as_deref());
        let decided = engine.decide(&asked(of), &marks, &ticket, None, &op.moment).map_err(|no| no.to_string())?;
        let mut ticket = decided.ticket.unwrap();
        let what = What { content: of, artifact: Some(decided.told.services[0].attempt.clone()), image: id, who: None };
        if x < 0.4 {
            // A job with a fixed ticket file: its own decision was refused, and the file is another build's, recorded long ago.
            self.seen.note("records with an old ticket");
            ticket.entries.iter_mut().for_each(|entry| entry.closed = Some(Closed::Recorded));
            if self.fault != Some(Fault::OldTicket) {
                ticket.strike(caller.build.id.as_deref());
            }
        } else {
            // A deploy that the store never heard of before its record.
            self.seen.note("records without an attempt");
            ticket.entries.iter_mut().for_each(|entry| entry.unwritten = true);
        }
        let artifact = what.artifact.clone();
        self.live[0].insert(slot, [Some(what.clone()), Some(what)]);
        let outputs = [(key.service.clone(), super::world::outputs(id))].into();
        let report = BuildReport {
            keys: vec![key.clone()],
            outcome: Outcome::Succeeded,
            outputs,
            revision: None,
            execution: None,
        };
        let told = self.in_peace(|world| {
            let mut op = Op::new(world.moment(0));
            let moment = op.moment.clone();
            let needed = |marks: &Marks| engine.ticket_keys(&ticket, &report.keys, marks);
            let ask = |marks: &Marks| Ok(engine.record(&ticket, &report, marks, &moment));
            world.tried(at, &Event::Record, &mut op, needed, ask)
        });
        if let (Tried::Told(told, _), true) = (told, x < 0.4 && self.fault.is_none()) {
            let refused = told.iter().any(|noted| matches!(noted.what, Done::Refused(Refusal::NotDecided(_))));
            assert!(refused, "{told:?} {artifact:?}");
        }
        Ok(())
    }

    /// A second source in the build of a first one, with the same keys: it is refused.
    fn second_source(&mut self, slot: Slot, of: u8) -> Result<(), String> {
        let mut b = Build::new(self, None, 0, vec![]);
        (b.verify, b.forced) = (false, false);
        let (engine, at, key) = (self.engine(&b.caller, &[slot.0], b.has), self.at(slot.0), self.key(slot));
        let asked = |of: u8| [Asked { key: key.clone(), forced: false, inputs: inputs(of) }];
        let op = Op::new(self.moment(0));
        let marks = self.read(at, &op, &|marks: &Marks| engine.keys([&key], marks));
        let first = engine.decide(&asked(b.content[slot.1]), &marks, &b.ticket, None, &op.moment);
        let first = first.map_err(|no| no.to_string())?;
        if !first.told.services[0].skips() {
            return Ok(());
        }
        let mut other = engine.clone();
        other.caller.source = "/other".to_owned();
        let ticket = first.ticket.as_ref().unwrap();
        let op = Op::new(self.moment(0));
        match other.decide(&asked(of), &marks, ticket, None, &op.moment) {
            Err(Refusal::OtherSource(..)) => self.seen.note("second sources refused"),
            Err(no) => return Err(no.to_string()),
            Ok(step) if step.told.services[0].skips() => self.skipped(slot, of, 0, None)?,
            Ok(_) => {}
        }
        Ok(())
    }
}
