//! A pipeline of two stages, as far as CodePipeline's documentation describes one: what an execution carries from the build to the
//! deploy, and the conditions and actions of the deploy stage.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::MAIN;
use crate::buildspecs::docker_ecr::{TRUTH, swift};
use crate::buildspecs::{Site, example};
use crate::codebuild::{Ended, Shell};

/// A site with two stages.
pub(super) struct Pipeline {
    pub(super) site: Site,
    build: String,
}

/// What an execution has when its build has succeeded: it is the same whenever its deploy stage runs.
pub(super) struct Execution {
    pub(super) exported: BTreeMap<String, String>,
    artifact: PathBuf,
}

/// How a deploy stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Deployed,
    Failed,
    /// By its condition.
    Skipped,
}

impl Execution {
    /// The template of the artifact.
    pub(super) fn template(&self) -> String {
        fs::read_to_string(self.artifact.join("template.yaml")).unwrap()
    }
}

impl Pipeline {
    pub(super) fn new(shell: Shell) -> Self {
        let site = swift(shell);
        site.world.write("Server/AWS/placeholder.yaml", &example("two-step/placeholder.yaml"));
        Self { site, build: example("two-step/build.yml") }
    }

    /// The buildspec of the build stage, edited; the edit must find its place.
    pub(super) fn edited(&self, from: &str, to: &str) -> String {
        assert!(self.build.contains(from), "`{from}` is not in two-step/build.yml");
        self.build.replace(from, to)
    }

    /// The same pipeline with another build.
    pub(super) fn with_build(self, spec: &str) -> Self {
        Self { build: spec.to_owned(), ..self }
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        self.site.world.write(path, text);
    }

    /// The build stage, however it ends.
    pub(super) fn build(&self) -> Ended {
        self.site.build(&self.build)
    }

    /// A build stage that succeeds.
    pub(super) fn builds(&self) -> Execution {
        let ended = self.build();
        assert!(ended.succeeded, "{}", ended.log);
        let artifact = self.site.world.path("artifacts").join(self.site.number().to_string());
        fs::create_dir_all(&artifact).unwrap();
        for (path, bytes) in &ended.artifacts[""] {
            fs::write(artifact.join(path), bytes).unwrap();
        }
        Execution { exported: ended.exported, artifact }
    }

    /// The deploy stage: its condition, then its actions.
    pub(super) fn enter(&self, execution: &Execution) -> Stage {
        if execution.exported["BUILD_SKIPPED"] == "true" { Stage::Skipped } else { self.enter_anyway(execution) }
    }

    /// The actions of the deploy stage, of which each waits for the one before.
    pub(super) fn enter_anyway(&self, execution: &Execution) -> Stage {
        let done = self.begins_and_deploys(execution) && self.act("promote", execution);
        if done { Stage::Deployed } else { Stage::Failed }
    }

    /// All actions of the deploy stage but the last.
    pub(super) fn begins_and_deploys(&self, execution: &Execution) -> bool {
        self.act("begin", execution) && self.deploy(execution)
    }

    /// What a person does when the deploy action has failed: the command of `promote.yml`, with `--failed`.
    pub(super) fn tells_failure(&self, execution: &Execution) -> bool {
        self.act_with("promote", "shipmark promote --failed", execution)
    }

    /// `begin.yml` or `promote.yml`. Neither source nor map nor state: what they need is in the value.
    fn act(&self, action: &str, execution: &Execution) -> bool {
        self.act_with(action, &format!("shipmark {action}"), execution)
    }

    fn act_with(&self, action: &str, command: &str, execution: &Execution) -> bool {
        let candidate = execution.exported["SHIPMARK_CANDIDATE"].as_str();
        let spec = example(&format!("two-step/{action}.yml"));
        assert!(spec.contains(&format!("      - shipmark {action} ")));
        let spec = spec.replace(&format!("      - shipmark {action} "), &format!("      - {command} "));
        let variables = [("SHIPMARK_CANDIDATE", candidate), ("SHIPMARK_STATE", "")];
        self.site.with(&variables, |site| site.build_of(&spec, &execution.artifact).succeeded)
    }

    /// The CloudFormation action.
    fn deploy(&self, execution: &Execution) -> bool {
        let template = execution.artifact.join("template.yaml");
        let parameter = |name: &str, variable: &str| format!("{name}={}", execution.exported[variable]);
        let arguments = [
            "cloudformation",
            "deploy",
            "--template-file",
            template.to_str().unwrap(),
            "--parameter-overrides",
            &parameter("CommandServerFunctionImageUri", "IMAGE_URI"),
            &parameter("QueryServerFunctionImageUri", "QUERY_IMAGE_URI"),
        ];
        let done = self.site.action("aws", &arguments);
        println!("CloudFormation: {done:?}");
        done.code == 0
    }

    /// What is deployed is what lies in the source.
    pub(super) fn agrees(&self) {
        self.site.agrees(&TRUTH);
    }

    /// What is deployed has this content.
    pub(super) fn agrees_with(&self, text: &str) {
        let (deployed, source) = TRUTH[0];
        assert_eq!((source, self.site.deployed(deployed).as_deref()), (MAIN, Some(text)));
    }
}
