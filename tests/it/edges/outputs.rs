//! Outputs: which are taken, in which shape, and under which name they come back.

use super::{Build, World, about, build, exported};

/// One service that declares an output and its shape.
const IMAGE: &str = "[services.a]\ninclude = [\"a\"]\noutputs = { IMAGE_URI = \"*@sha256:*\" }\n";
const GOOD: &str = "IMAGE_URI=repo@sha256:1";

fn declaring() -> World {
    World::new(IMAGE, &[("a/x", "1")])
}

#[test]
fn only_declared_outputs_come_back_under_their_own_name() {
    let world = declaring();
    world.reason(&build("1"), "a");
    let outputs = ["--output", GOOD, "--output", "NODE_OPTIONS=--require=/tmp/x", "--output", "PYTHONPATH=/tmp"];
    assert_eq!(world.run_in(&build("1"), [&["record", "a"][..], &outputs].concat()).code, 0);
    let decided = world.run_in(&build("2"), ["decide", "a"]);
    assert_eq!(exported(&decided.stdout, "BUILD_SKIPPED"), "true", "{decided:?}");
    assert_eq!(exported(&decided.stdout, "IMAGE_URI"), "repo@sha256:1");
    for (name, value) in
        [("IMAGE_URI_A", "repo@sha256:1"), ("NODE_OPTIONS_A", "--require=/tmp/x"), ("PYTHONPATH_A", "/tmp")]
    {
        assert_eq!(exported(&decided.stdout, name), value);
    }
    for name in ["NODE_OPTIONS", "PYTHONPATH"] {
        assert!(!decided.stdout.contains(&format!("export {name}=")), "{decided:?}");
    }
    for format in ["dotenv", "powershell", "github"] {
        let decided = world.run_in(&build("3"), ["decide", "a", "--format", format]);
        let plain = decided
            .stdout
            .lines()
            .any(|line| line.trim_start_matches("$env:").starts_with(['N', 'P']) && !line.contains("_A"));
        assert!(!plain, "{format}: {decided:?}");
    }
}

#[test]
fn a_name_that_a_service_would_make_dangerous_is_refused() {
    let world = World::new("[services.command]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    world.reason(&build("1"), "command");
    let done = world.run_in(&build("1"), ["record", "command", "--output", "GIT_SSH=sh -c id"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("GIT_SSH_COMMAND"), "{done:?}");
}

#[test]
fn a_shape_holds_at_record_and_at_stage() {
    let world = declaring();
    world.reason(&build("1"), "a");
    for verb in ["record", "stage"] {
        for outputs in [&[][..], &["--output", "IMAGE_URI=repo@None"], &["--output", "OTHER=x"]] {
            let done = world.run_in(&build("1"), [&[verb, "a"], outputs].concat());
            assert_eq!(done.code, 2, "{verb} {outputs:?}: {done:?}");
            assert!(done.stderr.contains("IMAGE_URI"), "{done:?}");
        }
    }
    assert_eq!(world.run_in(&build("1"), ["stage", "a", "--output", GOOD]).code, 0);
}

#[test]
fn a_shape_travels_with_a_candidate_that_is_built_later() {
    let world = declaring();
    let done = world.run_in(&build("1"), ["decide", "a", "--stage"]);
    let candidate = exported(&done.stdout, "SHIPMARK_CANDIDATE_A");
    assert_eq!(about(&world, &build("d1"), "begin", &candidate), 0);
    // The deploy stage has neither source nor map.
    let promote = |outputs: &[&str]| {
        let args = [&["promote", "--candidate", &candidate], outputs].concat();
        world.action_with(&build("d1"), &args)
    };
    for outputs in [&[][..], &["--output", "IMAGE_URI=repo@None"], &["--output", "OTHER=x"]] {
        let done = promote(outputs);
        assert_eq!(done.code, 2, "{outputs:?}: {done:?}");
        assert!(done.stderr.contains("IMAGE_URI"), "{done:?}");
        assert_ne!(world.planned("a"), "unchanged", "nothing was recorded");
    }
    assert_eq!(promote(&["--output", GOOD]).code, 0);
    assert_eq!(world.planned("a"), "unchanged");
}

#[test]
fn a_failed_deploy_stage_needs_no_outputs() {
    let world = declaring();
    let done = world.run_in(&build("1"), ["decide", "a", "--stage"]);
    let candidate = exported(&done.stdout, "SHIPMARK_CANDIDATE_A");
    assert_eq!(about(&world, &build("d1"), "begin", &candidate), 0);
    let failed = world.action_with(&build("d1"), &["promote", "--failed", "--candidate", &candidate]);
    assert_eq!(failed.code, 0, "{failed:?}");
}

#[test]
fn a_recorded_output_of_another_shape_is_as_good_as_none() {
    let world = declaring();
    world.reason(&build("1"), "a");
    assert_eq!(world.run_in(&build("1"), ["record", "a", "--output", GOOD]).code, 0);
    assert_eq!(world.planned("a"), "unchanged");
    // The map asks for another shape than the last deploy has, and then for another output.
    for outputs in ["{ IMAGE_URI = \"*@sha512:*\" }", "{ IMAGE_URI = \"*@sha256:*\", STACK = \"*\" }"] {
        world.write(
            "shipmark.toml",
            &format!("project = \"default\"\n[services.a]\ninclude = [\"a\"]\noutputs = {outputs}\n"),
        );
        assert_eq!(world.planned("a"), "output-missing");
    }
}

#[test]
fn services_whose_names_make_one_variable_are_a_problem_of_the_map() {
    let map = "[services.svc-a]\ninclude = [\"a\"]\n[services.\"svc.a\"]\ninclude = [\"a\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let done = world.run_in(&Build::new("1"), ["decide"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(
        done.stderr.contains("svc-a") && done.stderr.contains("svc.a") && done.stderr.contains("SVC_A"),
        "{done:?}"
    );
}
