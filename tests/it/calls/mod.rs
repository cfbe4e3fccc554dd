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

/// How often a command reads or writes a mark, a snapshot, a candidate or the names of the services, and lists.
#[derive(Clone, Copy, Default)]
struct Calls {
    /// Reads of all marks at once, and of the names of the services with them.
    marks: usize,
    /// Reads of one thing.
    reads: usize,
    writes: usize,
    /// Lists of all marks.
    lists: usize,
}

/// The words of a store for them. DynamoDB reads marks and names with one request, S3 with one each.
fn expected(engine: &Engine, services: usize, calls: Calls) -> Vec<(&'static str, usize)> {
    let Calls { marks, reads, writes, lists } = calls;
    let counts = match engine.kind {
        Kind::S3 => {
            vec![("GetObject", marks * (services + 1) + reads), ("ListObjectsV2", lists), ("PutObject", writes)]
        }
        Kind::DynamoDb => vec![("BatchGetItem", marks), ("GetItem", reads), ("PutItem", writes), ("Query", lists)],
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
    let world = World::new(&format!("project = \"default\"\n{map}"), &[]);
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
            let ask =
                |build: &str, args: &[&str], calls| asks(engine, counted, count, &counted.build(build), args, calls);
            let read = Calls { marks: 1, ..Calls::default() };
            // A new environment: no names are there, so the marks are listed, and the names written before the marks.
            let first = ask("1", &["decide"], Calls { writes: count + 1, lists: 1, ..read });
            assert!(first.contains("BUILD_SKIPPED='false'"), "{first}");
            // Each mark is read and written, after the snapshot that it names.
            ask("1", &["record", "--all"], Calls { writes: 2 * count, ..read });
            let skip = ask("2", &["decide"], read);
            assert!(skip.contains("BUILD_SKIPPED='true'"), "{skip}");
            ask("2", &["record", "--all"], Calls::default());
            ask("", &["plan"], read);
            ask("", &["status"], read);
            // What differs is explained file by file: the snapshot is read.
            change(&world, count, "2");
            ask("3", &["decide"], Calls { reads: count, writes: count, ..read });
            ask("3", &["record", "--all"], Calls { writes: 2 * count, ..read });
        });
    }
}

#[test]
fn a_deploy_stage_reads_its_candidate_and_what_it_changes() {
    for count in [1, 10] {
        let world = services(count);
        on_every_engine(&world, |engine, counted| {
            let build = counted.build("1");
            let ask = |args: &[&str], reads, writes, lists| {
                asks(engine, counted, count, &build, args, Calls { marks: 1, reads, writes, lists })
            };
            ask(&["decide"], 0, count + 1, 1);
            // The snapshot, the mark and the candidate.
            let staged = ask(&["stage", "--all"], 0, 3 * count, 0);
            let candidate = exported(&staged).expect("a candidate");
            // The candidate is read, and says that it has begun and which run is finished before the mark does.
            ask(&["begin", "--candidate", &candidate], count, 2 * count, 0);
            ask(&["promote", "--candidate", &candidate], count, 2 * count, 0);
        });
    }
}

#[test]
fn what_a_deploy_deploys_again_is_one_read_and_one_write_more() {
    const MAP: &str = "project = \"default\"\n[services.a]\ninclude = [\"a\"]\nredeploys = [\"b\"]\n[services.b]\ninclude = [\"b\"]\n";
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    on_every_engine(&world, |engine, counted| {
        for service in ["a", "b"] {
            counted.run(&counted.build(service), &["decide", service]);
            counted.run(&counted.build(service), &["record", service]);
        }
        let ask = |build: &str, args: &[&str], writes| {
            asks(engine, counted, 2, &counted.build(build), args, Calls { marks: 1, writes, ..Calls::default() })
        };
        let skip = ask("1", &["decide", "a"], 0);
        assert!(skip.contains("BUILD_SKIPPED='true'"), "{skip}");
        ask("", &["plan", "a"], 0);
        ask("2", &["decide", "a", "--force"], 2);
        // Its snapshot is there, and is written again as it was; both marks are read and written.
        ask("2", &["record", "a"], 3);
    });
}

/// The name of a service is written once, before its first mark.
#[test]
fn a_new_service_is_one_write_more_once() {
    const MAP: &str = "project = \"default\"\n[services.a]\ninclude = [\"a\"]\n[services.b]\ninclude = [\"b\"]\n";
    let world = World::new(MAP, &[("a/x", "1"), ("b/x", "1")]);
    on_every_engine(&world, |engine, counted| {
        for (number, (service, writes, lists)) in [("a", 2, 1), ("b", 2, 0), ("b", 1, 0)].into_iter().enumerate() {
            let build = counted.build(&number.to_string());
            let calls = Calls { marks: 1, writes, lists, ..Calls::default() };
            asks(engine, counted, 1, &build, &["decide", service], calls);
        }
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
