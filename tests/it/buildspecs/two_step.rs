//! `two-step/`: one stage builds, the next one deploys, and what a pipeline does in between.

mod failures;
mod pipeline;

use pipeline::{Execution, Pipeline, Stage};

use super::{Outcome, example};
use crate::codebuild::{Shell, default_shells};

const MAIN: &str = "Server/Sources/Command/main.swift";

/// A pipeline whose first execution has deployed the content `1`, and that execution.
fn deployed(shell: Shell) -> (Pipeline, Execution) {
    let pipeline = Pipeline::new(shell);
    let first = pipeline.builds();
    assert_eq!(pipeline.enter(&first), Stage::Deployed);
    pipeline.agrees();
    (pipeline, first)
}

#[test]
fn a_pipeline_deploys_what_changed_and_skips_its_stage_otherwise() {
    for shell in default_shells() {
        let (pipeline, first) = deployed(shell);
        let again = pipeline.builds();
        assert!(!pipeline.site.did("docker"), "nothing changed");
        assert_eq!(again.exported["IMAGE_URI"], first.exported["IMAGE_URI"], "by digest");
        assert!(again.template().contains("ThisBuildWasSkipped"), "the declared artifact exists on a skip");
        assert_eq!(pipeline.enter(&again), Stage::Skipped);
        pipeline.agrees();

        pipeline.write("Server/Sources/Query/main.swift", "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped, "only the other server changed");
        pipeline.write("Server/template.yaml", "2");
        let template = pipeline.builds();
        assert!(!pipeline.site.did("docker build"), "a template compiles nothing");
        assert_eq!(pipeline.enter(&template), Stage::Deployed);
        pipeline.agrees();
        pipeline.write(MAIN, "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        pipeline.agrees();
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);
    }
}

/// Case 2: B waits for the stage and is superseded by C, which touches only the other server.
#[test]
fn a_superseded_execution_is_built_with_the_next() {
    for shell in default_shells() {
        let (pipeline, _) = deployed(shell);
        pipeline.write(MAIN, "2");
        pipeline.builds();
        pipeline.write("Server/Sources/Query/main.swift", "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        pipeline.agrees();
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);
    }
}

/// Case 37: bad B waits for its approval, or its deploy has failed half-way; its revert equals what was deployed before.
#[test]
fn the_revert_of_a_waiting_or_failed_execution_ships() {
    for shell in default_shells() {
        for (begun, told) in [(false, false), (true, false), (true, true)] {
            let (pipeline, _) = deployed(shell);
            pipeline.write(MAIN, "bad");
            let bad = pipeline.builds();
            if begun {
                pipeline.site.set("BREAKS", "aws cloudformation deploy");
                assert_eq!(pipeline.enter(&bad), Stage::Failed);
                pipeline.site.set("BREAKS", "");
            }
            assert!(!told || pipeline.tells_failure(&bad));
            pipeline.write(MAIN, "1");
            assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
            pipeline.agrees();
            let next = pipeline.builds();
            if begun && !told {
                assert_eq!(
                    pipeline.enter(&next),
                    Stage::Deployed,
                    "nobody knows that the deploy that failed has ended"
                );
            } else {
                assert_eq!(pipeline.enter(&next), Stage::Skipped, "nothing else can come");
            }
            pipeline.agrees();
        }
    }
}

/// Case 39: a rollback has old variables, old artifacts and a new execution id; earlier stages do not run.
#[test]
fn a_rollback_of_the_stage_is_recorded_and_the_newer_commit_builds() {
    for shell in default_shells() {
        let (pipeline, first) = deployed(shell);
        pipeline.write(MAIN, "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        assert_eq!(pipeline.enter(&first), Stage::Deployed, "the rollback");
        pipeline.agrees_with("1");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed, "the newer commit again");
        pipeline.agrees();
        assert_eq!(pipeline.enter(&first), Stage::Deployed, "a second rollback");
        pipeline.write(MAIN, "1");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped, "the revert equals what the rollback deployed");
        pipeline.agrees();
    }
}

/// What the comment in `build.yml` warns of: a skip that waits, a rollback meanwhile. It is never forgotten.
#[test]
fn a_skip_that_goes_stale_on_a_rollback_is_seen_by_the_next_execution() {
    for shell in default_shells() {
        let (pipeline, first) = deployed(shell);
        pipeline.write(MAIN, "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        let waiting = pipeline.builds();
        assert_eq!(waiting.exported["BUILD_SKIPPED"], "true");
        assert_eq!(pipeline.enter(&first), Stage::Deployed, "the rollback");
        assert_eq!(pipeline.enter(&waiting), Stage::Skipped, "by a condition that is stale");
        pipeline.agrees_with("1");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Deployed);
        pipeline.agrees();
    }
}

/// What a skipped stage will never deploy keeps nobody in doubt: the other server's deploy is certain at once.
#[test]
fn a_skip_whose_stage_is_skipped_leaves_the_other_server_certain() {
    let spec = example("docker-ecr-query.yml");
    for shell in default_shells() {
        let (pipeline, _) = deployed(shell);
        let other = [("REPOSITORY_URL", "1.dkr.ecr.example.com/query"), ("CODEBUILD_INITIATOR", "codepipeline/q")];
        let query = || pipeline.site.with(&other, |site| site.outcome(&spec));
        assert_eq!(query(), Outcome::Deploys);
        pipeline.write("Server/Sources/Query/main.swift", "2");
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);
        assert_eq!((query(), query()), (Outcome::Deploys, Outcome::Skips));
        pipeline.agrees();
    }
}

/// The other way out: a skip that hands on what it stands on, in a stage that is always entered, deploys it again.
#[test]
fn a_stage_that_is_entered_in_spite_of_a_skip_deploys_no_placeholder() {
    for shell in default_shells() {
        let (pipeline, _) = deployed(shell);
        let skipped = pipeline.builds();
        assert_eq!(pipeline.enter_anyway(&skipped), Stage::Failed, "CloudFormation refuses the placeholder");
        pipeline.agrees();
        let spec = pipeline.edited("cp Server/AWS/placeholder.yaml", "cp Server/template.yaml");
        let pipeline = pipeline.with_build(&spec);
        let spec = pipeline.edited("if [ \"$BUILD_SKIPPED\" != true ]; then S=", "if true; then S=");
        let pipeline = pipeline.with_build(&spec);
        let skipped = pipeline.builds();
        assert_eq!(skipped.exported["BUILD_SKIPPED"], "true");
        assert_eq!(pipeline.enter_anyway(&skipped), Stage::Deployed, "the same deploy again");
        pipeline.agrees();
        assert_eq!(pipeline.enter(&pipeline.builds()), Stage::Skipped);
    }
}
