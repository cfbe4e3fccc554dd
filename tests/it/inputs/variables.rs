//! Environment variables that are inputs (`env`): set, empty, missing, inherited, and never printed.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Build, World, build};
use crate::support::{changes, entry, git, reason};

/// A service, and one that depends on it and has a variable of its own.
const MAP: &str = "project = \"default\"\n[services.base]\ninclude = [\"base\"]\nenv = [\"BASE_DIGEST\"]\n\
                   [services.web]\ninclude = [\"web\"]\ndepends_on = [\"base\"]\nenv = [\"FLAVOUR\"]\n";
const SECRET: &str = "sha256-0123456789abcdef-secret";

fn world() -> World {
    World::new(MAP, &[("base/x", "1"), ("web/x", "1")])
}

fn with(id: &str, base: &str) -> Build {
    build(id).with("BASE_DIGEST", base)
}

fn detail(answer: &Value, service: &str) -> String {
    entry(answer, service)["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_variable_counts_as_an_input_and_is_named_when_it_differs() {
    let world = world();
    assert_eq!(world.deploy(&with("1", "one"), "base"), "never-deployed");
    assert_eq!(world.reason(&with("2", "one"), "base"), "unchanged");
    let decided = world.decide(&with("3", "two"), &["base"]);
    assert_eq!((reason(&decided, "base").as_str(), changes(&decided, "base").len()), ("changed", 0));
    assert_eq!(detail(&decided, "base"), "`BASE_DIGEST` differs; the 1 input is as deployed");
    world.write("base/x", "2");
    let planned = world.run_in(&with("4", "two"), ["plan", "base", "--format", "json"]).json();
    assert_eq!(detail(&planned, "base"), "1 change among 1 input (modified base/x); `BASE_DIGEST` differs");
}

#[test]
fn a_variable_that_is_not_set_builds_and_an_empty_one_is_a_value() {
    let world = world();
    let decided = world.decide(&build("1"), &["base"]);
    assert_eq!(reason(&decided, "base"), "env-missing");
    assert_eq!(detail(&decided, "base"), "inputs that are not set: `BASE_DIGEST` (1 input)");
    // What was deployed without it is unknown, and equals nothing.
    assert_eq!(world.run_in(&build("1"), ["record", "base"]).code, 0);
    assert_eq!(world.planned("base"), "env-missing");
    assert_eq!(world.reason(&build("2"), "base"), "env-missing");
    assert_eq!(world.run_in(&build("2").failing(), ["record", "base"]).code, 0);
    assert_eq!(world.deploy(&with("3", ""), "base"), "uncertain", "build 2 has failed");
    assert_eq!(world.reason(&with("4", ""), "base"), "unchanged");
    assert_eq!(world.reason(&build("5"), "base"), "env-missing");
    assert_ne!(world.reason(&with("6", "x"), "base"), "unchanged");
}

#[test]
fn a_missing_variable_comes_after_the_source_and_before_the_state() {
    let world = world();
    let reason_of = |id: &str, args: &[&str]| reason(&world.decide(&build(id), &[&["base"], args].concat()), "base");
    assert_eq!(reason_of("1", &["--force"]), "forced");
    assert_eq!(reason_of("2", &["--state", "file:/dev/null/x"]), "env-missing");
    world.remove("base/x");
    assert_eq!(reason_of("3", &[]), "no-inputs");
}

#[test]
fn the_variables_of_a_dependency_are_inputs_too() {
    let world = world();
    let both = |id: &str, base: &str, flavour: &str| with(id, base).with("FLAVOUR", flavour);
    assert_eq!(world.reason(&with("1", "one"), "web"), "env-missing", "its own");
    assert_eq!(world.reason(&build("2").with("FLAVOUR", "a"), "web"), "env-missing", "its dependency's");
    let world = self::world();
    assert_eq!(world.deploy(&both("1", "one", "a"), "web"), "never-deployed");
    assert_eq!(world.reason(&both("2", "one", "a"), "web"), "unchanged");
    for (base, flavour, named) in [
        ("two", "a", "`BASE_DIGEST` differs"),
        ("one", "b", "`FLAVOUR` differs"),
        ("two", "b", "`BASE_DIGEST` and `FLAVOUR` differ"),
    ] {
        let planned = world.run_in(&both("3", base, flavour), ["plan", "web", "--format", "json"]).json();
        assert_eq!(reason(&planned, "web"), "changed");
        assert!(detail(&planned, "web").starts_with(named), "{planned}");
    }
    // The other direction does not hold.
    world.deploy(&with("4", "one"), "base");
    assert_eq!(world.reason(&both("5", "one", "b"), "base"), "unchanged");
}

#[test]
fn an_extra_may_not_give_a_variable() {
    let world = world();
    for build in [with("1", "one"), build("1")] {
        for verb in ["decide", "plan"] {
            let done = world.run_in(&build, [verb, "base", "--extra", "BASE_DIGEST=x"]);
            assert_eq!(done.code, 2, "{done:?}");
            assert!(done.stderr.contains("BASE_DIGEST") && !done.stdout.contains("true"), "{done:?}");
        }
    }
    assert_eq!(world.run_in(&with("1", "one"), ["decide", "base", "--extra", "OTHER=x"]).code, 0);
}

#[test]
fn a_value_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = world();
    let mut command = world.command(&build("1"));
    command.args(["decide", "base"]).env("BASE_DIGEST", std::ffi::OsStr::from_bytes(b"\xff"));
    let done = crate::support::run(command);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("BASE_DIGEST"), "{done:?}");
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_value_is_neither_printed_nor_kept() {
    let world = world();
    let mut printed = String::new();
    let mut run = |build: &Build, args: &[&str]| {
        let done = world.run_in(build, args);
        assert_eq!(done.code, 0, "{done:?}");
        printed += &(done.stdout + &done.stderr);
    };
    run(&with("1", SECRET), &["decide", "base", "-v"]);
    run(&with("1", SECRET), &["record", "base"]);
    world.write("base/x", "2");
    run(&with("2", &format!("{SECRET}2")), &["decide", "base", "-v", "--log-format", "json"]);
    run(&with("2", &format!("{SECRET}2")), &["stage", "base"]);
    for args in [
        &["plan", "--explain"][..],
        &["status"],
        &["status", "--json"],
        &["plan", "--print-map"],
        &["explain", "BASE_DIGEST"],
        &["state", "export"],
    ] {
        run(&with("3", SECRET).with("FLAVOUR", SECRET), args);
    }
    assert!(!printed.contains("secret"), "{printed}");
    for file in ["state", "tmp"].iter().flat_map(|directory| files(&world.path(directory))) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(6).any(|bytes| bytes == b"secret"), "{}", file.display());
    }
}

#[test]
fn what_is_deployed_already_is_recorded_with_its_variables() {
    let world = world();
    let source = world.source();
    git(&source, &["init", "--quiet"]);
    git(&source, &["add", "--all"]);
    git(&source, &["commit", "--quiet", "--message", "one"]);
    let laptop = |base: Option<&str>, args: &[&str]| {
        let build = base.map_or_else(Build::default, |base| Build::default().with("BASE_DIGEST", base));
        world.run_in(&build, args)
    };
    let record = ["adopt", "base", "--from-git", "HEAD", "--pipeline", "shop", "--yes"];
    let refused = laptop(None, &record);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("`BASE_DIGEST` is an input of `base` and is not set"), "{refused:?}");
    assert_eq!(laptop(Some("one"), &record).code, 0);
    assert_eq!(world.reason(&with("1", "one"), "base"), "unchanged");
    let behind = |base: Option<&str>| {
        let shown: Value = laptop(base, &["status", "base", "--json"]).json();
        shown["services"][0]["behind"].clone()
    };
    assert_eq!((behind(Some("one")), behind(Some("two")), behind(None)), (0.into(), 1.into(), 0.into()));
}

#[test]
fn explain_says_whose_input_a_variable_is() {
    let world = world();
    let shown = world.run(["explain", "BASE_DIGEST"]).stdout;
    let expected = "BASE_DIGEST (an environment variable)\n\
                    \x20 input of base, as an environment variable: `env` (shipmark.toml:4)\n\
                    \x20 input of web, as an environment variable: `env` (shipmark.toml:4), through base\n";
    assert_eq!(shown, expected);
    let shown = world.run(["explain", "FLAVOUR", "base/x", "--json"]).json();
    assert_eq!(shown["paths"][0]["variable_of"][0]["service"], "web");
    assert_eq!(shown["paths"][1]["variable_of"], Value::Null);
}

#[test]
fn a_map_names_variables_once_and_by_their_names_only() {
    let codes = |env: &str| {
        let map = format!("[services.a]\ninclude = [\"a\"]\nenv = {env}\n");
        let problems = shipmark::map::ServiceMap::parse("map", map.as_bytes()).unwrap_err();
        problems.list().iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("[\"A\", \"A\"]"), ["duplicate"]);
    for bad in ["[\"$A\"]", "[\"A=1\"]", "[\"\"]", "[\"1A\"]"] {
        assert_eq!(codes(bad), ["bad-name"], "{bad}");
    }
    assert_eq!(codes("\"A\""), ["wrong-type"]);
    let discovered = "[discover.\"svc/*\"]\nenv = [\"BASE_DIGEST\"]\n";
    let world = World::new(discovered, &[("svc/api/x", "1")]);
    assert_eq!(world.reason(&build("1"), "api"), "env-missing");
    let printed = world.run(["plan", "--print-map"]).stdout;
    assert!(printed.contains("env = [\"BASE_DIGEST\"]"), "{printed}");
}
