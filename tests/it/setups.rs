//! The set-ups of docs/setups.md are run as they are written there.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::codebuild::{Buildspec, yaml};
use super::pages::Page;
use super::support::{Build, Done, SHIPMARK, World};

/// Runs all of them.
pub(crate) fn page(page: &Page) {
    for (part, first) in [
        ("shipmark run api ", &["deployed api"][..]),
        ("shipmark run --all --jobs 4 ", &["deployed api", "deployed web"]),
    ] {
        services_in_one_project(page.block("yaml", part), first);
    }
    staging_and_production_are_built_once(page);
    a_fleet_is_started_by_what_decides(page.block("yaml", "shipmark run \"$SERVICE\""));
    a_matrix_of_github_actions_has_a_job_for_each_service_that_builds(page.block("yaml", "fromJSON"));
}

/// Two services with a script that notes what it deploys.
fn shop(environments: &str) -> World {
    let mut map = format!("project = \"shop\"\n{environments}");
    for service in ["api", "web"] {
        map += &format!(
            "[services.{service}]\ninclude = [\"{service}/**\"]\noutputs = {{ IMAGE_URI = \"*@sha256:*\" }}\n"
        );
    }
    let world = World::new(&map, &[("api/x", "1"), ("web/x", "1")]);
    script(
        &world,
        "deploy.sh",
        "echo deployed $SHIPMARK_SERVICE >>../log; echo IMAGE_URI=r@sha256:1 >>$SHIPMARK_OUTPUTS",
    );
    world
}

fn script(world: &World, name: &str, text: &str) {
    let text = if text.starts_with("#!") { text.to_owned() } else { format!("#!/bin/sh\n{text}\n") };
    world.write(name, &text);
    std::fs::set_permissions(world.source().join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A build of a pipeline in which these commands run. They must succeed.
fn ran(world: &World, id: &str, variables: &[(&str, &str)], commands: &[&str]) -> Done {
    let build = variables.iter().fold(Build::new(id).pipeline("shop"), |build, (name, value)| build.with(name, value));
    let directory = Path::new(SHIPMARK).parent().unwrap().display();
    let done = world.shell(&build, "sh", &format!("set -e\nPATH={directory}:$PATH\n{}", commands.join("\n")));
    assert_eq!(done.code, 0, "{done:?}");
    done
}

/// What the scripts have noted since the last look, sorted.
fn noted(world: &World) -> Vec<String> {
    let path = world.path("log");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// The buildspec deploys these services at first, nothing when nothing has changed, and then one that has.
fn services_in_one_project(buildspec: &str, first: &[&str]) {
    let world = shop("");
    let spec = Buildspec::parse(buildspec).unwrap();
    ran(&world, "shop:1", &[], &spec.commands());
    assert_eq!(noted(&world), first);
    ran(&world, "shop:2", &[], &spec.commands());
    assert_eq!(noted(&world), [""; 0], "{first:?}");
    world.write("api/x", "2");
    ran(&world, "shop:3", &[], &spec.commands());
    assert_eq!(noted(&world), ["deployed api"], "{first:?}");
}

fn staging_and_production_are_built_once(page: &Page) {
    let world = shop(page.block("toml", "reuse_from"));
    script(&world, "deploy.sh", page.block("sh", "./release.sh"));
    script(&world, "build.sh", "echo built $SHIPMARK_SERVICE >>../log; echo r@sha256:$SHIPMARK_SERVICE");
    script(&world, "release.sh", "echo released $1 >>../log");
    let stages = yaml(page.block("yaml", "confirm: ")).unwrap();
    let stage = |id: &str, name: &str, variables: &[(&str, &str)]| {
        ran(&world, id, variables, &[stages[name].as_str().unwrap(), "echo \"$BUILD_SKIPPED $SHIPMARK_CANDIDATE\""])
            .stdout
    };
    let pipeline = |number: u32| {
        stage(&format!("stage:{number}"), "stage", &[]);
        let staged = noted(&world);
        let decided = stage(&format!("decide:{number}"), "decide", &[]);
        let (skipped, candidate) = decided.trim_end().rsplit('\n').next().unwrap().split_once(' ').unwrap();
        let handed = [("SHIPMARK_CANDIDATE", candidate)];
        if skipped != "true" {
            stage(&format!("prod:{number}"), "prod", &handed);
        }
        stage(&format!("confirm:{number}"), "confirm", &handed);
        (staged, noted(&world))
    };
    let released = ["released r@sha256:api", "released r@sha256:web"];
    let (staged, deployed) = pipeline(1);
    assert_eq!(staged, [&["built api", "built web"], &released[..]].concat());
    assert_eq!(deployed, released, "nothing is built for production");
    assert_eq!(pipeline(2), (vec![], vec![]));
    world.write("web/x", "2");
    let (staged, deployed) = pipeline(3);
    assert_eq!(staged, ["built web", "released r@sha256:web"]);
    assert_eq!(deployed, ["released r@sha256:web"]);
    assert_eq!(pipeline(4), (vec![], vec![]));
}

fn a_fleet_is_started_by_what_decides(child: &str) {
    let world = shop("");
    for (number, expected) in [(1, &["deployed api", "deployed web"][..]), (2, &[])] {
        let decided = ran(
            &world,
            &format!("decide:{number}"),
            &[],
            &["shipmark decide --stage --environment prod --format json"],
        );
        for entry in decided.json()["services"].as_array().unwrap() {
            let service = entry["service"].as_str().unwrap();
            let variables = [("SERVICE", service), ("SHIPMARK_CANDIDATE", entry["candidate"].as_str().unwrap())];
            if entry["skip"] == false {
                ran(&world, &format!("{service}:{number}"), &variables, &Buildspec::parse(child).unwrap().commands());
            }
        }
        assert_eq!(noted(&world), expected);
    }
}

fn a_matrix_of_github_actions_has_a_job_for_each_service_that_builds(workflow: &str) {
    let workflow = yaml(workflow).unwrap();
    let run = |job: &str, step: usize| workflow["jobs"][job]["steps"][step]["run"].as_str().unwrap().to_owned();
    let world = shop("");
    for (number, expected) in [("1", &["deployed api", "deployed web"][..]), ("2", &[])] {
        let github = |job: &str| {
            let build =
                Build::default().with("GITHUB_ACTIONS", "true").with("GITHUB_RUN_ID", number).with("GITHUB_JOB", job);
            build.with("GITHUB_REPOSITORY", "o/r").with("GITHUB_WORKFLOW", "deploy")
        };
        let path = world.path("output");
        let directory = Path::new(SHIPMARK).parent().unwrap().display();
        let step = |build: &Build, command: &str| {
            let done = world.shell(build, "sh", &format!("set -e\nPATH={directory}:$PATH\n{command}"));
            assert_eq!(done.code, 0, "{done:?}");
        };
        let _ = std::fs::remove_file(&path);
        step(&github("decide").with("GITHUB_OUTPUT", path.to_str().unwrap()), &run("decide", 1));
        let text = std::fs::read_to_string(&path).unwrap();
        let output = |name: &str| {
            let rest = text.split(&format!("{name}<<")).nth(1).unwrap();
            rest.lines().nth(1).unwrap().to_owned()
        };
        let services: Vec<String> = serde_json::from_str(&output("services")).unwrap();
        let candidates: BTreeMap<String, String> = serde_json::from_str(&output("candidates")).unwrap();
        for service in services {
            let build = github("deploy").with("SHIPMARK_CANDIDATE", &candidates[&service]);
            step(&build, &run("deploy", 1).replace("${{ matrix.service }}", &service));
        }
        assert_eq!(noted(&world), expected);
    }
}
