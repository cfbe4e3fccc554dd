//! Requests, maps, tickets and sources that are wrong: one clear error or a build, and never a panic.

use std::process::{Command, Stdio};

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;

use super::support::{Build, World, changes, done, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1")])
}

/// A refused request: its status, and one error that says what is wrong.
fn refused(assert: Assert, code: i32, text: &str) -> Assert {
    let one = |stderr: &str| stderr.lines().filter(|line| line.starts_with("error")).count() == 1;
    assert.code(code).stderr(contains(text).and(contains("panicked").not()).and(predicate::function(one)))
}

/// What `decide` prints when it is refused: whoever evaluates it builds, and the command fails.
const REFUSAL: &str = "export BUILD_SKIPPED='false'\nfalse\n";

#[test]
fn a_map_that_is_none_is_refused() {
    let maps: [(&[u8], &str); 5] = [
        (b"", "the map is empty"),
        (b"\n# nothing\n", "no-services"),
        (b"\x7fELF\x02\x01\xff\xfe\x80", "not UTF-8"),
        (b"\0\0\0\0", "NUL byte"),
        (b"[services.a", "shipmark.toml:1"),
    ];
    for (bytes, text) in maps {
        let world = world();
        world.deploy(&Build::new("1"), "a");
        let before = world.kept("a");
        std::fs::write(world.source().join("shipmark.toml"), bytes).unwrap();
        refused(world.assert(["decide", "a"]), 2, text).stdout(REFUSAL);
        refused(world.assert_in(&Build::new("1"), ["record", "a"]), 2, text);
        assert_eq!(world.kept("a"), before);
    }
}

#[test]
fn a_directory_in_the_place_of_the_map_is_refused() {
    let world = world();
    world.remove("shipmark.toml");
    std::fs::create_dir(world.source().join("shipmark.toml")).unwrap();
    let refused =
        |args: &[&str], text| refused(world.assert(["decide", "a"].iter().chain(args)), 2, text).stdout(REFUSAL);
    refused(&["--source", "."], "`shipmark.toml` cannot be read");
    refused(&["--config", "a"], "`a` cannot be read");
    refused(&["--config", "missing.toml"], "`missing.toml` cannot be read");
}

#[test]
fn one_of_ten_thousand_services_is_decided() {
    let others: String = (0..10_000).map(|n| format!("[services.s{n}]\ninclude = [\"many/s{n}/**\"]\n")).collect();
    let world = World::new(&format!("{MAP}{others}"), &[("a/x", "1"), ("many/s7/x", "1")]);
    assert_eq!(world.deploy(&Build::new("1"), "a"), "never-deployed");
    assert_eq!(world.planned("a"), "unchanged");
    refused(world.assert(["decide", "s70000"]), 2, "did you mean");
}

#[test]
fn a_very_long_path_is_an_input_like_any_other() {
    let world = world();
    world.deploy(&Build::new("1"), "a");
    let mut path = String::from("a");
    while path.len() + 201 + world.source().as_os_str().len() < 4090 {
        path.push('/');
        path.push_str(&"d".repeat(200));
    }
    std::fs::create_dir_all(world.source().join(&path)).unwrap();
    let path = format!("{path}/f");
    world.write(&path, "deep");
    let answer = world.decide(&Build::new("2"), &["a"]);
    assert_eq!(changes(&answer, "a"), [format!("added {path}")]);
    assert_eq!(world.run_in(&Build::new("2"), ["record", "a"]).code, 0);
    world.write(&path, "other");
    assert_eq!(world.planned("a"), "changed");
}

/// A path that is too long to be opened in one piece: two long ones, one moved below the other.
#[test]
fn a_path_beyond_what_the_system_takes_is_an_input_too() {
    let world = world();
    world.deploy(&Build::new("1"), "a");
    let long = |name: &str| vec![name.repeat(200); 12].join("/");
    let (upper, lower) = (format!("a/{}", long("u")), long("l"));
    std::fs::create_dir_all(world.source().join(&upper)).unwrap();
    world.write(&format!("{lower}/f"), "deep");
    let top = "l".repeat(200);
    std::fs::rename(world.source().join(&top), world.source().join(&upper).join(&top)).unwrap();
    let answer = world.decide(&Build::new("2"), &["a"]);
    assert_eq!(changes(&answer, "a"), [format!("added {upper}/{lower}/f")]);
    assert_eq!(world.run_in(&Build::new("2"), ["record", "a"]).code, 0);
    assert_eq!(world.reason(&Build::new("3"), "a"), "unchanged");
}

#[test]
fn wrong_flags_are_refused() {
    let world = world();
    let nothing: [&str; 0] = [];
    world.assert(nothing).code(2).stdout("").stderr(contains("Usage: shipmark"));
    let wrong: [(&[&str], &str); 12] = [
        (&["--bogus"], "--bogus"),
        (&["a", "--timeout", "nonsense"], "--timeout: `nonsense`"),
        (&["a", "--timeout", ""], "--timeout is empty"),
        (&["a", "--format", "yaml"], "yaml"),
        (&["a", "--state", "ftp://x"], "is not the address of a store"),
        (&["a", "--state", ""], "--state is empty"),
        (&["a", "--source", "missing"], "the source"),
        (&["a", "--source", "shipmark.toml"], "as a zip archive"),
        (&["a", "--extra", "NOVALUE"], "NOVALUE"),
        (&["a", "--environment", ""], "environment"),
        (&["b"], "has no service `b`"),
        (&[""], "the service name is empty"),
    ];
    for (args, text) in wrong {
        refused(world.assert(["decide"].iter().chain(args)), 2, text).stdout(REFUSAL);
        refused(world.assert(["stage"].iter().chain(args)), 2, "");
    }
    assert!(!world.has_mark("a"), "a refused request opens nothing");
}

/// An old decision is never read as the answer to a request that was refused.
#[test]
fn a_refused_request_leaves_no_old_decision_in_its_file() {
    let world = world();
    let wrong: [&[&str]; 5] =
        [&["--bogus"], &["a", "--timeout", "nonsense"], &["b"], &["a", "--extra", "X"], &["--format", "yaml"]];
    for args in wrong {
        for out in [["--out", "old.sh"].as_slice(), &["--out=old.sh"]] {
            world.write("old.sh", "export BUILD_SKIPPED='true'\n");
            world.assert(["decide"].iter().chain(args).chain(out)).code(2).stdout("");
            assert_eq!(std::fs::read_to_string(world.source().join("old.sh")).unwrap(), REFUSAL, "{args:?}");
        }
    }
}

/// `--out /dev/stdout` must not take the device away from everybody else on the machine.
#[test]
fn a_link_or_a_pipe_as_the_file_is_written_through() {
    let world = world();
    let (link, file, pipe) = (world.path("link"), world.path("file"), world.path("pipe"));
    std::fs::write(&file, "export BUILD_SKIPPED='true'\n").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    world.assert(["decide", "a", "--out", link.to_str().unwrap()]).success();
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("export BUILD_SKIPPED='false'\n"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Command::new("timeout").args(["30", "cat"]).arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    world.assert(["decide", "a", "--out", pipe.to_str().unwrap()]).success();
    let read = done(reader.wait_with_output().unwrap());
    assert!(read.stdout.starts_with("export BUILD_SKIPPED='false'\n"), "{read:?}");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&pipe.metadata().unwrap().file_type()));
}

#[test]
fn a_ticket_that_is_rubbish_is_refused_by_all_but_a_decision() {
    for rubbish in [b"".as_slice(), b"\0\xff\x80", b"{}", b"[]", b"{\"schema\":99,\"build\":null,\"entries\":[]}"] {
        let world = world();
        world.deploy(&Build::new("0"), "a");
        let ticket = world.path("tmp/rubbish");
        std::fs::write(&ticket, rubbish).unwrap();
        let named = ["a", "--ticket", ticket.to_str().unwrap()];
        let before = world.kept("a");
        for command in ["record", "stage"] {
            refused(world.assert([command].iter().chain(&named)), 1, "is not a valid ticket file");
        }
        assert_eq!(world.kept("a"), before);
        world.write("a/x", "2");
        // A decision does not depend on what an earlier one left behind, and leaves none of it for `record`.
        let decided = world.assert(["decide"].iter().chain(&named)).success();
        let removed = contains("is not a valid ticket file").and(contains("it is removed"));
        decided.stderr(removed).stdout(contains("export BUILD_REASON_A='changed'"));
        world.assert(["record"].iter().chain(&named)).success();
    }
}

#[test]
fn a_decision_replaces_the_rubbish_ticket_of_its_build() {
    let world = world();
    world.deploy(&Build::new("0"), "a");
    world.write("a/x", "2");
    world.reason(&Build::new("1"), "a");
    let mut tickets = 0;
    for entry in std::fs::read_dir(world.path("tmp")).unwrap() {
        std::fs::write(entry.unwrap().path().join("ticket.json"), "rubbish").unwrap();
        tickets += 1;
    }
    assert_eq!(tickets, 2);
    refused(world.assert_in(&Build::new("1"), ["record", "a"]), 1, "is not a valid ticket file");
    let decided = world.assert_in(&Build::new("1"), ["decide", "a"]).success();
    decided.stdout(contains("export BUILD_SKIPPED_A='false'"));
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), "deploy-pending", "what that build deployed is not known");
}

#[test]
fn a_snapshot_that_is_rubbish_leaves_the_decision_as_it_is() {
    for rubbish in [Some(b"".as_slice()), Some(b"\x78\x9c\xff\xff\0rubbish"), None] {
        let world = world();
        world.deploy(&Build::new("1"), "a");
        for entry in std::fs::read_dir(world.mark("a").with_file_name("snapshots")).unwrap() {
            let path = entry.unwrap().path();
            match rubbish {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => std::fs::remove_file(path).unwrap(),
            }
        }
        assert_eq!(world.planned("a"), "unchanged");
        world.write("a/x", "2");
        let answer = world.decide(&Build::new("2"), &["a"]);
        assert_eq!(reason(&answer, "a"), "changed");
        let service = &answer["services"][0];
        assert!(service["changes_total"].is_null() && service["changes"].as_array().unwrap().is_empty(), "{service}");
    }
}
