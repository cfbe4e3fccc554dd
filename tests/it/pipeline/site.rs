//! Where all happens: the program with its state, the source of each build, and what is really deployed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::rc::Rc;

use serde_json::Value;

use super::deployed::Deployed;
use super::execution::Execution;
use super::history::{Content, History};
use super::storm::Storm;
use crate::support::{Build, Done, World, entry, run};

/// The output that names what was built, as an image's digest does.
const OUTPUT: &str = "ARTIFACT";

/// What a stack is given in the place of a service that was never deployed.
const PLACEHOLDER: &str = "placeholder";

/// The program and the truth.
pub(super) struct Site {
    pub(super) world: World,
    pub(super) history: History,
    pub(super) deployed: Deployed,
    /// The commit that each artifact was made of.
    artifacts: BTreeMap<String, usize>,
    /// All that was done.
    pub(super) trace: Vec<String>,
    /// What befalls the commands of pipelines.
    pub(super) storm: Option<Storm>,
}

/// The answer for one service.
pub(super) struct Verdict {
    pub(super) skip: bool,
    pub(super) reason: String,
    /// What a skip hands back.
    pub(super) content: Option<Rc<Content>>,
    /// What is handed over of the service that the deploy deploys again, if anything.
    pub(super) other: Option<Rc<Content>>,
}

impl Site {
    pub(super) fn new(history: History) -> Self {
        let world = World::new(&history.map, &[]);
        let deployed = Deployed::new(world.path("deployed"));
        Self { world, history, deployed, artifacts: BTreeMap::new(), trace: Vec::new(), storm: None }
    }

    /// Whether the last command of a pipeline was killed.
    pub(super) fn was_killed(&self) -> bool {
        self.storm.as_ref().is_some_and(|storm| storm.killed)
    }

    /// All go to the state by the same way.
    fn placed(&self, build: Build) -> Build {
        match &self.storm {
            Some(storm) => build.with("SHIPMARK_STATE", &storm.state(&self.world)),
            None => build,
        }
    }

    /// Runs a command of a pipeline.
    fn done(&mut self, command: Command, writes: bool) -> Done {
        match &mut self.storm {
            Some(storm) => storm.run(command, writes),
            None => run(command),
        }
    }

    pub(super) fn content(&self, service: &str, commit: usize) -> &Rc<Content> {
        &self.history.commits[commit].services[service]
    }

    /// The environment of an execution's build, in a container of its own with the source.
    fn build(&self, execution: &Execution, pipeline: &str) -> Build {
        let container = self.world.path(&format!("container-{}", execution.build));
        let source = container.join("source");
        if !container.exists() {
            let map = ("shipmark.toml".to_owned(), self.history.map.clone().into_bytes());
            for (path, bytes) in self.history.commits[execution.commit].files.iter().chain([(&map.0, &map.1)]) {
                let path = source.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
        self.placed(Build::new(&format!("build:{}", execution.build)))
            .pipeline(pipeline)
            .with("TMPDIR", container.to_str().unwrap())
            .with("CODEBUILD_SRC_DIR", source.to_str().unwrap())
            .with("CODEBUILD_RESOLVED_SOURCE_VERSION", &format!("commit-{}", execution.commit))
            .with("SHIPMARK_ENVIRONMENT", self.history.environment)
            .with("SHIPMARK_EXECUTION", &format!("execution-{}", execution.id))
    }

    /// Runs a command of a build.
    fn run(&mut self, execution: &Execution, pipeline: &str, failing: bool, args: &[&str]) -> Done {
        let build = self.build(execution, pipeline);
        let build = if failing { build.failing() } else { build };
        let mut command = self.world.command(&build);
        command.args(args);
        let done = self.done(command, !["output", "plan"].contains(&args[0]));
        let said = done.stderr.trim_end().replace('\n', "\n      ");
        self.trace.push(format!("{execution}: {} -> {}\n      {said}", args.join(" "), done.code));
        done
    }

    /// `decide` for these services, or what was put in its place.
    pub(super) fn decide(
        &mut self,
        execution: &Execution,
        pipeline: &str,
        word: &str,
        services: &[&'static str],
    ) -> BTreeMap<&'static str, Verdict> {
        let done = self.run(execution, pipeline, false, &[&[word, "--format", "json"], services].concat());
        if self.was_killed() {
            return BTreeMap::new();
        }
        let answer = done.json();
        self.artifacts.insert(format!("artifact-{}", execution.build), execution.commit);
        services.iter().map(|service| (*service, self.verdict(&answer, service))).collect()
    }

    /// What `output` says is deployed of a service. Of one that was never deployed a placeholder.
    pub(super) fn ask(&mut self, execution: &Execution, pipeline: &str, service: &'static str) -> Rc<Content> {
        let done = self.run(execution, pipeline, false, &["output", service, OUTPUT, "--default", PLACEHOLDER]);
        assert_eq!(done.code, 0, "{done:?}");
        let placeholder = || Content::from([(PLACEHOLDER.to_owned(), Vec::new())]);
        let commit = self.artifacts.get(done.stdout.trim_end());
        commit.map_or_else(|| Rc::new(placeholder()), |commit| Rc::clone(self.content(service, *commit)))
    }

    fn verdict(&self, answer: &Value, service: &'static str) -> Verdict {
        let entry = entry(answer, service);
        Verdict {
            skip: entry["skip"].as_bool().unwrap(),
            reason: entry["reason"].as_str().unwrap().to_owned(),
            content: self.artifact(&entry["outputs"]).map(|commit| Rc::clone(self.content(service, commit))),
            other: self.history.redeploys.get(service).and_then(|other| {
                let commit = self.artifact(&entry["redeploys"][other])?;
                Some(Rc::clone(self.content(other, commit)))
            }),
        }
    }

    /// The commit that the recorded output was made of.
    fn artifact(&self, outputs: &Value) -> Option<usize> {
        Some(self.artifacts[outputs[OUTPUT].as_str()?])
    }

    /// `record` or `stage` for these services.
    pub(super) fn record(&mut self, by: &Execution, pipeline: &str, how: (&str, bool), services: &[&str]) -> Done {
        let (command, failing) = how;
        let outputs = services.iter().map(|service| format!("--output={service}:{OUTPUT}=artifact-{}", by.build));
        let outputs: Vec<String> = outputs.collect();
        let args: Vec<&str> =
            [command].into_iter().chain(services.iter().copied()).chain(outputs.iter().map(String::as_str)).collect();
        self.run(by, pipeline, failing, &args)
    }

    /// `begin` or `promote`, without source and map.
    pub(super) fn act(&mut self, execution: &Execution, action: &[&str]) -> Done {
        let candidate = execution.candidate.as_deref().expect("a build that staged");
        let build = self.placed(Build::default());
        let command = self.world.action_command(&build, &[action, &["--candidate", candidate]].concat());
        let done = self.done(command, true);
        let action = action.join(" ");
        let said = done.stderr.trim_end().replace('\n', "\n      ");
        self.trace.push(format!("{execution}: {action} -> {}\n      {said}", done.code));
        done
    }

    /// `taint` outside of any build. It is refused where there is no mark, and then nothing can be skipped.
    pub(super) fn taint(&mut self, service: &str, ended: bool) {
        let person = self.placed(Build::default()).with("SHIPMARK_ENVIRONMENT", self.history.environment);
        let flag = if ended { &["--nothing-running"][..] } else { &[] };
        let done = self.world.run_in(&person, ["taint", service, "--reason", "a test"].iter().chain(flag));
        assert!(done.code == 0 || done.code == 1 && done.stderr.contains("has no mark"), "{done:?}");
        self.trace.push(format!("a person: taint {service} {}", flag.concat()));
    }

    /// The commit whose content `status` says is deployed of each service, where it names no doubt.
    pub(super) fn settled(&self) -> BTreeMap<&'static str, usize> {
        let person = self.placed(Build::default()).with("SHIPMARK_ENVIRONMENT", self.history.environment);
        let answer = self.world.run_in(&person, ["status", "--json"]).json();
        let settled = |service: &&'static str| {
            let entry = entry(&answer, service);
            let quiet = entry["state"] == "deployed" && entry["attempts"].as_array().unwrap().is_empty();
            quiet.then(|| (*service, self.artifact(&entry["outputs"]).expect("it is recorded")))
        };
        self.history.services.iter().filter_map(settled).collect()
    }
}
