//! How often each command asks the store: what a decision costs, and with the time that a request takes, how long it waits.
//!
//! The counts are exact, for a request too many is invisible in every other test. They are those of an undisturbed build:
//! whoever is overtaken by another reads and writes again.

mod counted;
mod spans;

use std::time::{Duration, SystemTime};

use counted::{Counted, operations};

use super::engines::{self, Engine, Kind};
use super::support::{Build, World, exported};

/// How often a command reads or writes a mark, a snapshot or a candidate, and lists.
#[derive(Clone, Copy)]
struct Calls {
    /// Reads of all marks at once.
    marks: usize,
    /// Reads of one thing.
    reads: usize,
    writes: usize,
}

/// The words of a store for them. DynamoDB reads several marks with one request, S3 with one each.
fn expected(engine: &Engine, services: usize, calls: Calls) -> Vec<(&'static str, usize)> {
    let Calls { marks, reads, writes } = calls;
    let counts = match engine.kind {
        Kind::S3 => vec![("GetObject", marks * services + reads), ("PutObject", writes)],
        Kind::DynamoDb if services == 1 => vec![("GetItem", marks + reads), ("PutItem", writes)],
        Kind::DynamoDb => vec![("BatchGetItem", marks), ("GetItem", reads), ("PutItem", writes)],
    };
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// A state on each engine that this machine can run.
fn on_every_engine(world: &World, test: impl Fn(&Engine, &Counted<'_>)) {
    for engine in engines::dynamodb().into_iter().chain(engines::s3()) {
        test(engine, &Counted::new(world, engine));
    }
}

/// Services with an input each, none of which was ever deployed.
fn services(count: usize) -> World {
    let names: Vec<String> = (0..count).map(|number| format!("s{number}")).collect();
    let map: String = names.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).collect();
    let world = World::new(&map, &[]);
    names.iter().for_each(|name| world.write(&format!("{name}/x"), "1"));
    world
}

/// Every input of [`services`] changes.
fn change(world: &World, count: usize, text: &str) {
    (0..count).for_each(|number| world.write(&format!("s{number}/x"), text));
}

/// Asserts that a command asks for exactly that.
fn asks(engine: &Engine, counted: &Counted<'_>, services: usize, build: &Build, args: &[&str], calls: Calls) -> String {
    let (done, seen) = counted.run(build, args);
    let found: Vec<_> = operations(&seen).into_iter().collect();
    let expected = expected(engine, services, calls);
    assert_eq!(found, expected, "{} {:?}, {services} services: {args:?}", engine.name, engine.kind);
    done.stdout
}

#[test]
fn a_skip_is_one_read_and_a_build_one_write_more_a_service() {
    for count in [1, 10] {
        let world = services(count);
        on_every_engine(&world, |engine, counted| {
            change(&world, count, "1");
            let ask = |build: &str, args: &[&str], reads, writes, marks| {
                asks(engine, counted, count, &counted.build(build), args, Calls { marks, reads, writes })
            };
            let first = ask("1", &["decide"], 0, count, 1);
            assert!(first.contains("BUILD_SKIPPED='false'"), "{first}");
            // Each mark is read and written, after the snapshot that it names.
            ask("1", &["record", "--all"], count, 2 * count, 0);
            let skip = ask("2", &["decide"], 0, 0, 1);
            assert!(skip.contains("BUILD_SKIPPED='true'"), "{skip}");
            ask("2", &["record", "--all"], 0, 0, 0);
            ask("", &["plan"], 0, 0, 1);
            ask("", &["status"], 0, 0, 1);
            // What differs is explained file by file: the snapshot is read.
            change(&world, count, "2");
            ask("3", &["decide"], count, count, 1);
            ask("3", &["record", "--all"], count, 2 * count, 0);
        });
    }
}

#[test]
fn a_deploy_stage_reads_its_candidate_and_what_it_changes() {
    for count in [1, 10] {
        let world = services(count);
        on_every_engine(&world, |engine, counted| {
            let build = counted.build("1");
            let ask = |args: &[&str], marks, reads, writes| {
                asks(engine, counted, count, &build, args, Calls { marks, reads, writes })
            };
            ask(&["decide"], 1, 0, count);
            // The snapshot, the mark and the candidate.
            let staged = ask(&["stage", "--all"], 0, count, 3 * count);
            let candidate = exported(&staged).expect("a candidate");
            // The candidate is read, then the mark.
            ask(&["begin", "--candidate", &candidate], 0, 2 * count, count);
            ask(&["promote", "--candidate", &candidate], 0, 2 * count, count);
        });
    }
}

#[test]
fn what_a_deploy_deploys_again_is_one_read_and_one_write_more() {
    const MAP: &str = "[services.a]\ninclude = [\"a\"]\nredeploys = [\"b\"]\n[services.b]\ninclude = [\"b\"]\n";
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    on_every_engine(&world, |engine, counted| {
        for service in ["a", "b"] {
            counted.run(&counted.build(service), &["decide", service]);
            counted.run(&counted.build(service), &["record", service]);
        }
        let ask = |build: &str, args: &[&str], reads, writes| {
            asks(engine, counted, 1, &counted.build(build), args, Calls { marks: 0, reads, writes })
        };
        let skip = ask("1", &["decide", "a"], 2, 0);
        assert!(skip.contains("BUILD_SKIPPED='true'"), "{skip}");
        ask("", &["plan", "a"], 2, 0);
        ask("2", &["decide", "a", "--force"], 2, 2);
        // Its snapshot is there, and is written again as it was; both marks are read and written.
        ask("2", &["record", "a"], 2, 3);
    });
}

/// The first deploy of a day looks for what is too old; the others ask for no list.
#[test]
fn what_nothing_names_is_taken_away_once_a_day() {
    let world = services(1);
    world.deploy(&Build::new("1"), "s0");
    let old = world.mark("s0").with_file_name("snapshots").join("00");
    std::fs::write(&old, "").unwrap();
    let week = Duration::from_hours(7 * 24);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(SystemTime::now() - week).unwrap();
    let midnight = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / (24 * 60 * 60);
    let before = midnight(SystemTime::now());
    change(&world, 1, "2");
    world.deploy(&Build::new("2"), "s0");
    assert!(old.exists() || before != midnight(SystemTime::now()));

    world.edit_mark("s0", |mark| mark["deployed"]["recorded_at"] = "2026-01-01T12:00:00Z".into());
    change(&world, 1, "3");
    world.deploy(&Build::new("3"), "s0");
    assert!(!old.exists());
}
