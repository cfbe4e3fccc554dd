//! The buildspec that makes the released binaries, as far as it can be checked without CodeBuild.

use std::fs;
use std::path::Path;
use std::process::Command;

use saphyr::{LoadableYamlNode as _, Yaml};

const SPEC: &str = include_str!("../../buildspec-examples/release.yml");

fn strings<'a>(list: &'a Yaml<'_>) -> Vec<&'a str> {
    list.as_vec().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// All commands, in their order.
fn commands(spec: &Yaml<'_>) -> Vec<String> {
    let phases = ["install", "build"].map(|phase| strings(&spec["phases"][phase]["commands"]));
    phases.concat().into_iter().map(str::to_owned).collect()
}

fn read(test: impl FnOnce(&Yaml<'_>)) {
    let documents = Yaml::load_from_str(SPEC).unwrap();
    assert_eq!(documents.len(), 1);
    test(&documents[0]);
}

#[test]
fn both_architectures_are_built_each_on_its_own_kind_of_machine() {
    read(|spec| {
        let builds = spec["batch"]["build-list"].as_vec().unwrap();
        let machines = builds.iter().map(|build| {
            let env = &build["env"];
            ["type", "image"].map(|key| env[key].as_str().unwrap().to_owned())
        });
        // The names of AWS's curated images, both Amazon Linux 2023: its user guide, `Available runtimes`.
        assert_eq!(
            machines.collect::<Vec<_>>(),
            [
                ["LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"],
                ["ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"]
            ]
        );
    });
}

#[test]
fn its_commands_are_single_lines_of_shell() {
    read(|spec| {
        for command in commands(spec) {
            // Of a block only the status of the last line would count.
            assert_eq!(command.lines().count(), 1, "{command}");
            let status = Command::new("sh").args(["-n", "-c", &command]).status().unwrap();
            assert!(status.success(), "not a command of sh: {command}");
        }
    });
}

#[test]
fn it_runs_the_scripts_of_this_repository_and_keeps_only_what_passed() {
    read(|spec| {
        assert!(spec["phases"].as_mapping_get("post_build").is_none(), "it runs also after a build that failed");
        let commands = commands(spec);
        let place = |part: &str| commands.iter().position(|command| command.contains(part)).unwrap();
        let scripts = [".ci/release", "tests/static/in_an_empty_root.py"];
        for script in scripts {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
        }
        assert!(place(scripts[0]) < place(scripts[1]) && place(scripts[1]) < place("aws s3 cp"));
        // What is checked there is checked here.
        let run = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
        assert!(scripts.iter().all(|script| run.contains(script)));
    });
}

#[test]
fn the_workflow_names_actions_by_their_commits_and_runs_the_same_scripts() {
    let workflow = include_str!("../../.github/workflows/release.yml");
    let actions: Vec<_> = workflow.lines().filter_map(|line| line.trim().strip_prefix("- uses: ")).collect();
    assert!(actions.len() >= 4);
    for action in actions {
        let commit = action.split(['@', ' ']).nth(1).unwrap();
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "a tag may move: {action}");
    }
    for step in [".ci/release", "tests/static/in_an_empty_root.py", "sha256sum shipmark-* >SHA256SUMS"] {
        assert!(workflow.contains(step), "{step}");
    }
    let attested = workflow.find("attest-build-provenance").unwrap();
    assert!(workflow.find("SHA256SUMS").unwrap() < attested && attested < workflow.find("gh release create").unwrap());
}

#[test]
fn the_build_image_installs_only_what_has_been_checked() {
    let dockerfile = include_str!("../../images/build/Dockerfile");
    let place = |part: &str| dockerfile.find(part).unwrap_or_else(|| panic!("no `{part}`"));
    assert!(place("sha256sum -c -") < place("&& install -m 755"));
    assert!(dockerfile.lines().any(|line| line == "FROM ${BASE}"), "the base is the user's choice, by digest");
}
