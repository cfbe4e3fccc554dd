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
    assert!(world.ship(&old).contains("uncertain"));
    for text in ["1", "2"] {
        assert_eq!(planned_with(&world, text), "uncertain");
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
    assert_eq!(world.planned("a"), "uncertain");
}

/// Case 53: skips of a two-step service in a row, with and without a pipeline to tell them by.
#[test]
fn many_skips_do_not_fill_the_list() {
    for in_pipeline in [true, false] {
        let world = world();
        let build = |id: &str| if in_pipeline { build(id) } else { Build::new(id) };
        world.ship(&world.candidate(&build("0"), "a", "1"));
        for skip in 1..=66 {
            let build = build(&format!("skip-{skip}"));
            assert_eq!(world.reason(&build, "a"), "unchanged", "skip {skip}, in a pipeline: {in_pipeline}");
            world.stage(&build, &["a"]);
        }
        let listed = world.attempts("a").len();
        assert!(if in_pipeline { listed == 1 } else { listed <= 64 }, "{listed}");
        assert_eq!(planned_with(&world, "2"), "changed");
    }
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
    assert!(done.stderr.contains("something else was deployed of `a`"), "{}", done.stderr);
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
