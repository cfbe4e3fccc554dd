//! The command while it runs: its output, signals, and what it leaves behind.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{MAP, can_trace};
use crate::support::{Build, World, done};

#[test]
fn the_command_prints_on_standard_error_and_ends_as_it_ends() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1")]);
    let done = world.run(["observe", "api", "--", "sh", "-c", "echo out; echo err >&2; cat api/x > /dev/null; exit 5"]);
    assert_eq!(done.code, 5);
    assert!(done.stderr.starts_with("out\nerr\n"), "{done:?}");
    assert!(
        done.stdout.starts_with("api: read 1 of 2 files of the source, looked at 0; exit 5; incomplete, by strace "),
        "{done:?}"
    );
}

#[test]
fn a_signal_reaches_the_command() {
    if !can_trace() {
        return;
    }
    for (signal, trapped) in [("TERM", "TERM"), ("INT", "INT")] {
        let world = World::new(MAP, &[("api/x", "1")]);
        let mut command = world.command(&Build::default());
        let text = format!("trap 'exit 7' {trapped}; touch ../tmp/ready; while :; do sleep 0.05; done");
        command.args(["observe", "api", "--", "sh", "-c", &text]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        while !world.path("tmp/ready").exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        let done = done(child.wait_with_output().unwrap());
        assert_eq!(done.code, 7, "{done:?}");
        assert_eq!(super::saved(&world)["builds"][0]["exit"], 7);
    }
}

#[test]
fn what_is_left_running_is_named_and_ended() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1")]);
    let text = "setsid sh -c 'trap \"\" TERM; echo $$ > ../tmp/pid; while :; do sleep 1; done' & sleep 0.3; exit 0";
    let done = world.run(["observe", "api", "--", "sh", "-c", text]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("warning: still running 10 seconds after the command, and ended: sh"), "{done:?}");
    assert!(done.stdout.contains("doubt: still running"), "{done:?}");
    let pid = std::fs::read_to_string(world.path("tmp/pid")).unwrap();
    let alive = std::path::Path::new("/proc").join(pid.trim()).join("exe").read_link();
    assert!(alive.is_err(), "{pid} goes on");
}

#[test]
fn nothing_is_left_in_the_temporary_directory() {
    if !can_trace() {
        return;
    }
    let world = World::new(MAP, &[("api/x", "1")]);
    assert_eq!(world.run(["observe", "api", "--", "true"]).code, 0);
    assert_eq!(std::fs::read_dir(world.path("tmp")).unwrap().count(), 0);
}
