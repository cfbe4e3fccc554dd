//! What another environment has deployed is deployed here without building.

use crate::support::World;
use crate::support::entry;

use super::build;

const MAP: &str = "\
[environments.stage]
[environments.prod]
reuse_from = \"stage\"
[services.a]
include = [\"a\"]
outputs = { IMAGE = \"*\" }
";

fn world(map: &str) -> World {
    World::new(map, &[("a/x", "1")])
}

const IN_PROD: [&str; 3] = ["a", "--environment", "prod"];
const IN_STAGE: [&str; 3] = ["a", "--environment", "stage"];

/// Decides and deploys to the first environment.
fn staging(world: &World, id: &str, image: &str) {
    let build = build(id);
    world.decide(&build, &IN_STAGE);
    let output = format!("IMAGE={image}");
    let done = world.run_in(&build, [&["record"], &IN_STAGE[..], &["--output", &output]].concat());
    assert_eq!(done.code, 0, "{done:?}");
}

/// The decision for the second environment: whether it reuses, and its sentence.
fn production(world: &World, id: &str, more: &[&str]) -> (bool, String) {
    let answer = world.decide(&build(id), &[&IN_PROD[..], more].concat());
    let service = entry(&answer, "a");
    assert_eq!(service["skip"], false, "{answer}");
    let reused = service.get("reused_from").is_some_and(|from| from == "stage");
    (reused, service["detail"].as_str().unwrap().to_owned())
}

#[test]
fn an_image_is_built_once_and_deployed_twice() {
    let world = world(MAP);
    staging(&world, "1", "one");
    let done = world.run_in(&build("2"), [&["decide"], &IN_PROD[..]].concat());
    for line in [
        "BUILD_SKIPPED='false'",
        "BUILD_REUSED='true'",
        "BUILD_REASON_A='never-deployed'",
        "BUILD_REUSED_A='true'",
        "IMAGE_A='one'",
        "IMAGE='one'",
    ] {
        assert!(done.stdout.contains(&format!("export {line}\n")), "{line}: {done:?}");
    }
    assert!(done.stderr.contains("\na: reuse, never-deployed: "), "{done:?}");
    // Another image would not be the one that was looked at.
    let other = world.run_in(&build("2"), [&["record"], &IN_PROD[..], &["--output", "IMAGE=two"]].concat());
    assert_eq!(other.code, 2, "{other:?}");
    let same = world.run_in(&build("2"), [&["record"], &IN_PROD[..], &["--output", "IMAGE=one"]].concat());
    assert_eq!(same.code, 0, "{same:?}");
    let answer = world.decide(&build("3"), &IN_PROD);
    assert_eq!(entry(&answer, "a")["reason"], "unchanged");
    assert_eq!(entry(&answer, "a")["outputs"]["IMAGE"], "one");
    // What differs is built in the first environment, and reused again.
    world.write("a/x", "2");
    assert!(!production(&world, "4", &[]).0, "staging has other inputs");
    staging(&world, "5", "two");
    assert!(production(&world, "6", &[]).0);
    assert_eq!(world.run_in(&build("6"), [&["record"], &IN_PROD[..]].concat()).code, 0);
}

#[test]
fn nothing_is_reused_where_a_skip_there_would_not_hold() {
    let says = |world: &World, expected: &str| {
        let (reused, detail) = production(world, "p", &[]);
        assert!(!reused && detail.contains(expected), "{expected}: {detail}");
    };
    let never = world(MAP);
    says(&never, "nothing to reuse from `stage`: no deploy is recorded there");
    let pending = world(MAP);
    staging(&pending, "1", "one");
    pending.decide(&build("2"), &[&IN_STAGE[..], &["--force"]].concat());
    says(&pending, "something else is under way");
    let tainted = world(MAP);
    staging(&tainted, "1", "one");
    assert_eq!(tainted.run(["taint", "a", "--environment", "stage", "--reason", "by hand"]).code, 0);
    says(&tainted, "is uncertain");
    let damaged = world(MAP);
    staging(&damaged, "1", "one");
    std::fs::write(damaged.path("state").join("default/stage/a/mark.json"), "{}").unwrap();
    says(&damaged, "its mark is damaged");
    let lacking = world(MAP);
    staging(&lacking, "1", "one");
    lacking.write("shipmark.toml", &MAP.replace("{ IMAGE", "{ TABLE = \"*\", IMAGE"));
    says(&lacking, "nothing to reuse from `stage`: its output TABLE was not recorded");
    let own = world(&MAP.replace("include = [\"a\"]", "include = [\"a\", \"env/${environment}\"]"));
    staging(&own, "1", "one");
    says(&own, "nothing to reuse from `stage`: its patterns name the environment");
}

#[test]
fn a_reused_image_whose_deploy_fails_is_doubt_in_its_own_environment_alone() {
    let world = world(MAP);
    staging(&world, "1", "one");
    let deployed = |id: &str| {
        assert!(production(&world, id, &[]).0);
        assert_eq!(world.run_in(&build(id), [&["record"], &IN_PROD[..]].concat()).code, 0);
    };
    deployed("2");
    world.write("a/x", "2");
    staging(&world, "3", "two");
    assert!(production(&world, "4", &[]).0);
    assert_eq!(world.run_in(&build("4").failing(), [&["record"], &IN_PROD[..]].concat()).code, 0);
    // The image is staging's, but half of it may be live here.
    world.write("a/x", "1");
    let answer = world.decide(&build("5"), &IN_PROD);
    assert_eq!(entry(&answer, "a")["reason"], "uncertain");
    assert!(entry(&answer, "a").get("reused_from").is_none(), "a doubt is built");
    assert_eq!(entry(&world.decide(&build("6"), &IN_STAGE), "a")["reason"], "changed");
}

#[test]
fn what_is_reused_is_verified_too() {
    let world = world(MAP);
    staging(&world, "1", "one");
    let (reused, detail) = production(&world, "2", &["--verify", "test \"$IMAGE\" = two"]);
    assert!(!reused && detail.contains("--verify failed"), "{detail}");
    assert!(production(&world, "3", &["--verify", "test \"$IMAGE\" = one"]).0);
}

#[test]
fn several_environments_in_one_call_reuse_nothing() {
    let world = world(MAP);
    staging(&world, "1", "one");
    let answers = world.decide(&build("2"), &["a", "--environment", "prod", "--environment", "stage"]);
    assert!(!answers.to_string().contains("reused_from"), "{answers}");
}

#[test]
fn staging_may_keep_its_state_elsewhere() {
    let map = MAP.replace("[environments.stage]\n", "[environments.stage]\nstate = \"file:../elsewhere\"\n");
    let world = World::new(&map, &[("a/x", "1")]);
    let step = |id: &str, args: &[&str]| {
        let mut command = world.command(&build(id));
        // The map says where, for each environment.
        command.env_remove("SHIPMARK_STATE").args(args);
        crate::support::run(command)
    };
    assert_eq!(step("1", &[&["decide"], &IN_STAGE[..]].concat()).code, 0);
    let record = step("1", &[&["record"], &IN_STAGE[..], &["--output", "IMAGE=one"]].concat());
    assert_eq!(record.code, 0, "{record:?}");
    assert!(world.path("elsewhere").exists());
    let decided = step("2", &[&["decide"], &IN_PROD[..]].concat());
    assert!(decided.stdout.contains("BUILD_REUSED_A='true'") && decided.stdout.contains("IMAGE='one'"), "{decided:?}");
    assert_eq!(step("2", &[&["record"], &IN_PROD[..]].concat()).code, 0);
    assert!(step("3", &[&["decide"], &IN_PROD[..]].concat()).stdout.contains("BUILD_SKIPPED='true'"));
    let elsewhere = std::fs::read_dir(world.path("elsewhere").join("default")).unwrap();
    let environments: Vec<_> = elsewhere.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(environments, ["stage"], "nothing of production is written there");
}

#[test]
fn a_deploy_stage_may_say_again_what_it_reuses_and_nothing_else() {
    let world = world(MAP);
    staging(&world, "1", "one");
    let decided = world.run_in(&build("2"), [&["decide", "--stage"], &IN_PROD[..]].concat());
    let candidate = super::exported(&decided.stdout, "SHIPMARK_CANDIDATE_A");
    let action = |args: &[&str]| world.run_in(&build("d"), [args, &["--candidate", &candidate]].concat()).code;
    assert_eq!(action(&["begin"]), 0);
    assert_eq!(action(&["promote", "--output", "IMAGE=two"]), 2);
    assert_eq!(action(&["promote", "--output", "IMAGE=one"]), 0);
    assert_eq!(entry(&world.decide(&build("3"), &IN_PROD), "a")["reason"], "unchanged");
}
