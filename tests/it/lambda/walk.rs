//! The published pipelines, simulated whole on the function: executions take turns, fail, are retried, superseded and rolled back, and are
//! stopped while their builds go on; a fleet has two parents; events come twice, and answers are lost. A condition on a variable that is
//! missing skips, which is the worst reading.
//!
//! What is live is known to the simulation alone, and never to the program:
//!
//! - where a decision skips a service, the bytes of that execution are live, and nobody may yet deploy others;
//! - where an execution comes to its end, its bytes are live, or those of one that was decided after it.

mod mishaps;
mod truth;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rig::State;
use super::template::{Spaces, Stage, pipelines, resolved, variable};
use super::{PLENTY, Site};

const SERVICES: [&str; 3] = ["api", "worker", "web"];

/// An execution.
#[derive(Debug, Clone)]
struct Execution {
    id: usize,
    pipeline: String,
    key: String,
    source: BTreeMap<&'static str, String>,
    spaces: Spaces,
    stage: usize,
    action: usize,
    failed: bool,
    /// The services that it may yet deploy, or has deployed: decided, and not skipped.
    builds: Vec<&'static str>,
    /// A rollback runs this stage alone, with what the execution had that it goes back to.
    only: Option<usize>,
    /// Its `begin` was refused for good, or must be: another execution has come before it.
    refused: bool,
}

/// What has happened.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) skipped: usize,
    pub(super) ended: usize,
    pub(super) failed: usize,
    pub(super) retried: usize,
    pub(super) abandoned: usize,
    pub(super) twice: usize,
    pub(super) rolled_back: usize,
    pub(super) superseded: usize,
}

pub(super) struct Walk {
    site: Site,
    pipelines: BTreeMap<String, Vec<Stage>>,
    /// The pipeline that a push starts.
    entry: String,
    /// The same of another parent of the same fleet, if it has two.
    other_entry: Option<String>,
    /// What stages have deployed: the executions as they came to them, the newest last.
    passed: Vec<Execution>,
    /// Whether a newer execution supersedes one that waits for the same stage.
    superseding: bool,
    rng: fastrand::Rng,
    executions: Vec<Execution>,
    /// What is live, and which execution's source it is.
    live: BTreeMap<&'static str, (String, usize)>,
    sources: BTreeMap<String, BTreeMap<&'static str, String>>,
    /// Builds that go on although their executions were stopped: what they will deploy.
    abandoned: Vec<(&'static str, String, usize)>,
    started: usize,
    next: usize,
    /// Events that may come again.
    events: Vec<(String, Value)>,
    calm: bool,
    /// The fault of builds that fail and say that they have succeeded.
    pub(super) unseen: bool,
    /// The fault of rollbacks of which nobody tells.
    pub(super) untold: bool,
    pub(super) counts: Counts,
}

impl Walk {
    pub(super) fn new(template: &str, entry: &str, seed: u64) -> Self {
        let tables = SERVICES.map(|service| format!("[services.{service}]\ninclude = [\"{service}/**\"]\n"));
        let site = Site::with(&format!("project = \"default\"\n{}", tables.concat()));
        let walk = Self {
            site,
            pipelines: pipelines(template),
            entry: entry.to_owned(),
            other_entry: None,
            passed: Vec::new(),
            superseding: seed % 3 == 2,
            rng: fastrand::Rng::with_seed(seed),
            executions: Vec::new(),
            live: BTreeMap::new(),
            sources: BTreeMap::new(),
            abandoned: Vec::new(),
            started: 0,
            next: 0,
            events: Vec::new(),
            calm: false,
            unseen: false,
            untold: false,
            counts: Counts::default(),
        };
        SERVICES.iter().for_each(|service| walk.site.world.write(&format!("{service}/x"), "0"));
        if entry == "shop" { walk.with_two_parents() } else { walk }
    }

    /// Changes the pipelines: for a fault that is to be caught.
    pub(super) fn edit(&mut self, edit: impl Fn(&mut Stage)) {
        self.pipelines.values_mut().flatten().for_each(edit);
    }

    /// Some steps by chance, then all that still runs comes to its end, and a person says so. An execution without mishaps then builds, and the
    /// one after it nothing.
    pub(super) fn go(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step();
        }
        self.rest();
        // What was stopped after it had begun is open for as long as `deploy_timeout`, and no time passes here.
        for service in SERVICES {
            let taint = ["taint", service, "--nothing-running", "--reason", "at rest", "--environment", "prod"];
            let done = self.site.world.run(taint);
            assert!(
                done.code == 0 || done.stderr.contains("no mark") || done.stderr.contains("nothing to taint"),
                "{done:?}"
            );
        }
        self.calm = true;
        self.push(false);
        self.rest();
        let skipped = self.counts.skipped;
        self.push(false);
        self.rest();
        let decided = if self.entry == "shop-all" || self.entry == "shop" { SERVICES.len() } else { 1 };
        assert_eq!(self.counts.skipped - skipped, decided, "what has come to rest is skipped: {}", self.site.log());
    }

    /// One execution without mishaps stops at its last stage, which says this.
    pub(super) fn fails_at_its_end(&mut self, says: &str) {
        self.calm = true;
        self.push(false);
        while !self.executions[0].failed {
            self.advance();
        }
        let stage = &self.pipelines[&self.executions[0].pipeline][self.executions[0].stage];
        assert_eq!(stage.name, "Confirm");
        assert!(self.site.log().contains(says), "{}", self.site.log());
    }

    /// A push of one execution and all that follows from it.
    pub(super) fn push(&mut self, change: bool) {
        if change {
            let service = SERVICES[self.rng.usize(..SERVICES.len())];
            let text = self.rng.u8(0..3).to_string();
            self.site.world.write(&format!("{service}/x"), &text);
        }
        let key = self.site.pack();
        let read = |service| std::fs::read_to_string(self.site.world.source().join(service).join("x")).unwrap();
        let source: BTreeMap<_, _> = SERVICES.iter().map(|service| (*service, read(*service))).collect();
        self.sources.insert(key.clone(), source);
        let other = self.other_entry.clone().filter(|_| !self.calm && self.rng.bool());
        self.begin(other.unwrap_or_else(|| self.entry.clone()), &key, &json!({}));
    }

    fn begin(&mut self, pipeline: String, key: &str, variables: &Value) {
        self.next += 1;
        let spaces = [
            ("codepipeline", json!({ "PipelineExecutionId": format!("e-{}", self.next) })),
            ("SourceVariables", json!({ "CommitId": key })),
            ("variables", variables.clone()),
        ];
        self.executions.push(Execution {
            id: self.next,
            pipeline,
            key: key.to_owned(),
            source: self.sources[key].clone(),
            spaces: spaces.map(|(name, value)| (name.to_owned(), value)).into(),
            stage: 0,
            action: 0,
            failed: false,
            builds: Vec::new(),
            only: None,
            refused: false,
        });
    }

    fn step(&mut self) {
        match self.rng.u8(..100) {
            0..=11 if self.executions.len() < 6 => self.push(true),
            12..=15 => self.stop(),
            26..=30 => self.roll_back(),
            16..=19 if !self.abandoned.is_empty() => {
                let (service, content, _) = self.abandoned.remove(0);
                // Nobody can keep it from deploying after those that came later.
                self.next += 1;
                self.live.insert(service, (content, self.next));
            }
            20..=25 if !self.events.is_empty() => {
                let (id, event) = self.events[self.rng.usize(..self.events.len())].clone();
                self.counts.twice += 1;
                self.site.rig.send("again", &event, PLENTY);
                assert!(self.site.rig.result("again").is_ok(), "a late delivery of {id}: {}", self.site.log());
            }
            _ => self.advance(),
        }
    }

    /// One execution goes one action further, if the stage that it comes to is free.
    fn advance(&mut self) {
        self.supersede();
        let ready: Vec<usize> = (0..self.executions.len()).filter(|at| self.may_go(*at)).collect();
        let Some(&at) = ready.get(self.rng.usize(..ready.len().max(1))) else { return };
        let at = self.enter(at);
        let mut execution = self.executions[at].clone();
        if execution.failed {
            execution.failed = false;
            self.counts.retried += 1;
            // The failed actions, or all of the stage.
            if self.rng.bool() {
                execution.action = 0;
            }
        }
        let stages = self.pipelines[&execution.pipeline].clone();
        let stage = &stages[execution.stage];
        let skips =
            |variable_name: &String| variable(&execution.spaces, variable_name).is_none_or(|value| value == "true");
        if execution.action == 0 && stage.condition.as_ref().is_some_and(skips) {
            execution.stage += 1;
        } else if self.act(&mut execution, stage) {
            execution.action += 1;
            self.note(&mut execution);
            if execution.action == stage.actions.len() {
                (execution.stage, execution.action) = (execution.stage + 1, 0);
            }
        } else {
            execution.failed = true;
            self.counts.failed += 1;
        }
        if execution.only.is_some_and(|only| only != execution.stage) {
            self.executions.remove(at);
        } else if execution.stage == stages.len() {
            self.executions.remove(at);
            self.ended(&execution);
        } else {
            self.executions[at] = execution;
        }
    }

    /// Whether the stage is free that it comes to, and nobody of its pipeline waits for it longer. What has failed holds its stage until
    /// it is retried, or another one comes.
    fn may_go(&self, at: usize) -> bool {
        let me = &self.executions[at];
        let before = self.executions[..at].iter().filter(|other| other.pipeline == me.pipeline);
        before.into_iter().all(|other| {
            let gives_way = other.failed && me.action == 0;
            other.stage > me.stage || gives_way || other.only.is_some_and(|only| only > me.stage)
        }) && !self.is_taken(me)
    }

    /// Does one action; whether it succeeds.
    fn act(&mut self, execution: &mut Execution, stage: &Stage) -> bool {
        let action = &stage.actions[execution.action];
        let Some(parameters) = resolved(&action.parameters, &execution.spaces) else { return false };
        let outcome = match action.provider.as_str() {
            "Lambda" => self.invoke(execution, &parameters, action.source),
            "CodeBuild" => self.build(execution, &parameters),
            _ => Some(json!({})),
        };
        let Some(variables) = outcome else { return false };
        if let Some(space) = &action.namespace {
            execution.spaces.entry(space.clone()).or_insert_with(|| json!({}));
            if action.provider != "CodeStarSourceConnection" {
                execution.spaces.insert(space.clone(), variables);
            }
        }
        true
    }

    fn invoke(&mut self, execution: &mut Execution, parameters: &str, source: bool) -> Option<Value> {
        let keys = [execution.key.as_str()];
        let (id, event) = self.site.job(parameters, if source { &keys } else { &[] });
        if !self.calm && self.rng.u8(..10) == 0 {
            self.site.rig.inside().cut.insert("PutJobSuccessResult", 1);
        }
        let told = self.site.rig.deliver(&id, &event);
        assert!(told.last().is_some_and(Result::is_ok), "{told:?}");
        self.events.push((id.clone(), event));
        if !self.calm && self.rng.u8(..8) == 0 {
            self.counts.twice += 1;
            self.site.rig.send("twin", &self.events[self.events.len() - 1].1.clone(), PLENTY);
            assert!(self.site.rig.result("twin").is_ok());
        }
        let variables = match self.site.state(&id) {
            State::Succeeded(variables) => variables,
            State::Failed { message, .. } => {
                execution.refused |= message.contains("must not be deployed");
                return None;
            }
            State::Open => return None,
        };
        let request: Value = serde_json::from_str(parameters).unwrap();
        match request["do"].as_str().unwrap() {
            "decide" => self.decided(execution, &variables),
            "start" => self.start(),
            "begin" => assert!(!execution.refused, "what was refused has begun: {}", self.site.log()),
            _ => {}
        }
        Some(variables)
    }

    /// The pipelines that the function has started.
    fn start(&mut self) {
        let started: Vec<Value> = self.site.rig.inside().started[self.started..].to_vec();
        self.started += started.len();
        for execution in started {
            let key = execution["sourceRevisions"][0]["revisionValue"].as_str().unwrap().to_owned();
            let variables = execution["variables"].as_array().unwrap().iter();
            let variables: serde_json::Map<_, _> =
                variables.map(|one| (one["name"].as_str().unwrap().to_owned(), one["value"].clone())).collect();
            let service = SERVICES.into_iter().find(|service| variables["SERVICE"] == *service).unwrap();
            self.begin(execution["name"].as_str().unwrap().to_owned(), &key, &Value::Object(variables));
            self.executions.last_mut().unwrap().builds.push(service);
        }
    }

    /// Nothing new comes, and all that runs comes to its end; what fails for good is stopped.
    fn rest(&mut self) {
        for _ in 0..400 {
            if self.executions.is_empty() {
                break;
            }
            if self.executions.iter().all(|execution| execution.failed) {
                self.executions.clear();
            }
            self.advance();
        }
        assert!(self.executions.is_empty(), "{:?}", self.executions);
        for (service, content, id) in std::mem::take(&mut self.abandoned) {
            self.live.insert(service, (content, id));
        }
    }
}
