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
use super::pages::{Page, Reader, log};
use super::support::{SHIPMARK, hermetic, run, skip};

const README: &str = include_str!("../../README.md");
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

/// Runs what the page shows.
pub(crate) fn page(page: &Page) {
    let map = page.block("toml", "[services.");
    if let Err(problems) = ServiceMap::parse("map", map.as_bytes()) {
        panic!("the map is wrong:\n{problems:?}");
    }
    log::page(page);
    the_quickstart_ends_well(page.block("sh", "quickstart"));
    the_commands_for_laptops_run(page.block("sh", "shipmark explain"));
    the_buildspec_builds_skips_and_recovers(map, page.block("yaml", "version:"));
    the_one_command_of_a_buildspec_builds_and_skips(map, page.block("yaml", "shipmark run"));
}

#[test]
fn the_map_of_this_repository_parses() {
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
    let page = Page::read("README.md");
    let shown: Vec<_> = page.all("sh").take(2).map(code_of).collect();
    assert_eq!(shown, ["sh examples/quickstart.sh", "cargo test --locked"]);
    for command in shown {
        assert!(script.contains(&command), ".ci/run does not run `{command}`");
    }
}

fn the_quickstart_ends_well(command: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut shell = hermetic("sh", root(), home.path());
    shell.args(["-c", command]).env("SHIPMARK", SHIPMARK);
    let done = run(shell);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("Done: every answer was the expected one."), "{done:?}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "the quickstart left something behind");
}

/// In a repository without a map.
fn the_commands_for_laptops_run(commands: &str) {
    let reader = Reader::new("", &[]);
    reader.world.remove("shipmark.toml");
    reader.script("build.sh", "cat services/query/main.swift");
    for service in ["command", "gateway", "query"] {
        reader.world.write(&format!("services/{service}/Dockerfile"), "FROM swift:6.0.1\nCOPY . .\n");
        reader.world.write(&format!("services/{service}/main.swift"), "first");
    }
    reader.commits("first");
    reader.world.write("services/query/main.swift", "second");
    reader.commits("second");
    let mut commands = commands.to_owned();
    if Command::new("strace").arg("--version").output().is_err() {
        skip("strace", "the README's `observe`: strace is not there");
        commands =
            commands.lines().filter(|line| !line.starts_with("shipmark observe ")).collect::<Vec<_>>().join("\n");
    }
    let said = reader.runs(&commands);
    for part in ["3 services", "0 errors", "1 commit", "unchanged", "input of query"] {
        assert!(said.contains(part), "`{part}` is missing in\n{said}");
    }
}

fn the_buildspec_builds_skips_and_recovers(map: &str, buildspec: &str) {
    for shell in shells() {
        let place = Place::new(map);
        let codebuild = |number, fails| place.codebuild(buildspec, shell, number, fails).0;
        assert_eq!(codebuild(1, ""), "build deploy", "the first time");
        let (ran, ended) = place.codebuild(buildspec, shell, 2, "");
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

fn the_one_command_of_a_buildspec_builds_and_skips(map: &str, yaml: &str) {
    let place = Place::new(map);
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
    fn new(map: &str) -> Self {
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
        write(&place.source().join("shipmark.toml"), map);
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

    /// Runs the README's buildspec. Returns which stand-ins ran, and how it ended; the one named `fails` fails.
    fn codebuild(&self, buildspec: &str, shell: Shell, number: u32, fails: &str) -> (String, Ended) {
        let log = self.folder.path().join("log");
        write(&log, "");
        let mut variables = self.variables();
        variables.insert("FAILS".to_owned(), fails.to_owned());
        let container = self.folder.path().join(format!("build-{number}"));
        let exporting = "env:\n  exported-variables: [IMAGE_URI]\nphases:\n";
        let text = buildspec.replace("phases:\n", exporting);
        let spec = Buildspec::parse(&text).unwrap();
        let ended = Build { container, variables, shell, number }.run(&spec, &self.source());
        println!("{}", ended.log);
        assert_eq!(ended.succeeded, fails.is_empty(), "build {number}");
        (fs::read_to_string(&log).unwrap().split_whitespace().collect::<Vec<_>>().join(" "), ended)
    }
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
