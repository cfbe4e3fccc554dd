//! A small monorepo in a temporary directory, and the program run in it with an environment of its own.

mod limits;
mod place;
mod program;
mod steps;

pub(crate) use limits::{in_ci, say, skip};
pub(crate) use place::{TOLD, key, store};
pub(crate) use program::{SHIPMARK, another_test, assert, feed, hermetic, output, run, shipmark, tests_below};
pub(crate) use steps::exported;

use crate::engines::Engine;
use place::Place;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use assert_cmd::assert::Assert;
use serde_json::Value;

/// A source, its state and a temporary directory.
pub(crate) struct World {
    root: tempfile::TempDir,
    place: Place,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The environment of one build.
#[derive(Clone, Default)]
pub(crate) struct Build {
    variables: BTreeMap<String, String>,
}

impl Build {
    /// A CodeBuild build of that id.
    pub(crate) fn new(id: &str) -> Self {
        Self::default().with("CODEBUILD_BUILD_ID", id)
    }

    /// With a further variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// In a pipeline.
    pub(crate) fn pipeline(self, name: &str) -> Self {
        self.with("CODEBUILD_INITIATOR", &format!("codepipeline/{name}"))
    }

    /// After a phase has failed.
    pub(crate) fn failing(self) -> Self {
        self.with("CODEBUILD_BUILD_SUCCEEDING", "0")
    }
}

impl World {
    /// A source with a map and files.
    pub(crate) fn new(map: &str, files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let world = Self { place: Place::new(&root.path().join("state")), root };
        for directory in ["source", "state", "tmp"] {
            std::fs::create_dir(world.path(directory)).unwrap();
        }
        world.write("shipmark.toml", map);
        for (path, text) in files {
            world.write(path, text);
        }
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.path("source")
    }

    /// Writes a file of the source. A store in the cloud needs a map that names its project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let unnamed = Engine::told().is_some() && path == "shipmark.toml" && !text.contains("project =");
        let text = &if unnamed { format!("project = \"default\"\n{text}") } else { text.to_owned() };
        let path = self.source().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.source().join(path)).unwrap();
    }

    /// The file of a service's mark in the environment `default`: for tests of the store in a directory.
    pub(crate) fn mark(&self, service: &str) -> PathBuf {
        self.path("state").join("default/default").join(service).join("mark.json")
    }

    /// The program in this world, with nothing of this process's environment: for tests that spawn it or feed it.
    pub(crate) fn command(&self, build: &Build) -> Command {
        self.any_command(SHIPMARK, build)
    }

    /// Runs another version of the program.
    pub(crate) fn run_program(&self, program: &Path, build: &Build, args: &[&str]) -> Done {
        let mut command = self.any_command(&program.to_string_lossy(), build);
        command.args(args);
        run(command)
    }

    /// Runs a script in a shell; its `$0` is the program.
    pub(crate) fn shell(&self, build: &Build, shell: &str, script: &str) -> Done {
        let mut command = self.any_command(shell, build);
        command.args(["-c", script, SHIPMARK]);
        run(command)
    }

    fn any_command(&self, program: &str, build: &Build) -> Command {
        let mut command = hermetic(program, &self.source(), &self.path("tmp"));
        command.env("SHIPMARK_STATE", &self.place.url).envs(self.place.variables());
        // Who deploys is one and the same, unless a test says otherwise.
        let says = |name: &str| build.variables.contains_key(name);
        if !["CODEBUILD_INITIATOR", "CI", "GITHUB_ACTIONS"].into_iter().any(says) {
            command.env("CODEBUILD_INITIATOR", "codepipeline/shop");
        }
        command.envs(&build.variables);
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program outside of a build.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Done {
        self.run_in(&Build::default(), args)
    }

    /// Runs the program in a build.
    pub(crate) fn run_in<S: AsRef<OsStr>>(&self, build: &Build, args: impl IntoIterator<Item = S>) -> Done {
        let mut command = self.command(build);
        command.args(args);
        run(command)
    }

    /// Runs the program outside of a build, to assert what it does.
    pub(crate) fn assert<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Assert {
        self.assert_in(&Build::default(), args)
    }

    /// Runs the program in a build, to assert what it does.
    pub(crate) fn assert_in<S: AsRef<OsStr>>(&self, build: &Build, args: impl IntoIterator<Item = S>) -> Assert {
        let mut command = self.command(build);
        command.args(args);
        assert(command)
    }

    /// Decides in JSON.
    pub(crate) fn decide(&self, build: &Build, args: &[&str]) -> Value {
        self.run_in(build, ["decide", "--format", "json", "--all-changes"].iter().chain(args)).json()
    }

    /// Plans in JSON: no attempt is opened.
    pub(crate) fn plan(&self, args: &[&str]) -> Value {
        self.run(["plan", "--format", "json"].iter().chain(args)).json()
    }

    /// The reason for one service.
    pub(crate) fn reason(&self, build: &Build, service: &str) -> String {
        reason(&self.decide(build, &[service]), service)
    }

    /// The reason that a plan gives: it opens no attempt.
    pub(crate) fn planned(&self, service: &str) -> String {
        reason(&self.plan(&[service]), service)
    }

    /// A whole build of a service that succeeds: decide, deploy, record. Gives the reason.
    pub(crate) fn deploy(&self, build: &Build, service: &str) -> String {
        let reason = self.reason(build, service);
        let done = self.run_in(build, ["record", service]);
        assert_eq!(done.code, 0, "{done:?}");
        reason
    }
}

impl Done {
    /// What a command that succeeded printed.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// What the program prints in an empty directory, without a map.
pub(crate) fn printed(args: &[&str]) -> String {
    let empty = tempfile::tempdir().unwrap();
    let mut command = hermetic(SHIPMARK, empty.path(), empty.path());
    command.args(args);
    let done = run(command);
    assert_eq!(done.code, 0, "{args:?}: {done:?}");
    done.stdout
}

/// What an answer says of a service.
pub(crate) fn entry<'a>(answer: &'a Value, service: &str) -> &'a Value {
    answer["services"].as_array().unwrap().iter().find(|entry| entry["service"] == service).unwrap()
}

/// The reason for a service in a decision.
pub(crate) fn reason(answer: &Value, service: &str) -> String {
    let found = entry(answer, service);
    assert_eq!(found["skip"], found["reason"] == "unchanged");
    found["reason"].as_str().unwrap().to_owned()
}

/// The changed paths of a service, as `kind path`.
pub(crate) fn changes(answer: &Value, service: &str) -> Vec<String> {
    let changes = entry(answer, service)["changes"].as_array().unwrap().iter();
    changes
        .map(|change| format!("{} {}", change["change"].as_str().unwrap(), change["path"].as_str().unwrap()))
        .collect()
}

pub(crate) fn done(output: Output) -> Done {
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs git in a directory, with nothing of this machine's configuration.
pub(crate) fn git(directory: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(args)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
