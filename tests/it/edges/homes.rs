//! Who deploys: a skip stands only on a deploy by the same home.

use super::{Build, build, one};
use crate::support::World;

#[test]
fn a_deploy_by_another_pipeline_is_no_evidence() {
    let world = one();
    world.deploy(&build("1"), "a");
    assert_eq!(world.reason(&Build::new("2").pipeline("other"), "a"), "other-pipeline");
    let project = Build::new("web:3").with("CODEBUILD_INITIATOR", "ann");
    assert_eq!(world.reason(&project, "a"), "other-pipeline");
}

#[test]
fn an_account_or_a_region_makes_another_home() {
    let world = one();
    let arn = |region: &str, account: &str| format!("arn:aws:codebuild:{region}:{account}:build/web:1");
    let at = |id: &str, region: &str, account: &str| build(id).with("CODEBUILD_BUILD_ARN", &arn(region, account));
    world.deploy(&at("1", "eu-west-1", "1"), "a");
    assert_eq!(world.reason(&at("2", "eu-west-1", "1"), "a"), "unchanged");
    assert_eq!(world.reason(&at("3", "eu-west-1", "2"), "a"), "other-pipeline");
    assert_eq!(world.reason(&at("4", "us-east-1", "1"), "a"), "other-pipeline");
}

#[test]
fn an_unknown_home_equals_nothing() {
    let world = one();
    // A CI that does not say whose it is.
    let ci = || Build::default().with("CI", "true");
    let ticket = world.path("ticket.json");
    let named = ticket.to_str().unwrap();
    for number in 0..2 {
        let done = world.run_in(&ci(), ["decide", "a", "--ticket", named, "--format", "json"]);
        let reason = done.json()["services"][0]["reason"].clone();
        assert_eq!(reason, if number == 0 { "never-deployed" } else { "other-pipeline" });
        assert_eq!(world.run_in(&ci(), ["record", "a", "--ticket", named]).code, 0);
    }
    // One that is named is known.
    for reason in ["other-pipeline", "unchanged"] {
        let done = world.run_in(&ci(), ["decide", "a", "--pipeline", "shop", "--ticket", named, "--format", "json"]);
        assert_eq!(done.json()["services"][0]["reason"], reason);
        world.run_in(&ci(), ["record", "a", "--pipeline", "shop", "--ticket", named]);
    }
}

#[test]
fn pipelines_that_the_map_lists_together_are_one_home() {
    let map = "[environments.default]\npipelines = [\"shop\", \"hotfix\"]\n[services.a]\ninclude = [\"a\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let flags = ["--environment", "default"];
    let decide = |build: &Build| world.decide(build, &[&["a"], &flags[..]].concat())["services"][0]["reason"].clone();
    assert_eq!(decide(&build("1")), "never-deployed");
    assert_eq!(world.run_in(&build("1"), [&["record", "a"], &flags[..]].concat()).code, 0);
    assert_eq!(decide(&Build::new("2").pipeline("hotfix")), "unchanged");
    assert_eq!(decide(&Build::new("3").pipeline("third")), "other-pipeline");
}

#[test]
fn the_candidates_of_a_pipeline_that_is_gone_are_named_with_the_command_that_ends_them() {
    let world = one();
    world.deploy(&build("1"), "a");
    world.write("a/x", "2");
    world.reason(&build("2"), "a");
    super::staged(&world, &build("2"), "a");
    // The pipeline is made anew under another name.
    world.write("a/x", "1");
    let renamed = |id: &str| Build::new(id).pipeline("shop-2");
    assert_eq!(world.deploy(&renamed("3"), "a"), "other-pipeline");
    let done = world.run_in(&renamed("4"), ["decide", "a"]);
    assert!(done.stdout.contains("BUILD_REASON_A='deploy-pending'"), "{done:?}");
    assert!(done.stderr.contains("taint a --nothing-running"), "{done:?}");
}

#[test]
fn a_store_in_the_cloud_needs_a_named_project() {
    let world = one();
    let flags = ["--state", "dynamodb://table?region=eu-west-1&endpoint=http://127.0.0.1:1"];
    for command in [&["decide", "a"][..], &["plan"], &["status"], &["taint", "a", "--reason", "x"]] {
        let done = world.run([command, &flags].concat());
        assert_eq!(done.code, 2, "{command:?} {done:?}");
        assert!(done.stderr.contains("project"), "{command:?} {done:?}");
    }
}

#[test]
fn a_service_exists_only_where_the_map_says_so() {
    let map = |listed: &str| {
        format!(
            "environments = [\"prod\", \"stage\"]\n[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\nenvironments = [{listed}]\n"
        )
    };
    let world = World::new(&map("\"prd\""), &[("a/x", "1"), ("b/x", "1")]);
    let done = world.run_in(&build("1"), ["decide", "--environment", "stage"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("did you mean `prod`"), "{done:?}");
    world.write("shipmark.toml", &format!("project = \"default\"\n{}", map("\"prod\"")));
    let decided = world.decide(&build("2"), &["--environment", "stage"]);
    assert_eq!(decided["services"].as_array().unwrap().len(), 1);
    let done = world.run_in(&build("3"), ["decide", "b", "--environment", "stage"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stdout.contains("BUILD_SKIPPED='false'") && done.stderr.contains("does not exist"), "{done:?}");
    // Where nothing is decided, nothing is skipped.
    world.write("shipmark.toml", "project = \"default\"\nenvironments = [\"prod\", \"stage\"]\n[services.b]\ninclude = [\"b\"]\nenvironments = [\"prod\"]\n");
    let done = world.run_in(&build("4"), ["decide", "--environment", "stage"]);
    assert!(done.stdout.contains("BUILD_SKIPPED='false'"), "{done:?}");
}

#[test]
fn a_plan_on_a_laptop_asks_for_whoever_deploys() {
    let world = one();
    world.deploy(&build("1"), "a");
    // Not a CI: a variable that is empty counts as unset.
    let laptop = || Build::default().with("CODEBUILD_INITIATOR", "");
    let plan = || world.run_in(&laptop(), ["plan", "a", "--format", "json"]).json()["services"][0]["reason"].clone();
    assert_eq!(plan(), "unchanged");
    world.write("a/x", "2");
    assert_eq!(plan(), "changed");
    world.write("a/x", "1");
    // Whoever names a pipeline asks for that one, and a deploy from here would be another home's.
    let named = world.run_in(&laptop(), ["plan", "a", "--pipeline", "other", "--format", "json"]);
    assert_eq!(named.json()["services"][0]["reason"], "other-pipeline");
    let decided = world.run_in(&laptop(), ["decide", "a", "--format", "json"]);
    assert_eq!(decided.json()["services"][0]["reason"], "other-pipeline");
}

#[test]
fn a_ci_that_does_not_name_its_pipeline_is_told_how_to() {
    let world = one();
    let nameless = Build::default().with("CI", "true");
    let done = world.run_in(&nameless, ["decide", "a"]);
    assert!(done.stderr.contains("--pipeline NAME or SHIPMARK_PIPELINE"), "{done:?}");
    let named = world.run_in(&nameless.with("SHIPMARK_PIPELINE", "jenkins"), ["decide", "a"]);
    assert!(!named.stderr.contains("--pipeline NAME"), "{named:?}");
}
