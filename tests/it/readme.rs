//! What the documents show must work: the README's maps parse, its buildspec runs as CodeBuild would run it, its commands exist,
//! and its tables are complete.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::CommandFactory as _;
use shipmark::answer::Reason;
use shipmark::cli::Cli;
use shipmark::map::ServiceMap;

const README: &str = include_str!("../../README.md");
const SHIPMARK: &str = env!("CARGO_BIN_EXE_shipmark");

#[test]
fn every_map_parses() {
    let maps = blocks(README, "toml");
    assert!(!maps.is_empty());
    for map in maps {
        if let Err(problems) = ServiceMap::parse("README.md", map.as_bytes()) {
            panic!("a map in README.md is wrong:\n{problems:?}\n{map}");
        }
    }
    let own = fs::read(root().join("shipmark.toml")).unwrap();
    assert!(ServiceMap::parse("shipmark.toml", &own).is_ok());
}

#[test]
fn all_reasons_are_explained_in_their_order() {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let words: Vec<_> =
        rows.map(|(word, _)| word).filter(|word| Reason::ALL.iter().any(|r| r.word() == *word)).collect();
    assert_eq!(words, Reason::ALL.map(Reason::word));
}

#[test]
fn all_commands_are_listed_and_none_that_is_not_there() {
    let table = README.split("\n## Commands\n").nth(1).unwrap().split("\n| exit status").next().unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let listed: Vec<_> = cells.flat_map(|cell| cell.split(", ")).map(command_name).collect();
    let cli = Cli::command();
    let mut there: Vec<_> = cli.get_subcommands().map(|command| command.get_name()).collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    there.sort_unstable();
    assert_eq!(sorted, there);
}

#[test]
fn the_check_script_runs_both_commands_of_the_readme() {
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    let shown: Vec<_> = blocks(README, "sh").into_iter().take(2).map(|block| code_of(&block)).collect();
    assert_eq!(shown, ["sh examples/quickstart.sh", "cargo test --locked"]);
    for command in shown {
        assert!(script.contains(&command), ".ci/run does not run `{command}`");
    }
}

#[test]
fn the_quickstart_ends_well() {
    let home = tempfile::tempdir().unwrap();
    let out = Command::new("sh")
        .arg(root().join("examples/quickstart.sh"))
        .env("SHIPMARK", SHIPMARK)
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", both(&out));
    assert!(both(&out).contains("Done: every answer was the expected one."), "{}", both(&out));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "the quickstart left something behind");
}

#[test]
fn the_commands_for_laptops_run() {
    let place = Place::new();
    place.git(&["init", "-q", "-b", "main"]);
    place.git(&["add", "-A"]);
    place.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "first"]);
    let block = blocks(README, "sh").into_iter().find(|block| block.contains("shipmark explain")).unwrap();
    let out = place.shell("sh", &format!("set -e\n{block}")).output().unwrap();
    assert!(out.status.success(), "{}", both(&out));
    for said in ["never-deployed", "unchanged", "input of gateway", "1 expectation: 0 errors"] {
        assert!(both(&out).contains(said), "`{said}` is missing in\n{}", both(&out));
    }
}

#[test]
fn the_buildspec_builds_skips_and_recovers() {
    for shell in ["sh", "bash"] {
        let place = Place::new();
        assert_eq!(place.codebuild(shell, "1", ""), "build deploy", "the first time");
        assert_eq!(place.codebuild(shell, "2", ""), "", "nothing changed");
        assert_eq!(
            place.variable(shell, "IMAGE_URI"),
            "registry/command@sha256:1",
            "a skip hands back what was recorded"
        );

        write(&place.source().join("services/command/main.swift"), "changed");
        assert_eq!(place.codebuild(shell, "3", "deploy"), "build deploy", "the deploy fails");
        assert_eq!(place.codebuild(shell, "4", ""), "build deploy", "a deploy that failed does not count");
        assert_eq!(place.codebuild(shell, "5", ""), "", "nothing changed since");

        write(&place.source().join("services/command/main.swift"), "changed again");
        assert_eq!(place.codebuild(shell, "6", "build"), "build", "the build fails, and there is no image");
        assert_eq!(place.codebuild(shell, "7", ""), "build deploy", "nor does a build that failed");

        write(&place.source().join("services/query/main.swift"), "changed");
        assert_eq!(place.codebuild(shell, "8", ""), "", "a file of another service");
    }
}

#[test]
fn the_one_command_of_a_buildspec_builds_and_skips() {
    let place = Place::new();
    let yaml = blocks(README, "yaml").into_iter().find(|block| block.contains("shipmark run")).unwrap();
    let command = yaml.trim().strip_prefix("- ").unwrap();
    place.script(
        "build-and-deploy.sh",
        "echo IMAGE_URI=registry/command@sha256:9 >>\"$SHIPMARK_OUTPUTS\"\necho x >>../log",
    );
    for _ in 0..2 {
        let out = place.shell("sh", command).output().unwrap();
        assert!(out.status.success(), "{}", both(&out));
    }
    assert_eq!(fs::read_to_string(place.folder.path().join("log")).unwrap(), "x\n", "built once, then skipped");
}

/// A source with the README's map and a file for each of its services, stand-ins for build and deploy, and a store.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        for file in [
            "services/command/main.swift",
            "services/query/main.swift",
            "services/gateway/main.swift",
            "shared/Package.swift",
            "shared/Sources/a.swift",
            "infra/main.tf",
            "env/prod.tfvars",
        ] {
            let path = place.source().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write(&path, file);
        }
        write(&place.source().join("shipmark.toml"), &blocks(README, "toml")[0]);
        place.script(
            "build.sh",
            "echo build >>../log\n[ \"$FAILS\" != build ] && echo registry/command@sha256:$CODEBUILD_BUILD_NUMBER",
        );
        place.script("deploy.sh", "echo deploy >>../log\n[ \"$FAILS\" != deploy ]");
        place
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.source().join(name);
        write(&path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A shell in the source that knows this place's store and the built binary, and nothing of the surrounding environment.
    fn shell(&self, shell: &str, text: &str) -> Command {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", Path::new(SHIPMARK).parent().unwrap().display());
        let mut command = Command::new(shell);
        command.args(["-c", text]).current_dir(self.source()).env_clear().env("PATH", path);
        command.env("HOME", self.folder.path()).env("TMPDIR", self.folder.path());
        command.env("SHIPMARK_STATE", format!("file:{}", self.folder.path().join("state").display()));
        command
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").args(arguments).current_dir(self.source()).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    /// Runs the README's buildspec: each command in a shell of its own that carries variables over, `post_build` also after a
    /// failed `build`, not after a failed `pre_build`. Returns which stand-ins ran; the one named `fails` fails.
    fn codebuild(&self, shell: &str, number: &str, fails: &str) -> String {
        let log = self.folder.path().join("log");
        write(&log, "");
        write(&self.environment(), "");
        let mut succeeding = true;
        for (phase, commands) in phases(&blocks(README, "yaml")[0]) {
            if phase == "post_build" || succeeding {
                let ran = commands.iter().all(|text| self.step(shell, text, number, fails, succeeding));
                assert!(ran || phase == "build", "phase {phase} of build {number} failed");
                succeeding &= ran;
            }
        }
        assert_eq!(succeeding, fails.is_empty(), "build {number}");
        fs::read_to_string(&log).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn step(&self, shell: &str, text: &str, number: &str, fails: &str, succeeding: bool) -> bool {
        let kept = self.environment();
        let kept = kept.display();
        let script = format!("set -a\n. '{kept}'\n{text}\nstatus=$?\nexport -p >'{kept}'\nexit $status");
        let out = self
            .shell(shell, &script)
            .env("FAILS", fails)
            .env("CODEBUILD_BUILD_ID", format!("build:{number}"))
            .env("CODEBUILD_BUILD_NUMBER", number)
            .env("CODEBUILD_SRC_DIR", self.source())
            .output()
            .unwrap();
        // The variable must not be carried over from the command before, so it is set in the file.
        let state = format!("export CODEBUILD_BUILD_SUCCEEDING={}\n", u8::from(succeeding && out.status.success()));
        let saved = fs::read_to_string(self.environment()).unwrap();
        write(&self.environment(), &(saved + &state));
        println!("$ {text}\n{}", both(&out));
        out.status.success()
    }

    fn environment(&self) -> PathBuf {
        self.folder.path().join("environment")
    }

    fn variable(&self, shell: &str, name: &str) -> String {
        let text = format!(". '{}'; printf %s \"${name}\"", self.environment().display());
        String::from_utf8(self.shell(shell, &text).output().unwrap().stdout).unwrap()
    }
}

/// The commands of each phase, in the order of a buildspec that is laid out as the README's.
fn phases(buildspec: &str) -> Vec<(String, Vec<String>)> {
    let mut phases: Vec<(String, Vec<String>)> = Vec::new();
    for line in buildspec.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        match (text.strip_prefix("- "), text.strip_suffix(':')) {
            (Some(command), _) => phases.last_mut().unwrap().1.push(command.to_owned()),
            (None, Some(name)) if indent == 2 => phases.push((name.to_owned(), Vec::new())),
            _ => {}
        }
    }
    phases
}

/// The fenced blocks of a language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = document.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned());
    blocks.collect()
}

/// A shell line without its comment.
fn code_of(block: &str) -> String {
    block.split('#').next().unwrap_or_default().trim().to_owned()
}

/// The command that a cell such as `` `run SERVICE` `` names.
fn command_name(cell: &str) -> &str {
    cell.trim_matches('`').split([' ', '`']).next().unwrap_or_default()
}

fn write(path: &Path, text: &str) {
    File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn both(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
