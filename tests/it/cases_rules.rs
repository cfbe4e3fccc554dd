//! Which services a change builds: changed rules, files that nobody covers, excludes, whole components, dependencies.

use super::support::{Build, World, changes, entry, reason};

const MAP: &str = r#"
[groups]
shared = ["lib"]

[services.a]
include = ["a"]
exclude = ["a/left-out"]

[services.b]
include = ["b"]
groups = ["shared"]

[services.c]
include = ["c"]
"#;

/// All services are deployed.
fn deployed(map: &str, files: &[(&str, &str)]) -> World {
    let world = World::new(map, files);
    let build = Build::new("1");
    world.decide(&build, &[]);
    let done = world.run_in(&build, ["record", "--all"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    world
}

/// What each service that builds builds for, with its changes.
fn builds(world: &World) -> Vec<String> {
    let answer = world.plan(&[]);
    let services = answer["services"].as_array().unwrap().iter().map(|entry| entry["service"].as_str().unwrap());
    let building = services.filter(|service| reason(&answer, service) != "unchanged");
    building
        .map(|service| format!("{service} {}: {}", reason(&answer, service), changes(&answer, service).join(", ")))
        .collect()
}

/// Case 15: the rules changed.
#[test]
fn changed_rules_build_the_services_whose_inputs_they_change() {
    let files = [("a/x", "1"), ("a/left-out/y", "1"), ("b/x", "1"), ("c/x", "1"), ("lib/l", "1"), ("new/n", "1")];
    let cases: [(&str, &str, &[&str], &[&str]); 7] = [
        (r#"["c"]"#, r#"["c", "new"]"#, &["c changed: added new/n"], &["c"]),
        (r#"["a/left-out"]"#, "[]", &["a changed: added a/left-out/y"], &["a"]),
        (r#"["lib"]"#, r#"["lib", "new"]"#, &["b changed: added new/n"], &["b"]),
        (r#"groups = ["shared"]"#, "", &["b changed: deleted lib/l"], &["b"]),
        (r#"["c"]"#, r#"["c", "not-there"]"#, &[], &["c"]),
        ("[services.c]", "[services.renamed]", &["renamed never-deployed: "], &[]),
        ("[services.c]", "[services.d]\ninclude = [\"new\"]\n[services.c]", &["d never-deployed: "], &[]),
    ];
    for (from, to, expected, changed) in cases {
        let world = deployed(MAP, &files);
        assert!(builds(&world).is_empty());
        world.write("shipmark.toml", &MAP.replace(from, to));
        assert_eq!(builds(&world), expected, "{from} -> {to}");
        let answer = world.plan(&[]);
        let services = answer["services"].as_array().unwrap().iter();
        let differ = services.filter(|entry| entry["rules_changed"] == true).map(|entry| entry["service"].as_str());
        assert!(differ.eq(changed.iter().map(|name| Some(*name))), "{from} -> {to}: {answer:#}");
    }
}

/// Case 15: a comment, or the order of the services, is no rule.
#[test]
fn a_map_that_says_the_same_builds_nothing() {
    let world = deployed(MAP, &[("a/x", "1"), ("b/x", "1"), ("c/x", "1"), ("lib/l", "1")]);
    world.write("shipmark.toml", &format!("# The services.\n{MAP}# The end.\n"));
    assert!(builds(&world).is_empty());
    assert_eq!(entry(&world.plan(&[]), "a")["rules_changed"], false);
}

/// Case 17: a changed file that no service covers.
#[test]
fn an_unowned_file_is_treated_as_the_policy_says() {
    for (policy, expected) in [
        ("ignore", vec![]),
        ("warn", vec![]),
        ("build-all", vec!["a changed: modified README", "b changed: modified README"]),
    ] {
        let rules = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";
        let map = format!("[defaults]\nunowned = \"{policy}\"\n{rules}");
        let world = deployed(&map, &[("a/x", "1"), ("b/x", "1"), ("README", "1"), ("config/shipmark.toml", "")]);
        world.write("README", "2");
        assert_eq!(builds(&world), expected, "{policy}");
        world.write("README", "1");
        world.write("shipmark.toml", &format!("{map}# The map is never unowned.\n"));
        assert!(builds(&world).is_empty(), "{policy}");

        let done = world.run_in(&Build::new("2"), ["decide", "--format", "json"]);
        assert_eq!(done.stderr.contains("no service covers"), policy == "warn", "{policy}: {}", done.stderr);
        let all = done.json();
        assert_eq!((&all["unowned"], &all["unowned_total"]), (&serde_json::json!([{"path": "README"}]), &1.into()));
        let one = world.decide(&Build::new("2"), &["a"]);
        assert_eq!(one["unowned"].is_null(), policy != "build-all", "{policy}: one service costs one service");
        assert_eq!(one["unowned_total"].is_null(), policy != "build-all", "{policy}");
    }
}

/// Case 22: services `svc-a` and `svc-ab`.
#[test]
fn a_pattern_matches_whole_components() {
    let map = "[services.svc-a]\ninclude = [\"svc-a\"]\n[services.svc-ab]\ninclude = [\"svc-ab\"]\n";
    let world = deployed(map, &[("svc-a/x", "1"), ("svc-ab/x", "1")]);
    world.write("svc-ab/x", "2");
    world.write("svc-a.txt", "2");
    world.write("other/svc-a/x", "2");
    assert_eq!(builds(&world), ["svc-ab changed: modified svc-ab/x"]);
}

/// Case 23: a change set with one excluded and one included file.
#[test]
fn an_excluded_file_suppresses_nothing_but_itself() {
    for map in [
        "[services.a]\ninclude = [\"a\"]\nexclude = [\"**/*.md\"]\n",
        "[defaults]\nexclude = [\"**/*.md\"]\n[services.a]\ninclude = [\"a\"]\n",
    ] {
        let world = deployed(map, &[("a/x", "1"), ("a/README.md", "1")]);
        world.write("a/README.md", "2");
        assert!(builds(&world).is_empty());
        world.write("a/x", "2");
        assert_eq!(builds(&world), ["a changed: modified a/x"]);
    }
}

/// Case 33: two services depend on a third, and its file changes.
#[test]
fn a_dependency_builds_its_dependents_in_order() {
    let map = "[services.a]\ninclude = [\"a\"]\ndepends_on = [\"z\"]\n\
               [services.b]\ninclude = [\"b\"]\ndepends_on = [\"a\"]\n\
               [services.y]\ninclude = [\"y\"]\n[services.z]\ninclude = [\"z\"]\n";
    let world = deployed(map, &[("a/x", "1"), ("b/x", "1"), ("y/x", "1"), ("z/x", "1")]);
    world.write("z/x", "2");
    let change = "changed: modified z/x";
    assert_eq!(builds(&world), [format!("z {change}"), format!("a {change}"), format!("b {change}")]);
    let answer = world.plan(&[]);
    let order: Vec<_> = answer["services"].as_array().unwrap().iter().map(|entry| &entry["service"]).collect();
    assert_eq!(order, ["y", "z", "a", "b"]);
    assert_eq!(entry(&answer, "b")["changes"][0]["via"], "dependency:z");
    assert_eq!(entry(&answer, "z")["changes"][0]["via"], serde_json::Value::Null);
    let done = world.run_in(&Build::new("2"), ["decide"]);
    assert!(done.stdout.contains("export BUILD_SERVICES='z a b'\n"), "{}", done.stdout);
}

/// Case 67: other tools read two stars inside a component as "at any depth".
#[test]
fn two_stars_inside_a_component_are_refused_with_the_pattern_that_was_meant() {
    let world = World::new("[services.a]\ninclude = [\"svc/**.go\"]\n", &[("svc/a.go", "1"), ("svc/deep/b.go", "1")]);
    let done = world.run(["plan"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("write `svc/**/*.go`"), "{done:?}");
    world.write("shipmark.toml", "[services.a]\ninclude = [\"svc/**/*.go\"]\n");
    assert_eq!(world.plan(&[])["services"][0]["reason"], "never-deployed");
}

/// Case 70: nobody notices that the services of a group, or a dependency, have lost what they share.
#[test]
fn a_shared_folder_that_is_renamed_builds_and_is_named_until_the_rules_follow() {
    let map = "\
[groups]
shared = [\"lib\"]
[services.a]
include = [\"a\"]
groups = [\"shared\"]
[services.b]
include = [\"b\"]
depends_on = [\"c\"]
[services.c]
include = [\"c\", \"common\"]
";
    let files = [("a/x", "1"), ("b/x", "1"), ("c/x", "1"), ("lib/l", "1"), ("common/l", "1")];
    let world = deployed(map, &files);
    assert!(builds(&world).is_empty());
    for (from, to) in [("lib", "libs"), ("common", "commons")] {
        std::fs::rename(world.source().join(from), world.source().join(to)).unwrap();
    }
    let warns = |id: &str| {
        let done = world.run_in(&Build::new(id), ["decide", "a", "b", "--format", "json"]);
        let warnings: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
        for expected in ["group shared: its pattern `lib` (", "c: its include `common` ("] {
            assert!(
                warnings.iter().any(|line| line.contains(expected) && line.contains("selects no file")),
                "{done:?}"
            );
        }
        ["a", "b"].map(|service| reason(&done.json(), service))
    };
    assert_eq!(warns("2"), ["changed", "changed"]);
    assert_eq!(world.run_in(&Build::new("2"), ["record", "a", "b"]).code, 0);
    // What is deployed now is what the rules select; that they select too little is still said.
    assert_eq!(warns("3"), ["unchanged", "unchanged"]);
}
