//! Deploy stages: candidates, claims, and runs that were abandoned.

use super::{about, build, exported, one, pair, staged};

/// A build that decides and stages what is in the source now.
fn candidate(world: &super::World, id: &str) -> String {
    world.reason(&build(id), "a");
    staged(world, &build(id), "a")
}

#[test]
fn begin_refuses_what_was_superseded_and_lets_a_rollback_in() {
    let world = one();
    let first = candidate(&world, "1");
    assert_eq!(about(&world, &build("d1"), "begin", &first), 0);
    assert_eq!(about(&world, &build("d1"), "promote", &first), 0);
    world.write("a/x", "2");
    let second = candidate(&world, "2");
    world.write("a/x", "3");
    let third = candidate(&world, "3");
    assert_eq!(about(&world, &build("d3"), "begin", &third), 0);
    let done = world.run_in(&build("d2"), ["begin", "--candidate", &second]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("must not be deployed"), "{done:?}");
    assert_eq!(about(&world, &build("d3"), "promote", &third), 0);
    assert_eq!(about(&world, &build("r1"), "begin", &first), 0, "a rollback");
    assert_eq!(about(&world, &build("r1"), "promote", &first), 0);
    world.write("a/x", "3");
    assert_ne!(world.reason(&build("4"), "a"), "unchanged");
}

#[test]
fn begin_in_one_stage_ends_nothing_in_another() {
    let world = one();
    world.reason(&build("1"), "a");
    let stage = |id: &str, name: &str| {
        let done = world.run_in(&build(id), ["stage", "a", "--stage", name]);
        assert_eq!(done.code, 0, "{done:?}");
        exported(&done.stdout, "SHIPMARK_CANDIDATE_A")
    };
    let (east, west) = (stage("1", "east"), stage("1", "west"));
    assert_eq!(about(&world, &build("d1"), "begin", &east), 0);
    // The other stage begins while the first is under way: both stay open.
    assert_eq!(about(&world, &build("d2"), "begin", &west), 0);
    assert_eq!(about(&world, &build("d1"), "promote", &east), 0);
    world.write("a/x", "2");
    world.deploy(&build("2"), "a");
    assert_eq!(world.reason(&build("3"), "a"), "deploy-pending");
    // Two candidates of one build must not share a name.
    world.reason(&build("4"), "a");
    stage("4", "east");
    let again = world.run_in(&build("4"), ["stage", "a", "--stage", "east"]);
    assert_eq!(again.code, 2, "{again:?}");
}

#[test]
fn an_abandoned_deploy_stage_is_doubt_however_the_next_one_begins() {
    let world = one();
    let first = candidate(&world, "1");
    assert_eq!(about(&world, &build("d1"), "begin", &first), 0);
    world.write("a/x", "2");
    let second = candidate(&world, "2");
    assert_eq!(about(&world, &build("d2"), "begin", &second), 0);
    assert_eq!(about(&world, &build("d2"), "promote", &second), 0);
    assert_eq!(world.reason(&build("3"), "a"), "deploy-pending");
    // Once it is reported as failed, a later deploy is certain.
    assert_eq!(world.run_in(&build("d1"), ["promote", "--failed", "--candidate", &first]).code, 0);
    assert_eq!(world.reason(&build("4"), "a"), "uncertain");
    world.deploy(&build("5"), "a");
    // What the third and the fourth build opened is the same content.
    assert_eq!(world.reason(&build("6"), "a"), "unchanged");
}

#[test]
fn a_claim_is_confirmed_when_it_is_acted_on_or_fails() {
    let world = one();
    world.deploy(&build("1"), "a");
    let claim = |id: &str| {
        let done = world.run_in(&build(id), ["decide", "a", "--stage"]);
        assert!(done.stdout.contains("BUILD_SKIPPED='true'"), "{done:?}");
        exported(&done.stdout, "SHIPMARK_CANDIDATE_A")
    };
    let held = claim("2");
    assert_eq!(about(&world, &build("d2"), "begin", &held), 1, "a claim is nothing to deploy");
    assert_eq!(about(&world, &build("d2"), "promote", &held), 0);
    // Meanwhile something else is deployed.
    world.write("a/x", "2");
    world.deploy(&build("3"), "a");
    let done = world.run_in(&build("d2"), ["promote", "--candidate", &held]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("no longer holds"), "{done:?}");
}

#[test]
fn each_run_of_what_is_built_after_it_was_staged_is_an_artifact_of_its_own() {
    let world = one();
    let done = world.run_in(&build("1"), ["decide", "a", "--stage"]);
    let early = exported(&done.stdout, "SHIPMARK_CANDIDATE_A");
    // The stage builds, deploys half of it, is retried, builds again and promotes.
    assert_eq!(about(&world, &build("d1"), "begin", &early), 0);
    assert_eq!(about(&world, &build("d2"), "begin", &early), 0);
    assert_eq!(about(&world, &build("d2"), "promote", &early), 0);
    assert_eq!(world.run_in(&build("d1"), ["promote", "--failed", "--candidate", &early]).code, 0);
    assert_eq!(world.reason(&build("2"), "a"), "uncertain");
}

#[test]
fn a_late_promote_of_an_abandoned_run_drops_nothing_newer() {
    let world = one();
    let first = candidate(&world, "1");
    assert_eq!(about(&world, &build("d1"), "begin", &first), 0);
    world.write("a/x", "2");
    world.reason(&build("2"), "a");
    assert_eq!(world.run_in(&build("2").failing(), ["record", "a"]).code, 0);
    assert_eq!(about(&world, &build("d2"), "begin", &first), 0);
    // The late action of the first run; what the second build left was dropped by nobody.
    assert_eq!(about(&world, &build("d1"), "promote", &first), 0);
    world.write("a/x", "1");
    assert_eq!(world.reason(&build("3"), "a"), "uncertain");
    // A second delivery changes nothing.
    assert_eq!(about(&world, &build("d1"), "promote", &first), 0);
    assert_eq!(world.reason(&build("4"), "a"), "uncertain");
}

#[test]
fn a_stage_that_is_held_for_weeks_does_not_fill_the_list() {
    let world = one();
    world.deploy(&build("0"), "a");
    let mut last = String::new();
    for number in 1..=80 {
        world.write("a/x", &format!("version {number}"));
        last = candidate(&world, &format!("e{number}"));
    }
    assert_eq!(about(&world, &build("d"), "begin", &last), 0);
    assert_eq!(about(&world, &build("d"), "promote", &last), 0);
    assert_eq!(world.reason(&build("next"), "a"), "unchanged");
}

#[test]
fn the_mark_of_what_another_stage_deploys_again_has_its_pin() {
    let world = pair();
    for service in ["query", "command"] {
        world.deploy(&build("0"), service);
    }
    world.write("command/x", "2");
    world.write("query/x", "2");
    assert_eq!(world.run_in(&build("1"), ["decide"]).code, 0);
    let query = staged(&world, &build("1"), "query");
    let command = staged(&world, &build("1"), "command");
    assert_eq!(about(&world, &build("d1"), "begin", &query), 0);
    assert_eq!(about(&world, &build("d1"), "promote", &query), 0);
    // A revert of `query`, while the other stage of the first build still waits to deploy its second version again.
    world.write("query/x", "1");
    world.deploy(&build("2"), "query");
    assert_eq!(world.reason(&build("3"), "query"), "deploy-pending");
    assert_eq!(about(&world, &build("d2"), "begin", &command), 0);
    assert_eq!(about(&world, &build("d2"), "promote", &command), 0);
    assert_ne!(world.reason(&build("4"), "query"), "unchanged");
}

#[test]
fn a_rollback_of_a_skip_is_doubt() {
    let world = one();
    world.deploy(&build("1"), "a");
    assert_eq!(world.reason(&build("2"), "a"), "unchanged");
    let skipped = staged(&world, &build("2"), "a");
    world.write("a/x", "2");
    world.deploy(&build("3"), "a");
    assert_eq!(world.reason(&build("4"), "a"), "deploy-pending", "the old deploy waits to be made again");
    assert_eq!(about(&world, &build("d2"), "begin", &skipped), 0);
    assert_eq!(about(&world, &build("d2"), "promote", &skipped), 0);
    assert_ne!(world.reason(&build("5"), "a"), "unchanged");
}

#[test]
fn a_failed_build_hands_on_no_candidate() {
    let world = one();
    world.reason(&build("1"), "a");
    let done = world.run_in(&build("1").failing(), ["stage", "a"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(exported(&done.stdout, "SHIPMARK_CANDIDATE"), "false");
    assert_eq!(about(&world, &build("d"), "begin", "false"), 1);
}

#[test]
fn outputs_of_a_promote_are_those_of_the_service_and_not_of_what_it_deploys_again() {
    let world = pair();
    for service in ["query", "command"] {
        world.deploy(&build("0"), service);
    }
    world.write("command/x", "2");
    let done = world.run_in(&build("1"), ["decide", "command", "--stage"]);
    let candidate = exported(&done.stdout, "SHIPMARK_CANDIDATE_COMMAND");
    assert_eq!(about(&world, &build("d1"), "begin", &candidate), 0);
    let done = world.run_in(&build("d1"), ["promote", "--candidate", &candidate, "--output", "IMAGE=2"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.run(["output", "command", "IMAGE"]).stdout, "2\n");
    assert_eq!(world.run(["output", "query", "IMAGE"]).code, 4);
    let other = world.run_in(&build("d1"), ["promote", "--candidate", &candidate, "--output", "query:IMAGE=3"]);
    assert_eq!(other.code, 2, "{other:?}");
}
