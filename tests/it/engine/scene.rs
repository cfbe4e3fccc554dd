//! Two services of one pipeline in one environment, for directed tests: `a`, whose deploy deploys `b` again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shipmark::base::fingerprint::{Content, Fingerprint};
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::protocol::engine::core::Engine;
use shipmark::protocol::engine::decide::Decided;
use shipmark::protocol::engine::deploy::Target;
use shipmark::protocol::engine::drafting::unread;
use shipmark::protocol::engine::inputs::CurrentInputs;
use shipmark::protocol::engine::mark::{AttemptId, Build, Finish, Home, Mark};
use shipmark::protocol::engine::marks::{Marks, Moment};
use shipmark::protocol::engine::noted::{Noted, What};
use shipmark::protocol::engine::policy::{Asked, Caller, EnvironmentPolicy, ServicePolicy};
use shipmark::protocol::engine::record::{BuildReport, Outcome};
use shipmark::protocol::engine::step::{Step, Unread};
use shipmark::protocol::engine::ticket::Ticket;

use super::store::Store;

/// Seconds that a build may live, and an abandoned action may act.
pub(super) const BUILD: u64 = 3600;
pub(super) const DEPLOY: u64 = 9 * 3600;

/// The store, and what time it is there.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) store: Store,
    pub(super) now: i64,
    calls: u64,
}

pub(super) fn key(service: &str) -> Key {
    Key {
        project: ProjectName::default(),
        environment: EnvironmentName::new("prod").unwrap(),
        service: ServiceName::new(service).unwrap(),
    }
}

/// The same in the environment whose deploys may be reused.
pub(super) fn elsewhere(service: &str) -> Key {
    Key { environment: EnvironmentName::new("stage").unwrap(), ..key(service) }
}

pub(super) fn engine(build: &str, services: &[&str]) -> Engine {
    let policy = |service: &&str| {
        let redeploys = if *service == "a" && services.contains(&"b") { vec![key("b").service] } else { vec![] };
        let policy = ServicePolicy { redeploys, build_timeout_seconds: BUILD, ..ServicePolicy::default() };
        (key(service).service, policy)
    };
    let environment = EnvironmentPolicy {
        services: services.iter().map(policy).collect(),
        deploy_timeout_seconds: DEPLOY,
        ..EnvironmentPolicy::default()
    };
    let home = Home { pipeline: Some("P".to_owned()), ..Home::default() };
    Engine {
        project: ProjectName::default(),
        environments: BTreeMap::from([(key("a").environment, environment)]),
        caller: Caller {
            home: Some(home),
            build: Build { id: Some(build.to_owned()), ..Build::default() },
            store: "store".to_owned(),
            source: "/src".to_owned(),
            ..Caller::default()
        },
    }
}

pub(super) fn asked(service: &str, of: u8) -> Asked {
    let content = Some(Content { fingerprint: Fingerprint([of; 32]), modes: None });
    let inputs = CurrentInputs { content, count: 1, selects: true, ..CurrentInputs::default() };
    Asked { key: key(service), forced: false, inputs }
}

pub(super) fn report(services: &[&str], outcome: Outcome) -> BuildReport {
    let keys = services.iter().map(|service| key(service)).collect();
    BuildReport { keys, outcome, outputs: BTreeMap::new(), revision: None, execution: None }
}

impl Scene {
    pub(super) fn new() -> Self {
        Self { store: Store::new(true), now: 0, calls: 0 }
    }

    pub(super) fn time(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_secs(self.now)
    }

    pub(super) fn moment(&mut self) -> Moment {
        self.calls += 1;
        Moment { at: self.time(), call: AttemptId::new(self.time(), self.calls) }
    }

    pub(super) fn read(&self, needed: impl Fn(&Marks) -> Unread) -> Marks {
        let mut marks = Marks::default();
        loop {
            let unread = needed(&marks);
            if unread.is_empty() {
                return marks;
            }
            for key in unread.keys {
                marks.put(key.clone(), self.store.read(&key, Some(self.time())));
            }
            for environment in unread.names {
                marks.put_names(environment.clone(), self.store.names(&environment));
            }
        }
    }

    /// The marks of all services, and that of `b` in the environment that may be reused.
    pub(super) fn all(&self) -> Marks {
        self.read(|marks| unread(&[key("a"), key("b"), key("c"), elsewhere("b")], marks))
    }

    pub(super) fn mark(&self, service: &str) -> &Mark {
        self.store.mark(&key(service)).unwrap()
    }

    /// Writes all of a step.
    pub(super) fn apply<T>(&mut self, step: Step<T>) -> (T, Option<Ticket>) {
        step.names.iter().filter(|names| !names.after).for_each(|names| self.store.write_names(names).unwrap());
        step.writes.iter().for_each(|write| self.store.write(write).unwrap());
        step.removals.iter().for_each(|removal| self.store.remove(removal).unwrap());
        step.names.iter().filter(|names| names.after).for_each(|names| self.store.write_names(names).unwrap());
        let ids = |mark: &Mark| mark.attempts.iter().map(|other| other.id.clone()).collect::<Vec<_>>();
        for write in &step.writes {
            let all = write.mark.as_ref().map(ids).unwrap_or_default();
            let named: Vec<&AttemptId> = all.iter().filter(|id| !id.is_nameless()).collect();
            assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len(), "no attempt is there twice: {all:?}");
        }
        (step.told, step.ticket)
    }

    pub(super) fn decide(&mut self, engine: &Engine, asked: &[Asked]) -> (Decided, Ticket) {
        let (moment, ticket) = (self.moment(), Ticket::new(engine.caller.build.id.as_deref()));
        let marks = self.read(|marks| engine.keys(asked.iter().map(|asked| &asked.key), marks));
        let (told, ticket) = self.apply(engine.decide(asked, &marks, &ticket, None, &moment).unwrap());
        (told, ticket.unwrap())
    }

    pub(super) fn record(
        &mut self,
        engine: &Engine,
        ticket: &Ticket,
        services: &[&str],
        outcome: Outcome,
    ) -> Vec<Noted> {
        let (moment, report) = (self.moment(), report(services, outcome));
        let marks = self.read(|marks| engine.ticket_keys(ticket, &report.keys, marks));
        self.apply(engine.record(ticket, &report, &marks, &moment)).0
    }

    /// Decides, deploys and records one service.
    pub(super) fn deploy(&mut self, service: &str, of: u8) -> Vec<Noted> {
        self.now += 60;
        let engine = engine(&format!("build{}", self.calls), &["a", "b"]);
        let (_, ticket) = self.decide(&engine, &[Asked { forced: true, ..asked(service, of) }]);
        self.now += 60;
        self.record(&engine, &ticket, &[service], Outcome::Succeeded)
    }

    /// Whether a build of the pipeline would skip a service.
    pub(super) fn skips(&mut self, service: &str, of: u8) -> bool {
        let engine = engine("asks", &["a", "b"]);
        let moment = self.moment();
        engine.plan(&[asked(service, of)], &self.all(), &moment).unwrap().services[0].skips()
    }

    pub(super) fn targets(&self, candidates: &[(Key, AttemptId)]) -> Vec<Target> {
        let target =
            |(key, id): &(Key, AttemptId)| Target { key: key.clone(), candidate: self.store.candidate(key, id) };
        candidates.iter().map(target).collect()
    }
}

/// Whether a record of a service was certain.
pub(super) fn certain(told: &[Noted], service: &str) -> bool {
    told.iter().any(|noted| noted.key == key(service) && noted.what == What::Recorded(Finish::Certain))
}
