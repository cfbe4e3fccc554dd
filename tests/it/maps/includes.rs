//! `include_maps`.

use super::super::support::{Build, World, changes, run};
use super::{problems, services};

const ROOT: &str = r#"
include_maps = ["services/*/shipmark.toml", "infra/map.toml"]

[services.site]
include = ["site"]
groups = ["infra"]
"#;

fn world() -> World {
    World::new(
        ROOT,
        &[
            ("site/index.html", "1"),
            ("infra/map.toml", "[groups]\ninfra = ['${directory}/*.yaml']\n"),
            ("infra/stack.yaml", "1"),
            ("services/api/shipmark.toml", "[services.api]\ninclude = ['${directory}/src/**', 'lib/${service}']\n"),
            ("services/api/src/main", "1"),
            ("services/src/main", "not below the map"),
            ("lib/api", "1"),
        ],
    )
}

#[test]
fn maps_beside_their_services_are_parts_of_the_map() {
    let world = world();
    assert_eq!(services(&world, &[]), ["api", "site"]);
    world.deploy(&Build::new("1"), "api");
    world.deploy(&Build::new("1"), "site");
    for (path, service) in [("services/api/src/main", "api"), ("lib/api", "api"), ("infra/stack.yaml", "site")] {
        world.write(path, "2");
        let plan = world.plan(&[]);
        assert_eq!(changes(&plan, service), [format!("modified {path}")]);
        assert_eq!(world.planned(if service == "api" { "site" } else { "api" }), "unchanged", "{path}");
        world.deploy(&Build::new(path), service);
    }
    world.write("services/src/main", "2");
    assert_eq!((world.planned("api").as_str(), world.planned("site").as_str()), ("unchanged", "unchanged"));
}

#[test]
fn every_message_points_into_the_right_file() {
    let world = world();
    let explained = world.run(["explain", "services/api/src/main", "infra/stack.yaml", "site/index.html"]).stdout;
    for place in ["(services/api/shipmark.toml:2)", "(infra/map.toml:2)", "(shipmark.toml:5)"] {
        assert!(explained.contains(place), "{explained}");
    }
    world.write("services/api/shipmark.toml", "[services.api]\ninclude = ['site', 'gone']\n");
    let checked = world.run(["check"]);
    assert!(checked.stdout.contains("services/api/shipmark.toml:2:20"), "{checked:?}");
    assert!(world.run(["plan"]).stderr.contains("(services/api/shipmark.toml:2) selects no file"));
}

#[test]
fn an_included_map_is_never_unowned() {
    let world = world();
    let unowned = world.plan(&[])["unowned"].clone();
    assert_eq!(unowned, serde_json::json!([{ "path": "services/src/main" }]));
}

#[test]
fn the_mistakes_of_all_files_are_told_at_once() {
    let world = World::new(
        "include_maps = ['a/map', 'b/map', 'c/map', 'gone/*', '/x', 'all/**']\nprojekt = 'x'\n\
         [groups]\ng = ['${directory}/x']\n[services.one]\ninclude = ['x']\ngroups = ['g']\n",
        &[
            ("a/map", "project = 'x'\nstate = {}\n[services.one]\ninclude = ['y']\n[groups]\ng = []\n"),
            ("b/map", "[services.two]\ninclude = ['!x']\ndepends_on = ['one', 'nobody']\n[discover.'x/*']\n"),
            ("c/map", "\0"),
            ("x", ""),
        ],
    );
    assert_eq!(
        problems(&world.run(["plan"])),
        [
            "shipmark.toml:1:44 [no-such-map]: `gone/*` matches no file of the source",
            "shipmark.toml:1:54 [bad-pattern]: the pattern `/x` begins with `/`",
            "shipmark.toml:1:60 [bad-pattern]: the pattern `all/**` ends with `**`",
            "shipmark.toml:2:1 [unknown-key]: unknown key `projekt` in the map",
            "shipmark.toml:4:6 [unknown-variable]: `${directory}/x` has `${directory}`, which is not known here",
            "a/map:1:1 [not-here]: `project` may not stand in a map that another one includes",
            "a/map:2:1 [not-here]: `state` may not stand in a map that another one includes",
            "a/map:3:11 [duplicate]: the service `one` is already in `shipmark.toml:5`",
            "a/map:6:1 [duplicate]: the group `g` is already in `shipmark.toml:4`",
            "b/map:2:12 [bad-pattern]: the pattern `!x` begins with `!`",
            "b/map:4:2 [not-here]: `discover` may not stand in a map that another one includes",
            "c/map:1:1 [not-text]: the map is not a text: it has a NUL byte",
        ]
    );
    assert_eq!(world.run(["decide"]).stdout, "export BUILD_SKIPPED='false'\nfalse\n");
}

#[test]
fn a_name_that_is_nowhere_is_told_once_all_files_are_read() {
    let world = World::new(
        "include_maps = ['a/map']\n[services.one]\ninclude = ['x']\ndepends_on = ['two', 'three']\n",
        &[("a/map", "[services.two]\ninclude = ['y']\ngroups = ['g']\n"), ("x", "")],
    );
    assert_eq!(
        problems(&world.run(["plan"])),
        [
            "shipmark.toml:4:22 [unknown-service]: `depends_on` names the unknown service `three`",
            "a/map:3:11 [unknown-group]: `groups` names the unknown group `g`",
        ]
    );
}

#[test]
fn beside_a_service_the_map_further_up_is_used_that_includes_the_one_there() {
    let world = world();
    let mut inside = world.command(&Build::default());
    inside.current_dir(world.source().join("services/api/src")).args(["plan", "--format", "json"]);
    let plan = run(inside).json();
    assert_eq!(plan["services"].as_array().unwrap().len(), 2);
    // One that nobody includes is a map of its own.
    world.write("other/shipmark.toml", "[services.other]\ninclude = ['x']\n");
    world.write("other/x", "");
    let mut outside = world.command(&Build::default());
    outside.current_dir(world.source().join("other")).args(["plan", "--format", "json"]);
    let plan = run(outside).json();
    assert_eq!(plan["services"][0]["service"], "other");
}

#[test]
fn a_directory_with_a_name_like_a_pattern_is_itself_and_no_other() {
    let map = "[services.page]\ninclude = ['${directory}/*.js']\n";
    let world = World::new(
        "include_maps = ['pages/*/map']\n",
        &[("pages/[id]/map", map), ("pages/[id]/a.js", ""), ("pages/i/a.js", ""), ("pages/d/a.js", "")],
    );
    let plan = world.plan(&[]);
    assert_eq!(plan["services"][0]["inputs"].as_u64().unwrap_or(1), 1);
    let unowned: Vec<_> = plan["unowned"].as_array().unwrap().iter().map(|file| file["path"].clone()).collect();
    assert_eq!(unowned, ["pages/d/a.js", "pages/i/a.js"]);
}

#[test]
fn a_map_that_is_included_twice_or_by_itself_counts_once() {
    let world = World::new(
        "include_maps = ['**/shipmark.toml', 'a/*.toml']\n[services.one]\ninclude = ['x']\n",
        &[("a/shipmark.toml", "[services.two]\ninclude = ['y']\n"), ("x", ""), ("y", "")],
    );
    assert_eq!(services(&world, &[]), ["one", "two"]);
}
