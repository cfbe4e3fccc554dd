//! Skips in two steps: the deploy stage will make the deploy again that the skip stands on.

use super::{build, planned_with, world};
use crate::support::{Build, exported};

/// Case 51: an execution whose build was skipped waits with the old outputs; meanwhile a rollback; then a decision.
#[test]
fn a_skip_that_waits_for_its_stage_is_doubt_after_a_rollback() {
    let world = world();
    let old = world.candidate(&build("1"), "a", "1");
    world.ship(&old);
    world.ship(&world.candidate(&build("2"), "a", "2"));
    assert_eq!(world.reason(&build("3"), "a"), "unchanged");
    let waiting = world.stage(&build("3"), &["a"]);
    assert_eq!(world.planned("a"), "unchanged", "it would deploy what is deployed");
    world.ship(&old);
    for (text, reason) in [("1", "deploy-pending"), ("2", "changed")] {
        assert_eq!(planned_with(&world, text), reason);
    }
    world.ship(&waiting);
    assert_eq!(planned_with(&world, "2"), "unchanged", "now it is deployed again");
    assert_eq!(planned_with(&world, "1"), "changed");
}

/// Case 51: the skip that waits will deploy the old content again, so nobody else's deploy is certain.
#[test]
fn a_skip_that_waits_is_doubt_for_whoever_deploys_other_content() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    assert_eq!(world.reason(&build("2"), "a"), "unchanged");
    world.stage(&build("2"), &["a"]);
    world.write("a/x", "2");
    assert_eq!(world.deploy(&Build::new("by hand"), "a"), "changed");
    assert_eq!(world.planned("a"), "deploy-pending");
}

/// Case 53: skips of a two-step service in a row. What waits of the same deploy in one lane is one entry.
#[test]
fn many_skips_do_not_fill_the_list() {
    let world = world();
    world.ship(&world.candidate(&build("0"), "a", "1"));
    for skip in 1..=66 {
        let build = build(&format!("skip-{skip}"));
        assert_eq!(world.reason(&build, "a"), "unchanged", "skip {skip}");
        world.stage(&build, &["a"]);
    }
    assert_eq!(world.attempts("a").len(), 1);
    assert_eq!(planned_with(&world, "2"), "changed");
}

/// Without a pipeline nobody takes turns, so each candidate waits for itself; one too many is refused, and none is forgotten.
#[test]
fn without_a_pipeline_a_full_list_refuses_a_skip() {
    let world = world();
    let build = |id: &str| Build::new(&format!("project:{id}")).with("CODEBUILD_INITIATOR", "someone");
    world.ship(&world.candidate(&build("0"), "a", "1"));
    for skip in 1..=64 {
        let build = build(&format!("skip-{skip}"));
        assert_eq!(world.reason(&build, "a"), "unchanged", "skip {skip}");
        world.stage(&build, &["a"]);
    }
    let before = world.kept("a");
    assert_eq!(world.reason(&build("last"), "a"), "unchanged");
    let done = world.run_in(&build("last"), ["stage", "a"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, "false\n"), "{done:?}");
    assert!(done.stderr.contains("none of them can be merged"), "{}", done.stderr);
    assert_eq!(world.kept("a"), before);
    // Nor can anybody open an attempt: it builds, and says so.
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("other"), "a"), "state-unavailable");
}

/// Something else was deployed between a skip's decision and its `stage`: it must not go on.
#[test]
fn a_stale_skip_is_refused() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    assert_eq!(world.reason(&build("skip"), "a"), "unchanged");
    world.ship(&world.candidate(&build("2"), "a", "2"));
    let before = world.kept("a");
    let done = world.run_in(&build("skip"), ["stage", "a"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, "false\n"), "{}", done.stderr);
    assert_eq!(exported(&done.stdout), None, "the build that evaluates it fails");
    assert!(done.stderr.contains("another deploy was recorded since `a` was decided"), "{}", done.stderr);
    assert_eq!(world.kept("a"), before);
    assert_eq!(world.planned("a"), "unchanged");
}

/// Cases 42 and 51: what a skip hands on has the outputs of the deploy that it stands on.
#[test]
fn a_skip_hands_on_the_recorded_outputs() {
    let world = world();
    world.reason(&build("1"), "a");
    world.ship(&world.stage(&build("1"), &["a", "--output", "IMAGE_URI=one"]));
    assert_eq!(world.reason(&build("2"), "a"), "unchanged");
    let again = world.stage(&build("2"), &["a"]);
    world.ship(&again);
    assert_eq!(world.run(["output", "a", "IMAGE_URI"]).stdout, "one\n");
    assert_eq!(world.planned("a"), "unchanged");
}
