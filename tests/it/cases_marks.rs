//! What is kept between builds: separate keys, stores that fail, marks of other versions, outputs and age.

use serde_json::{Value, json};

use super::support::{Build, World, entry, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";
const REFUSAL: &str = "export BUILD_SKIPPED='false'\nfalse\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1"), ("b/y", "1")])
}

fn build(id: &str) -> Build {
    Build::new(id)
}

/// A whole build in one environment. Gives the reason.
fn deploy_to(world: &World, environment: &str, id: &str, service: &str) -> String {
    let build = build(id).with("SHIPMARK_ENVIRONMENT", environment);
    world.deploy(&build, service)
}

/// Case 6: preview and production decide on the same tree.
#[test]
fn each_environment_has_a_mark_of_its_own() {
    let world = world();
    assert_eq!(deploy_to(&world, "preview", "1", "a"), "never-deployed");
    assert_eq!(deploy_to(&world, "production", "2", "a"), "never-deployed");
    assert_eq!(world.reason(&build("3").with("SHIPMARK_ENVIRONMENT", "preview"), "a"), "unchanged");
    assert_eq!(world.planned("a"), "never-deployed", "in the environment `default`");
}

/// Case 7: environments named `feature/x` and `fix/x`, a service named like another's prefix, projects.
#[test]
fn no_two_keys_collide() {
    let services = ["svc", "svc-a", "svc-ab", "svc-ab.c"];
    let map: String = services.iter().map(|name| format!("[services.\"{name}\"]\ninclude = [\"a\"]\n")).collect();
    let world = World::new(&map, &[("a/x", "1")]);
    let long = "x".repeat(300);
    let environments = [
        "feature/x",
        "fix/x",
        "feature",
        "feature_x",
        "feature%2Fx",
        "..",
        ".",
        "a b",
        "é",
        "svc",
        "feature/x/svc",
        &long,
    ];
    for (number, environment) in environments.iter().enumerate() {
        for service in services {
            let id = format!("{number}-{service}");
            assert_eq!(deploy_to(&world, environment, &id, service), "never-deployed", "{environment} {service}");
        }
    }
    for environment in environments {
        let answer = world.plan(&["--environment", environment]);
        assert!(services.iter().all(|service| reason(&answer, service) == "unchanged"), "{environment}");
        let other = world.plan(&["--environment", environment, "--project", "feature"]);
        assert!(services.iter().all(|service| reason(&other, service) == "never-deployed"), "{environment}");
    }
    let outside: Vec<_> = std::fs::read_dir(world.path("")).unwrap().map(|found| found.unwrap().file_name()).collect();
    assert_eq!(outside.len(), 3, "source, state and tmp: {outside:?}");
}

/// Case 14: the state cannot be read; that is never "no record".
#[test]
fn a_store_that_cannot_be_read_builds_or_refuses() {
    let file = world();
    std::fs::write(file.path("a-file"), "").unwrap();
    let file_build = |id: &str| build(id).with("SHIPMARK_STATE", &format!("file:{}", file.path("a-file").display()));
    let directory = world();
    std::fs::create_dir_all(directory.mark("a")).unwrap();
    for (world, build, word) in
        [(&file, file_build("1"), "not a directory"), (&directory, build("1"), "not a plain file")]
    {
        let answer = world.decide(&build, &["a"]);
        assert_eq!(reason(&answer, "a"), "state-unavailable");
        assert!(entry(&answer, "a")["detail"].as_str().unwrap().contains(word), "{answer:#}");
        let strict = world.run_in(&build.clone().with("CODEBUILD_BUILD_ID", "2"), ["decide", "a", "--strict"]);
        assert_eq!((strict.code, strict.stdout.as_str()), (3, REFUSAL));
        assert!(strict.stderr.contains("state-unavailable") && strict.stderr.contains(word), "{}", strict.stderr);
        let record = world.run_in(&build, ["record", "a"]);
        assert_eq!(record.code, 1, "{}", record.stderr);
        assert!(record.stderr.contains("not recorded"), "{}", record.stderr);
    }
}

/// Case 14: what was deployed while the store could not be written is doubt.
#[test]
fn a_decision_that_could_not_open_its_attempt_is_not_certain_later() {
    let world = world();
    std::fs::create_dir_all(world.mark("a")).unwrap();
    assert_eq!(world.reason(&build("1"), "a"), "state-unavailable");
    std::fs::remove_dir(world.mark("a")).unwrap();
    assert_eq!(world.run_in(&build("1"), ["record", "a"]).code, 0);
    assert_eq!(world.planned("a"), "uncertain");
}

/// Case 16: a mark that a newer shipmark wrote.
#[test]
fn a_newer_mark_builds_and_keeps_what_this_version_does_not_know() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.edit_mark("a", |mark| {
        mark["schema"] = json!(99);
        mark["novel"] = json!({ "x": [1, 2] });
        mark["deployed"] = json!({ "in": "another form" });
    });
    let known = |mark: &Value| (mark["schema"].clone(), mark["novel"].clone(), mark["deployed"].clone());
    let before = world.stored("a");
    assert_eq!(world.reason(&build("2"), "a"), "state-unreadable");
    let opened = world.stored("a");
    assert_eq!(known(&opened), known(&before));
    assert_eq!(opened["attempts"].as_array().unwrap().len(), 1, "the newer tool sees the attempt");
    let done = world.run_in(&build("2"), ["record", "a"]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("newer shipmark"), "{}", done.stderr);
    let recorded = world.stored("a");
    assert_eq!(known(&recorded), known(&before));
    assert_eq!(recorded["certain"], false);
    assert_eq!(world.run_in(&build("3"), ["decide", "a", "--strict"]).code, 3);
    assert_eq!(world.run(["output", "a", "IMAGE", "--default", "x"]).code, 1, "not read is not absent");
}

/// Case 16: a damaged mark.
#[test]
fn a_damaged_mark_builds_and_is_not_overwritten() {
    for damage in ["", "{ \"schema\": 1, ", "[]", "{\"schema\": 1}", "\u{0}\u{1}"] {
        let world = world();
        world.deploy(&build("1"), "a");
        world.put_mark("a", damage);
        assert_eq!(world.reason(&build("2"), "a"), "state-unreadable", "{damage:?}");
        assert_eq!(world.run_in(&build("3"), ["decide", "a", "--strict"]).code, 3, "{damage:?}");
        for command in [&["record", "a"][..], &["taint", "a", "--reason", "x"], &["output", "a", "X", "--default", "x"]]
        {
            let done = world.run_in(&build("2"), command);
            assert_eq!(done.code, 1, "{damage:?} {command:?}: {}", done.stderr);
            assert!(done.stderr.contains("shipmark state rm a --state "), "{}", done.stderr);
        }
        assert_eq!(String::from_utf8(world.kept("a")).unwrap(), damage);
        assert_eq!(world.run(["state", "rm", "a"]).code, 0);
        assert_eq!(world.deploy(&build("4"), "a"), "never-deployed");
        assert_eq!(world.planned("a"), "deploy-pending", "nobody knows what was under way");
        assert_eq!(world.run(["taint", "a", "--reason", "all was stopped", "--nothing-running"]).code, 0);
        assert_eq!(world.deploy(&build("5"), "a"), "uncertain");
        assert_eq!(world.planned("a"), "unchanged");
    }
}

/// A mark that was copied from another service or environment is nobody's here.
#[test]
fn a_mark_of_another_key_is_damaged() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.put_mark("b", world.kept("a"));
    assert_eq!(world.planned("b"), "state-unreadable");
}

/// Case 48: a required output that is missing or of the wrong shape.
#[test]
fn a_required_output_is_required() {
    let map = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE_URI = \"*@sha256:*\" }\n";
    let world = World::new(map, &[("a/x", "1")]);
    world.reason(&build("1"), "a");
    for (wrong, told) in [
        (&[][..], "not recorded"),
        (&["--output", "IMAGE_URI=repo@None"], "not recorded"),
        (&["--output", "IMAGE_URI="], "is empty"),
        (&["--output", "OTHER=x"], "not recorded"),
    ] {
        let done = world.run_in(&build("1"), ["record", "a"].iter().chain(wrong));
        assert_eq!(done.code, 2, "{wrong:?}: {}", done.stderr);
        assert!(done.stderr.contains(told) && done.stderr.contains("IMAGE_URI"), "{}", done.stderr);
        assert_eq!(world.stored("a")["deployed"], Value::Null, "{wrong:?}");
    }
    let done = world.run_in(&build("1"), ["record", "a", "--output", "IMAGE_URI=repo@sha256:1"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(world.planned("a"), "unchanged");
    world.edit_mark("a", |mark| mark["deployed"]["outputs"]["IMAGE_URI"] = json!("repo:latest"));
    assert_eq!(world.planned("a"), "output-missing");
    world.edit_mark("a", |mark| mark["deployed"]["outputs"] = json!({}));
    assert_eq!(world.planned("a"), "output-missing");
}

/// Case 48: an output that would steer the shell.
#[test]
fn outputs_that_steer_a_shell_or_a_build_are_refused() {
    let world = world();
    world.reason(&build("1"), "a");
    for name in [
        "PATH",
        "BUILD_SKIPPED",
        "BUILD_X",
        "LD_PRELOAD",
        "SHIPMARK_STATE",
        "AWS_REGION",
        "CODEBUILD_X",
        "IFS",
        "ENV",
        "BASH_ENV",
        "A-B",
        "1A",
        "A B",
        "$(id)",
        "",
    ] {
        let done = world.run_in(&build("1"), ["record", "a", "--output", &format!("{name}=x")]);
        assert_eq!(done.code, 2, "{name}: {}", done.stderr);
    }
    let twice = world.run_in(&build("1"), ["record", "a", "--output", "X=1", "--output", "X=2"]);
    assert_eq!(twice.code, 2, "{}", twice.stderr);
    assert_eq!(world.stored("a")["deployed"], Value::Null);
}

/// A mark that was edited by hand cannot bring in a variable that steers the shell.
#[test]
fn a_stored_output_that_steers_the_shell_is_no_skip() {
    let world = world();
    world.deploy(&build("1"), "a");
    world.edit_mark("a", |mark| mark["deployed"]["outputs"] = json!({ "LD_PRELOAD": "/tmp/x.so" }));
    let done = world.run_in(&build("2"), ["decide", "a"]);
    assert!(!done.stdout.contains("LD_PRELOAD"), "{}", done.stdout);
    assert!(done.stdout.contains("BUILD_SKIPPED='false'"), "{}", done.stdout);
}

/// A deploy older than `max_skip_age` builds, and so does one dated in the future.
#[test]
fn an_old_deploy_is_made_again() {
    let world = World::new(&format!("[defaults]\nmax_skip_age = \"30d\"\n{MAP}"), &[("a/x", "1"), ("b/y", "1")]);
    world.deploy(&build("1"), "a");
    assert_eq!(world.planned("a"), "unchanged");
    for (date, expected) in
        [("2020-01-01T00:00:00Z", "skip-too-old"), ("2999-01-01T00:00:00Z", "skip-too-old"), ("x", "state-unreadable")]
    {
        world.edit_mark("a", |mark| mark["deployed"]["recorded_at"] = json!(date));
        assert_eq!(world.planned("a"), expected, "{date}");
    }
}
