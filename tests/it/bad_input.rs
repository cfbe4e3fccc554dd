//! Requests, maps, tickets and sources that are wrong: one clear error or a build, and never a panic.

use std::process::{Command, Stdio};

use super::support::{Build, Done, World, changes, done, reason};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

fn world() -> World {
    World::new(MAP, &[("a/x", "1")])
}

/// A refused request: its status, what a shell that evaluates the output does, and one error that tells what is wrong.
fn refused(done: &Done, code: i32, text: &str) {
    assert_eq!(done.code, code, "{done:?}");
    assert!(done.stderr.contains(text), "`{text}` is not in {done:?}");
    assert!(!done.stderr.contains("panicked"), "{done:?}");
    let errors = done.stderr.lines().filter(|line| line.starts_with("error")).count();
    assert_eq!(errors, 1, "{done:?}");
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
        let done = world.run(["decide", "a"]);
        refused(&done, 2, text);
        assert_eq!(done.stdout, REFUSAL);
        refused(&world.run_in(&Build::new("1"), ["record", "a"]), 2, text);
        assert_eq!(world.kept("a"), before);
    }
}

#[test]
fn a_directory_in_the_place_of_the_map_is_refused() {
    let world = world();
    world.remove("shipmark.toml");
    std::fs::create_dir(world.source().join("shipmark.toml")).unwrap();
    let done = world.run(["decide", "a", "--source", "."]);
    refused(&done, 2, "`shipmark.toml` cannot be read");
    assert_eq!(done.stdout, REFUSAL);
    refused(&world.run(["decide", "a", "--config", "a"]), 2, "`a` cannot be read");
    refused(&world.run(["decide", "a", "--config", "missing.toml"]), 2, "`missing.toml` cannot be read");
}

#[test]
fn one_of_ten_thousand_services_is_decided() {
    let others: String = (0..10_000).map(|n| format!("[services.s{n}]\ninclude = [\"many/s{n}/**\"]\n")).collect();
    let world = World::new(&format!("{MAP}{others}"), &[("a/x", "1"), ("many/s7/x", "1")]);
    assert_eq!(world.deploy(&Build::new("1"), "a"), "never-deployed");
    assert_eq!(world.planned("a"), "unchanged");
    let done = world.run(["decide", "s70000"]);
    refused(&done, 2, "did you mean");
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
    let done = world.run(nothing);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("Usage: shipmark"), "{}", done.stderr);
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
        let done = world.run(["decide"].iter().chain(args));
        refused(&done, 2, text);
        assert_eq!(done.stdout, REFUSAL, "{args:?}");
        refused(&world.run(["stage"].iter().chain(args)), 2, "");
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
            let done = world.run(["decide"].iter().chain(args).chain(out));
            assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args:?}");
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
    assert_eq!(world.run(["decide", "a", "--out", link.to_str().unwrap()]).code, 0);
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("export BUILD_SKIPPED='false'\n"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Command::new("timeout").args(["30", "cat"]).arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(world.run(["decide", "a", "--out", pipe.to_str().unwrap()]).code, 0);
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
            refused(&world.run([command].iter().chain(&named)), 1, "is not a valid ticket file");
        }
        assert_eq!(world.kept("a"), before);
        world.write("a/x", "2");
        // A decision does not depend on what an earlier one left behind, and leaves none of it for `record`.
        let done = world.run(["decide"].iter().chain(&named));
        assert_eq!(done.code, 0, "{done:?}");
        assert!(
            done.stderr.contains("is not a valid ticket file") && done.stderr.contains("it is removed"),
            "{done:?}"
        );
        assert!(done.stdout.contains("export BUILD_REASON_A='changed'"), "{done:?}");
        assert_eq!(world.run(["record"].iter().chain(&named)).code, 0);
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
    refused(&world.run_in(&Build::new("1"), ["record", "a"]), 1, "is not a valid ticket file");
    let done = world.run_in(&Build::new("1"), ["decide", "a"]);
    assert!(done.code == 0 && done.stdout.contains("export BUILD_SKIPPED_A='false'"), "{done:?}");
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
