//! A source that somebody else has written, and that tries something.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::support::{Build, World};

const SECRET: &str = "only-this-process-knows";

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
