//! The walk-through of docs/observe.md, run as it is shown.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::{MAP, can_trace};
use crate::codebuild::{Build as CodeBuild, Buildspec, shells, yaml};
use crate::readme::blocks;
use crate::support::{Build, SHIPMARK, World};

const PAGE: &str = include_str!("../../../docs/observe.md");
const WEEKLY: &str = include_str!("../../../buildspec-examples/observe.yml");

#[test]
fn the_walk_through_goes_as_the_page_says() {
    if !can_trace() {
        return;
    }
    let world = World::new("", &[]);
    world.remove("shipmark.toml");
    let bin = std::path::Path::new(SHIPMARK).parent().unwrap();
    let build = Build::default().with("PATH", &format!("{}:/usr/bin:/bin", bin.display()));
    let steps = blocks(PAGE, "sh");
    let walk: Vec<&String> = steps.iter().take_while(|step| !step.contains("# elsewhere")).collect();
    assert!(walk.len() >= 4, "{walk:?}");
    let mut said = String::new();
    for step in walk {
        let done = world.shell(&build, "sh", step);
        said.push_str(&format!("{}{}", done.stdout, done.stderr));
    }
    for shown in blocks(PAGE, "text") {
        for line in shown.lines().filter(|line| !line.trim().is_empty() && !line.contains('…')) {
            assert!(said.lines().any(|said| said == line), "the page shows `{line}`, and the program says:\n{said}");
        }
    }
}

#[test]
fn the_weekly_buildspec_fails_until_the_rules_cover_the_build() {
    if !can_trace() {
        return;
    }
    for shell in shells() {
        let world =
            World::new(MAP, &[("api/x", "1"), ("VERSION", "1"), ("build.sh", "#!/bin/sh\ncat api/x VERSION\n")]);
        let script = world.source().join("build.sh");
        std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let bin = std::path::Path::new(SHIPMARK).parent().unwrap().display().to_string();
        let run = |number: u32| {
            let variables = BTreeMap::from([("PATH".to_owned(), format!("{bin}:/usr/local/bin:/usr/bin:/bin"))]);
            let container = world.path(&format!("build-{number}"));
            CodeBuild { container, variables, shell, number }.run(&Buildspec::parse(WEEKLY).unwrap(), &world.source())
        };
        let ended = run(1);
        assert!(!ended.succeeded, "{}", ended.log);
        assert!(ended.log.contains("include = [\"VERSION\", \"build.sh\"]"), "{}", ended.log);
        world.write("shipmark.toml", "[services.api]\ninclude = ['api/**', 'VERSION', 'build.sh']\n");
        let ended = run(2);
        assert!(ended.succeeded, "{}", ended.log);
    }
}

#[test]
fn the_workflow_observes_with_the_same_flags() {
    let workflow = yaml(blocks(PAGE, "yaml").last().unwrap()).unwrap();
    let steps = workflow["jobs"]["observe"]["steps"].as_array().unwrap();
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(runs.iter().any(|run| run.starts_with("shipmark observe ") && run.contains(" --deny ")), "{runs:?}");
}
