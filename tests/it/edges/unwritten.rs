//! Attempts that end, that could not be written, and marks that were removed.

use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::output::{Hint, Suggestion};
use shipmark::protocol::engine::mark::MOST_ATTEMPTS;

use super::{World, build, one, pair, staged};

#[test]
fn no_build_takes_an_attempt_back() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    // The build deploys half of it, and then tries to run something that is not there.
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    let done = world.run_in(&build("2"), ["run", "a", "--", "/not/there"]);
    assert_eq!(done.code, 127, "{done:?}");
    world.write("a/x", "1");
    assert_eq!(world.reason(&build("3"), "a"), "uncertain");
}

#[test]
fn a_failed_rebuild_of_what_is_deployed_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    assert_eq!(world.run_in(&build("2"), ["decide", "a", "--force"]).code, 0);
    assert_eq!(world.run_in(&build("2").failing(), ["record", "a"]).code, 0);
    assert_eq!(world.reason(&build("3"), "a"), "uncertain");
    assert_eq!(world.run_in(&build("3"), ["record", "a"]).code, 0);
    assert_eq!(world.reason(&build("4"), "a"), "unchanged");
}

#[test]
fn a_pin_that_could_not_be_written_leaves_doubt_once_the_store_is_healthy_again() {
    let world = pair();
    world.deploy(&build("1"), "query");
    world.deploy(&build("2"), "command");
    world.deploy(&build("3"), "query");
    world.write("command/x", "2");
    // Nobody can lock the mark of `query`.
    let lock = world.mark("query").with_file_name("lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    assert_eq!(world.reason(&build("4"), "command"), "state-unavailable");
    std::fs::remove_dir(&lock).unwrap();
    let done = world.run_in(&build("4"), ["record", "command"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.reason(&build("5"), "query"), "uncertain");
}

#[test]
fn what_is_pinned_is_what_is_printed_and_a_skip_of_the_same_call_is_pinned_too() {
    let map = "\
[services.command]
include = [\"command\"]
redeploys = [\"query\"]
[services.query]
include = [\"query\"]
outputs = { IMAGE = \"*\" }
";
    let world = super::World::new(map, &[("command/x", "1"), ("query/x", "1")]);
    assert_eq!(world.run_in(&build("1"), ["decide"]).code, 0);
    let done = world.run_in(&build("1"), ["record", "command", "query", "--output", "query:IMAGE=one"]);
    assert_eq!(done.code, 0, "{done:?}");
    world.write("command/x", "2");
    let done = world.run_in(&build("2"), ["decide"]);
    assert!(
        done.stdout.contains("BUILD_SKIPPED_QUERY='true'") && done.stdout.contains("IMAGE_QUERY='one'"),
        "{done:?}"
    );
    // Whoever decides now sees that the second build may deploy the image again; and that is what is deployed.
    assert_eq!(world.reason(&build("3"), "query"), "unchanged");
    assert_eq!(world.run_in(&build("2").failing(), ["record", "--all"]).code, 0);
    let status = world.run(["status", "query", "--json"]).json();
    let attempts = status["services"][0]["attempts"].as_array().unwrap();
    assert!(attempts.iter().any(|attempt| attempt["pinned_by"] == "command"), "{status}");
}

#[test]
fn a_build_that_runs_while_its_mark_is_removed_stays_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    let done = world.run(["state", "rm", "a"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("1 attempt may still deploy"), "{done:?}");
    world.write("a/x", "1");
    // The third deploys and records while the second is still on its way.
    assert_eq!(world.deploy(&build("3"), "a"), "never-deployed");
    assert_eq!(world.reason(&build("4"), "a"), "deploy-pending");
    assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 0);
    assert_ne!(world.reason(&build("5"), "a"), "unchanged");
}

#[test]
fn a_damaged_mark_that_is_removed_is_doubt_until_somebody_says_that_nothing_runs() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.put_mark("a", "rubbish");
    assert_eq!(world.reason(&build("2"), "a"), "state-unreadable");
    assert_eq!(world.run(["state", "rm", "a"]).code, 0);
    world.deploy(&build("3"), "a");
    assert_eq!(world.reason(&build("4"), "a"), "deploy-pending");
    let done = world.run(["taint", "a", "--nothing-running", "--reason", "all pipelines were stopped"]);
    assert_eq!(done.code, 0, "{done:?}");
    world.deploy(&build("5"), "a");
    assert_eq!(world.reason(&build("6"), "a"), "unchanged");
}

#[test]
fn an_import_over_a_mark_whose_builds_run_keeps_them_as_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    let export = world.path("export.jsonl");
    let named = export.to_str().unwrap();
    assert_eq!(world.run(["state", "export", "--out", named]).code, 0);
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    let done = world.run(["state", "import", named, "--trusted", "--replace"]);
    assert_eq!(done.code, 0, "{done:?}");
    world.write("a/x", "1");
    assert_ne!(world.reason(&build("3"), "a"), "unchanged");
    assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 0);
    assert_ne!(world.reason(&build("4"), "a"), "unchanged");
}

#[test]
fn a_service_that_left_the_map_and_returns_builds() {
    let world = pair();
    for service in ["command", "query"] {
        world.deploy(&build("1"), service);
    }
    assert_eq!(world.reason(&build("2"), "query"), "unchanged");
    world.write("shipmark.toml", "[services.command]\ninclude = [\"command\"]\n");
    let done = world.run_in(&build("3"), ["decide"]);
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("query") && done.stderr.contains("state rm --orphans"), "{done:?}");
    let status = world.run(["status"]);
    assert!(status.stderr.contains("query"), "{status:?}");
    // Its deploy removes `query`; then a revert brings it back.
    world.run_in(&build("3"), ["record", "--all"]);
    world.write("shipmark.toml", super::PAIR);
    assert_ne!(world.reason(&build("4"), "query"), "unchanged");
    world.write("shipmark.toml", "[services.command]\ninclude = [\"command\"]\n");
    let done = world.run(["state", "rm", "--orphans"]);
    assert_eq!(done.code, 0, "{done:?}");
    let done = world.run_in(&build("5"), ["decide"]);
    assert!(!done.stderr.contains("--orphans"), "{done:?}");
}

/// An older version knows only the envelope of a mark, and can say no more than that.
#[test]
fn a_mark_that_was_put_in_doubt_by_its_envelope_alone_is_uncertain() {
    let world = one();
    world.deploy(&build("1"), "a");
    assert_eq!(world.reason(&build("2"), "a"), "unchanged");
    let mark = String::from_utf8(world.kept("a")).unwrap();
    world.put_mark("a", mark.replacen("\"certain\": true", "\"certain\": false", 1));
    assert_eq!(world.deploy(&build("3"), "a"), "uncertain");
    assert_eq!(world.reason(&build("4"), "a"), "unchanged");
}

/// Makes the list of `a` as full as it can be: of deploys in stages of their own, which nobody has ended.
fn fill(world: &World) {
    world.edit_mark("a", |mark| {
        let attempts = mark["attempts"].as_array_mut().unwrap();
        let run = attempts.iter().find(|attempt| attempt["state"] == "deploying").unwrap().clone();
        for n in attempts.len()..MOST_ATTEMPTS {
            let mut other = run.clone();
            other["id"] = format!("x{n}").into();
            other["lane"]["stage"] = format!("s{n}").into();
            attempts.push(other);
        }
    });
}

/// The store is healthy. What helps is that somebody says how those deploys ended.
#[test]
fn a_full_list_is_not_taken_for_a_store_that_cannot_be_reached() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.reason(&build("2"), "a");
    let candidate = staged(&world, &build("2"), "a");
    assert_eq!(world.action("begin", &candidate).code, 0);
    fill(&world);
    let place = Hint {
        state: world.state().to_owned(),
        project: ProjectName::default(),
        environment: EnvironmentName::default(),
    };
    let command = place.command(&Suggestion::NothingRunning(ServiceName::new("a").unwrap()));
    let says = |text: &str| {
        assert!(text.contains("list of attempts") && text.contains("is full: 64 of its deploys"), "{text}");
        assert!(text.contains(&command) && !text.contains("reachable"), "{text}");
    };
    let planned = world.run_in(&build("4"), ["plan", "a", "--explain"]);
    assert!(planned.stdout.contains("state-unavailable"), "{planned:?}");
    says(&planned.stdout);
    assert!(planned.stdout.contains("; the oldest: an attempt (build 2, just now) is being deployed"), "{planned:?}");
    // Something new must not be staged at all; what is deployed may be.
    world.write("a/x", "1");
    assert_eq!(world.reason(&build("4"), "a"), "state-unavailable");
    let staged = world.run_in(&build("4"), ["stage", "a"]);
    assert_eq!(staged.code, 1, "{staged:?}");
    says(&staged.stderr);
    // A further run of what has begun before.
    let begun = world.action("begin", &candidate);
    assert_eq!(begun.code, 1, "{begun:?}");
    says(&begun.stderr);
    // What it says helps.
    assert_eq!(world.run(["taint", "a", "--nothing-running", "--reason", "why"]).code, 0);
    assert_eq!(world.deploy(&build("5"), "a"), "uncertain");
    assert_eq!(world.reason(&build("6"), "a"), "unchanged");
}
