//! Two-step recording through the program: builds stage candidates, later stages of the pipeline deploy them.

mod actions;
mod redeploys;
mod skips;

use super::support::{Build, World, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1")])
}

/// A build of the pipeline for which [`World::planned`] asks.
fn build(id: &str) -> Build {
    Build::new(id).pipeline("shop")
}

/// What the next decision would say if the input were `text`.
fn planned_with(world: &World, text: &str) -> String {
    world.write("a/x", text);
    world.planned("a")
}

/// Decide, stage, begin, promote.
#[test]
fn a_candidate_is_deployed_and_then_skipped() {
    let world = world();
    let candidate = world.candidate(&build("1"), "a", "1");
    assert_eq!(world.planned("a"), "never-deployed", "staged is not deployed");
    assert_eq!(world.action("begin", &candidate).code, 0);
    assert_eq!(world.planned("a"), "never-deployed", "begun is not deployed");
    let promoted = world.action("promote", &candidate);
    assert_eq!(promoted.code, 0);
    assert!(promoted.stderr.contains("recorded as deployed to default"), "{}", promoted.stderr);
    assert_eq!(world.planned("a"), "unchanged");
    assert!(world.attempts("a").is_empty());
    assert_eq!(planned_with(&world, "2"), "changed");
}

/// The outputs of a candidate are handed back once it is promoted.
#[test]
fn outputs_travel_with_the_candidate() {
    let world = world();
    world.reason(&build("1"), "a");
    let candidate = world.stage(&build("1"), &["a", "--output", "IMAGE_URI=it's @1 $(x)"]);
    assert_eq!(world.run(["output", "a", "IMAGE_URI"]).code, 4);
    world.ship(&candidate);
    assert_eq!(world.run(["output", "a", "IMAGE_URI"]).stdout, "it's @1 $(x)\n");
}

/// Case 37: B is staged and waits for approval; its revert equals what was deployed before.
#[test]
fn the_revert_of_a_waiting_candidate_builds_and_is_then_certain() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    world.candidate(&build("2"), "a", "2");
    assert_eq!(planned_with(&world, "1"), "deploy-pending");
    let revert = world.candidate(&build("3"), "a", "1");
    assert_eq!(world.planned("a"), "deploy-pending", "staged is not deployed");
    world.ship(&revert);
    assert_eq!(world.planned("a"), "unchanged", "the stage of this pipeline has gone beyond the other candidate");
}

/// Case 37: B is deploying, then its deploy fails; its revert equals what was deployed before.
#[test]
fn the_revert_of_a_candidate_that_began_builds() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    let bad = world.candidate(&build("2"), "a", "2");
    assert_eq!(world.action("begin", &bad).code, 0);
    assert_eq!(planned_with(&world, "1"), "deploy-pending");
    world.ship(&world.candidate(&build("3"), "a", "1"));
    assert_eq!(world.planned("a"), "deploy-pending", "an abandoned action may still deploy");
    assert_eq!(world.action_with(&Build::default(), &["promote", "--failed", "--candidate", &bad]).code, 0);
    assert_eq!(world.planned("a"), "uncertain", "it failed after the revert was deployed, or before");
    world.ship(&world.candidate(&build("4"), "a", "1"));
    assert_eq!(world.planned("a"), "unchanged", "it had failed when this one began");
}

/// Who tells of the failure spares everybody the wait.
#[test]
fn a_deploy_that_is_told_to_have_failed_is_over_for_the_next() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    let bad = world.candidate(&build("2"), "a", "2");
    assert_eq!(world.action("begin", &bad).code, 0);
    assert_eq!(world.action_with(&Build::default(), &["promote", "--failed", "--candidate", &bad]).code, 0);
    assert_eq!(planned_with(&world, "1"), "uncertain");
    world.ship(&world.candidate(&build("3"), "a", "1"));
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 39: the deploy stage is rolled back with the old value; then the newer commit again.
#[test]
fn a_rollback_of_the_deploy_stage_is_recorded() {
    let world = world();
    let old = build("1").with("CODEBUILD_RESOLVED_SOURCE_VERSION", "old");
    let old = world.candidate(&old, "a", "1");
    world.ship(&old);
    world.ship(&world.candidate(&build("2"), "a", "2"));
    assert_eq!(world.planned("a"), "unchanged");
    let said = world.ship(&old);
    assert!(!said.contains("uncertain"), "{said}");
    assert_eq!(world.planned("a"), "changed", "the newer commit is not deployed any more");
    assert_eq!(world.stored("a")["deployed"]["revision"], "old");
    world.ship(&world.candidate(&build("3"), "a", "2"));
    assert_eq!(world.planned("a"), "unchanged");
    assert_eq!(planned_with(&world, "1"), "changed");
}

/// Case 55: two pipelines stage candidates of one service; whichever is promoted first, the other still waits.
#[test]
fn the_promotion_of_one_pipeline_keeps_the_candidate_of_another() {
    for first in [0, 1] {
        let world = world();
        let pipelines = ["one", "two"];
        let staged = pipelines.map(|name| world.candidate(&Build::new(name).pipeline(name), "a", name));
        let planned = |pipeline: &str, text: &str| {
            world.write("a/x", text);
            let plan = world.run_in(&Build::default().pipeline(pipeline), ["plan", "--format", "json", "a"]);
            reason(&plan.json(), "a")
        };
        let (first, other) = (first, 1 - first);
        let (mine, others) = (pipelines[first], pipelines[other]);
        world.ship(&staged[first]);
        let waiting = world.attempts("a");
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0]["state"], "pending");
        assert_eq!(waiting[0]["home"]["pipeline"], others);
        assert_eq!(planned(mine, mine), "deploy-pending", "the other may be deployed at any moment");
        assert_eq!(planned(mine, others), "changed");
        assert_eq!(planned(others, mine), "other-pipeline");
        assert_eq!(planned(others, others), "other-pipeline");
        let said = world.ship(&staged[other]);
        assert!(!said.contains("uncertain"), "nothing else waits or runs: {said}");
        assert_eq!(planned(others, others), "unchanged");
        assert_eq!(planned(mine, others), "other-pipeline");
    }
}

/// Case 55: a rollback while a newer candidate waits.
#[test]
fn a_rollback_keeps_a_newer_candidate() {
    let world = world();
    let old = world.candidate(&build("1"), "a", "1");
    world.ship(&old);
    world.ship(&world.candidate(&build("2"), "a", "2"));
    let newer = world.candidate(&build("3"), "a", "3");
    world.ship(&old);
    assert_eq!(world.attempts("a").len(), 1, "the newer candidate still waits");
    for (text, reason) in [("1", "deploy-pending"), ("2", "changed"), ("3", "changed")] {
        assert_eq!(planned_with(&world, text), reason);
    }
    world.ship(&newer);
    assert_eq!(planned_with(&world, "3"), "unchanged");
}

/// No build takes its attempt back (R2): it has failed, and nobody knows what it has deployed.
#[test]
fn a_failed_build_stages_nothing_and_leaves_doubt() {
    let world = world();
    world.ship(&world.candidate(&build("1"), "a", "1"));
    world.write("a/x", "2");
    assert_eq!(world.reason(&build("2"), "a"), "changed");
    assert_eq!(world.attempts("a").len(), 1);
    assert_eq!(world.stage(&build("2").failing(), &["a"]), "false", "there is no candidate to export");
    let attempts = world.attempts("a");
    assert_eq!((attempts.len(), &attempts[0]["state"]), (1, &"failed".into()));
    for text in ["1", "2"] {
        assert_eq!(planned_with(&world, text), "uncertain");
    }
    let refused = world.action("begin", "false");
    assert!(refused.code == 1 && refused.stderr.contains("its build has failed"), "{refused:?}");
}

/// Case 53: 65 failed attempts of different content.
#[test]
fn failed_attempts_beyond_the_list_are_doubt_until_a_certain_deploy() {
    let world = world();
    world.deploy(&build("0"), "a");
    for attempt in 1..=65 {
        let build = build(&format!("failed-{attempt}"));
        world.write("a/x", &format!("other {attempt}"));
        world.reason(&build, "a");
        assert_eq!(world.run_in(&build.failing(), ["record", "a"]).code, 0);
    }
    let listed = world.attempts("a");
    let stand_for: u64 = listed.iter().map(|attempt| attempt["stands_for"].as_u64().unwrap_or(1)).sum();
    assert_eq!((listed.len(), stand_for), (64, 65), "none is forgotten");
    for text in ["1", "other 1", "other 65"] {
        assert_eq!(planned_with(&world, text), "uncertain");
    }
    world.write("a/x", "1");
    world.deploy(&build("1"), "a");
    assert_eq!(world.planned("a"), "unchanged", "all of them had failed when it began");
    assert!(world.attempts("a").is_empty());
}
