//! What was renamed builds once, and is named with what it costs.

use super::{World, build};
use crate::support::git;

const MAP: &str = "project = \"shop\"\n[groups]\ninfra = [\"infra/**\"]\n\
                   [services.api]\ninclude = [\"services/api/**\"]\ngroups = [\"infra\"]\noutputs = { IMAGE = \"*\" }\n";

/// Ten files of a service, and some that services share.
fn world() -> World {
    let paths: Vec<String> = (0..10).map(|number| format!("services/api/src/{number}.go")).collect();
    let shared = (0..30).map(|number| format!("infra/{number}.tf"));
    let paths: Vec<String> = paths.into_iter().chain(shared).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), path.as_str())).collect();
    let world = World::new(MAP, &files);
    let done = world.run_in(&build("1"), ["decide"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.run_in(&build("1"), ["record", "--all", "--output", "IMAGE=i"]).code, 0);
    world
}

fn rename(world: &World, from: &str, to: &str) {
    std::fs::rename(world.source().join(from), world.source().join(to)).unwrap();
}

fn decide(world: &World, id: &str) -> String {
    let done = world.run_in(&build(id), ["decide"]);
    assert_eq!(done.code, 0, "{done:?}");
    done.stderr
}

#[test]
fn a_service_with_a_new_name_is_named_with_its_old_one() {
    let world = world();
    world.write("shipmark.toml", &MAP.replace("[services.api]", "[services.gateway]"));
    let said = decide(&world, "2");
    let warned = "gateway looks like api under a new name (10 of 10 files the same): it is built and deployed once, since nothing says \
                  that it deploys to the same place; when api is gone: shipmark state rm api --state ";
    assert!(said.contains(warned) && said.contains("gateway: build, never-deployed"), "{said}");
    let plan = world.run(["plan"]);
    assert!(plan.stderr.contains("gateway looks like api"), "{plan:?}");
    // Two of ten files differ: that is another service, however many files both share.
    for number in 0..2 {
        world.write(&format!("services/api/src/{number}.go"), "other");
    }
    let said = decide(&world, "3");
    assert!(!said.contains("looks like"), "{said}");
}

#[test]
fn a_folder_that_moved_with_its_rules_is_named_and_builds_once() {
    let world = world();
    rename(&world, "services/api", "services/gateway");
    world.write("services/gateway/src/0.go", "one of ten differs");
    world.write("shipmark.toml", &MAP.replace("services/api/**", "services/gateway/**"));
    let said = decide(&world, "2");
    let renamed = "`services/api` looks renamed to `services/gateway` (9 of 10 files the same), which builds it once";
    assert!(said.contains("api: build, changed: 20 changes among 40 inputs") && said.contains(renamed), "{said}");
    assert_eq!(world.run_in(&build("2"), ["record", "--all", "--output", "IMAGE=i"]).code, 0);
    assert!(decide(&world, "3").contains("api: skip, unchanged"));
    world.write("services/gateway/src/new.go", "1");
    world.remove("services/gateway/src/3.go");
    let said = decide(&world, "4");
    assert!(!said.contains("renamed"), "{said}");
}

#[test]
fn a_folder_that_the_rules_no_longer_find_is_looked_for() {
    let world = world();
    rename(&world, "services/api", "services/gateway");
    let said = decide(&world, "2");
    let renamed = "warning: api: `services/api` looks renamed to `services/gateway` (10 of 10 files the same): correct the map; until then \
                   it is built without these files";
    assert!(said.contains(renamed) && said.contains("api: build, changed"), "{said}");
    world.write("shipmark.toml", &MAP.replace("groups = [\"infra\"]\n", ""));
    let said = decide(&world, "4");
    let cost = "(10 of 10 files the same): correct the map; until then it builds every time";
    assert!(said.contains(cost) && said.contains("api: build, no-inputs"), "{said}");
    for number in 0..2 {
        world.write(&format!("services/gateway/src/{number}.go"), "other");
    }
    let said = decide(&world, "3");
    assert!(!said.contains("looks renamed"), "{said}");
}

#[test]
fn check_finds_where_a_folder_went() {
    let world = world();
    let source = world.source();
    git(&source, &["init", "-q"]);
    git(&source, &["add", "-A"]);
    git(&source, &["commit", "-q", "-m", "one"]);
    let renamed = "`services/api` looks renamed to `services/gateway` (10 of 10 files the same): correct the pattern; until then api builds";
    rename(&world, "services/api", "services/gateway");
    let checked = world.run(["check"]);
    assert!(checked.stdout.contains(renamed), "before it is committed: {checked:?}");
    for message in ["two", "three"] {
        world.write("README.md", message);
        git(&source, &["add", "-A"]);
        git(&source, &["commit", "-q", "-m", message]);
    }
    let checked = world.run(["check"]);
    assert!(checked.stdout.contains(renamed), "and after it: {checked:?}");
    for number in 0..2 {
        world.write(&format!("services/gateway/src/{number}.go"), "other");
    }
    let checked = world.run(["check"]);
    assert!(checked.stdout.contains("matches no file") && !checked.stdout.contains("renamed to"), "{checked:?}");
}

#[test]
fn adopting_all_lists_orphans_and_counts_what_came_later() {
    let world = world();
    let source = world.source();
    git(&source, &["init", "-q"]);
    git(&source, &["add", "-A"]);
    git(&source, &["commit", "-q", "-m", "one"]);
    let names: Vec<String> = (0..80).map(|number| format!("s{number:02}")).collect();
    let later: String = names.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).collect();
    world.write("shipmark.toml", &(MAP.replace("[services.api]", "[services.gateway]") + &later));
    let outputs = world.path("outputs");
    std::fs::write(&outputs, "gateway:IMAGE=repo@sha256:1\n\n").unwrap();
    let adopt = ["adopt", "--all", "--from-git", "HEAD", "--pipeline", "shop", "--outputs", outputs.to_str().unwrap()];
    let shown = world.run(adopt);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(shown.stdout.contains("gateway") && shown.stdout.contains("IMAGE=repo@sha256:1"), "{shown:?}");
    assert!(shown.stderr.contains("nothing is written yet"), "{shown:?}");
    assert!(shown.stderr.contains("default has marks of services that the map does not have: api (once"), "{shown:?}");
    let warnings: Vec<&str> = shown.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    assert_eq!(warnings.len(), 3, "{warnings:#?}");
    assert!(warnings.iter().any(|line| line.contains("`shop` has none, so the pipeline's first decision builds")));
    assert!(warnings.iter().any(|line| line.contains("80 services left out (s00, ")), "{warnings:#?}");
    let planned = world.run(["plan", "gateway"]);
    assert!(planned.stdout.contains("never-deployed"), "{planned:?}");
    let written = world.run(adopt.iter().chain(&["--yes"]));
    assert_eq!(written.code, 0, "{written:?}");
    let planned = world.run(["plan", "gateway"]);
    assert!(planned.stdout.contains("skip"), "{planned:?}");
}

#[test]
fn many_dead_patterns_are_one_warning_and_a_count() {
    let names: Vec<String> = (0..80).map(|number| format!("s{number:02}")).collect();
    let map: String =
        names.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\", \"gone/{name}\"]\n")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let world = World::new(&map, &files);
    let said = decide(&world, "1");
    let warnings: Vec<&str> =
        said.lines().filter(|line| line.contains("no file") || line.contains("the same goes")).collect();
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(warnings[1].contains("the same goes for 79 other patterns: `shipmark check` lists them"), "{warnings:#?}");
}
