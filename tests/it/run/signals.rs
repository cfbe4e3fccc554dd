//! Signals: whoever stops `run` stops its commands, and what they may have deployed is doubt.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{build, noted, shop, states};
use crate::support::{World, done};

/// Waits until a file is there.
fn await_file(path: &Path) {
    for _ in 0..6000 {
        if path.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} does not come", path.display());
}

fn kill(signal: &str, pid: &str) -> bool {
    Command::new("kill").args(["-s", signal, pid]).stderr(Stdio::null()).status().unwrap().success()
}

/// Starts `run` with a script.
fn start(world: &World, args: &[&str], script: &str) -> Child {
    let mut command = world.command(&build("1"));
    command.args(["run"]).args(args).args(["--", "sh", "-c", script]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Notes that it runs, and then that it got a signal.
const TRAPS: &str = "trap 'echo $SHIPMARK_SERVICE got INT >> ../tmp/log; exit 0' INT
trap 'echo $SHIPMARK_SERVICE got TERM >> ../tmp/log; exit 0' TERM
trap 'echo $SHIPMARK_SERVICE got HUP >> ../tmp/log; exit 0' HUP
touch ../tmp/runs-$SHIPMARK_SERVICE
while :; do sleep 0.02; done";

#[test]
fn a_signal_is_passed_on_and_the_attempt_has_failed() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let world = shop();
        let child = start(&world, &["web"], TRAPS);
        await_file(&world.path("tmp/runs-web"));
        assert!(kill(signal, &child.id().to_string()));
        let done = done(child.wait_with_output().unwrap());
        assert_eq!(done.code, 128 + number, "{done:?}");
        assert_eq!(noted(&world), [format!("web got {signal}")]);
        assert_eq!(states(&world, "web"), ["failed"], "whatever it ended with: {done:?}");
    }
}

#[test]
fn all_that_run_get_it_and_nothing_new_is_started() {
    let world = shop();
    let child = start(&world, &["--all", "--jobs", "2"], TRAPS);
    await_file(&world.path("tmp/runs-docs"));
    await_file(&world.path("tmp/runs-image"));
    assert!(kill("TERM", &child.id().to_string()));
    let done = done(child.wait_with_output().unwrap());
    assert_eq!(done.code, 143, "{done:?}");
    let mut got = noted(&world);
    got.sort();
    assert_eq!(got, ["docs got TERM", "image got TERM"]);
    for service in super::SERVICES {
        assert_eq!(states(&world, service), ["failed"], "{service}");
    }
    let summary = "failed: docs and image; never started: api, cron and web";
    assert!(done.stderr.contains(summary), "{}", done.stderr);
}

/// A shell that is killed leaves what it waits for behind: that would go on deploying.
#[test]
fn what_a_command_has_started_gets_the_signal_too() {
    let world = shop();
    let child =
        start(&world, &["web"], "sleep 600 & echo $! > ../tmp/pid.new; mv ../tmp/pid.new ../tmp/pid; wait; true");
    await_file(&world.path("tmp/pid"));
    let pid = std::fs::read_to_string(world.path("tmp/pid")).unwrap();
    assert!(kill("TERM", &child.id().to_string()));
    let done = done(child.wait_with_output().unwrap());
    assert_eq!(done.code, 143, "{done:?}");
    // It may not have been waited for by whoever got it.
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    assert_eq!(states(&world, "web"), ["failed"]);
}

/// Nobody can say that a deploy has ended while a part of it goes on.
#[test]
fn an_attempt_stays_open_while_something_of_it_goes_on() {
    let world = shop();
    let script =
        "(trap '' TERM; exec sleep 600 >/dev/null 2>&1) & echo $! > ../tmp/pid.new; mv ../tmp/pid.new ../tmp/pid; wait";
    let child = start(&world, &["web"], script);
    await_file(&world.path("tmp/pid"));
    assert!(kill("TERM", &child.id().to_string()));
    let done = done(child.wait_with_output().unwrap());
    assert_eq!(done.code, 143, "{done:?}");
    assert!(done.stderr.contains("stays open until it times out"), "{}", done.stderr);
    assert_eq!(states(&world, "web"), ["building"]);
    let pid = std::fs::read_to_string(world.path("tmp/pid")).unwrap();
    assert!(kill("KILL", pid.trim()), "it went on");
}

/// As `nohup` starts it.
#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let world = shop();
    let program = world.command(&build("1"));
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(program.get_program());
    shell.args(["run", "web", "--", "sh", "-c", "touch ../tmp/runs; while [ ! -e ../tmp/go ]; do sleep 0.02; done"]);
    let variables = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.current_dir(world.source()).env_clear().envs(variables);
    let child = shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    await_file(&world.path("tmp/runs"));
    assert!(kill("HUP", &child.id().to_string()));
    std::fs::write(world.path("tmp/go"), "").unwrap();
    let done = done(child.wait_with_output().unwrap());
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(world.planned("web"), "unchanged");
}
