//! What is asked for: empty values, unknown names, forced builds, extras, several environments, wrong maps.

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;

use super::support::{Build, World, entry, exported, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";
const REFUSAL: &str = "export BUILD_SKIPPED='false'\nfalse\n";

fn build(id: &str) -> Build {
    Build::new(id)
}

/// A request that is refused for a reason with this word in it; what it prints builds.
fn refused(assert: Assert, word: &str) {
    assert.code(2).stdout(REFUSAL).stderr(contains(word));
}

/// `a` is deployed.
fn world() -> World {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    world.deploy(&build("1"), "a");
    world
}

/// Case 20: an empty flag, which is a variable that was not set.
#[test]
fn an_empty_flag_is_refused_and_never_a_skip() {
    let world = world();
    let before = world.stored("a");
    let flags = [
        "--config",
        "--project",
        "--state",
        "--environment",
        "--source",
        "--timeout",
        "--log-format",
        "--color",
        "--format",
        "--revision",
        "--execution",
        "--extra",
        "--out",
        "--ticket",
    ];
    let mut wrong: Vec<Vec<&str>> = flags.iter().map(|flag| vec!["decide", "a", flag, ""]).collect();
    wrong.extend([vec!["decide", ""], vec!["decide", "a", ""], vec!["decide", "a", "--extra", "=v"]]);
    for args in wrong {
        world.assert_in(&build("2"), &args).code(2).stdout(REFUSAL).stderr(predicate::str::is_empty().not());
    }
    assert_eq!(world.stored("a"), before, "nothing was opened");
}

/// Case 20: an empty variable of the program.
#[test]
fn an_empty_variable_is_refused_and_never_a_skip() {
    let world = world();
    for name in ["SHIPMARK_STATE", "SHIPMARK_ENVIRONMENT", "SHIPMARK_FORCE", "SHIPMARK_EXECUTION"] {
        refused(world.assert_in(&build("2").with(name, ""), ["decide", "a"]), name);
    }
}

/// Case 20: the other commands.
#[test]
fn no_command_takes_an_empty_value() {
    let world = world();
    for args in [
        &["record", ""][..],
        &["record", "a", "--output", ""],
        &["record", "a", "--revision", ""],
        &["adopt", "a", "--from-git", ""],
        &["adopt", "a", "--from-git", "HEAD", "--outputs", ""],
        &["stage", ""],
        &["begin", "--candidate", ""],
        &["promote", "--execution", "", "a"],
        &["run", "", "--", "true"],
        &["plan", "--base", ""],
        &["plan", "--revision", ""],
        &["explain", ""],
        &["status", "--max-age", ""],
        &["taint", "a", "--reason", ""],
        &["output", "", "IMAGE"],
        &["output", "a", ""],
        &["output", "a", "IMAGE", "--default", ""],
        &["state", "rm", ""],
        &["state", "export", ""],
        &["state", "export", "--out", ""],
        &["state", "import", ""],
    ] {
        world.assert(args).code(2);
    }
    assert_eq!(world.planned("a"), "unchanged");
}

/// Case 19: a forced build.
#[test]
fn a_forced_build_is_one() {
    let world = world();
    for (word, expected) in [("0", "unchanged"), ("false", "unchanged"), ("1", "forced"), ("true", "forced")] {
        assert_eq!(world.reason(&build(word).with("SHIPMARK_FORCE", word), "a"), expected, "{word}");
    }
    for word in ["yes", "TRUE", "2", " ", "a,zz"] {
        let build = build("x").with("SHIPMARK_FORCE", word);
        refused(world.assert_in(&build, ["decide", "a"]), "SHIPMARK_FORCE");
    }
    assert_eq!(reason(&world.decide(&build("3"), &["a", "--force"]), "a"), "forced");
}

/// Case 19: only some services are forced, by the flag, by the variable, or by both.
#[test]
fn a_service_is_forced_by_its_name() {
    let world = world();
    world.deploy(&build("2"), "b");
    let decided = |id: &str, variable: Option<&str>, flag: &[&str]| {
        let build = build(id);
        let build = variable.map_or(build.clone(), |names| build.with("SHIPMARK_FORCE", names));
        let answer = world.decide(&build, &[&["--environment", id], flag].concat());
        ["a", "b"].map(|service| reason(&answer, service) == "forced")
    };
    assert_eq!(decided("3", None, &["--force=b"]), [false, true]);
    assert_eq!(decided("4", Some("a"), &["--force=b"]), [true, true]);
    assert_eq!(decided("5", Some("a, b"), &[]), [true, true]);
    assert_eq!(decided("6", Some("0"), &["--force=a"]), [true, false]);
    assert_eq!(decided("7", Some("b"), &["--force"]), [true, true]);
    // A pipeline's variable may name services of another build.
    let other = world.run_in(&build("8").with("SHIPMARK_FORCE", "b"), ["decide", "a"]);
    assert_eq!(other.code, 0, "{other:?}");
    for flag in ["--force=", "--force=,", "--force=zz"] {
        let done = world.run_in(&build("9"), ["decide", "a", flag]);
        assert_eq!((done.code, done.stdout.as_str()), (2, REFUSAL), "{flag}: {done:?}");
    }
}

/// The map is named by a variable where every command of a build should have it.
#[test]
fn a_variable_names_the_map() {
    let map = format!("project = \"default\"\n{MAP}");
    let world = World::new("broken", &[("a/x", "1"), ("b/y", "1"), ("maps/this.toml", &map)]);
    let named = build("1").with("SHIPMARK_CONFIG", "maps/this.toml");
    assert_eq!(world.reason(&named, "a"), "never-deployed");
    // A flag counts more.
    assert_eq!(world.run_in(&named, ["decide", "a", "--config", "shipmark.toml"]).code, 2);
    let missing = world.run_in(&build("2").with("SHIPMARK_CONFIG", "maps/none.toml"), ["decide", "a"]);
    assert!(missing.code == 2 && missing.stderr.contains("maps/none.toml"), "{missing:?}");
}

/// Case 19: an `--extra` changed, added or dropped.
#[test]
fn an_extra_is_an_input() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    world.decide(&build("1"), &["a", "--extra", "base=sha256:1"]);
    world.assert_in(&build("1"), ["record", "a", "--extra", "base=sha256:2"]).code(2);
    world.assert_in(&build("1"), ["record", "a", "--extra", "base=sha256:1"]).success();
    let doubt = reason(&world.plan(&["a", "--extra", "base=sha256:1"]), "a");
    assert_eq!(doubt, "uncertain", "the first `record` said that something else was deployed");
    world.decide(&build("2"), &["a", "--extra", "base=sha256:1"]);
    world.assert_in(&build("2"), ["record", "a", "--extra", "base=sha256:1"]).success();
    let planned = |extras: &[&str]| {
        let args = extras.iter().flat_map(|extra| ["--extra", extra]).chain(["a"]);
        reason(&world.plan(&args.collect::<Vec<_>>()), "a")
    };
    assert_eq!(planned(&["base=sha256:1"]), "unchanged");
    for extras in [&["base=sha256:2"][..], &["base=sha256:1", "more="], &[], &["base="], &["Base=sha256:1"]] {
        assert_eq!(planned(extras), "changed", "{extras:?}");
    }
    // Two values of one name.
    world.assert_in(&build("1"), ["decide", "a", "--extra", "base=1", "--extra", "base=2"]).code(2);
}

/// Case 32: a map with every kind of mistake at once.
#[test]
fn all_mistakes_of_a_map_are_told_at_once_with_their_places() {
    let map = "projekt = \"x\"\n\
               [defaults]\nunowned = \"maybe\"\nmax_skip_age = \"soon\"\n\
               [services.a]\ninclude = [\"!a\"]\ngroups = [\"infar\"]\n\
               [services.b]\ninclude = [\"b/[\"]\ndepends_on = [\"c\"]\n\
               [services.c]\ninclude = [\"c\"]\ndepends_on = [\"b\"]\noutputs = { PATH = \"*\" }\n\
               [groups]\ninfra = [\"infra\"]\n";
    let world = World::new(map, &[("a/x", "1")]);
    let mut refused = world.assert_in(&build("1"), ["decide"]).code(2).stdout(REFUSAL);
    for (line, word) in [
        (1, "projekt"),
        (3, "maybe"),
        (4, "soon"),
        (6, "exclude"),
        (7, "did you mean `infra`"),
        (9, "b/["),
        (10, "depends_on"),
        (14, "PATH"),
    ] {
        refused = refused.stderr(contains(format!("--> shipmark.toml:{line}:")).and(contains(word)));
    }
    for broken in ["", "[services]\n", "services = [\n", "\u{feff}nonsense"] {
        let world = World::new(broken, &[]);
        world.assert(["decide"]).code(2);
    }
}

/// Names that the map does not have.
#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let map = format!("environments = [\"stage\", \"prod\"]\n{}", MAP.replace("services.b", "services.command"));
    let world = World::new(&map, &[("a/x", "1")]);
    for (args, word) in [
        (&["decide", "comand", "--environment", "prod"][..], "did you mean `command`?"),
        (&["decide", "a", "--environment", "prd"], "did you mean `prod`?"),
        (&["decide", "a", "--environment", "zzzzzzzz"], "stage and prod"),
        (&["decide", "a", "--environment", "Prod"], "no environment `Prod`"),
        (&["decide", "a"], "no environment was named"),
    ] {
        refused(world.assert_in(&build("1"), args), word);
    }
    let named = build("1").with("SHIPMARK_ENVIRONMENT", "prod");
    assert_eq!(world.decide(&named, &["a"])["environment"], "prod");
}

/// Case 43: the environment was forgotten in two pipelines.
#[test]
fn two_pipelines_in_the_default_environment_build() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    world.deploy(&build("1").pipeline("staging"), "a");
    assert_eq!(world.reason(&build("2").pipeline("production"), "a"), "other-pipeline");
    assert_eq!(world.run_in(&build("2").pipeline("production").failing(), ["record", "a"]).code, 0);
    assert_eq!(world.deploy(&build("3").pipeline("staging"), "a"), "uncertain", "the other may have deployed half");
    assert_eq!(world.reason(&build("4").pipeline("staging"), "a"), "unchanged");
    assert_eq!(world.reason(&build("web:5").with("CODEBUILD_INITIATOR", "somebody"), "a"), "other-pipeline");
    let named = |id: &str, pipeline: &str| build(id).pipeline(pipeline).with("SHIPMARK_ENVIRONMENT", "prod");
    world.deploy(&named("6", "one"), "a");
    assert_eq!(world.reason(&named("7", "two"), "a"), "other-pipeline", "whether or not the environment is named");
}

const BOTH: [&str; 4] = ["--environment", "staging", "--environment", "production"];

/// What each of the two environments is told.
fn both(world: &World, id: &str) -> [String; 2] {
    let answer = world.decide(&build(id), &["a", BOTH[0], BOTH[1], BOTH[2], BOTH[3]]);
    let answers = answer.as_array().unwrap();
    let names: Vec<_> = answers.iter().map(|answer| answer["environment"].as_str().unwrap()).collect();
    assert_eq!(names, ["staging", "production"]);
    [0, 1].map(|at| reason(&answers[at], "a"))
}

/// One build that serves several environments is skipped only if every one would skip it.
#[test]
fn several_environments_skip_only_together() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    let record = |id: &str, args: &[&str]| {
        let done = world.run_in(&build(id), ["record", "a"].iter().chain(args));
        assert_eq!(done.code, 0, "{}", done.stderr);
    };
    world.reason(&build("1").with("SHIPMARK_ENVIRONMENT", "staging"), "a");
    record("1", &["--environment", "staging", "--output", "IMAGE=1"]);
    assert_eq!(both(&world, "2"), ["never-deployed", "never-deployed"]);
    let both_at_once = ["decide", "a"].iter().chain(&BOTH);
    world.assert_in(&build("2"), both_at_once.clone()).success().stdout(contains("export BUILD_SKIPPED='false'"));
    record("2", &[&BOTH[..], &["--output", "IMAGE=2"]].concat());
    assert_eq!(both(&world, "3"), ["unchanged", "unchanged"]);
    world.assert_in(&build("3"), both_at_once).success().stdout(contains("export IMAGE_A='2'"));
    let forced = world.decide(&build("4"), &["a", "--environment", "staging", "--force"]);
    assert_eq!(reason(&forced, "a"), "forced");
    record("4", &["--environment", "staging", "--output", "IMAGE=other"]);
    assert_eq!(both(&world, "5"), ["output-missing", "output-missing"], "one variable cannot hold two images");
}

/// Case 42: one build serves staging and production; production rejected it; the next touches only documentation.
#[test]
fn an_environment_that_was_passed_over_still_gets_it() {
    let world = World::new(MAP, &[("a/x", "1"), ("b/y", "1")]);
    let two_steps = |id: &str, environments: &[&str]| {
        let build = build(id);
        let decided = world.decide(&build, &["a", BOTH[0], BOTH[1], BOTH[2], BOTH[3]]);
        let staged = world.run_in(&build, ["stage", "a"].iter().chain(&BOTH));
        assert_eq!(staged.code, 0, "{}", staged.stderr);
        let candidate = exported(&staged.stdout).unwrap();
        for environment in environments {
            for action in ["begin", "promote"] {
                let done = world.run([action, "--candidate", &candidate, "--environment", environment]);
                assert_eq!(done.code, 0, "{}", done.stderr);
            }
        }
        let unnamed = world.run(["begin", "--candidate", &candidate]);
        assert_eq!(unnamed.code, 2, "a stage deploys to one environment: {}", unnamed.stderr);
        decided[1]["services"][0]["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(two_steps("1", &["staging", "production"]), "never-deployed");
    world.write("a/x", "2");
    assert_eq!(two_steps("2", &["staging"]), "changed");
    world.write("README.md", "documentation");
    let answer = world.plan(&["a", "--environment", "staging"]);
    assert_eq!(entry(&answer, "a")["reason"], "unchanged");
    assert_eq!(two_steps("3", &["staging", "production"]), "changed");
    assert_eq!(both(&world, "4"), ["unchanged", "unchanged"]);
}
