//! The walk-through of docs/observe.md, run as it is shown.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::{MAP, can_trace};
use crate::codebuild::{Build as CodeBuild, Buildspec, shells, yaml};
use crate::pages::{Page, Reader};
use crate::support::{SHIPMARK, World};

const WEEKLY: &str = include_str!("../../../buildspec-examples/observe.yml");

/// What the page shows.
pub(crate) fn page(page: &Page) {
    the_workflow_observes_with_the_same_flags(page.block("yaml", "matrix.service"));
    let steps =
        ["mkdir api", "shipmark observe api -- ", "shipmark check --allow unowned\n", "--deny observed-not-covered"];
    if can_trace() {
        let reader = Reader::new("", &[]);
        reader.world.remove("shipmark.toml");
        for part in steps {
            reader.types(page, part);
        }
    } else {
        page.blocks("sh");
        page.blocks("text");
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

fn the_workflow_observes_with_the_same_flags(workflow: &str) {
    let workflow = yaml(workflow).unwrap();
    let steps = workflow["jobs"]["observe"]["steps"].as_array().unwrap();
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(runs.iter().any(|run| run.starts_with("shipmark observe ") && run.contains(" --deny ")), "{runs:?}");
}
