//! What `init` writes where, and what it refuses.

use std::os::unix::ffi::OsStrExt as _;

use predicates::prelude::*;
use predicates::str::contains;

use crate::support::{Build, World, skip};

const DOCKERFILE: &str = "FROM scratch\nCOPY . .\n";

/// A source with one service and no map.
fn world() -> World {
    let world = World::new("", &[("api/Dockerfile", DOCKERFILE), ("api/main.py", "x\n")]);
    world.remove("shipmark.toml");
    world
}

/// `check` has nothing to say about this many services.
fn is_accepted(world: &World, services: &str) {
    world.assert(["check"]).success().stdout(contains(services).and(contains("0 errors, 0 warnings")));
}

#[test]
fn a_map_is_written_that_check_and_plan_accept_and_the_next_steps_are_told() {
    let world = world();
    let mut done = world.assert(["init"]).success().stdout("");
    for said in ["1 service: api", "shipmark check", "shipmark explain PATH", "shipmark plan --base HEAD~1"] {
        done = done.stderr(contains(said));
    }
    is_accepted(&world, "1 service,");
    assert_eq!(world.planned("api"), "never-deployed");
}

#[test]
fn a_map_that_is_there_is_overwritten_only_by_force() {
    let world = world();
    world.write("config/shipmark.toml", "mine");
    let known = contains("there is a map already: `config/shipmark.toml`").and(contains("--force"));
    world.assert(["init"]).code(2).stderr(known);
    assert!(!world.source().join("shipmark.toml").exists());

    world.write("shipmark.toml", "mine too");
    assert_eq!(world.run(["init"]).code, 2);
    assert_eq!(std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap(), "mine too");
    assert_eq!(world.run(["init", "--force"]).code, 0);
    assert!(std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap().contains("[services.api]"));
}

#[test]
fn a_map_is_printed_or_written_elsewhere_and_is_the_same_each_time() {
    let world = world();
    let printed = world.run(["init", "--print"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    assert!(!world.source().join("shipmark.toml").exists());
    assert_eq!(world.run(["init", "--out", "../other.toml"]).code, 0);
    assert_eq!(std::fs::read_to_string(world.path("other.toml")).unwrap(), printed.stdout);
    let again = world.assert(["init", "--out", "../other.toml"]);
    again.code(2).stderr(contains("there is a map already: `../other.toml`"));
    world.assert(["init", "--print"]).success().stdout(printed.stdout);
    assert_eq!(world.run(["init", "--print", "--project", "shop"]).stdout.lines().nth(2), Some("project = \"shop\""));
}

#[test]
fn where_nothing_looks_like_a_service_no_map_is_made_up() {
    let world = World::new("", &[("notes.txt", "x"), ("src/lib.rs", "")]);
    world.remove("shipmark.toml");
    let nothing = contains("looks like a service").and(contains("[services.NAME]"));
    world.assert(["init"]).code(4).stdout("").stderr(nothing);
    assert!(!world.source().join("shipmark.toml").exists());
}

#[test]
fn names_that_patterns_or_shells_would_read_otherwise_are_escaped_and_what_is_no_text_is_no_obstacle() {
    let world = world();
    world.write("web/package.json", "{ \"scripts\": { \"start\": \"next\" } }");
    world.write("web/app/[slug]/{a}.tsx", "x");
    world.write("api v2/Dockerfile", DOCKERFILE);
    world.write("api_v2/Dockerfile", DOCKERFILE);
    world.write("[odd]/Dockerfile", DOCKERFILE);
    let odd = world.source().join("api").join(std::ffi::OsStr::from_bytes(b"\xff\n.bin"));
    std::fs::write(odd, "x").unwrap();
    world.assert(["init"]).success();
    is_accepted(&world, "5 services,");
    assert_eq!(world.decide(&Build::default(), &[])["services"].as_array().unwrap().len(), 5);
}

#[test]
fn manifests_that_are_broken_or_hostile_leave_their_project_known_and_nothing_panics() {
    let deep = "[".repeat(50_000);
    let files = [
        ("a/package.json", "{\"name\":"),
        ("a/index.html", ""),
        ("b/Cargo.toml", "[package\nname"),
        ("b/src/main.rs", ""),
        ("c/template.yaml", "AWS::Serverless::Function\nResources: *x"),
        ("c/samconfig.toml", ""),
        ("d/go.mod", "module"),
        ("d/main.go", "package main\nimport (\"\n"),
        ("e/Package.swift", ".executableTarget(name: \"X, path: \"../../../..\""),
        ("f/pom.xml", "<project><artifactId>"),
        ("f/src/main/java/App.java", ""),
        ("g/main.tf", "module \"x\" { source = \"../../../g\""),
        ("h/Dockerfile", "COPY\nCOPY --from\nADD [\nFROM"),
        ("i/docker-compose.yml", deep.as_str()),
        ("j/cdk.json", deep.as_str()),
        ("k/requirements.txt", "-r requirements.txt\n-e ../../..\n"),
        ("k/main.py", ""),
        ("l/x.csproj", "<ProjectReference Include=\""),
        ("m/build.gradle", "project(\":"),
        ("m/src/main/kotlin/Main.kt", ""),
        ("n/serverless.yml", "service: ${self:x}\nfile(../../../x)"),
    ];
    let world = World::new("", &files);
    world.remove("shipmark.toml");
    world.assert(["init"]).success();
    world.assert(["check"]).success();
    let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    for service in ["a", "b", "d", "f", "g", "j", "k", "m", "n"] {
        assert!(map.contains(&format!("[services.{service}]")), "{service}: {map}");
    }
}

#[test]
fn an_artifact_can_be_looked_at_and_is_not_written_into() {
    let world = world();
    let zipped = std::process::Command::new("python3")
        .args(["-m", "zipfile", "-c", "../x.zip", "api"])
        .current_dir(world.source())
        .status();
    if !zipped.is_ok_and(|status| status.success()) {
        return skip("python", "no zip artifact is made: python3 is missing");
    }
    world.assert(["init", "--source", "../x.zip"]).code(2).stderr(contains("--out FILE"));
    let printed = world.assert(["init", "--print", "--source", "../x.zip"]).success();
    printed.stdout(contains("include = [\"api/**\"]"));
}

#[test]
fn services_that_look_alike_are_one_table_with_what_differs_beneath() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let mut files = Vec::new();
    for name in names {
        files.push((format!("services/{name}/Dockerfile"), DOCKERFILE.to_owned()));
        files.push((format!("services/{name}/main.py"), "x".to_owned()));
    }
    files.push(("services/g/requirements.txt".to_owned(), "-e ../../libs/db\n".to_owned()));
    files.push(("libs/db/db.py".to_owned(), "x".to_owned()));
    files.push(("services/notes/x.txt".to_owned(), "x".to_owned()));
    let listed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let world = World::new("", &listed);
    world.remove("shipmark.toml");
    world.assert(["init"]).success();
    let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
    let table = "[discover.\"services/*\"]\nexcept = [\"services/notes\"]\ndockerfile = \"${directory}/Dockerfile\"\n";
    assert!(map.contains(table) && map.contains("[services.g]") && !map.contains("[services.a]"), "{map}");
    world.assert(["check", "--allow", "unowned"]).success().stdout(contains("7 services,"));
    assert_eq!(world.planned("a"), "never-deployed");
}

#[test]
fn what_every_service_pulls_in_of_all_others_is_followed_once() {
    // Followed path by path, 40 services of which each pulls in all before it would take years.
    let package = |all: std::ops::Range<usize>| {
        let pulls: Vec<String> = all.map(|other| format!("\"p{other}\": \"file:../p{other}\"")).collect();
        format!("{{ \"scripts\": {{ \"start\": \"x\" }}, \"dependencies\": {{ {} }} }}", pulls.join(", "))
    };
    for closed in [false, true] {
        let world = World::new("", &[]);
        world.remove("shipmark.toml");
        for at in 0..40 {
            let pulls = if closed && at == 0 { 39..40 } else { 0..at };
            world.write(&format!("p{at}/package.json"), &package(pulls));
            world.write(&format!("p{at}/Dockerfile"), DOCKERFILE);
        }
        world.assert(["init"]).success();
        is_accepted(&world, "40 services,");
    }
}

#[test]
fn a_manifest_that_is_broken_or_enormous_is_named_in_the_draft_and_found() {
    let enormous =
        format!("[package]\nname = \"b\"\n[dependencies]\nc = {{ path = \"../c\" }}\n{}", "# x\n".repeat(400_000));
    let broken = "[package\nname";
    for (text, kind) in [(enormous.as_str(), "enormous"), (broken, "broken")] {
        let library = "[package]\nname = \"c\"\n[lib]\npath = \"lib.rs\"\n";
        let files = [("b/Cargo.toml", text), ("b/src/main.rs", "x"), ("c/Cargo.toml", library), ("c/lib.rs", "x")];
        let world = World::new("", &files);
        world.remove("shipmark.toml");
        world.assert(["init"]).success();
        let map = std::fs::read_to_string(world.source().join("shipmark.toml")).unwrap();
        assert!(map.contains("`b/Cargo.toml` was not understood"), "{kind}: {map}");
        assert!(map.contains("\"c/**\""), "{kind}: what it may pull in is taken in: {map}");
        let found = world.run(["check"]).stdout;
        assert!(found.contains("`b/Cargo.toml` was not understood"), "{kind}: {found}");
    }
}
