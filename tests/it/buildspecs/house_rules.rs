//! What "A buildspec" of docs/buildspecs.md asks of a buildspec, asked of every example; and what can only be read is read here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use shipmark::map::ServiceMap;

use super::example;
use crate::codebuild::{Buildspec, Shell, shells, yaml};

/// All files of the folder, by their paths in it.
fn files() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("buildspec-examples");
    let mut folders = vec![root.clone()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// The buildspecs, by their names.
fn buildspecs() -> Vec<(String, Buildspec)> {
    let names = files().into_iter().filter(|name| name.ends_with(".yml"));
    names
        .map(|name| (name.clone(), Buildspec::parse(&example(&name)).unwrap_or_else(|why| panic!("{name}: {why}"))))
        .collect()
}

#[test]
fn every_command_is_one_line_that_every_shell_can_read() {
    for (name, spec) in buildspecs() {
        for command in spec.commands() {
            assert!(!command.contains('\n'), "{name}: only the last status of a block counts: {command}");
            for shell in shells().into_iter().filter(|_| spec.env.shell.is_none()) {
                assert!(shell.reads(command), "{name}, {shell:?}: {command}");
            }
            let not_posix = ["[[", "<<<", "source ", "function ", "eval \"$(", ":latest"];
            assert!(not_posix.iter().all(|word| !command.contains(word)), "{name}: {command}");
        }
    }
    assert!(!Shell::Dash.reads("if true; then"), "a check that cannot fail proves nothing");
}

#[test]
fn a_decision_is_evaluated_in_the_documented_form_and_comes_after_the_reset() {
    let mut decisions = 0;
    for (name, spec) in buildspecs() {
        for command in spec.commands().into_iter().filter(|command| command.contains("shipmark decide")) {
            decisions += 1;
            let called = command.strip_prefix("D=\"$(").map(|called| called.trim_start_matches("/tmp/"));
            assert!(called.is_some_and(|called| called.starts_with("shipmark decide")), "{name}: {command}");
            assert!(command.ends_with(")\" && eval \"$D\""), "{name}: {command}");
            let before = &spec.phases.pre_build.commands;
            let at = before.iter().position(|other| other == command).expect("a decision belongs in pre_build");
            let since = before[..at].iter().rev().take_while(|other| !other.contains("shipmark decide"));
            let resets = |other: &String| other.trim_start_matches("export ") == "BUILD_SKIPPED=false";
            assert!(since.into_iter().any(resets), "{name}: {command}");
        }
        for command in spec.commands().into_iter().filter(|command| command.contains("shipmark stage")) {
            let begins = "if [ \"$BUILD_SKIPPED\" != true ]; then S=\"$(shipmark stage ";
            assert!(command.starts_with(begins) && command.ends_with(")\" && eval \"$S\"; fi"), "{name}: {command}");
            let nothing = |command: &String| command == "export SHIPMARK_CANDIDATE=none";
            assert!(spec.phases.pre_build.commands.iter().any(nothing), "{name}: a skip hands on nothing to begin");
            for exported in ["BUILD_SKIPPED", "SHIPMARK_CANDIDATE"] {
                assert!(spec.env.exported_variables.iter().any(|name| name == exported), "{name}: {exported}");
            }
        }
        // What fails in `pre_build` after the decision leaves its attempt open, for `post_build` does not run then.
        let fails = ["docker ", "aws ", "terraform ", "cp "];
        let since = spec.phases.pre_build.commands.iter().skip_while(|command| !command.contains("shipmark decide"));
        for command in since {
            assert!(fails.iter().all(|word| !command.contains(word)), "{name}: this belongs in `build`: {command}");
        }
        let post_build = &spec.phases.post_build.commands;
        let tells = |command: &String| command.starts_with("shipmark record ") || command.contains("shipmark stage ");
        assert!(post_build.iter().all(tells), "{name}: what is deployed in post_build is deployed after a failure too");
        // What is staged at once waits for the stages that the decision is handed to.
        let opens = |command: &&str| command.contains("shipmark decide") && !command.contains(" --stage");
        let decides = spec.commands().into_iter().any(|command| opens(&command));
        assert_eq!(decides, !post_build.is_empty(), "{name}: a decision without an end stays open");
    }
    assert!(decisions >= 6);
}

/// CodeBuild hands on what is in the environment of the build; a shell's own variable need not be.
#[test]
fn what_is_exported_from_a_build_is_exported_by_its_shell() {
    let mut exported = 0;
    for (name, spec) in buildspecs() {
        for variable in &spec.env.exported_variables {
            exported += 1;
            let begins = format!("export {variable}=");
            let commands = spec.commands();
            let first = commands.iter().position(|command| command.contains(&format!("{variable}=")));
            assert!(first.is_some_and(|at| commands[at].starts_with(&begins)), "{name}: {variable} is not exported");
        }
    }
    assert!(exported >= 8);
}

/// A list of services that a loop runs over must not be empty where no decision was made.
#[test]
fn a_loop_runs_over_all_services_where_there_is_no_decision() {
    for (name, spec) in buildspecs() {
        if spec.commands().iter().any(|command| command.contains("$BUILD_SERVICES")) {
            let before = &spec.phases.pre_build.commands;
            assert!(before[1].starts_with("BUILD_SERVICES=\""), "{name}");
        }
    }
}

#[test]
fn the_maps_of_the_examples_parse_and_the_placeholder_is_a_template() {
    for map in ["shipmark.toml", "ecs/shipmark.toml"] {
        assert!(ServiceMap::parse(map, example(map).as_bytes()).is_ok(), "{map}");
    }
    let template = yaml(&example("two-step/placeholder.yaml")).unwrap();
    assert_eq!(template["AWSTemplateFormatVersion"], "2010-09-09");
    // The one section that a template must have, and what keeps this one from being deployed.
    assert_eq!(template["Resources"].as_object().unwrap().len(), 1);
    let parameters = template["Parameters"].as_object().unwrap();
    assert!(parameters.values().all(|parameter| parameter.get("Default").is_none()) && parameters.len() == 1);
}

#[test]
fn the_page_lists_every_example() {
    let page = include_str!("../../../docs/buildspecs.md");
    for name in files() {
        assert!(page.contains(&format!("buildspec-examples/{name}")), "docs/buildspecs.md does not list {name}");
    }
}

/// Windows: this machine has no PowerShell, so the file is only read.
#[test]
fn windows_builds_on_anything_but_true() {
    let spec = Buildspec::parse(&example("windows.yml")).unwrap();
    assert_eq!(spec.env.shell.as_deref(), Some("powershell.exe"));
    for command in spec.commands() {
        assert!(command.starts_with("if ($env:BUILD_SKIPPED -ne 'true') { "), "{command}");
        assert!(command.ends_with("; if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }"), "{command}");
    }
}
