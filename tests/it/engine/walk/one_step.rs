//! Builds that deploy themselves and record.

use shipmark::base::key::Key;
use shipmark::protocol::engine::mark::Home;
use shipmark::protocol::engine::marks::Marks;
use shipmark::protocol::engine::noted::{Noted, What as Done};
use shipmark::protocol::engine::record::{BuildReport, Outcome};
use shipmark::protocol::engine::ticket::Ticket;

use super::apply::{Op, Tried};
use super::build::{Build, Call, Phase, gone};
use super::fault::{Event, Fault};
use super::traced::About;
use super::world::{Plan, Slot, World, outputs};

impl World {
    /// The calls of `decide` of a build: one for each store, else one for all environments.
    pub(super) fn calls(&mut self, envs: &[usize], services: &[usize]) -> Vec<Call> {
        let groups: Vec<Vec<usize>> =
            if self.apart { envs.iter().map(|env| vec![*env]).collect() } else { vec![envs.to_vec()] };
        groups.into_iter().map(|envs| Call::new(Op::new(self.moment(0)), envs, services.to_vec(), None)).collect()
    }

    pub(super) fn start_build(&mut self, forced: bool) -> Result<Option<Build>, String> {
        self.seen.note("one-step builds");
        let pipe = self.luck.of(&[Some("H"), Some("H"), Some("P"), None]).filter(|name| *name != "H");
        let repo = usize::from(self.collide && self.luck.hits(0.5));
        let mut services = self.luck.of(&[vec![0], vec![1], vec![0, 1], vec![0, 1]]);
        services.retain(|of| *of == 0 || self.has_b);
        if services.is_empty() {
            return Ok(None);
        }
        let both = self.envs.len() == 1 || self.luck.hits(if self.reuse { 0.3 } else { 0.7 });
        let envs = if both { self.envs.clone() } else { vec![self.luck.of(&self.envs)] };
        let calls = self.calls(&envs, &services);
        let mut b = Build::new(self, pipe, repo, calls);
        b.forced |= forced;
        for n in 0..b.calls.len() {
            b.calls[n].op = Op::new(self.moment(b.skew));
        }
        self.look(&mut b)?;
        Ok(Some(b))
    }

    /// A step of a one-step build. False when it is over.
    pub(super) fn step_one(&mut self, b: &mut Build) -> Result<bool, String> {
        if let Phase::Deciding = b.phase {
            if !self.commit(b)? {
                return Ok(false);
            }
            if b.at == b.calls.len() {
                b.plan = self.plan_of(b);
                let mut halves: Vec<(Slot, usize)> = b.plan.keys().flat_map(|slot| [(*slot, 0), (*slot, 1)]).collect();
                self.luck.shuffle(&mut halves);
                b.phase = Phase::Building(halves);
                if b.unannounced() && !b.plan.is_empty() {
                    self.blind(b);
                    return Ok(false);
                }
            }
            return Ok(!(b.at == b.calls.len() && b.plan.is_empty()));
        }
        if self.luck.hits(self.p.kill) {
            self.seen.note("kills");
            return Ok(false);
        }
        let building = matches!(b.phase, Phase::Building(_));
        if building && self.luck.hits(self.p.fail) {
            self.seen.note("failed builds");
            let starts = !self.luck.hits(0.3);
            if self.fault == Some(Fault::Withdraw) && !starts {
                self.withdraw(b)
            } else {
                self.fail(b)
            }
            return Ok(false);
        }
        if building && self.luck.hits(self.p.again) {
            self.decide_again(b)?;
        }
        match std::mem::replace(&mut b.phase, Phase::Deciding) {
            Phase::Building(mut todo) => {
                if let Some((slot, half)) = todo.pop() {
                    let what = b.plan[&slot].clone();
                    self.live[b.repo].entry(slot).or_default()[half] = Some(what);
                    b.phase = Phase::Building(todo);
                    return Ok(true);
                }
                if self.luck.hits(self.p.lost_ticket) {
                    self.lose_ticket(b);
                    return Ok(false);
                }
                b.phase = Phase::Recording(0, Op::new(self.moment(b.skew)));
                Ok(true)
            }
            Phase::Recording(call, op) => Ok(self.record(b, call, op)),
            Phase::Deciding | Phase::Refused | Phase::Staging(..) => unreachable!("a one-step build"),
        }
    }

    /// What a one-step build will deploy: what it builds, what that deploys again, and what it removes.
    fn plan_of(&self, b: &Build) -> Plan {
        let built: Vec<Slot> = b.told.keys().copied().filter(|slot| b.builds(*slot)).collect();
        let mut plan = Plan::new();
        for slot in &built {
            let other = (slot.0, 1 - slot.1);
            if self.redeploys[slot.1] && b.has[other.1] && !built.contains(&other) {
                plan.insert(other, b.pinned(other));
            }
            plan.extend(b.gone.iter().filter(|gone| gone.0 == slot.0).map(|slot| (*slot, gone())));
        }
        plan.extend(built.into_iter().map(|slot| (slot, b.makes(slot))));
        plan
    }

    /// Decided while the store could not be written: outside of the promise until it is recorded, so it is done in one go.
    fn blind(&mut self, b: &mut Build) {
        self.seen.note("built while unwritable");
        for (slot, what) in &b.plan {
            self.live[b.repo].insert(*slot, [Some(what.clone()), Some(what.clone())]);
        }
        self.in_peace(|world| {
            for call in 0..b.calls.len() {
                let op = Op::new(world.moment(b.skew));
                world.record(b, call, op);
            }
        });
    }

    /// Without anything that can go wrong with the store.
    pub(super) fn in_peace<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let (write, conflict, read) = (self.p.write, self.p.conflict, self.p.read);
        (self.p.write, self.p.conflict, self.p.read) = (0.0, 0.0, 0.0);
        let result = act(self);
        (self.p.write, self.p.conflict, self.p.read) = (write, conflict, read);
        result
    }

    fn report(&self, b: &Build, call: usize, outcome: Outcome) -> BuildReport {
        BuildReport { keys: b.keys(self, call), outcome, outputs: b.outputs(), revision: None, execution: None }
    }

    /// Records what a call has decided. False when all is recorded, or nothing more is.
    fn record(&mut self, b: &mut Build, call: usize, mut op: Op) -> bool {
        let engine = self.engine(&b.caller, &b.calls[call].envs, b.has);
        let report = self.report(b, call, Outcome::Succeeded);
        let ticket = b.ticket.clone();
        let needed = |marks: &Marks| engine.ticket_keys(&ticket, &report.keys, marks);
        let moment = op.moment.clone();
        let ask = |marks: &Marks| Ok(engine.record(&ticket, &report, marks, &moment));
        let at = self.at(b.calls[call].envs[0]);
        match self.tried(at, &Event::Record, &mut op, needed, ask) {
            Tried::Told(told, ticket) => {
                assert!(told.iter().all(|noted| !matches!(noted.what, Done::Refused(_))), "{told:?}");
                b.ticket = ticket.unwrap();
                self.plant_in_orphans(b);
                if told.iter().any(Noted::failed) {
                    return false;
                }
                if call + 1 < b.calls.len() {
                    b.phase = Phase::Recording(call + 1, Op::new(self.moment(b.skew)));
                    return true;
                }
                self.seen.note("records");
                false
            }
            Tried::Again => {
                b.phase = Phase::Recording(call, op);
                true
            }
            Tried::Died => false,
            Tried::No(refusal) => panic!("{refusal}"),
        }
    }

    /// The build fails, and tells it.
    pub(super) fn fail(&mut self, b: &mut Build) {
        for call in 0..b.calls.len() {
            let engine = self.engine(&b.caller, &b.calls[call].envs, b.has);
            let report = self.report(b, call, Outcome::Failed);
            let ticket = b.ticket.clone();
            let entries = report.keys.iter().filter_map(|key| ticket.entry(&engine.caller.store, key));
            let entries = entries.filter(|entry| !entry.skips() && entry.closed.is_none());
            let failed = entries.flat_map(|entry| {
                let pins = entry.pins.iter().map(|pin| (entry.key_of(&pin.service), pin.attempt.clone()));
                pins.chain([(entry.key.clone(), entry.attempt.clone())])
            });
            let mut op = Op::new(self.moment(b.skew)).about(About::Fails(failed.collect()));
            let moment = op.moment.clone();
            let at = self.at(b.calls[call].envs[0]);
            for _ in 0..3 {
                let needed = |marks: &Marks| engine.ticket_keys(&ticket, &report.keys, marks);
                let ask = |marks: &Marks| Ok(engine.record(&ticket, &report, marks, &moment));
                match self.tried(at, &Event::Fail, &mut op, needed, ask) {
                    Tried::Again => {}
                    _ => break,
                }
            }
        }
    }

    /// A planted fault: the attempts of the build are taken back.
    fn withdraw(&mut self, b: &Build) {
        for entry in b.ticket.entries.iter() {
            let pins = entry.pins.iter().map(|pin| (entry.key_of(&pin.service), pin.attempt.clone()));
            for (key, id) in pins.chain([(entry.key.clone(), entry.attempt.clone())]) {
                let at = usize::from(entry.store == "store1");
                self.stores[at].force(&key, |mark| {
                    mark.serial += 1;
                    mark.attempts.retain(|other| other.id != id);
                });
            }
        }
    }

    /// `decide` is run once more in the same build, which has written into its source: what it decided stands.
    fn decide_again(&mut self, b: &mut Build) -> Result<(), String> {
        self.seen.note("decided twice in a build");
        let contents = self.luck.of(&[[0, 1], [1, 2], [2, 0]]);
        if self.fault == Some(Fault::StrikeOwn) {
            self.strike_own(b, contents);
            return Ok(());
        }
        let call = &b.calls[0];
        let (engine, at) = (self.engine(&b.caller, &call.envs, b.has), self.at(call.envs[0]));
        let asked: Vec<_> = call.slots().into_iter().filter(|slot| b.builds(*slot)).collect();
        let asked: Vec<_> = asked
            .iter()
            .map(|slot| shipmark::protocol::engine::policy::Asked {
                key: self.key(*slot),
                forced: false,
                inputs: super::world::inputs(contents[slot.1]),
            })
            .collect();
        let mut op = Op::new(self.moment(b.skew)).about(About::Decides(b.has));
        let (moment, ticket) = (op.moment.clone(), b.ticket.clone());
        let needed = |marks: &Marks| engine.keys(asked.iter().map(|asked| &asked.key), marks);
        let ask = |marks: &Marks| engine.decide(&asked, marks, &ticket, None, &moment);
        let event = Event::decide(b.caller.home.clone(), None);
        if let Tried::Told(told, Some(ticket)) = self.tried(at, &event, &mut op, needed, ask) {
            if told.services.iter().any(|one| one.skips()) {
                return Err("a build that was decided skips".to_owned());
            }
            for entry in ticket.entries.iter() {
                let before = b.ticket.entry(&entry.store, &entry.key).map(|entry| &entry.inputs);
                assert_eq!(before, Some(&entry.inputs), "what was decided stands");
            }
            b.ticket = ticket;
        }
        Ok(())
    }

    /// The ticket is lost: `record` is refused, and leaves doubt (R9).
    fn lose_ticket(&mut self, b: &Build) {
        self.seen.note("lost tickets");
        for call in 0..b.calls.len() {
            let engine = self.engine(&b.caller, &b.calls[call].envs, b.has);
            let mut report = self.report(b, call, Outcome::Succeeded);
            let built = b.calls[call].slots().into_iter().filter(|slot| b.builds(*slot));
            let built: Vec<Slot> = built.collect();
            report.keys = built.iter().map(|slot| self.key(*slot)).collect();
            let at = self.at(b.calls[call].envs[0]);
            if self.fault == Some(Fault::NoTicketFine) {
                for slot in built {
                    let (key, what) = (self.key(slot), b.makes(slot));
                    self.adopt(at, &key, what.content, what.image, b.caller.home.clone());
                }
                for slot in b.plan.keys() {
                    let key = self.key(*slot);
                    self.stores[at].force(&key, |mark| mark.attempts.clear());
                }
                continue;
            }
            let ticket = Ticket::new(b.caller.build.id.as_deref());
            let mut op = Op::new(self.moment(b.skew));
            let moment = op.moment.clone();
            let needed = |marks: &Marks| engine.ticket_keys(&ticket, &report.keys, marks);
            let ask = |marks: &Marks| Ok(engine.record(&ticket, &report, marks, &moment));
            let told = self.tried(at, &Event::Doubt, &mut op, needed, ask);
            if let Tried::Told(told, _) = told {
                assert!(told.is_empty() || told.iter().any(Noted::failed), "a record without a ticket is refused");
            }
        }
    }

    /// Somebody records what is deployed.
    pub(super) fn adopt(&mut self, at: usize, key: &Key, of: u8, image: u32, home: Option<Home>) {
        let caller = self.caller(0, home.clone());
        let engine = self.engine(&caller, &self.envs.clone()[..1], [true, true]);
        let mut op = Op::new(self.moment(0));
        let moment = op.moment.clone();
        let mut release = super::world::inputs(of).release(None, &caller.build);
        release.outputs = outputs(image);
        let needed = |marks: &Marks| shipmark::protocol::engine::drafting::unread([key], marks);
        let ask = |marks: &Marks| Ok(engine.adopt(key, release.clone(), home.clone(), marks, &moment));
        let _: Tried<_> = self.tried(at, &Event::Other, &mut op, needed, ask);
    }

    /// Many builds at once, most of which come to nothing: lists fill up.
    pub(super) fn burst(&mut self) -> Result<(), String> {
        self.seen.note("bursts");
        for _ in 0..40 {
            let Some(mut b) = self.start_build(true)? else { continue };
            let decided = self.commit(&mut b)? && b.at == b.calls.len();
            if decided && self.luck.hits(0.3) {
                self.fail(&mut b);
            } else if decided && self.one.len() < 12 && self.luck.hits(0.2) {
                b.phase = Phase::Deciding;
                b.plan = self.plan_of(&b);
                let halves = b.plan.keys().flat_map(|slot| [(*slot, 0), (*slot, 1)]).collect();
                b.phase = Phase::Building(halves);
                if b.unannounced() {
                    self.blind(&mut b);
                } else {
                    self.one.push(b);
                }
            }
        }
        let most = self.slots().into_iter().map(|slot| self.attempts(slot).len()).max();
        let full = most >= Some(shipmark::protocol::engine::mark::MOST_ATTEMPTS - 1);
        self.seen.note(if full { "full lists" } else { "long lists" });
        Ok(())
    }
}
