//! Runs the built program as a pipeline's builds do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use serde_json::Value;

use crate::oracle::systems::System;
use crate::support::{SHIPMARK, hermetic, output};

/// The program with what stays the same for every build of a pipeline.
pub(crate) struct Product {
    pub(crate) config: PathBuf,
    /// Where marks and the builds' temporary directories go.
    pub(crate) scratch: PathBuf,
    pub(crate) environment: &'static str,
}

/// One run of CodeBuild.
pub(crate) struct Build {
    id: String,
    temporary: PathBuf,
    source: PathBuf,
    revision: String,
}

/// The answer for one service, as the program printed it.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) skip: bool,
    pub(crate) reason: String,
    pub(crate) detail: String,
    /// Path and kind of change, in the printed order.
    pub(crate) changes: Vec<(String, String)>,
    pub(crate) changes_total: Option<u64>,
}

/// All answers of one run.
pub(crate) struct Decisions {
    pub(crate) services: BTreeMap<String, Decision>,
    /// `None` where it was not looked for.
    pub(crate) unowned: Option<Vec<String>>,
}

/// How the build went that a record follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
}

impl Product {
    /// With the system's own map.
    pub(crate) fn new(system: &System, scratch: &Path) -> Self {
        Self { config: map_file(system), scratch: scratch.to_owned(), environment: system.environment }
    }

    /// A build of its own with a fresh id and temporary directory.
    pub(crate) fn build(&self, number: usize, source: &Path, revision: &str) -> Build {
        let temporary = self.scratch.join(format!("build-{number}"));
        fs::create_dir_all(&temporary).unwrap();
        let (source, revision) = (source.to_owned(), revision.to_owned());
        Build { id: format!("replay:{number}"), temporary, source, revision }
    }

    /// `decide` for these services; none stands for all.
    pub(crate) fn decide(&self, build: &Build, services: &[&str]) -> Decisions {
        let arguments = [&["decide", "--format", "json", "--all-changes"], services].concat();
        let output = self.run(build, Outcome::Succeeded, &arguments);
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        let decisions = printed["services"].as_array().expect("a list of services");
        Decisions {
            services: decisions.iter().map(|answer| (text(&answer["service"]), decision(answer))).collect(),
            unowned: printed["unowned"].as_array().map(|list| list.iter().map(|file| text(&file["path"])).collect()),
        }
    }

    /// `record` for these services, after a deploy that went like this.
    pub(crate) fn record(&self, build: &Build, outcome: Outcome, services: &[&str]) {
        self.run(build, outcome, &[&["record"], services].concat());
    }

    /// `taint --nothing-running`: whatever was deployed is unknown, and nothing else runs any more.
    pub(crate) fn taint_ended(&self, build: &Build, service: &str) {
        let taint = ["taint", service, "--nothing-running", "--reason", "all builds were stopped"];
        self.run(build, Outcome::Succeeded, &taint);
    }

    /// `check` on a source; returns what it said to people.
    pub(crate) fn check(&self, build: &Build) -> String {
        // The histories have paths and no contents, so no manifest can be understood.
        let output = self.run(build, Outcome::Succeeded, &["check", "--allow", "unreadable"]);
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    }

    fn run(&self, build: &Build, outcome: Outcome, arguments: &[&str]) -> Output {
        let mut state = std::ffi::OsString::from("file:");
        state.push(self.scratch.join("state"));
        let mut command = hermetic(SHIPMARK, &build.source, &build.temporary);
        command
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .arg("--source")
            .arg(&build.source)
            .arg("--state")
            .arg(state)
            .args(["--environment", self.environment])
            .env("CODEBUILD_BUILD_ID", &build.id)
            .env("CODEBUILD_BUILD_SUCCEEDING", if outcome == Outcome::Succeeded { "1" } else { "0" })
            .env("CODEBUILD_INITIATOR", "codepipeline/replay")
            .env("CODEBUILD_RESOLVED_SOURCE_VERSION", &build.revision);
        let output = output(command);
        assert!(
            output.status.success(),
            "shipmark {arguments:?} at {} ended with {}: {}",
            build.revision,
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        // Hundreds of builds leave nothing behind but their marks; what cannot be removed goes with the scratch folder.
        fs::remove_dir_all(&self.temporary).ok();
    }
}

/// The map of a system, as it is published.
pub(crate) fn map_file(system: &System) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(system.name).with_extension("toml")
}

/// The system's map, but attempts end soon.
pub(crate) fn short_lived_map(system: &System, scratch: &Path, timeout: Duration) -> PathBuf {
    let map = fs::read_to_string(map_file(system)).unwrap();
    let timeout = format!("[defaults]\nbuild_timeout = \"{}s\"", timeout.as_secs());
    let map = map.replace("build_timeout = \"1h\"\n", "").replacen("[defaults]", &timeout, 1);
    fs::create_dir_all(scratch).unwrap();
    let file = scratch.join("shipmark.toml");
    fs::write(&file, map).unwrap();
    file
}

fn decision(answer: &Value) -> Decision {
    let changes = answer["changes"].as_array().expect("a list of changes");
    Decision {
        skip: answer["skip"].as_bool().expect("yes or no"),
        reason: text(&answer["reason"]),
        detail: text(&answer["detail"]),
        changes: changes.iter().map(|change| (text(&change["path"]), text(&change["change"]))).collect(),
        changes_total: answer["changes_total"].as_u64(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
