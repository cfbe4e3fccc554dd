//! A scene with a planted fault.

use shipmark::base::key::Key;
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::deploy::{Promotion, begin, promote};
use shipmark::protocol::engine::mark::AttemptId;
use shipmark::protocol::engine::marks::Marks;
use shipmark::protocol::engine::noted::Noted;
use shipmark::protocol::engine::people::state_rm;
use shipmark::protocol::engine::policy::Asked;
use shipmark::protocol::engine::record::Outcome;
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::step::Step;
use shipmark::protocol::engine::ticket::Ticket;

use super::apply::tampered;
use super::fault::{Event, Fault};
use crate::engine::scene::{DEPLOY, Scene, asked, engine, key, report};
use crate::engine::store::Store;

/// A scene with a fault.
pub(super) struct Story {
    pub(super) scene: Scene,
    fault: Option<Fault>,
}

impl Story {
    /// `b` is deployed.
    pub(super) fn new(fault: Option<Fault>) -> Self {
        let mut scene = Scene::new();
        scene.store = Store::new(false);
        scene.deploy("b", 1);
        Self { scene, fault }
    }

    /// One call, with the marks of all services.
    pub(super) fn call<T>(
        &mut self,
        event: &Event,
        ask: impl Fn(&Marks) -> Result<Step<T>, Refusal>,
    ) -> Result<(T, Option<Ticket>), Refusal> {
        self.scene.now += 1;
        let step = tampered(self.fault, event, &self.scene.all(), &ask)?;
        Ok(self.scene.apply(step))
    }

    pub(super) fn decide(&mut self, engine: &Engine, service: &str, of: u8) -> Ticket {
        let (moment, ticket) = (self.scene.moment(), Ticket::new(engine.caller.build.id.as_deref()));
        let asked = [Asked { forced: true, ..asked(service, of) }];
        let event = Event::decide(engine.caller.home.clone(), Some(key("b").environment));
        let told = self.call(&event, |marks| engine.decide(&asked, marks, &ticket, None, &moment));
        told.unwrap().1.unwrap()
    }

    pub(super) fn record(&mut self, engine: &Engine, ticket: &Ticket, service: &str, outcome: Outcome) {
        let (moment, report) = (self.scene.moment(), report(&[service], outcome));
        let event = if outcome == Outcome::Failed { Event::Fail } else { Event::Record };
        self.call(&event, |marks| Ok(engine.record(ticket, &report, marks, &moment))).unwrap();
    }

    /// A build of the pipeline that deploys `b`.
    pub(super) fn deploy(&mut self, build: &str, of: u8) {
        let engine = engine(build, &["a", "b"]);
        let ticket = self.decide(&engine, "b", of);
        self.record(&engine, &ticket, "b", Outcome::Succeeded);
    }

    /// Stages what a build has decided of `b`.
    pub(super) fn stage(
        &mut self,
        build: &str,
        ticket: &mut Ticket,
        stage: Option<&str>,
    ) -> Result<(Key, AttemptId), Refusal> {
        let (engine, moment) = (engine(build, &["a", "b"]), self.scene.moment());
        if self.fault == Some(Fault::SameNameTwice) {
            ticket.entries.iter_mut().for_each(|entry| entry.candidates.clear());
        }
        let (before, report) = (ticket.clone(), report(&["b"], Outcome::Succeeded));
        let (told, after) = self.call(&Event::Stage, |marks| engine.stage(&before, &report, stage, marks, &moment))?;
        *ticket = after.unwrap();
        Ok(told.services[0].candidates[0].clone())
    }

    pub(super) fn staged(&mut self, build: &str, of: u8, stage: Option<&str>) -> (Key, AttemptId) {
        let mut ticket = self.decide(&engine(build, &["a", "b"]), "b", of);
        self.stage(build, &mut ticket, stage).unwrap()
    }

    pub(super) fn begin(&mut self, candidate: &(Key, AttemptId), job: &str) -> bool {
        let (targets, moment) = (self.scene.targets(std::slice::from_ref(candidate)), self.scene.moment());
        let lane = targets[0].candidate.as_ref().and_then(|stored| stored.candidate.lane.clone());
        let event = Event::Begin(lane.into_iter().map(|lane| (candidate.0.clone(), lane)).collect());
        let told = self.call(&event, |marks| Ok(begin(&targets, Some(job), marks, &moment))).unwrap().0;
        !told.iter().any(Noted::failed)
    }

    pub(super) fn promote(&mut self, candidate: &(Key, AttemptId), job: &str) {
        let (mut targets, moment) = (self.scene.targets(std::slice::from_ref(candidate)), self.scene.moment());
        if let (Some(Fault::SecondDelivery), Some(stored)) = (self.fault, &mut targets[0].candidate) {
            stored.candidate.promoted.clear();
        }
        let promotion = Promotion { job: Some(job.to_owned()), ..Promotion::default() };
        self.call(&Event::Promote, |marks| Ok(promote(&targets, &promotion, marks, &moment))).unwrap();
    }

    pub(super) fn remove(&mut self, event: &Event) {
        let moment = self.scene.moment();
        self.call(event, |marks| Ok(state_rm(&[key("b")], marks, &moment))).unwrap();
    }

    pub(super) fn skips(&mut self, of: u8) -> bool {
        let (engine, moment) = (engine("asks", &["a", "b"]), self.scene.moment());
        let ticket = Ticket::new(None);
        let event = Event::decide(engine.caller.home.clone(), Some(key("b").environment));
        let marks = self.scene.all();
        let step = tampered(self.fault, &event, &marks, &|marks: &Marks| {
            engine.decide(&[asked("b", of)], marks, &ticket, None, &moment)
        });
        step.unwrap().told.services[0].skips()
    }

    /// Longer than an abandoned action may act.
    pub(super) fn wait(&mut self) {
        self.scene.now += i64::try_from(DEPLOY).unwrap() + 60;
    }
}
