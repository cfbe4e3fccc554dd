//! `explain`: every rule that applies, the whole chain of dependencies, what cut it, and the nearest miss.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::support::{World, git};

const MAP: &str = "[defaults]\nexclude = [\"**/*.md\"]\n\
                   [groups]\nshared = [\"lib\"]\n\
                   [services.base]\ninclude = [\"base/**\"]\ngroups = [\"shared\"]\nexclude = [\"base/gen\"]\n\
                   [services.command]\ninclude = [\"services/command/**\", \"services/*/x\"]\ndepends_on = [\"base\"]\n\
                   [services.gateway]\ninclude = [\"gateway\"]\ndepends_on = [\"command\"]\n";

fn world() -> World {
    World::new(MAP, &[("base/a", "1"), ("lib/l", "1"), ("services/command/x", "1"), ("gateway/g", "1"), ("loose", "1")])
}

fn shown(world: &World, path: &str) -> String {
    let done = world.run(["explain", path]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{path}");
    done.stdout
}

/// Not only the first or the last of the chain.
#[test]
fn the_whole_chain_of_dependencies_is_named() {
    let expected = "base/a\n  \
                    input of base: `base/**` (shipmark.toml:6)\n  \
                    input of command: `base/**` (shipmark.toml:6), through command -> base\n  \
                    input of gateway: `base/**` (shipmark.toml:6), through gateway -> command -> base\n";
    assert_eq!(shown(&world(), "base/a"), expected);
    let through =
        "input of gateway: `lib` (shipmark.toml:4), through gateway -> command -> base and its group shared\n";
    let text = shown(&world(), "lib/l");
    assert!(text.contains("input of base: `lib` (shipmark.toml:4), through group shared\n"), "{text}");
    assert!(text.ends_with(through), "{text}");
}

/// Every rule that selects it, not only the first.
#[test]
fn every_rule_that_selects_a_path_is_named() {
    let text = shown(&world(), "services/command/x");
    let expected =
        "  input of command: `services/command/**` (shipmark.toml:10)\n    also by `services/*/x` (shipmark.toml:10)\n";
    assert!(text.contains(expected), "{text}");
}

/// What excluded it, and what would have included it.
#[test]
fn an_exclude_is_named_with_what_it_cuts() {
    let world = world();
    let text = shown(&world, "base/gen/x");
    let cut =
        "not an input of base: `base/gen` (shipmark.toml:8) excludes it; else an input by `base/**` (shipmark.toml:6)";
    assert!(text.contains(cut) && text.contains("every rule that selects it is cut by an exclude"), "{text}");
    let text = shown(&world, "base/README.md");
    assert!(text.contains("`**/*.md` (shipmark.toml:2) excludes it"), "{text}");
    let text = shown(&world, "README.md");
    assert!(text.contains("no rule selects it, and `[defaults]` excludes it: `**/*.md` (shipmark.toml:2)"), "{text}");
}

/// A path that is not there is explained all the same.
#[test]
fn an_absent_path_is_explained_and_said_to_be_absent() {
    let world = world();
    let text = shown(&world, "base/new");
    assert!(text.starts_with("base/new (not in the source)\n  input of base: "), "{text}");
    for (path, miss) in [
        ("bsae/x", "`base/**` (shipmark.toml:6) is one letter away"),
        ("Base/x", "`base/**` (shipmark.toml:6) differs in case only"),
        (
            "command/services/x",
            "`services/command/**` (shipmark.toml:10) has `command` and `services` the other way round",
        ),
        ("services/command/sub/../y", "input of command: `services/command/**`"),
        ("services/../../y", "is not a path in the source"),
        ("app/base/x", "`base/**` (shipmark.toml:6) would match without `app`"),
    ] {
        let done = world.run(["explain", path]);
        assert!(format!("{}{}", done.stdout, done.stderr).contains(miss), "{path}: {done:?}");
    }
}

/// What lies below it: how much of each service, by which rules, and what nobody claims.
#[test]
fn a_directory_explains_what_lies_below_it() {
    let world = world();
    world.write("services/command/doc.md", "1");
    world.write("services/loose", "1");
    let expected = "services/ (3 files)\n  \
                    command  1 file  `services/command/**` (shipmark.toml:10)\n  \
                    gateway  1 file  `services/command/**` (shipmark.toml:10), through gateway -> command\n  \
                    input of no service, on purpose: 1 file: services/command/doc.md\n  \
                    no rule matches: 1 file: services/loose\n";
    assert_eq!(shown(&world, "services/"), expected);
    assert!(shown(&world, ".").starts_with(". (8 files)\n"), "the root");
}

/// What is the same in all environments is said once.
#[test]
fn environments_are_told_apart_only_where_they_differ() {
    let map =
        "environments = [\"dev\", \"stage\", \"prod\"]\n[services.a]\ninclude = [\"a\", \"env/${environment}\"]\n";
    let world = World::new(map, &[("a/x", "1"), ("env/prod", "1")]);
    assert_eq!(shown(&world, "a/x"), "a/x\n  input of a: `a` (shipmark.toml:3)\n");
    let text = shown(&world, "env/prod");
    assert!(text.starts_with("env/prod\n  in dev and stage:\n    input of no service: no rule matches it"), "{text}");
    assert!(text.ends_with("  in prod:\n    input of a: `env/${environment}` (shipmark.toml:3)\n"), "{text}");
    let whole = world.run(["explain", "--json", "env/prod"]).json();
    let answers = whole["paths"][0]["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1]["environments"], serde_json::json!(["prod"]));
}

/// The same for programs, exact for every byte.
#[test]
fn json_has_the_chain_the_places_and_the_bytes() {
    let world = world();
    let odd = OsStr::from_bytes(b"base/\xff\n");
    let whole = world.run([OsStr::new("explain"), OsStr::new("--json"), odd, OsStr::new("bsae/x")]).json();
    assert_eq!((&whole["schema"], &whole["project"]), (&1.into(), &"default".into()));
    let odd = &whole["paths"][0];
    assert_eq!((&odd["path_base64"], &odd["source"]), (&"YmFzZS//Cg==".into(), &"absent".into()));
    let gateway = &odd["answers"][0]["inputs_of"][2];
    assert_eq!(gateway["chain"], serde_json::json!(["gateway", "command", "base"]));
    assert_eq!(
        (&gateway["rule"], &gateway["at"], &gateway["line"]),
        (&"base/**".into(), &"shipmark.toml:6".into(), &6.into())
    );
    let miss = &whole["paths"][1]["answers"][0]["nearest_miss"];
    assert_eq!((&miss["slip"], &miss["rule"]), (&"letters".into(), &"base/**".into()));
}

/// A build would see it, git would not: that is what somebody asks who wonders.
#[test]
fn what_git_ignores_is_said_to_be_there() {
    let world = world();
    git(&world.source(), &["init", "-q"]);
    world.write(".gitignore", "gen\n");
    world.write("base/out/gen", "1");
    let text = shown(&world, "base/out/gen");
    assert!(text.starts_with("base/out/gen (in the directory, but git would not store it)\n"), "{text}");
}

/// Only its commit is known: it is an input of whoever selects something in it.
#[test]
fn a_submodule_is_explained_as_it_is_judged() {
    let world =
        World::new("[services.a]\ninclude = [\"libs/sub/src/**\"]\n[services.b]\ninclude = [\"b\"]\n", &[("b/x", "1")]);
    let source = world.source();
    git(&source, &["init", "-q"]);
    let sub = source.join("libs/sub");
    std::fs::create_dir_all(&sub).unwrap();
    git(&sub, &["init", "-q"]);
    git(&sub, &["commit", "-q", "--allow-empty", "-m", "x"]);
    git(&source, &["-c", "advice.addEmbeddedRepo=false", "add", "-A"]);
    let expected = "libs/sub (a submodule)\n  input of a: `libs/sub/src/**` (shipmark.toml:2)\n";
    assert_eq!(shown(&world, "libs/sub"), expected);
}

/// What a service leaves out on purpose is shown with the reason that the map gives.
#[test]
fn what_is_no_input_on_purpose_says_why() {
    let map = "project = \"default\"\n[services.api]\ninclude = [\"api\"]\nexclude = [\"api/tests\"]\n\
               not_inputs = { \"api/tests/**\" = \"only the test stage runs them\", \"api/x\" = \"a mistake\" }\n\
               [services.web]\ninclude = [\"web\"]\nnot_inputs = [\"api\"]\n";
    let world = World::new(map, &[("api/x", "1"), ("api/tests/t", "1"), ("web/w", "1")]);
    let text = shown(&world, "api/tests/t");
    let expected = "  not an input of api on purpose: `api/tests/**` (shipmark.toml:5): only the test stage runs them\n  \
                    not an input of web on purpose: `api` (shipmark.toml:8)\n";
    assert!(text.ends_with(expected), "{text}");
    let text = shown(&world, "api/x");
    assert!(
        !text.contains("of api on purpose") && text.contains("of web on purpose"),
        "it is an input all the same: {text}"
    );
    let json = world.run(["explain", "api/tests/t", "--json"]).json();
    let said = &json["paths"][0]["not_inputs_of"];
    assert_eq!(said[0]["reason"], "only the test stage runs them");
    assert_eq!((&said[1]["service"], &said[1]["reason"]), (&"web".into(), &serde_json::Value::Null));
    let empty =
        World::new("[services.api]\ninclude = [\"api\"]\nnot_inputs = { \"t\" = \" \", \"/u\" = \"x\", v = 1 }\n", &[]);
    let done = empty.run(["check"]);
    assert_eq!(done.code, 2, "{done:?}");
    for word in ["empty-text", "bad-pattern", "wrong-type"] {
        assert!(done.stderr.contains(word), "{word}: {done:?}");
    }
}

/// A path may be typed from where one is, from the root of the source, or whole.
#[test]
fn a_path_is_taken_as_it_is_typed() {
    let world = World::new(
        "[services.api]\ninclude = [\"services/api/**\"]\n",
        &[
            ("services/api/main.go", "1"),
            ("services/web/x", "1"),
            ("services/services/api/main.go", "1"),
            ("main.go", "1"),
        ],
    );
    let whole = world.source().join("services/api/main.go");
    let explain = |directory: &str, path: &str| {
        let mut command = world.command(&crate::support::Build::default());
        command.current_dir(world.source().join(directory)).args(["explain", "--format", "json", path]);
        let done = crate::support::run(command);
        assert_eq!(done.code, 0, "{directory} {path}: {done:?}");
        let paths: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        paths["paths"][0]["path"].as_str().unwrap().to_owned()
    };
    let api = "services/api/main.go";
    for (directory, path) in [
        ("", api),
        ("", "./services/web/../api/main.go"),
        ("services/api", "main.go"),
        ("services/web", "../api/main.go"),
        ("services/web", api),
        ("services/api", whole.to_str().unwrap()),
        ("", whole.to_str().unwrap()),
    ] {
        assert_eq!(explain(directory, path), api, "{path} in {directory}");
    }
    assert_eq!(explain("services", api), "services/services/api/main.go", "what is here comes first");
    assert_eq!(explain("services/web", "new.go"), "services/web/new.go", "what is nowhere is meant to be here");
    for outside in ["../x", "/etc/passwd"] {
        let done = world.run(["explain", outside]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(
            done.stderr.contains("is not a path in the source") && done.stderr.contains("the source is `"),
            "{done:?}"
        );
    }
}
