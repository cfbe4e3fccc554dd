//! What belongs to a source and is not in it: submodules that are not checked out, files that a sparse checkout leaves out.

use super::support::{Build, World, changes, entry, git, reason};

/// Services at, above, below and beside `libs/sub`, and one that excludes it.
const MAP: &str = r#"
[services.above]
include = ["libs"]
[services.at]
include = ["libs/sub"]
[services.below]
include = ["libs/sub/src/**", "other"]
[services.cut]
include = ["libs"]
exclude = ["libs/sub"]
[services.other]
include = ["other"]
"#;

const SERVICES: [&str; 5] = ["above", "at", "below", "cut", "other"];

/// A repository with a submodule that has a file, and its clone without.
fn repository(map: &str) -> World {
    let world = World::new(map, &[("libs/x", "1"), ("other", "1")]);
    let from = world.path("from");
    std::fs::create_dir_all(from.join("src")).unwrap();
    std::fs::write(from.join("src/file"), "1").unwrap();
    git(&world.source(), &["init", "-q"]);
    git(&from, &["init", "-q"]);
    git(&from, &["add", "-A"]);
    git(&from, &["commit", "-q", "-m", "x"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from.to_str().unwrap(), "libs/sub"];
    git(&world.source(), &add);
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "x"]);
    world
}

fn remove(world: &World, directory: &str) {
    std::fs::remove_dir_all(world.source().join(directory)).unwrap();
}

/// Leaves the submodule as a clone has it before `git submodule update`.
fn empty(world: &World) {
    remove(world, "libs/sub");
    std::fs::create_dir(world.source().join("libs/sub")).unwrap();
}

fn reasons(answer: &serde_json::Value) -> [String; 5] {
    SERVICES.map(|service| reason(answer, service))
}

/// Case 65: the pattern is at, above or below it, in a clone, without git, and in a zip.
#[test]
fn a_submodule_that_is_not_there_is_doubt_for_whoever_may_have_it() {
    let world = repository(MAP);
    for service in SERVICES {
        world.deploy(&Build::new("1"), service);
    }
    assert_eq!(reasons(&world.decide(&Build::new("2"), &[])), ["unchanged"; 5].map(str::to_owned), "it is checked out");
    let zip = world.path("source.zip");
    git(&world.source(), &["archive", "--format=zip", "-o", zip.to_str().unwrap(), "HEAD"]);
    let expected = ["source-unreadable", "source-unreadable", "source-unreadable"];
    let check = |what: &str, answer: &serde_json::Value| {
        assert_eq!(reasons(answer)[..3], expected, "{what}");
        assert_eq!(reasons(answer)[4], "unchanged", "{what}");
        assert_ne!(reasons(answer)[3], "source-unreadable", "{what}: an exclude covers it whole");
        let detail = entry(answer, "below")["detail"].as_str().unwrap();
        assert!(
            detail.contains("`libs/sub` is a submodule") && detail.contains("git submodule update --init"),
            "{detail}"
        );
    };
    check("zip", &world.decide(&Build::new("3"), &["--source", zip.to_str().unwrap()]));
    empty(&world);
    check("clone", &world.decide(&Build::new("4"), &[]));
    remove(&world, "libs/sub");
    check("a clone without its directory", &world.decide(&Build::new("5"), &[]));
    std::fs::remove_file(world.source().join(".gitmodules")).unwrap();
    check("only in the index", &world.decide(&Build::new("6"), &[]));
    git(&world.source(), &["checkout", "-q", "--", ".gitmodules"]);
    remove(&world, ".git");
    check("unpacked", &world.decide(&Build::new("7"), &[]));
}

/// Case 65: a cache was unpacked where it would be, so there is a file, and not of git.
#[test]
fn a_stray_file_in_place_of_a_submodule_does_not_check_it_out() {
    let world = repository(MAP);
    empty(&world);
    world.write("libs/sub/node_modules/x", "cached");
    for number in ["1", "2"] {
        let decided = world.decide(&Build::new(number), &[]);
        assert_eq!(reasons(&decided)[..3], ["source-unreadable"; 3], "{decided}");
        world.run_in(&Build::new(number), ["record", "--all"]);
    }
    git(&world.source(), &["-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--force"]);
    world.deploy(&Build::new("3"), "at");
    assert_eq!(world.reason(&Build::new("4"), "at"), "unchanged");
}

/// Case 65: git reads a path beside the header of its section, quoted and escaped.
#[test]
fn a_submodule_is_doubt_however_its_path_is_written() {
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    world.deploy(&Build::new("1"), "a");
    assert_eq!(world.reason(&Build::new("2"), "a"), "unchanged");
    let ways = [
        "[submodule \"s\"] path = a/sub",
        "[submodule \"s\"]\npath = a/\\\nsub\n",
        "[submodule \"s\"]\npath = a\"/sub\"\n",
    ];
    for (number, text) in ways.into_iter().enumerate() {
        world.write(".gitmodules", text);
        let build = Build::new(&format!("3{number}"));
        assert_eq!(world.reason(&build, "a"), "source-unreadable", "{text}");
    }
}

/// Case 65: a link leads into it.
#[test]
fn a_link_into_a_submodule_that_is_not_there_is_doubt() {
    let world = repository("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"other\"]\n");
    std::fs::create_dir(world.source().join("a")).unwrap();
    std::os::unix::fs::symlink("../libs/sub/src/file", world.source().join("a/link")).unwrap();
    world.deploy(&Build::new("1"), "a");
    assert_eq!(world.reason(&Build::new("2"), "a"), "unchanged");
    empty(&world);
    assert_eq!(world.reason(&Build::new("3"), "a"), "source-unreadable");
    assert_eq!(world.reason(&Build::new("3"), "b"), "never-deployed");
}

/// Case 65: a discovered service, or an included map, could be in it.
/// Case 65: a link leads to a directory in which there is nothing but the submodule.
#[test]
fn a_link_to_a_directory_above_a_submodule_that_is_not_there_is_doubt() {
    let world = repository("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"other\"]\n");
    std::fs::create_dir(world.source().join("a")).unwrap();
    std::os::unix::fs::symlink("../libs", world.source().join("a/link")).unwrap();
    world.remove("libs/x");
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "a link"]);
    world.deploy(&Build::new("1"), "a");
    assert_eq!(world.reason(&Build::new("2"), "a"), "unchanged", "it is checked out");
    let zip = world.path("source.zip");
    git(&world.source(), &["archive", "--format=zip", "-o", zip.to_str().unwrap(), "HEAD"]);
    let zipped = world.decide(&Build::new("3"), &["a", "--source", zip.to_str().unwrap()]);
    assert_eq!(reason(&zipped, "a"), "source-unreadable", "zip");
    empty(&world);
    assert_eq!(world.reason(&Build::new("4"), "a"), "source-unreadable", "clone");
    remove(&world, "libs");
    assert_eq!(world.reason(&Build::new("5"), "a"), "source-unreadable", "a clone without the directory");
}

#[test]
fn a_service_that_could_be_in_a_submodule_that_is_not_there_is_not_left_out() {
    let discover = "[services.x]\ninclude = [\"other\"]\n[discover.\"libs/*\"]\n";
    let included = "include_maps = [\"libs/*/shipmark.toml\"]\n[services.x]\ninclude = [\"other\"]\n";
    for map in [discover, included] {
        let world = repository(map);
        world.write("libs/own/shipmark.toml", "[services.own]\ninclude = [\"libs/x\"]\n");
        assert_eq!(world.run(["plan"]).code, 0, "{:?}", world.run(["plan"]));
        empty(&world);
        let refused = |what: &str| {
            let done = world.run_in(&Build::new("1"), ["decide", "x"]);
            assert_eq!(done.code, 2, "{what}: {done:?}");
            assert!(done.stderr.contains("`libs/sub` is a submodule that is not checked out here"), "{}", done.stderr);
        };
        refused("clone");
        remove(&world, ".git");
        refused("unpacked");
    }
}

/// Case 71.
#[test]
fn what_a_sparse_checkout_leaves_out_is_doubt_and_a_deleted_file_is_gone() {
    let map = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n[services.c]\ninclude = [\"c\"]\n";
    for sparse_index in ["--no-sparse-index", "--sparse-index"] {
        let world = World::new(map, &[("a/x", "1"), ("a/y", "1"), ("b/deep/z", "1"), ("c/x", "1")]);
        git(&world.source(), &["init", "-q"]);
        git(&world.source(), &["add", "-A"]);
        git(&world.source(), &["commit", "-q", "-m", "x"]);
        for service in ["a", "b", "c"] {
            world.deploy(&Build::new("1"), service);
        }
        git(&world.source(), &["sparse-checkout", "set", "--cone", sparse_index, "a", "c"]);
        assert!(!world.source().join("b").exists());
        std::fs::remove_file(world.source().join("a/y")).unwrap();
        let answer = world.decide(&Build::new("2"), &[]);
        assert_eq!(
            ["a", "b", "c"].map(|service| reason(&answer, service)),
            ["changed", "source-unreadable", "unchanged"]
        );
        assert_eq!(changes(&answer, "a"), ["deleted a/y"]);
        let detail = entry(&answer, "b")["detail"].as_str().unwrap();
        assert!(detail.contains("left out by the sparse checkout"), "{detail}");
        git(&world.source(), &["sparse-checkout", "disable"]);
        assert_ne!(world.reason(&Build::new("3"), "b"), "source-unreadable");
    }
}
