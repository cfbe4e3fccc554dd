//! A job that decides, and one for each service that builds (a matrix of GitHub Actions).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Build, World};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";

fn workflow(run: &str) -> Build {
    let build = Build::default().with("GITHUB_ACTIONS", "true").with("GITHUB_RUN_ID", run);
    build.with("GITHUB_REPOSITORY", "o/r").with("GITHUB_WORKFLOW", "deploy")
}

/// What `$GITHUB_OUTPUT` then holds.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let mut outputs = BTreeMap::new();
    while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

fn decided(world: &World, run: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let done = world.run_in(&workflow(run), ["decide", "--stage", "--format", "github"]);
    assert_eq!(done.code, 0, "{done:?}");
    let outputs = outputs(&done.stdout);
    let services = serde_json::from_str(&outputs["services"]).unwrap();
    let candidates: BTreeMap<String, String> = serde_json::from_str(&outputs["candidates"]).unwrap();
    let each: Vec<&str> = candidates.values().map(String::as_str).collect();
    assert_eq!(outputs["SHIPMARK_CANDIDATE"], each.join(" "));
    assert_eq!(outputs["SHIPMARK_CANDIDATE_A"], candidates["a"]);
    (services, candidates)
}

#[test]
fn a_matrix_has_the_services_that_build_and_a_candidate_for_each() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    let (services, candidates) = decided(&world, "1");
    assert_eq!(services, ["a", "b"]);
    for service in services {
        for action in ["begin", "promote"] {
            let done = world.run_in(&workflow("1"), [action, "--candidate", &candidates[&service]]);
            assert_eq!(done.code, 0, "{done:?}");
        }
    }
    world.write("b/x", "2");
    let (services, candidates) = decided(&world, "2");
    assert_eq!(services, ["b"]);
    assert_eq!(candidates.keys().collect::<Vec<_>>(), ["a", "b"], "what is skipped has a claim");
    let plain = world.run_in(&workflow("3"), ["plan", "--format", "github"]);
    assert!(!outputs(&plain.stdout).contains_key("candidates"), "{plain:?}");
}

#[test]
fn each_decision_is_an_event_of_the_log() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    world.deploy(&Build::new("1"), "a");
    let events = |args: &[&str]| -> Vec<Value> {
        let done = world.run_in(&Build::new("2"), ["--log-format", "json"].iter().chain(args));
        let lines = done.stderr.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line.get("event").is_some()).collect()
    };
    let decided = events(&["decide"]);
    decided.iter().for_each(|event| crate::schemas::holds("event", event));
    let said = |key: &str| decided.iter().map(|event| event[key].to_string()).collect::<Vec<_>>();
    assert_eq!(said("service"), ["\"a\"", "\"b\""]);
    assert_eq!(said("reason"), ["\"unchanged\"", "\"never-deployed\""]);
    assert_eq!(said("skip"), ["true", "false"]);
    assert_eq!(said("build"), ["\"2\"", "\"2\""]);
    assert!(events(&["-q", "decide"]).is_empty() && events(&["plan"]).is_empty());
}
