//! A source that somebody else has written, and that tries something.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::support::{Build, World};

mod bounds;
mod escapes;
mod objects;
mod repositories;

const SECRET: &str = "only-this-process-knows";

/// All that reads or writes a state: what each of them must not do is follow it to another place.
const WITH_STATE: [&[&str]; 13] = [
    &["decide", "--all"],
    &["decide", "--all", "--stage"],
    &["record", "a"],
    &["stage", "a"],
    &["plan"],
    &["status"],
    &["taint", "a", "--reason", "x"],
    &["output", "a", "X"],
    &["state", "export"],
    &["state", "rm", "a", "--yes"],
    &["state", "rm", "--orphans", "--yes"],
    &["doctor"],
    &["check"],
];

fn world() -> World {
    World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")])
}

/// Runs a command that must not wait for anything. Gives its status, and all that it printed.
fn prompt(world: &World, args: &[&str]) -> (i32, String) {
    let mut command = world.command(&Build::default());
    command.env("SECRET", SECRET).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    for _ in 0..1_000 {
        if child.try_wait().unwrap().is_some() {
            let out = child.wait_with_output().unwrap();
            let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
            return (out.status.code().unwrap(), text);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("`{args:?}` still runs");
}

/// Case 77: no command reads a map that is no plain file, or prints a line of what it points to.
#[test]
fn a_map_that_is_no_plain_file_is_refused_and_nothing_of_it_is_printed() {
    type Plant = fn(&Path);
    let plant: [(&str, Plant); 6] = [
        ("it is a link", |map| symlink("/proc/self/environ", map).unwrap()),
        ("it is a link", |map| symlink("a/x", map).unwrap()),
        ("it is a link", |map| symlink("/dev/zero", map).unwrap()),
        ("it is not a plain file", |map| {
            let made = std::process::Command::new("mkfifo").arg(map).status().unwrap();
            assert!(made.success());
        }),
        ("it has more than 4194304 bytes", |map| std::fs::write(map, vec![b'#'; 5 << 20]).unwrap()),
        ("it is a link", |map| {
            std::fs::create_dir(map.with_file_name("elsewhere")).unwrap();
            std::fs::write(map.with_file_name("elsewhere/shipmark.toml"), SECRET).unwrap();
            symlink("elsewhere", map.with_file_name("config")).unwrap();
        }),
    ];
    for (why, plant) in plant {
        let world = world();
        world.remove("shipmark.toml");
        plant(&world.source().join("shipmark.toml"));
        for args in [&["decide"][..], &["plan"], &["check"], &["explain", "a/x"], &["status"], &["output", "a", "X"]] {
            let (code, printed) = prompt(&world, args);
            assert_eq!(code, 2, "{why}: {args:?}: {printed}");
            assert!(printed.contains(why) && !printed.contains(SECRET), "{why}: {args:?}: {printed}");
        }
    }
}

/// All files below a directory, with what is in them.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match fs::symlink_metadata(&path).unwrap().file_type() {
            kind if kind.is_dir() => files.extend(self::files(&path)),
            kind if kind.is_file() => drop(files.insert(path.clone(), fs::read(&path).unwrap())),
            _ => drop(files.insert(path, Vec::new())),
        }
    }
    files
}

/// Case 77: a source that contains the state, or a part of it, as a committed link.
#[test]
fn a_link_in_place_of_the_state_is_refused_and_nothing_behind_it_is_read_or_written() {
    let service = ".shipmark/state/default/default/a";
    let below = ["mark.json", "lock", "candidates", "snapshots"].map(|name| format!("{service}/{name}"));
    let above = [".shipmark", ".shipmark/state", ".shipmark/state/default", ".shipmark/state/default/default", service];
    let clock = [".shipmark/state/%clock".to_owned()];
    for link in above.into_iter().map(str::to_owned).chain(below).chain(clock) {
        let world = world();
        // A state that says that nothing is to be done, where a link to it would lead.
        let elsewhere = world.path("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let own = Build::new("b:1").with("SHIPMARK_STATE", "file:.shipmark/state");
        for args in [&["decide", "a"][..], &["record", "a"]] {
            let done = world.run_in(&own, args);
            assert_eq!(done.code, 0, "{done:?}");
        }
        let at = world.source().join(&link);
        if at.exists() {
            fs::rename(&at, elsewhere.join("moved")).unwrap();
        } else {
            fs::write(elsewhere.join("moved"), SECRET).unwrap();
        }
        symlink(elsewhere.join("moved"), &at).unwrap();
        let before = files(&elsewhere);
        let own = own.with("CODEBUILD_BUILD_ID", "b:2");
        for args in WITH_STATE {
            let done = world.run_in(&own, args);
            let printed = format!("{}{}", done.stdout, done.stderr);
            assert!(!printed.contains(SECRET), "{link}: {args:?}: {printed}");
            assert!(!printed.contains("BUILD_SKIPPED='true'") || link.ends_with("lock"), "{link}: {args:?}: {printed}");
            assert!(!printed.contains("bug"), "{link}: {args:?}: {printed}");
        }
        assert_eq!(files(&elsewhere), before, "{link}");
        assert!(at.is_symlink(), "{link}");
        if above.contains(&&link[..]) {
            let done = world.run_in(&own, ["decide", "a"]);
            assert_eq!(done.code, 0, "{link}: {done:?}");
            assert!(done.stdout.contains("BUILD_REASON_A='state-unavailable'"), "{link}: {done:?}");
            assert!(done.stderr.contains("is a link") && done.stderr.contains("--state"), "{link}: {done:?}");
        }
    }
}

/// Case 77: whoever names a directory answers for it.
#[test]
fn a_state_that_somebody_named_may_be_a_link() {
    let world = world();
    fs::create_dir(world.path("there")).unwrap();
    symlink(world.path("there"), world.path("link")).unwrap();
    let build = Build::new("b:1").with("SHIPMARK_STATE", &format!("file:{}", world.path("link").display()));
    for args in [&["decide", "a"][..], &["record", "a"]] {
        assert_eq!(world.run_in(&build, args).code, 0);
    }
    assert!(world.path("there/default/default/a/mark.json").is_file());
}
