//! A build: the phases of a buildspec in a container of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::artifacts::{self, Files};
use super::shell::{Runner, Shell};
use super::spec::{Buildspec, OnFailure};

/// A build that is to run.
pub(crate) struct Build {
    /// An empty folder: the container.
    pub(crate) container: PathBuf,
    /// The variables of the project, the pipeline's action and the image; they go before those of the buildspec.
    pub(crate) variables: BTreeMap<String, String>,
    /// What `sh` is in the image. A buildspec that says `shell: bash` has bash.
    pub(crate) shell: Shell,
    pub(crate) number: u32,
}

/// How a build ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) succeeded: bool,
    /// The phases that ran, each with whether it succeeded.
    pub(crate) phases: Vec<(&'static str, bool)>,
    /// The exported variables that were set when `post_build` ended.
    pub(crate) exported: BTreeMap<String, String>,
    /// What was uploaded: the primary artifact under the empty name.
    pub(crate) artifacts: BTreeMap<String, Files>,
    pub(crate) log: String,
}

impl Build {
    /// Where the source lies in the container.
    pub(crate) fn source(&self) -> PathBuf {
        self.container.join("src")
    }

    /// Runs a buildspec over a source, which is copied: a container starts without what earlier builds wrote.
    pub(crate) fn run(&self, spec: &Buildspec, source: &Path) -> Ended {
        copy(source, &self.source());
        for folder in ["tmp", "home", "agent"] {
            std::fs::create_dir_all(self.container.join(folder)).unwrap();
        }
        let variables = self.environment(spec);
        let mut runner = Runner::new(self.shell(spec), &self.container.join("agent"), &self.source(), &variables);
        let mut ended = Ended {
            succeeded: true,
            phases: Vec::new(),
            exported: BTreeMap::new(),
            artifacts: BTreeMap::new(),
            log: String::new(),
        };
        for (name, phase) in spec.all_phases() {
            let mut ran = phase.commands.iter().all(|command| step(&mut runner, command, &mut ended.succeeded));
            // It runs whether the commands succeeded or not.
            ran &= phase.finally.iter().all(|command| step(&mut runner, command, &mut ended.succeeded));
            ended.phases.push((name, ran));
            if name == "post_build" {
                let names = spec.env.exported_variables.iter();
                ended.exported = names.filter_map(|name| Some((name.clone(), runner.variable(name)?))).collect();
            }
            let goes_on = match phase.on_failure {
                Some(OnFailure::Continue) => true,
                Some(OnFailure::Abort) => false,
                None => name == "build",
            };
            if !ran && !goes_on {
                break;
            }
        }
        self.upload(spec, &mut runner, &mut ended);
        ended.log = runner.log;
        ended
    }

    /// `UPLOAD_ARTIFACTS`: always. That a secondary artifact without files fails the build is the stricter guess.
    fn upload(&self, spec: &Buildspec, runner: &mut Runner, ended: &mut Ended) {
        for (identifier, artifact) in spec.all_artifacts() {
            let name = artifact.name.as_ref().and_then(|name| runner.expand(name)).unwrap_or_default();
            match artifacts::collect(&artifact, &self.source()) {
                Ok(files) => {
                    runner.log += &format!("UPLOAD_ARTIFACTS {identifier} {name}: {:?}\n", files.keys());
                    ended.artifacts.insert(if identifier.is_empty() { name } else { identifier }, files);
                }
                Err(why) => {
                    runner.log += &format!("UPLOAD_ARTIFACTS {identifier} {name}: CLIENT_ERROR: {why}\n");
                    ended.succeeded = false;
                }
            }
        }
    }

    fn shell(&self, spec: &Buildspec) -> Shell {
        match spec.env.shell.as_deref() {
            None | Some("sh") => self.shell,
            Some("bash") => Shell::Bash,
            Some(other) => panic!("`shell: {other}` is not modelled"),
        }
    }

    /// "Environment variables in build environments", and what an image has.
    fn environment(&self, spec: &Buildspec) -> BTreeMap<String, String> {
        let number = self.number;
        let path = |name: &str| self.container.join(name).to_str().unwrap().to_owned();
        let own = [
            ("AWS_DEFAULT_REGION", "ap-northeast-1".to_owned()),
            ("AWS_REGION", "ap-northeast-1".to_owned()),
            ("CODEBUILD_BUILD_ARN", format!("arn:aws:codebuild:ap-northeast-1:123456789012:build/p:{number}")),
            ("CODEBUILD_BUILD_ID", format!("p:{number}")),
            ("CODEBUILD_BUILD_NUMBER", number.to_string()),
            ("CODEBUILD_BUILD_SUCCEEDING", "1".to_owned()),
            ("CODEBUILD_BUILD_URL", format!("https://example.com/build/{number}")),
            ("CODEBUILD_INITIATOR", "codepipeline/p".to_owned()),
            ("CODEBUILD_PROJECT_ARN", "arn:aws:codebuild:ap-northeast-1:123456789012:project/p".to_owned()),
            ("CODEBUILD_RESOLVED_SOURCE_VERSION", format!("{number:040x}")),
            ("CODEBUILD_SOURCE_REPO_URL", String::new()),
            ("CODEBUILD_SOURCE_VERSION", "arn:aws:s3:::bucket/p/Source/key.zip".to_owned()),
            ("CODEBUILD_SRC_DIR", path("src")),
            ("CODEBUILD_START_TIME", "1763700000000".to_owned()),
            ("HOME", path("home")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("TMPDIR", path("tmp")),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(spec.env.variables.clone()).chain(self.variables.clone()).collect()
    }
}

fn step(runner: &mut Runner, command: &str, succeeding: &mut bool) -> bool {
    let ran = runner.run(command);
    *succeeding &= ran;
    runner.set("CODEBUILD_BUILD_SUCCEEDING", if *succeeding { "1" } else { "0" });
    ran
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}
