//! What is set around a buildspec, or wrongly added to it: environments, variables, further inputs, a second decision.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::simple::{DEPLOY, shop};
use super::systems::{TERRAFORM, terraform};
use super::{Outcome, Site, example};
use crate::codebuild::default_shells;
use crate::support::SHIPMARK;

const TRUTH: [(&str, &str); 1] = [("api/x", "services/api/src/x")];

/// A published buildspec with an edit that must find its place.
fn edited(file: &str, from: &str, to: &str) -> String {
    let text = example(file);
    assert!(text.contains(from), "`{from}` is not in {file}");
    text.replace(from, to)
}

/// Cases 5 and 6: a revert of a revert is nothing new; another environment has a mark of its own.
#[test]
fn each_environment_is_deployed_and_a_revert_of_a_revert_is_not() {
    let spec = example("simple.yml");
    for shell in default_shells() {
        let site = shop(shell);
        for environment in ["prod", "stage"] {
            site.set("SHIPMARK_ENVIRONMENT", environment);
            assert_eq!((site.outcome(&spec), site.outcome(&spec)), (Outcome::Deploys, Outcome::Skips), "{environment}");
        }
        site.world.write(TRUTH[0].1, "2");
        site.world.write(TRUTH[0].1, "1");
        assert_eq!(site.outcome(&spec), Outcome::Skips);
        site.agrees(&TRUTH);
    }
}

/// Case 43: two pipelines whose authors forgot the environment; and a map that does not let them.
#[test]
fn two_pipelines_without_an_environment_build() {
    let spec = edited("simple.yml", "    SHIPMARK_ENVIRONMENT: prod\n", "");
    for shell in default_shells() {
        let site = shop(shell);
        assert_eq!(site.outcome(&spec), Outcome::Fails, "the map names environments, so one must be named");
        site.world
            .write("shipmark.toml", &example("shipmark.toml").replace("environments = [\"stage\", \"prod\"]\n", ""));
        assert_eq!((site.outcome(&spec), site.outcome(&spec)), (Outcome::Deploys, Outcome::Skips));
        site.set("CODEBUILD_INITIATOR", "codepipeline/other");
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.agrees(&TRUTH);
    }
}

/// Cases 19 and 20: a further input, and a variable that is empty.
#[test]
fn an_extra_builds_and_an_empty_variable_fails() {
    let with = |image: &str| edited("simple.yml", "\"$SERVICE\" --", &format!("\"$SERVICE\" --extra BASE={image} --"));
    let plain = example("simple.yml");
    let empty = edited("simple.yml", "SERVICE: api", "SERVICE: ''");
    for shell in default_shells() {
        let site = shop(shell);
        for (spec, outcome) in [
            (&plain, Outcome::Deploys),
            (&with("1"), Outcome::Deploys),
            (&with("1"), Outcome::Skips),
            (&with("2"), Outcome::Deploys),
            (&plain, Outcome::Deploys),
            (&plain, Outcome::Skips),
            (&empty, Outcome::Fails),
        ] {
            assert_eq!(site.outcome(spec), outcome, "{spec}");
        }
        site.agrees(&TRUTH);
    }
}

/// One project for all services that decides twice, and records at its end.
const AGAIN: &str = "\
version: 0.2
env: { variables: { SHIPMARK_ENVIRONMENT: prod } }
phases:
  pre_build:
    commands:
      - D=\"$(shipmark decide)\" && eval \"$D\"
  build:
    commands:
      - for S in $BUILD_SERVICES; do ./deploy.sh \"$S\" || exit 1; done
  post_build:
    commands:
      - D=\"$(shipmark decide)\" && eval \"$D\"
      - shipmark record --all
";

/// Case 44: a second decision after the build has written files, and a record of what was never decided.
#[test]
fn a_second_decision_changes_nothing_and_what_was_not_decided_is_not_recorded() {
    let again = AGAIN;
    let other = example("simple.yml") + "      - shipmark record worker\n";
    for shell in default_shells() {
        let site = shop(shell);
        // One that leaves what it built beside the sources.
        site.script(
            "deploy.sh",
            &DEPLOY.replace("#!/bin/sh\n", "#!/bin/sh\necho written >\"services/$1/src/generated\"\n"),
        );
        assert_eq!(site.outcome(again), Outcome::Deploys);
        assert_eq!(site.outcome(again), Outcome::Skips, "what was recorded is what the first decision saw");
        site.agrees(&TRUTH);
        assert_eq!(site.outcome(&other), Outcome::Fails, "`worker` was not decided in this build");
        assert_eq!(site.outcome(again), Outcome::Deploys, "so it is in doubt");
        assert!(site.did("aws lambda update-function-code --function-name worker"));
        assert!(!site.did("aws lambda update-function-code --function-name web"));
    }
}

/// Case 47: the image's decision skips, then Terraform's crashes.
#[test]
fn a_decision_that_crashes_after_one_that_skipped_is_no_skip() {
    let spec = example("terraform-image.yml");
    let goes_on = edited("terraform-image.yml", "  pre_build:\n", "  pre_build:\n    on-failure: CONTINUE\n");
    for shell in default_shells() {
        let site = terraform(shell);
        assert_eq!((site.outcome(&spec), site.outcome(&spec)), (Outcome::Deploys, Outcome::Skips));
        crash(&site, "decide terraform-aws");
        assert_eq!(site.outcome(&spec), Outcome::Fails);
        assert_eq!(site.outcome(&goes_on), Outcome::Fails);
        assert!(site.did("terraform -chdir=Terraform/aws apply") && !site.did("docker build"), "{:?}", site.log());
        site.agrees(&TERRAFORM);
    }
}

/// Makes the program crash when it is called so.
fn crash(site: &Site, arguments: &str) {
    let tool = site.world.path("tools/shipmark");
    fs::remove_file(&tool).unwrap();
    let script = format!("#!/bin/sh\n[ \"$*\" != '{arguments}' ] || exit 101\nexec '{SHIPMARK}' \"$@\"\n");
    fs::write(&tool, script).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Case 48: outputs that would steer the shell of a later build are refused, and what was deployed with them is doubt.
#[test]
fn an_output_that_would_steer_a_build_is_not_recorded() {
    let spec = example("simple.yml");
    for shell in default_shells() {
        let site = shop(shell);
        for name in ["PATH", "BUILD_SKIPPED", "LD_PRELOAD"] {
            site.script("deploy.sh", &format!("{DEPLOY}echo {name}=true >>\"$SHIPMARK_OUTPUTS\"\n"));
            assert_eq!(site.outcome(&spec), Outcome::Fails, "{name}");
            assert!(site.did("aws lambda update-function-code"), "{name}");
        }
        site.script("deploy.sh", DEPLOY);
        assert_eq!((site.outcome(&spec), site.outcome(&spec)), (Outcome::Deploys, Outcome::Skips));
        site.agrees(&TRUTH);
    }
}

/// Case 42: one build serves two environments, production is rejected, and the next commit touches nothing.
#[test]
fn an_environment_that_was_rejected_still_gets_what_it_lacks() {
    let both = "\"$SERVICE\" --environment stage --environment prod";
    let decide = edited("two-step/decide.yml", "\"$SERVICE\")", &format!("{both})"));
    let action = |action: &str, environment: &str| {
        let file = format!("two-step/{action}.yml");
        edited(&file, "shipmark begin ", &format!("shipmark begin --environment {environment} "))
    };
    for shell in default_shells() {
        let site = shop(shell);
        let run = || {
            let ended = site.build(&decide);
            assert!(ended.succeeded, "{}", ended.log);
            (ended.exported["BUILD_SKIPPED"] == "true", ended.exported["SHIPMARK_CANDIDATE"].clone())
        };
        let ship = |candidate: &str, environment: &str| {
            site.with(&[("SHIPMARK_CANDIDATE", candidate)], |site| {
                for text in [action("begin", environment), action("begin", environment).replace("begin", "promote")] {
                    assert!(site.build(&text).succeeded);
                }
            });
        };
        let (skipped, candidate) = run();
        assert!(!skipped);
        ship(&candidate, "stage");
        site.world.write("README.md", "only documentation");
        let (skipped, candidate) = run();
        assert!(!skipped, "production has nothing yet");
        ship(&candidate, "stage");
        ship(&candidate, "prod");
        assert!(run().0);
    }
}
