//! What fails in a pipeline of two stages.

use super::{MAIN, Stage, deployed};
use crate::codebuild::default_shells;

#[test]
fn a_build_that_failed_hands_on_no_candidate_and_is_made_again() {
    for shell in default_shells() {
        let (pipeline, _) = deployed(shell);
        pipeline.write(MAIN, "2");
        for fails in ["docker build", "docker push"] {
            let ended = pipeline.site.with(&[("FAILS", fails)], |_| pipeline.build());
            assert!(!ended.succeeded && ended.log.contains("no deploy was recorded"), "{}", ended.log);
            assert_eq!(ended.exported["SHIPMARK_CANDIDATE"], "false", "which `begin` refuses");
        }
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        pipeline.agrees();
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);
    }
}

#[test]
fn a_deploy_that_failed_is_retried_by_its_stage_or_by_the_next_execution() {
    for shell in default_shells() {
        for fails in ["FAILS", "BREAKS"] {
            let (pipeline, _) = deployed(shell);
            pipeline.write(MAIN, "2");
            let second = pipeline.builds();
            pipeline.site.set(fails, "aws cloudformation deploy");
            assert_eq!(pipeline.enter(&second), Stage::Failed);
            pipeline.site.set(fails, "");
            assert_eq!(pipeline.enter(&second), Stage::Deployed, "the stage is retried");
            pipeline.agrees();
            assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);

            pipeline.write(MAIN, "3");
            let third = pipeline.builds();
            pipeline.site.set(fails, "aws cloudformation deploy");
            assert_eq!(pipeline.enter(&third), Stage::Failed);
            pipeline.site.set(fails, "");
            pipeline.write("Server/Sources/Query/main.swift", "2");
            assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed, "another commit, which touches the other");
            pipeline.agrees();
        }
    }
}

#[test]
fn without_the_state_or_the_program_nothing_is_skipped_or_deployed_unannounced() {
    for shell in default_shells() {
        let (pipeline, first) = deployed(shell);
        let nowhere = pipeline.site.unreachable();
        let ended = pipeline.site.with(&[("SHIPMARK_STATE", &nowhere)], |_| pipeline.build());
        assert!(!ended.succeeded, "which image the other server runs is not known: {}", ended.log);
        assert_eq!(ended.exported.get("BUILD_SKIPPED").map(String::as_str), None);
        let path = pipeline.site.path_without_shipmark();
        pipeline.site.with(&[("PATH", &path)], |site| {
            let ended = pipeline.build();
            assert!(!ended.succeeded && ended.exported.is_empty(), "{}", ended.log);
            let lax = pipeline.edited("  pre_build:\n", "  pre_build:\n    on-failure: CONTINUE\n");
            let ended = site.build(&lax);
            assert!(!ended.succeeded && site.did("docker build"), "{}", ended.log);
            assert_eq!(ended.exported["BUILD_SKIPPED"], "false");
            assert_eq!(pipeline.enter_anyway(&first), Stage::Failed);
            assert!(!site.did("aws cloudformation deploy"), "`begin` comes first");
        });
        pipeline.agrees();
    }
}

/// `promote` fails, or is never reached: what was deployed is not recorded, and the next decision builds.
#[test]
fn a_deploy_that_could_not_be_recorded_is_made_again() {
    for shell in default_shells() {
        let (pipeline, _) = deployed(shell);
        pipeline.write(MAIN, "2");
        let second = pipeline.builds();
        assert!(pipeline.begins_and_deploys(&second));
        pipeline.agrees();
        pipeline.write(MAIN, "1");
        let third = pipeline.builds();
        assert_eq!(third.exported["BUILD_SKIPPED"], "false", "1 is what was recorded, and 2 is what runs");
        assert_eq!(pipeline.enter(&third), Stage::Deployed);
        pipeline.agrees();
    }
}

/// Why `begin` comes first: a rollback that fails half-way was announced, though nothing was recorded.
#[test]
fn a_rollback_that_fails_half_way_is_doubt() {
    for shell in default_shells() {
        let (pipeline, first) = deployed(shell);
        pipeline.write(MAIN, "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        pipeline.site.set("BREAKS", "aws cloudformation deploy");
        assert_eq!(pipeline.enter(&first), Stage::Failed, "the rollback");
        pipeline.site.set("BREAKS", "");
        pipeline.agrees_with("1");
        assert_eq!(
            pipeline.enter(&pipeline.builds()),
            Stage::Deployed,
            "2 is what was recorded last, and 1 is what runs"
        );
        pipeline.agrees();
    }
}
