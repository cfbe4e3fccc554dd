//! Two builds at once: one waits in the middle of its deploy, the other runs from its first command to its last.

use super::docker_ecr::{QUERY, TRUTH, exchanged, swift};
use super::simple::shop;
use super::systems::{TERRAFORM, terraform};
use super::{Outcome, example};
use crate::codebuild::default_shells;

const API: &str = "services/api/src/x";

/// Cases 3 and 30: an execution that was abandoned, or overtaken, goes on, deploys and records after a newer one.
#[test]
fn a_build_that_deploys_after_a_newer_one_is_deployed_over() {
    let spec = example("simple.yml");
    for shell in default_shells() {
        let site = shop(shell);
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.world.write(API, "2");
        let late = site.meanwhile(&spec, "aws lambda update-function-code", |site| {
            site.world.write(API, "3");
            assert_eq!(site.outcome(&spec), Outcome::Deploys);
            site.agrees(&[("api/x", API)]);
        });
        assert!(late.succeeded, "{}", late.log);
        assert_eq!(site.deployed("api/x").as_deref(), Some("2"), "the older one was last");
        assert_eq!(site.outcome(&spec), Outcome::Deploys, "3 was recorded, and is not what runs");
        site.agrees(&[("api/x", API)]);
        assert_eq!(site.outcome(&spec), Outcome::Skips);
    }
}

/// Case 41: while one waits, the content that was deployed before is deployed again; nobody calls that "nothing to do".
#[test]
fn a_build_of_the_old_content_meanwhile_is_no_skip() {
    let spec = example("simple.yml");
    for shell in default_shells() {
        let site = shop(shell);
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.world.write(API, "2");
        site.meanwhile(&spec, "aws lambda update-function-code", |site| {
            site.world.write(API, "1");
            assert_eq!(site.outcome(&spec), Outcome::Deploys, "2 may be deployed at any moment");
        });
        assert_eq!(site.outcome(&spec), Outcome::Deploys, "and was");
        site.agrees(&[("api/x", API)]);
    }
}

/// Case 40: command has read query's image, query deploys a newer one, command deploys the older one again.
#[test]
fn a_stack_that_deploys_the_others_old_image_again_is_seen() {
    let command = example("docker-ecr.yml");
    let query = exchanged(&command);
    for shell in default_shells() {
        let site = swift(shell);
        let of_query = [("REPOSITORY_URL", "1.dkr.ecr.example.com/query")];
        assert_eq!(site.outcome(&command), Outcome::Deploys);
        site.with(&of_query, |site| assert_eq!(site.outcome(&query), Outcome::Deploys));
        site.world.write("Server/Sources/Command/main.swift", "2");
        let late = site.meanwhile(&command, "aws cloudformation deploy", |site| {
            site.world.write("Server/Sources/Query/main.swift", "2");
            site.with(&of_query, |site| assert_eq!(site.outcome(&query), Outcome::Deploys));
            assert_eq!(site.deployed(QUERY).as_deref(), Some("2"));
        });
        assert!(late.succeeded, "{}", late.log);
        assert_eq!(site.deployed(QUERY).as_deref(), Some("1"), "the older one is deployed again");
        site.with(&of_query, |site| assert_eq!(site.outcome(&query), Outcome::Deploys));
        let both = [TRUTH.as_slice(), &[(QUERY, "Server/Sources/Query/main.swift")]].concat();
        site.agrees(&both[1..]);
        assert_eq!(site.deployed(QUERY).as_deref(), Some("2"));
    }
}

/// The same with Terraform and an image that its build has skipped: why that example decides twice.
#[test]
fn terraform_that_deploys_an_old_image_again_is_seen() {
    let spec = example("terraform-image.yml");
    for shell in default_shells() {
        let site = terraform(shell);
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.world.write("Terraform/aws/main.tf", "2");
        let late = site.meanwhile(&spec, "terraform -chdir=Terraform/aws apply", |site| {
            site.world.write("src/backend/main.py", "2");
            assert_eq!(site.outcome(&spec), Outcome::Deploys);
            site.agrees(&TERRAFORM[..2]);
        });
        assert!(late.succeeded, "{}", late.log);
        assert_eq!(site.deployed(TERRAFORM[0].0).as_deref(), Some("1"), "Terraform was given the older one");
        assert_eq!(site.outcome(&spec), Outcome::Deploys);
        site.agrees(&TERRAFORM);
    }
}
