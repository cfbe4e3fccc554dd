//! Cases 31 and 30: the program killed at any moment leaves the old or the new mark, whole, and the next command works.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::long::{Share, walks};
use super::support::{Build, World};

const MAP: &str = "[services.a]\ninclude = [\"a\"]\n";

/// Long enough that writing a mark takes a while, and that a half of it is easily seen.
fn long_outputs() -> Vec<String> {
    (0..4).map(|n| format!("--output=PART_{n}={}", "x".repeat(100_000))).collect()
}

/// When to kill.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after the start.
    After(Duration),
    /// As soon as a new file is being written beside the mark.
    Writing,
}

/// Starts a command and kills it at that moment, unless it has ended before.
fn strike(command: &mut Command, moment: Moment, beside: &Path) {
    if matches!(moment, Moment::Writing) {
        leftovers(beside).for_each(|path| std::fs::remove_file(path).unwrap());
    }
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    match moment {
        Moment::After(delay) => std::thread::sleep(delay),
        Moment::Writing => {
            while leftovers(beside).next().is_none() && child.try_wait().unwrap().is_none() {
                std::hint::spin_loop();
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The files in a directory that are not yet in their place.
fn leftovers(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().as_encoded_bytes().starts_with(b".new-"))
}

/// Moments that cover a command: at random over twice its lifetime, and while it writes.
fn moments(lifetime: Duration, count: usize) -> impl Iterator<Item = Moment> {
    let micros = u64::try_from(lifetime.as_micros()).unwrap() * 2;
    (0..count).map(move |n| match n % 3 {
        0 => Moment::Writing,
        _ => Moment::After(Duration::from_micros(fastrand::u64(..micros))),
    })
}

/// Reads the mark all the time while `act` runs; it must be whole whenever it is there. Gives how often it was read.
fn while_reading(world: &World, act: impl FnOnce()) -> usize {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            let mut serial = 0;
            while !done.load(Ordering::Relaxed) {
                let next = whole(&std::fs::read_to_string(world.mark("a")).unwrap());
                assert!(next >= serial, "the serial fell from {serial} to {next}");
                serial = next;
                reads += 1;
                std::thread::sleep(Duration::from_micros(200));
            }
            reads
        });
        {
            // Also where it panics, or the reader would go on for ever.
            let _stop = Stop(&done);
            act();
        }
        reader.join().unwrap()
    })
}

/// The serial of a mark from its first line to its last. It is found without parsing, so that many can be looked at.
fn whole(mark: &str) -> u64 {
    assert!(mark.starts_with("{\n") && mark.ends_with("\n}\n"), "{} bytes are no mark", mark.len());
    let (_, serial) = mark.split_once("\"serial\": ").unwrap();
    serial.split_once(',').unwrap().0.parse().unwrap()
}

/// Says that all is done when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn revision(mark: &Value) -> String {
    mark["deployed"]["revision"].as_str().unwrap().to_owned()
}

#[test]
fn a_killed_record_leaves_the_old_mark_or_the_new_one() {
    kill_records(60);
}

fn kill_records(kills: usize) {
    let world = World::new(MAP, &[("a/x", "1")]);
    let outputs = long_outputs();
    let record = |revision: &str| {
        let mut command = world.command(&Build::default());
        command.args(["record", "a", "--revision", revision]).args(&outputs).stderr(Stdio::null());
        command
    };
    let start = Instant::now();
    assert!(record("0").status().unwrap().success());
    let lifetime = start.elapsed();
    let directory = world.mark("a").parent().unwrap().to_owned();
    let (mut old, mut new) = (0, 0);
    let reads = while_reading(&world, || {
        for (n, moment) in moments(lifetime, kills).enumerate() {
            let n = n + 1;
            let before = world.stored("a");
            strike(&mut record(&n.to_string()), moment, &directory);
            let after = world.stored("a");
            if after == before {
                old += 1;
            } else {
                assert_eq!(revision(&after), n.to_string(), "killed {moment:?}");
                assert_eq!(after["deployed"]["outputs"].as_object().unwrap().len(), outputs.len());
                assert_eq!(after["serial"].as_u64(), before["serial"].as_u64().map(|serial| serial + 1));
                new += 1;
            }
        }
    });
    assert!(old > 0 && reads > 0, "{old} old marks, {new} new ones, {reads} reads");
    assert!(record("last").status().unwrap().success(), "no lock outlives its process");
    assert_eq!(revision(&world.stored("a")), "last");
}

#[test]
fn a_killed_record_is_repeated_with_its_ticket() {
    kill_and_repeat_records(20);
}

fn kill_and_repeat_records(kills: usize) {
    let world = World::new(MAP, &[("a/x", "1")]);
    let start = Instant::now();
    world.deploy(&Build::new("0"), "a");
    let lifetime = start.elapsed() / 2;
    let directory = world.mark("a").parent().unwrap().to_owned();
    for (n, moment) in moments(lifetime, kills).enumerate() {
        let build = Build::new(&format!("{n}"));
        world.write("a/x", &format!("content {n}"));
        assert_eq!(world.reason(&build, "a"), "changed", "{moment:?}");
        strike(world.command(&build).args(["record", "a"]), moment, &directory);
        let done = world.run_in(&build, ["record", "a"]);
        assert_eq!(done.code, 0, "killed {moment:?}: {done:?}");
        assert_eq!(world.planned("a"), "unchanged", "killed {moment:?}");
    }
}

#[test]
fn a_killed_decision_leaves_an_attempt_or_nothing() {
    kill_decisions(20);
}

fn kill_decisions(kills: usize) {
    let world = World::new(MAP, &[("a/x", "1")]);
    world.deploy(&Build::new("0"), "a");
    world.write("a/x", "2");
    let start = Instant::now();
    assert_eq!(world.planned("a"), "changed");
    let lifetime = start.elapsed();
    let directory = world.mark("a").parent().unwrap().to_owned();
    let mut open = 0;
    for (n, moment) in moments(lifetime, kills).enumerate() {
        let build = Build::new(&format!("killed-{n}"));
        strike(world.command(&build).args(["decide", "a"]), moment, &directory);
        let attempts = world.attempts("a").len();
        assert!(attempts == open || attempts == open + 1, "killed {moment:?}: {open} and then {attempts}");
        if n % 8 == 0 {
            assert_eq!(world.reason(&build, "a"), "changed", "the same build decides again, killed {moment:?}");
        }
        open = world.attempts("a").len();
        assert_eq!(world.planned("a"), "changed");
    }
    world.write("a/x", "1");
    assert_eq!(world.planned("a"), if open > 0 { "deploy-pending" } else { "unchanged" });
}

/// What a killed writer leaves behind disturbs nobody.
#[test]
fn leftovers_disturb_nobody() {
    let world = World::new(MAP, &[("a/x", "1")]);
    let candidate = world.candidate(&Build::new("1"), "a", "1");
    let directory = world.mark("a").parent().unwrap().to_owned();
    for place in ["", "candidates", "snapshots"] {
        std::fs::write(directory.join(place).join(".new-abc123"), "{ half a ma").unwrap();
    }
    assert_eq!(world.planned("a"), "never-deployed");
    world.ship(&candidate);
    assert_eq!(world.planned("a"), "unchanged");
    world.write("a/x", "2");
    assert_eq!(world.deploy(&Build::new("2"), "a"), "changed");
    assert_eq!(world.run(["state", "rm", "a"]).code, 0);
    assert_eq!(world.planned("a"), "never-deployed");
}

mod long {
    use super::{Share, kill_and_repeat_records, kill_decisions, kill_records, walks};

    /// The moments are by chance, and the machine's besides: no seed repeats them.
    #[test]
    #[ignore = "long: kills for minutes"]
    fn killed_at_many_moments() {
        for _ in walks(Share::Rest, 0.2, 1) {
            kill_records(120);
            kill_and_repeat_records(40);
            kill_decisions(40);
        }
    }
}
