//! A hint that is pasted on a laptop: the command that was printed changes what it speaks of, or fails.

use std::path::Path;

use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::output::{Hint, Suggestion};

use super::{Build, World, build};
use crate::support::{Done, SHIPMARK, git, hermetic, run};

const ONLY_A: &str = "project = \"shop\"\n[services.a]\ninclude = [\"a\"]\n";
const BOTH: &str = "project = \"shop\"\n[services.a]\ninclude = [\"a\"]\n[services.gone]\ninclude = [\"gone\"]\n";

/// A deployed service and a build of it that is under way, a service that has left the map, and the same in another environment.
fn shop() -> World {
    let world = World::new(BOTH, &[("a/x", "1"), ("gone/x", "1")]);
    for environment in ["prod", "stage"] {
        for service in ["a", "gone"] {
            world.deploy(&at(environment, "1"), service);
        }
    }
    world.write("shipmark.toml", ONLY_A);
    let source = world.source();
    git(&source, &["init", "-q"]);
    git(&source, &["add", "-A"]);
    git(&source, &["commit", "-q", "-m", "one"]);
    world.write("a/x", "2");
    assert_eq!(world.reason(&at("prod", "2"), "a"), "changed");
    world.write("a/x", "1");
    world
}

/// A build in the pipeline, for an environment.
fn at(environment: &str, id: &str) -> Build {
    build(id).with("SHIPMARK_ENVIRONMENT", environment)
}

/// Runs what a hint prints as somebody does who pastes it: with `sh`, in that directory, and nothing of the build's environment.
fn paste(world: &World, directory: &Path, what: &Suggestion) -> Done {
    let hint = Hint {
        state: world.state().to_owned(),
        project: ProjectName::new("shop").unwrap(),
        environment: EnvironmentName::new("prod").unwrap(),
    };
    let mut shell = hermetic("sh", directory, &world.path("tmp"));
    shell.envs(world.variables());
    let programs = Path::new(SHIPMARK).parent().unwrap().to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path))).unwrap();
    shell.env("PATH", path).args(["-c", &hint.command(what)]);
    run(shell)
}

/// What is stored, without the times.
fn stored(world: &World, environment: &str) -> String {
    let done = world.run(["state", "export", "--environment", environment]);
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout.split_once('\n').unwrap().1.to_owned()
}

/// What the pipeline's next plan says of the service.
fn planned(world: &World, environment: &str) -> String {
    let plan = world.run_in(&at(environment, "9"), ["plan", "a", "--format", "json"]).json();
    crate::support::reason(&plan, "a")
}

/// What each command is to have done where it succeeds. `before` is what was stored.
fn did(world: &World, what: &Suggestion, done: &Done, before: &str) {
    let now = stored(world, "prod");
    let deployed = |service: &str| {
        let service = format!("\"kind\":\"mark\",\"environment\":\"prod\",\"service\":\"{service}\"");
        now.lines().any(|line| line.contains(&service) && !line.contains("\"deployed\":null"))
    };
    match what {
        Suggestion::Plan(_) => {
            assert!(done.stdout.contains("deploy-pending") || done.stdout.contains("other-pipeline"), "{done:?}");
            assert_eq!(now, before);
        }
        Suggestion::Status(_) => {
            assert!(done.stdout.contains("prod") && done.stdout.contains("building: opened"), "{done:?}");
            assert_eq!(now, before);
        }
        Suggestion::Shadow(_) | Suggestion::ClearShadow(_) => {
            assert!(done.stdout.contains("No service is in shadow"), "{done:?}");
            assert_eq!(now, before);
        }
        Suggestion::Taint(_) => assert_eq!(planned(world, "prod"), "uncertain"),
        Suggestion::NothingRunning(_) => {
            assert_eq!(planned(world, "prod"), "uncertain");
            assert_eq!(world.deploy(&at("prod", "3"), "a"), "uncertain");
            assert_eq!(planned(world, "prod"), "unchanged", "the build that was under way has ended");
        }
        Suggestion::StateRm(_) => {
            assert_eq!(planned(world, "prod"), "never-deployed");
            assert!(deployed("gone") && !deployed("a"), "{now}");
        }
        Suggestion::StateRmOrphans => {
            assert!(!deployed("gone") && deployed("a"), "{now}");
            assert_eq!(planned(world, "prod"), "deploy-pending");
            let decided = world.run_in(&at("prod", "4"), ["decide", "a"]);
            assert!(!decided.stderr.contains("--orphans"), "{decided:?}");
        }
        Suggestion::Adopt(_) => {
            assert!(done.stdout.contains("TO RECORD") && done.stderr.contains("add --yes"), "{done:?}");
            assert_eq!(now, before);
        }
    }
}

fn name() -> ServiceName {
    ServiceName::new("a").unwrap()
}

#[test]
fn a_hint_that_is_pasted_elsewhere_does_what_it_says_to_the_named_store_or_fails() {
    for what in Suggestion::all(&name()) {
        for place in ["nowhere", "another-source", "unnamed-source", "source/a"] {
            let world = shop();
            let directory = world.path(place);
            std::fs::create_dir_all(&directory).unwrap();
            if place.ends_with("-source") {
                // Another system's: to its map all services of this one are orphans.
                let project = if place == "another-source" { "project = \"other\"\n" } else { "" };
                let map = "[state]\nurl = \"file:state\"\n[services.b]\ninclude = [\"b\"]\n";
                std::fs::write(directory.join("shipmark.toml"), format!("{project}{map}")).unwrap();
                std::fs::write(directory.join("b"), "1").unwrap();
            }
            let (before, other) = (stored(&world, "prod"), stored(&world, "stage"));
            let done = paste(&world, &directory, &what);
            let told = format!("{what:?} in {place}: {done:?}");
            match done.code {
                0 => did(&world, &what, &done, &before),
                _ => assert_eq!(stored(&world, "prod"), before, "{told}"),
            }
            assert_eq!(stored(&world, "stage"), other, "{told}");
            assert!(!directory.join("state").exists() && !directory.join(".shipmark").exists(), "{told}");
            // What needs the map is done where that is, and nowhere else; the rest is done anywhere.
            let needs_no_map =
                matches!(what, Suggestion::Taint(_) | Suggestion::NothingRunning(_) | Suggestion::StateRm(_));
            assert_eq!(done.code == 0, place == "source/a" || needs_no_map, "{told}");
        }
    }
}

#[test]
fn a_taint_of_what_was_never_recorded_fails() {
    let world = World::new(ONLY_A, &[("a/x", "1")]);
    for place in ["nowhere", "source"] {
        let directory = world.path(place);
        std::fs::create_dir_all(&directory).unwrap();
        for what in [Suggestion::Taint(name()), Suggestion::NothingRunning(name())] {
            let done = paste(&world, &directory, &what);
            assert_ne!(done.code, 0, "{place}: {done:?}");
        }
    }
    assert_eq!(stored(&world, "prod"), "{\"kind\":\"end\",\"services\":0}\n");
}
