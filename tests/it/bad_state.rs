//! Stores that cannot be read or written, and marks that are damaged: build, lose nothing, overwrite nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{Build, Done, World, reason, run, skip};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1")])
}

fn quiet(done: &Done) {
    assert!(!done.stderr.contains("panicked"), "{done:?}");
}

/// Decides in JSON with a store that does not answer: it must build, and say so.
fn builds_unavailable(world: &World, args: &[&str]) {
    let decided = world.run(["decide", "--format", "json", "a"].iter().chain(args));
    assert_eq!(decided.code, 0, "{decided:?}");
    quiet(&decided);
    assert_eq!(reason(&serde_json::from_str(&decided.stdout).unwrap(), "a"), "state-unavailable");
    let strict = world.run(["decide", "--strict", "a"].iter().chain(args));
    assert_eq!((strict.code, strict.stdout.as_str()), (3, "export BUILD_SKIPPED='false'\nfalse\n"), "{strict:?}");
}

/// Plans with a store that cannot be read, which is never "nothing is recorded".
fn plans_unavailable(world: &World, args: &[&str]) {
    let planned = world.run(["plan", "--format", "json", "a"].iter().chain(args));
    assert_eq!(planned.code, 0, "{planned:?}");
    assert_eq!(reason(&serde_json::from_str(&planned.stdout).unwrap(), "a"), "state-unavailable");
}

/// Records with a store that cannot be written: it must fail, and say what to do.
fn not_recorded(recorded: &Done) {
    assert_eq!(recorded.code, 1, "{recorded:?}");
    quiet(recorded);
    assert!(recorded.stderr.contains("error: ") && recorded.stderr.contains("hint: "), "{recorded:?}");
}

/// Case 14: a state directory that can be neither read nor made.
#[test]
fn a_state_below_a_file_is_unavailable() {
    let world = world();
    std::fs::write(world.path("file"), "").unwrap();
    let state = format!("file:{}/state", world.path("file").display());
    builds_unavailable(&world, &["--state", &state]);
    plans_unavailable(&world, &["--state", &state]);
    not_recorded(&world.run(["record", "a", "--state", &state]));
}

/// A directory where the mark should be is no mark, and not the absence of one.
#[test]
fn a_directory_in_the_place_of_the_mark_is_unavailable() {
    let world = world();
    std::fs::create_dir_all(world.mark("a")).unwrap();
    builds_unavailable(&world, &[]);
    plans_unavailable(&world, &[]);
    not_recorded(&world.run(["record", "a"]));
    assert!(world.mark("a").is_dir());
}

/// Case 16: what nobody can read builds, and is not overwritten.
#[test]
fn a_damaged_mark_builds_and_stays() {
    let rubbish = [b"".as_slice(), b"\0\xff", b"{", b"{}", b"[1]", b"{\"schema\":1,\"serial\":-1}"];
    for rubbish in rubbish {
        let world = world();
        world.deploy(&Build::new("1"), "a");
        world.put_mark("a", rubbish);
        assert_eq!(world.reason(&Build::new("2"), "a"), "state-unreadable");
        let recorded = world.run_in(&Build::new("2"), ["record", "a"]);
        not_recorded(&recorded);
        assert!(recorded.stderr.contains("shipmark state rm a --state "), "{recorded:?}");
        assert_eq!(world.kept("a"), rubbish);
    }
}

/// Runs the program where no file can grow, as on a full disk; what it prints goes into pipes.
fn run_without_room(world: &World, build: &Build, args: &[&str]) -> Done {
    let mut program = world.command(build);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0 || exit 99; exec \"$@\"", "sh"]);
    shell.arg(program.get_program()).args(args).env_clear().stdin(Stdio::null());
    shell.envs(program.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    shell.current_dir(world.source());
    program.args(args);
    run(shell)
}

/// A decision whose attempt cannot be written builds; what is recorded later is not certain.
#[test]
fn a_store_that_cannot_grow_loses_nothing() {
    let world = world();
    world.deploy(&Build::new("1"), "a");
    let before = world.kept("a");
    world.write("a/x", "2");
    let decided = run_without_room(&world, &Build::default(), &["decide", "--format", "json", "a"]);
    assert_eq!(decided.code, 0, "{decided:?}");
    quiet(&decided);
    assert_eq!(reason(&serde_json::from_str(&decided.stdout).unwrap(), "a"), "state-unavailable");
    not_recorded(&run_without_room(&world, &Build::default(), &["record", "a"]));
    assert_eq!(world.kept("a"), before);
    assert_eq!(world.planned("a"), "changed");
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), "unchanged");
}

/// A build whose ticket cannot be kept fails, since nothing of it could be recorded.
#[test]
fn a_ticket_that_cannot_be_written_is_an_error() {
    let world = world();
    let decided = run_without_room(&world, &Build::new("1"), &["decide", "a"]);
    assert_eq!((decided.code, decided.stdout.as_str()), (1, "export BUILD_SKIPPED='false'\nfalse\n"), "{decided:?}");
    quiet(&decided);
    assert!(decided.stderr.contains("--ticket FILE"), "{decided:?}");
    assert_eq!(world.reason(&Build::new("1"), "a"), "never-deployed", "with room again, it is decided");
}

/// A small file system of its own.
struct Disk(PathBuf);

impl Disk {
    /// `None`, and SKIPPED, where this machine does not let it be mounted.
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        skip("mounts", "a full and a read-only disk: this machine lets nobody mount a file system");
        None
    }

    fn fill(&self) {
        let full = std::fs::write(self.0.join("filler"), vec![0; 1 << 20]);
        assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    }

    fn read_only(&self, on: bool) {
        let options = if on { "remount,ro" } else { "remount,rw" };
        assert!(Command::new("mount").args(["-o", options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, so that it goes even where a test has failed with a file open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A full disk, and one that became read-only, between the decision and the record of a deploy.
#[test]
fn a_full_or_read_only_disk_loses_nothing() {
    for full in [true, false] {
        let world = world();
        let Some(disk) = Disk::mount(&world.path("state")) else { return };
        world.deploy(&Build::new("1"), "a");
        world.write("a/x", "2");
        assert_eq!(world.reason(&Build::new("2"), "a"), "changed");
        let before = world.kept("a");
        if full {
            disk.fill()
        } else {
            disk.read_only(true)
        }
        not_recorded(&world.run_in(&Build::new("2"), ["record", "a"]));
        world.write("a/x", "3");
        builds_unavailable(&world, &[]);
        assert_eq!(world.kept("a"), before);
        world.write("a/x", "1");
        assert_eq!(world.planned("a"), "deploy-pending", "what was read stands");
        if full {
            std::fs::remove_file(world.path("state/filler")).unwrap()
        } else {
            disk.read_only(false)
        }
        assert_eq!(world.run_in(&Build::new("2"), ["record", "a"]).code, 0, "the same command again");
        world.write("a/x", "2");
        assert_eq!(world.planned("a"), "unchanged");
    }
}

/// A store that is away is away for every service: a person wants to read that once.
#[test]
fn a_plan_tells_once_that_the_store_is_away() {
    let map = "[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";
    let world = World::new(map, &[("a", "1"), ("b", "1")]);
    let planned = world.run(["plan", "--state", "dynamodb://marks", "--project", "p", "--format", "json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert_eq!(planned.json()["services"][1]["reason"], "state-unavailable");
    assert_eq!(planned.stderr.matches("what is deployed is not known: ").count(), 1, "{}", planned.stderr);
}
