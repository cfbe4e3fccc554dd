//! What the documents show must work: the README's maps parse, its buildspec runs as CodeBuild would run it, its commands exist,
//! and its tables are complete.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::CommandFactory as _;
use shipmark::app::cli::Cli;
use shipmark::map::ServiceMap;
use shipmark::protocol::answer::Reason;

use super::codebuild::{Build, Buildspec, Ended, Shell, shells};
use super::support::{SHIPMARK, skip};

const README: &str = include_str!("../../README.md");
const MAPS: &str = include_str!("../../docs/maps.md");
const REFERENCE: &str = include_str!("../../docs/reference.md");

/// The most bytes of README: whoever reads more is in `docs/`.
const MOST: usize = 8 * 1024;

#[test]
fn the_readme_is_short_and_its_two_commands_come_early() {
    assert!(README.len() <= MOST, "README.md has {} bytes", README.len());
    let early: Vec<&str> = README.lines().take(60).collect();
    for command in ["sh examples/quickstart.sh", "cargo test --locked"] {
        assert!(early.iter().any(|line| line.starts_with(command)), "`{command}` comes late");
    }
}

#[test]
fn every_map_parses() {
    let maps = blocks(README, "toml");
    assert!(!maps.is_empty());
    // Parts of maps are in `docs/maps.md` too; the first is whole.
    for map in maps.iter().chain(blocks(MAPS, "toml").first()) {
        if let Err(problems) = ServiceMap::parse("map", map.as_bytes()) {
            panic!("a map is wrong:\n{problems:?}\n{map}");
        }
    }
    let own = fs::read(root().join("shipmark.toml")).unwrap();
    assert!(ServiceMap::parse("shipmark.toml", &own).is_ok());
}

#[test]
fn all_reasons_are_explained_in_their_order() {
    let rows = REFERENCE.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let words: Vec<_> =
        rows.map(|(word, _)| word).filter(|word| Reason::ALL.iter().any(|r| r.word() == *word)).collect();
    assert_eq!(words, Reason::ALL.map(Reason::word));
}

#[test]
fn all_commands_are_listed_and_none_that_is_not_there() {
    let table = REFERENCE.split("\n## Commands\n").nth(1).unwrap().split("\n| exit status").next().unwrap();
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
    for contents in ["first", "second"] {
        write(&place.source().join("services/query/main.swift"), contents);
        place.git(&["add", "-A"]);
        place.git(&["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", contents]);
    }
    let block = blocks(README, "sh").into_iter().find(|block| block.contains("shipmark explain")).unwrap();
    // The map is there already, and a draft is shown instead.
    let mut block = block.replace("shipmark init ", "shipmark init --print ");
    if Command::new("strace").arg("--version").output().is_err() {
        skip("strace", "the README's `observe`: strace is not there");
        block = block.lines().filter(|line| !line.starts_with("shipmark observe ")).collect::<Vec<_>>().join("\n");
    }
    let out = place.shell("sh", &format!("set -e\nexport SHIPMARK_ENVIRONMENT=prod\n{block}")).output().unwrap();
    assert!(out.status.success(), "{}", both(&out));
    for said in ["drafted by `shipmark init`", "0 errors", "1 commit", "unchanged", "input of query"] {
        assert!(both(&out).contains(said), "`{said}` is missing in\n{}", both(&out));
    }
}

#[test]
fn the_buildspec_builds_skips_and_recovers() {
    for shell in shells() {
        let place = Place::new();
        let codebuild = |number, fails| place.codebuild(shell, number, fails).0;
        assert_eq!(codebuild(1, ""), "build deploy", "the first time");
        let (ran, ended) = place.codebuild(shell, 2, "");
        assert_eq!(ran, "", "nothing changed");
        assert_eq!(ended.exported["IMAGE_URI"], "registry/command@sha256:1", "a skip hands back what was recorded");

        write(&place.source().join("services/command/main.swift"), "changed");
        assert_eq!(codebuild(3, "deploy"), "build deploy", "the deploy fails");
        assert_eq!(codebuild(4, ""), "build deploy", "a deploy that failed does not count");
        assert_eq!(codebuild(5, ""), "", "nothing changed since");

        write(&place.source().join("services/command/main.swift"), "changed again");
        assert_eq!(codebuild(6, "build"), "build", "the build fails, and there is no image");
        assert_eq!(codebuild(7, ""), "build deploy", "nor does a build that failed");

        write(&place.source().join("services/query/main.swift"), "changed");
        assert_eq!(codebuild(8, ""), "", "a file of another service");
    }
}

#[test]
fn the_one_command_of_a_buildspec_builds_and_skips() {
    let place = Place::new();
    let yaml = blocks(README, "yaml").into_iter().find(|block| block.contains("shipmark run")).unwrap();
    let command = yaml.trim().strip_prefix("- ").unwrap();
    place.script(
        "build-and-deploy.sh",
        "echo IMAGE_URI=registry/command@sha256:9 >>\"$SHIPMARK_OUTPUTS\"\necho x >>\"$LOG\"",
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
            "echo build >>\"$LOG\"\n[ \"$FAILS\" != build ] && echo registry/command@sha256:$CODEBUILD_BUILD_NUMBER",
        );
        place.script("deploy.sh", "echo deploy >>\"$LOG\"\n[ \"$FAILS\" != deploy ]");
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

    /// What a command in this place has in its environment: this place's store and the built binary, and nothing of the
    /// surrounding environment.
    fn variables(&self) -> BTreeMap<String, String> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let programs = format!("{}:/usr/local/bin:/usr/bin:/bin", Path::new(SHIPMARK).parent().unwrap().display());
        let state = format!("file:{}", path("state"));
        let variables = [("PATH", programs), ("LOG", path("log")), ("SHIPMARK_STATE", state)];
        variables.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// A shell in the source.
    fn shell(&self, shell: &str, text: &str) -> Command {
        let mut command = Command::new(shell);
        command.args(["-c", text]).current_dir(self.source()).env_clear().envs(self.variables());
        command.env("HOME", self.folder.path()).env("TMPDIR", self.folder.path());
        command
    }

    fn git(&self, arguments: &[&str]) {
        let status = Command::new("git").args(arguments).current_dir(self.source()).status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }

    /// Runs the README's buildspec. Returns which stand-ins ran, and how it ended; the one named `fails` fails.
    fn codebuild(&self, shell: Shell, number: u32, fails: &str) -> (String, Ended) {
        let log = self.folder.path().join("log");
        write(&log, "");
        let mut variables = self.variables();
        variables.insert("FAILS".to_owned(), fails.to_owned());
        let container = self.folder.path().join(format!("build-{number}"));
        let exporting = "env:\n  exported-variables: [IMAGE_URI]\nphases:\n";
        let text = blocks(README, "yaml").into_iter().find(|block| block.starts_with("version:")).unwrap();
        let text = text.replace("phases:\n", exporting);
        let spec = Buildspec::parse(&text).unwrap();
        let ended = Build { container, variables, shell, number }.run(&spec, &self.source());
        println!("{}", ended.log);
        assert_eq!(ended.succeeded, fails.is_empty(), "build {number}");
        (fs::read_to_string(&log).unwrap().split_whitespace().collect::<Vec<_>>().join(" "), ended)
    }
}

/// The fenced blocks of a language.
pub(crate) fn blocks(document: &str, language: &str) -> Vec<String> {
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
