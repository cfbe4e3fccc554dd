//! Every kind of source answers what a map asks, and an error is never read as absence.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use super::super::support::{Build, World, git, skip};
use super::{problems, services};

const MAP: &str = "include_maps = ['services/*/map']\n[discover.'services/*']\n[services.tool]\ninclude = ['tool']\n";

fn world() -> World {
    let own = "[services.extra]\ninclude = ['tool']\n";
    World::new(
        MAP,
        &[
            ("services/api/x", "1"),
            ("services/api/map", own),
            ("services/web/deep/x", "1"),
            ("tool", "1"),
            (".gitignore", "*.tmp\n"),
        ],
    )
}

fn commit(world: &World) {
    git(&world.source(), &["init", "-q"]);
    git(&world.source(), &["add", "-A"]);
    git(&world.source(), &["commit", "-q", "-m", "x"]);
}

/// `decide` fails, tells why, and what it prints builds.
fn refused(world: &World, text: &str) {
    let done = world.run_in(&Build::new("r"), ["decide"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, "export BUILD_SKIPPED='false'\nfalse\n"), "{done:?}");
    assert!(done.stderr.contains(text), "{done:?}");
}

#[test]
fn a_directory_a_working_tree_and_an_artifact_have_the_same_services() {
    let world = world();
    std::fs::create_dir_all(world.source().join("services/empty")).unwrap();
    let all = ["api", "extra", "tool", "web"];
    assert_eq!(services(&world, &[]), all);
    commit(&world);
    assert_eq!(services(&world, &[]), all);
    let zip = world.path("source.zip").to_str().unwrap().to_owned();
    git(&world.source(), &["archive", "--format=zip", "-o", &zip, "HEAD"]);
    assert_eq!(services(&world, &["--source", &zip]), all);
    let decided = world.decide(&Build::new("1"), &["--source", &zip]);
    assert_eq!(decided["services"].as_array().unwrap().len(), all.len());
}

#[test]
fn a_working_tree_is_what_git_would_add() {
    let world = world();
    commit(&world);
    world.write("services/ignored/x.tmp", "");
    world.write("services/untracked/deep/x", "");
    world.remove("services/web/deep/x");
    world.write("services/web/x.tmp", "");
    assert_eq!(services(&world, &[]), ["api", "extra", "tool", "untracked"]);
    // Without git, whatever is there counts.
    std::fs::remove_dir_all(world.source().join(".git")).unwrap();
    assert_eq!(services(&world, &[]), ["api", "extra", "ignored", "tool", "untracked", "web"]);
}

#[test]
fn a_submodule_is_a_directory() {
    let world = world();
    let other = World::new("", &[("x", "1")]);
    commit(&other);
    commit(&world);
    let from = other.source();
    let add =
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from.to_str().unwrap(), "services/sub"];
    git(&world.source(), &add);
    assert!(services(&world, &[]).contains(&"sub".to_owned()));
    // One that is there without being announced is added as one too.
    git(&world.source(), &["clone", "-q", from.to_str().unwrap(), "services/nested"]);
    assert!(services(&world, &[]).contains(&"nested".to_owned()));
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_still_there() {
    let world = world();
    commit(&world);
    git(&world.source(), &["sparse-checkout", "set", "--cone", "services/api"]);
    assert!(!world.source().join("services/web").exists());
    assert!(services(&world, &[]).contains(&"web".to_owned()));
    git(&world.source(), &["sparse-checkout", "set", "--cone", "--sparse-index", "lib"]);
    assert!(!world.source().join("services").exists());
    refused(&world, "sparse");
}

#[test]
fn a_deploy_stage_needs_the_map_and_not_what_it_asks_for() {
    let world = world();
    let build = Build::new("1").with("SHIPMARK_EXECUTION", "e1");
    world.reason(&build, "api");
    assert_eq!(world.run_in(&build, ["stage", "api"]).code, 0);
    std::fs::remove_dir_all(world.source().join("services")).unwrap();
    for command in ["begin", "promote"] {
        let done = world.run_in(&Build::new("2"), [command, "--execution", "e1", "api"]);
        assert_eq!(done.code, 0, "{done:?}");
    }
    assert_eq!(world.run(["output", "api", "X"]).code, 2, "any other command needs the whole map");
}

#[test]
fn a_link_that_leads_out_of_the_source_hides_no_service() {
    for with_git in [false, true] {
        let world = world();
        if with_git {
            commit(&world);
        }
        let cache = world.path("cache");
        std::fs::rename(world.source().join("services/web"), &cache).unwrap();
        symlink(&cache, world.source().join("services/web")).unwrap();
        refused(&world, "`services/web` is a link to a directory outside the source");
    }
    let world = world();
    let cache = world.path("cache");
    std::fs::rename(world.source().join("services"), &cache).unwrap();
    symlink(&cache, world.source().join("services")).unwrap();
    refused(&world, "`services` is a link to a directory outside the source");
}

#[test]
fn what_no_pattern_asks_for_is_not_looked_at() {
    let world = world();
    let cache = world.path("cache");
    std::fs::create_dir(&cache).unwrap();
    // Looking at any of these would fail the command.
    for link in ["out", "other/out", "services/web/deep/out"] {
        std::fs::create_dir_all(world.source().join(link).parent().unwrap()).unwrap();
        symlink(&cache, world.source().join(link)).unwrap();
    }
    assert_eq!(services(&world, &[]), ["api", "extra", "tool", "web"]);
    assert_eq!(world.reason(&Build::new("1"), "api"), "never-deployed");
    assert_eq!(world.reason(&Build::new("2"), "web"), "source-unreadable");
}

#[test]
fn a_link_within_the_source_is_a_file() {
    let world = world();
    symlink("api/x", world.source().join("services/alias")).unwrap();
    symlink("gone", world.source().join("services/broken")).unwrap();
    assert_eq!(services(&world, &[]), ["api", "extra", "tool", "web"]);
    symlink("../api/map", world.source().join("services/web/map")).unwrap();
    refused(&world, "it is a link");
}

/// A link to a directory would be a service if it were one: the map says so, with the lines that work.
#[test]
fn a_service_directory_that_is_a_link_is_named_with_the_line_that_works() {
    let world = World::new("[discover.'services/*']\n", &[("services/web/x", "1"), ("other/api/x", "1")]);
    symlink("../other/api", world.source().join("services/api")).unwrap();
    let zip = world.path("source.zip").to_str().unwrap().to_owned();
    let named = [
        "shipmark.toml:1:11 [linked-directory]: `services/api` is a link to a directory, which does not make it a service",
    ];
    let check = |map: &str, args: &[&str], expected: Option<&[&str]>| {
        world.write("shipmark.toml", map);
        match expected {
            Some(expected) => assert_eq!(services(&world, args), expected, "{map} {args:?}"),
            None => {
                let done = world.run([&["plan"], args].concat());
                assert_eq!(problems(&done), named, "{map} {args:?}");
                assert!(
                    done.stderr.contains("`[services.api]` with `include = [\"services/api\"]`"),
                    "{}",
                    done.stderr
                );
                assert!(done.stderr.contains("`except = [\"services/api\"]`"), "{}", done.stderr);
            }
        }
    };
    let maps: [(&str, Option<&[&str]>); 3] = [
        ("[discover.'services/*']\n", None),
        ("[discover.'services/*']\n[services.api]\ninclude = [\"services/api\"]\n", Some(&["api", "web"])),
        ("[discover.'services/*']\nexcept = [\"services/api\"]\n", Some(&["web"])),
    ];
    let check_all = |args: &[&str]| maps.iter().for_each(|(map, expected)| check(map, args, *expected));
    check_all(&[]);
    git(&world.source(), &["init", "-q"]);
    // Untracked, then tracked.
    check_all(&[]);
    for (map, expected) in maps {
        world.write("shipmark.toml", map);
        git(&world.source(), &["add", "-A"]);
        git(&world.source(), &["commit", "-q", "-m", "x"]);
        git(&world.source(), &["archive", "--format=zip", "-o", &zip, "HEAD"]);
        check(map, &[], expected);
        check(map, &["--source", &zip], expected);
    }
}

#[test]
fn a_link_above_service_directories_is_named() {
    let world = World::new("[discover.'services/*']\n", &[("real/api/x", "1")]);
    symlink("real", world.source().join("services")).unwrap();
    let named = [
        "shipmark.toml:1:11 [linked-directory]: `services` is a link to a directory, and services below it are not found",
    ];
    assert_eq!(problems(&world.run(["plan"])), named);
    git(&world.source(), &["init", "-q"]);
    assert_eq!(problems(&world.run(["plan"])), named);
    world.write("shipmark.toml", "[discover.'real/*']\n");
    assert_eq!(services(&world, &[]), ["api"]);
}

#[test]
fn a_directory_that_cannot_be_listed_is_a_failure() {
    let world = world();
    let closed = Closed::new(world.source().join("services"));
    if closed.is_open() {
        return skip("root", "a directory that cannot be listed: this user may read everything");
    }
    refused(&world, "services");
    drop(closed);
    world.write("services/web/x", "");
    // One below is a service, and its own doubt.
    let closed = Closed::new(world.source().join("services/web/deep"));
    assert_eq!(services(&world, &[]), ["api", "extra", "tool", "web"]);
    assert_eq!(world.reason(&Build::new("1"), "web"), "source-unreadable");
    drop(closed);
    let closed = Closed::new(world.source().join("services/api/map"));
    refused(&world, "services/api/map");
    drop(closed);
}

/// What git tracks and nobody can look at is not gone: its service would vanish from the decision.
#[test]
fn a_tracked_directory_that_cannot_be_entered_is_a_failure() {
    let world = world();
    commit(&world);
    // Its names can be listed, and nothing else be learnt.
    let closed = Closed::with_mode(world.source().join("services/web/deep"), 0o444);
    if world.source().join("services/web/deep/x").symlink_metadata().is_ok() {
        return skip("root", "a tracked directory that cannot be entered: this user may read everything");
    }
    refused(&world, "services/web/deep/x");
    drop(closed);
}

/// A path that nobody may read, as long as this lives.
struct Closed(std::path::PathBuf);

impl Closed {
    fn new(path: std::path::PathBuf) -> Self {
        Self::with_mode(path, 0o000)
    }

    fn with_mode(path: std::path::PathBuf, mode: u32) -> Self {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Self(path)
    }

    fn is_open(&self) -> bool {
        Path::new(&self.0).read_dir().is_ok()
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        let _ = Command::new("chmod").arg("755").arg(&self.0).status();
    }
}
