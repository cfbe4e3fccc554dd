//! What one build decided, for which store, from which source, and what it saw.

use crate::support::World;

use super::{Build, build, one, pair};

#[test]
fn each_store_has_its_own_attempt_and_entry() {
    let world = one();
    let other = format!("file:{}", world.path("other").display());
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    let decided = world.decide(&build("2"), &["a", "--state", &other]);
    assert_eq!(decided["services"][0]["reason"], "never-deployed");
    assert_eq!(world.run_in(&build("2"), ["record", "a", "--state", &other]).code, 0);
    // The first store's attempt is still open, and nothing was recorded there.
    world.write("a/x", "1");
    assert_eq!(world.reason(&build("3"), "a"), "deploy-pending");
    assert_eq!(world.run_in(&build("2"), ["record", "a"]).code, 0);
    assert_eq!(world.reason(&build("4"), "a"), "changed");
}

#[test]
fn another_source_or_map_for_the_same_service_is_refused() {
    let world = one();
    assert_eq!(world.reason(&build("1"), "a"), "never-deployed");
    let copy = world.path("copy");
    std::fs::create_dir_all(copy.join("a")).unwrap();
    std::fs::write(copy.join("a/x"), "other").unwrap();
    std::fs::copy(world.source().join("shipmark.toml"), copy.join("shipmark.toml")).unwrap();
    let done = world.run_in(&build("1"), ["decide", "a", "--source", copy.to_str().unwrap()]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("another source"), "{done:?}");
    world.write("shipmark.toml", "[services.a]\ninclude = [\"a\", \"b\"]\n");
    let done = world.run_in(&build("1"), ["decide", "a"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("another service map"), "{done:?}");
}

#[test]
fn the_first_decision_of_a_build_stands() {
    let world = pair();
    assert_eq!(world.reason(&build("1"), "command"), "never-deployed");
    world.write("command/made-by-the-build", "1");
    world.decide(&build("1"), &["command"]);
    world.decide(&build("1"), &["query"]);
    assert_eq!(world.run_in(&build("1"), ["record", "command"]).code, 0);
    world.remove("command/made-by-the-build");
    assert_eq!(world.reason(&build("2"), "command"), "unchanged");
}

#[test]
fn a_workflow_must_say_how_its_job_went() {
    let world = one();
    let job = || build("1").with("GITHUB_ACTIONS", "true").with("CODEBUILD_BUILD_SUCCEEDING", "1");
    assert_eq!(world.run_in(&job(), ["decide", "a"]).code, 0);
    for verb in ["record", "stage"] {
        let done = world.run_in(&job(), [verb, "a"]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("--outcome"), "{done:?}");
    }
    let done = world.run_in(&job(), ["record", "a", "--outcome", "failure"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.reason(&build("2"), "a"), "never-deployed");
    assert_eq!(world.run_in(&build("2"), ["record", "a", "--outcome", "success"]).code, 0);
    // The first half-deployed something else before the second began.
    assert_eq!(world.reason(&build("3"), "a"), "unchanged");
}

#[test]
fn a_job_that_decides_beside_the_one_that_deploys_is_doubt_and_a_candidate_handed_on_is_none() {
    let world = one();
    world.reason(&build("plans"), "a");
    world.deploy(&build("deploys"), "a");
    assert_eq!(world.reason(&build("next"), "a"), "unchanged", "it has the same content");
    world.write("a/x", "2");
    world.reason(&build("plans-2"), "a");
    world.write("a/x", "3");
    world.deploy(&build("deploys-2"), "a");
    assert_eq!(world.reason(&build("next-2"), "a"), "deploy-pending");

    let world = one();
    let done = world.run_in(&build("job1"), ["decide", "a", "--stage"]);
    assert_eq!(done.code, 0, "{done:?}");
    let candidate = super::exported(&done.stdout, "SHIPMARK_CANDIDATE_A");
    assert_eq!(super::about(&world, &build("job2"), "begin", &candidate), 0);
    assert_eq!(super::about(&world, &build("job2"), "promote", &candidate), 0);
    assert_eq!(world.reason(&build("3"), "a"), "unchanged");
}

#[test]
fn outputs_that_are_empty_or_clash_are_refused() {
    let world = one();
    world.reason(&build("1"), "a");
    let twice = ["--output", "X=1", "--output", "X_A=2"];
    for (outputs, named) in [(&["--output", "X="][..], "`X` of `a`"), (&twice, "`X` and `X_A`")] {
        let done = world.run_in(&build("1"), [&["record", "a"], outputs].concat());
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains(named), "{done:?}");
    }
}

#[test]
fn a_build_of_an_open_pull_request_is_refused() {
    let world = one();
    let open = build("1").with("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_UPDATED");
    let done = world.run_in(&open, ["decide", "a"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("shipmark plan"), "{done:?}");
    let github = Build::default().with("GITHUB_ACTIONS", "true").with("GITHUB_EVENT_NAME", "pull_request_target");
    for open in [&open, &github] {
        for args in [&["decide", "a"][..], &["run", "a", "--", "true"], &["stage", "a"], &["record", "a"]] {
            // A variable may be set for all builds of a project, so it does not count as naming the environment.
            let done = world.run_in(&open.clone().with("SHIPMARK_ENVIRONMENT", "prod"), args);
            assert_eq!(done.code, 2, "{args:?}: {done:?}");
            assert!(done.stderr.contains("shipmark plan"), "{args:?}: {done:?}");
        }
        assert_eq!(world.run_in(open, ["plan", "a"]).code, 0);
    }
    assert_eq!(world.run_in(&open, ["decide", "a", "--environment", "pr-1"]).code, 0);
    let merged = build("2").with("CODEBUILD_WEBHOOK_EVENT", "PULL_REQUEST_MERGED");
    assert_eq!(world.run_in(&merged, ["decide", "a"]).code, 0);
}

#[test]
fn services_of_one_build_may_have_extras_of_their_own() {
    let map = "[services.command]\ninclude = [\"command\"]\n[services.query]\ninclude = [\"query\"]\n";
    let world = World::new(map, &[("command/x", "1"), ("query/x", "1")]);
    assert_eq!(world.run_in(&build("1"), ["decide", "query", "--extra", "BASE=1"]).code, 0);
    assert_eq!(world.run_in(&build("1"), ["decide", "command"]).code, 0);
    let done = world.run_in(&build("1"), ["record", "--all"]);
    assert_eq!(done.code, 0, "{done:?}");
    let reason = |args: &[&str]| world.decide(&build("2"), args)["services"][0]["reason"].clone();
    assert_eq!(reason(&["query", "--extra", "BASE=1"]), "unchanged");
    assert_eq!(reason(&["command"]), "unchanged");
    // What is given is compared, and a difference is doubt.
    world.write("query/x", "2");
    assert_eq!(world.run_in(&build("3"), ["decide", "query", "--extra", "BASE=1"]).code, 0);
    assert_eq!(world.run_in(&build("3"), ["record", "query", "--extra", "BASE=2"]).code, 2);
}
