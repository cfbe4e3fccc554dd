//! A temporary directory that others can write to: what they plant where a build keeps its ticket is not used, and a ticket file
//! that outlives its build is struck before anything else of the next decision can fail.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use super::support::{Build, World};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1")])
}

/// Where a build keeps its ticket.
fn directory(world: &World, build: &Build) -> PathBuf {
    world.decide(build, &["a"]);
    let mut entries = fs::read_dir(world.path("tmp")).unwrap();
    let directory = entries.next().unwrap().unwrap().path();
    assert!(entries.next().is_none());
    fs::remove_dir_all(&directory).unwrap();
    directory
}

/// Puts something where a build keeps its ticket.
type Plant = fn(&PathBuf);

#[test]
fn a_planted_ticket_is_not_used() {
    let build = Build::new("1");
    let plants: [(&str, Plant); 4] = [
        ("a link", |at| {
            let elsewhere = at.with_file_name("elsewhere");
            fs::create_dir_all(&elsewhere).unwrap();
            symlink(elsewhere, at).unwrap();
        }),
        ("an open directory", |at| {
            fs::create_dir(at).unwrap();
            fs::set_permissions(at, fs::Permissions::from_mode(0o777)).unwrap();
        }),
        ("a pipe as the ticket", |at| {
            fs::create_dir(at).unwrap();
            fs::set_permissions(at, fs::Permissions::from_mode(0o700)).unwrap();
            assert!(Command::new("mkfifo").arg(at.join("ticket.json")).status().unwrap().success());
        }),
        ("a link as the lock", |at| {
            fs::create_dir(at).unwrap();
            fs::set_permissions(at, fs::Permissions::from_mode(0o700)).unwrap();
            symlink("/etc/hostname", at.join("ticket.json.lock")).unwrap();
        }),
    ];
    for (what, plant) in plants {
        let world = world();
        let at = directory(&world, &build);
        plant(&at);
        let done = world.run_in(&build, ["decide", "a"]);
        assert_eq!(done.code, 0, "{what}: {done:?}");
        assert!(done.stdout.contains("BUILD_SKIPPED='false'"), "{what}: {done:?}");
        assert!(done.stderr.contains("no ticket is kept") && done.stderr.contains("--ticket FILE"), "{what}: {done:?}");
        // Nothing says what this build decided, so nothing is recorded.
        let done = world.run_in(&build, ["record", "a"]);
        assert_eq!(done.code, 2, "{what}: {done:?}");
    }
}

#[test]
fn a_named_ticket_of_an_earlier_call_is_struck_before_the_decision_can_fail() {
    let world = world();
    let ticket = world.path("ticket.json");
    let named = ticket.to_str().unwrap();
    assert_eq!(world.run(["decide", "a", "--ticket", named]).code, 0);
    world.write("a/x", "2");
    // This decision is refused, and must not leave the earlier one to be recorded for it.
    assert_eq!(world.run(["decide", "nothing", "--ticket", named]).code, 2);
    let done = world.run(["record", "a", "--ticket", named]);
    assert_eq!(done.code, 0, "{done:?}");
    // What is recorded is what was there then, and not what the earlier call saw.
    assert_ne!(world.planned("a"), "changed");
}

#[test]
fn a_file_that_is_not_a_ticket_is_replaced_by_a_decision() {
    let world = world();
    let ticket = world.path("ticket.json");
    fs::write(&ticket, "{").unwrap();
    let done = world.run(["decide", "a", "--ticket", ticket.to_str().unwrap()]);
    assert!(done.code == 0 && done.stderr.contains("is not a valid ticket file"), "{done:?}");
    assert_eq!(world.run(["record", "a", "--ticket", ticket.to_str().unwrap()]).code, 0);
}

/// Snapshots only explain.
#[test]
fn a_snapshot_that_cannot_be_kept_beside_the_ticket_is_one_warning() {
    let world =
        World::new("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n", &[("a/x", "1"), ("b/x", "1")]);
    let ticket = world.path("ticket");
    std::fs::write(world.path("ticket.snapshots"), "a file").unwrap();
    let build = Build::new("b:1");
    let named = ["--ticket", ticket.to_str().unwrap()];
    let decided = world.run_in(&build, ["decide"].iter().chain(&named));
    assert_eq!(decided.code, 0, "{decided:?}");
    assert_eq!(decided.stderr.matches("the list of the inputs is not kept").count(), 1, "{decided:?}");
    let recorded = world.run_in(&build, ["record", "--all"].iter().chain(&named));
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert_eq!(world.reason(&Build::new("b:2"), "a"), "unchanged");
}

/// What can be recorded is recorded, and the rest is named.
#[test]
fn all_that_can_be_recorded_is_and_the_rest_is_named() {
    let world = World::new("[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n", &[("a/x", "1")]);
    let build = Build::new("b:1");
    assert_eq!(world.run_in(&build, ["decide"]).code, 0);
    let recorded = world.run_in(&build, ["record", "--all"]);
    assert_eq!(recorded.code, 1, "{recorded:?}");
    assert!(recorded.stderr.contains("a: recorded as deployed") && recorded.stderr.contains("`b`"), "{recorded:?}");
    assert_eq!(world.reason(&Build::new("b:2"), "a"), "unchanged");
}
