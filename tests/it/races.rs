//! Many writers at once: nothing is lost, and of several writes that expect the same mark exactly one happens.

use std::sync::Barrier;

use super::engines::Engine;
use super::support::{Build, Done, World};

/// Longer than any of these races, on any machine.
const PATIENCE: &str = "--timeout=300s";

/// Runs one command a writer, all at once; all must succeed.
fn all_at_once(writers: usize, act: impl Fn(usize) -> Done + Sync) {
    let start = Barrier::new(writers);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let (start, act) = (&start, &act);
            scope.spawn(move || {
                start.wait();
                let done = act(writer);
                assert_eq!(done.code, 0, "writer {writer}: {done:?}");
            });
        }
    });
}

fn build(writer: usize) -> Build {
    Build::new(&format!("b-{writer}"))
}

fn serial(world: &World, service: &str) -> u64 {
    world.stored(service)["serial"].as_u64().unwrap()
}

fn date(text: &serde_json::Value) -> jiff::Timestamp {
    text.as_str().unwrap().parse().unwrap()
}

/// How many contend for one mark: sixty-four, where the engine can.
fn contenders() -> usize {
    Engine::told().map_or(64, |engine| engine.clients.min(64))
}

#[test]
fn sixty_four_builds_of_one_service_lose_nothing() {
    let count = contenders();
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    world.deploy(&Build::new("first"), "a");
    let first = serial(&world, "a");
    all_at_once(count, |writer| {
        world.run_in(&build(writer), ["decide", "a", PATIENCE, "--extra", &format!("WRITER={writer}")])
    });
    assert_eq!(serial(&world, "a"), first + count as u64, "every write was based on the one before");
    let attempts = world.attempts("a");
    let open: std::collections::BTreeSet<_> = attempts.iter().map(|one| one["build"].as_str().unwrap()).collect();
    assert_eq!(open.len(), count, "every attempt is in the list");
    all_at_once(count, |writer| {
        world.run_in(&build(writer), ["record", "a", PATIENCE, "--output", &format!("WRITER={writer}")])
    });
    let mark = world.stored("a");
    assert_eq!(mark["serial"], first + 2 * count as u64);
    assert_eq!(mark["certain"], false, "they ran beside each other");
    let (last, output) = (&mark["deployed"]["build"]["id"], &mark["deployed"]["outputs"]["WRITER"]);
    assert_eq!(last.as_str().unwrap(), format!("b-{}", output.as_str().unwrap()));
    assert_eq!(world.planned("a"), "uncertain");
    world.deploy(&Build::new("last"), "a");
    assert_eq!(world.planned("a"), "unchanged", "it began after all the others had ended");
}

#[test]
fn sixteen_builds_of_eight_services_lose_nothing() {
    let services: Vec<String> = (0..8).map(|n| format!("s{n}")).collect();
    let map: String = services.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).collect();
    let world = World::new(&map, &[]);
    for service in &services {
        world.write(&format!("{service}/x"), "1");
    }
    world.decide(&Build::new("first"), &[]);
    let firsts: Vec<u64> = services.iter().map(|service| serial(&world, service)).collect();
    let count = contenders().min(16);
    all_at_once(count, |writer| {
        world.run_in(&build(writer), ["decide", PATIENCE, "--extra", &format!("WRITER={writer}")])
    });
    all_at_once(count, |writer| world.run_in(&build(writer), ["record", "--all", PATIENCE]));
    for (service, first) in services.iter().zip(firsts) {
        // Who was overtaken in one mark decides again in all: an attempt whose reason is another one now is written again.
        assert!(serial(&world, service) >= first + 2 * count as u64);
        assert!(!world.certain(service), "they ran beside each other");
        let log = world.run(["status", "--log", service, "--json"]).json();
        let deploys = log["logs"][0]["deploys"].as_array().unwrap();
        let builds: std::collections::BTreeSet<_> = deploys.iter().map(|deploy| deploy["build"].as_str()).collect();
        assert_eq!((deploys.len(), builds.len()), (count, count), "{log:#}");
        assert!(world.attempts(service).iter().any(|attempt| attempt["build"] == "first"));
    }
}

#[test]
fn sixty_four_builds_of_as_many_services_lose_nothing() {
    let services: Vec<String> = (0..64).map(|n| format!("s{n}")).collect();
    let map: String = services.iter().map(|name| format!("[services.{name}]\ninclude = [\"{name}\"]\n")).collect();
    let world = World::new(&map, &[]);
    for service in &services {
        world.write(&format!("{service}/x"), "1");
    }
    all_at_once(64, |writer| {
        let (build, service) = (build(writer), services[writer].as_str());
        let decided = world.run_in(&build, ["decide", PATIENCE, service]);
        assert_eq!(decided.code, 0, "{decided:?}");
        world.run_in(&build, ["record", PATIENCE, service])
    });
    let planned = world.plan(&[]);
    assert!(services.iter().all(|service| super::support::reason(&planned, service) == "unchanged"), "{planned:#}");
}

/// The log of a mark: of recorders at once each deploy is told exactly once, in the order in which they were written.
#[test]
fn sixteen_recorders_at_once_are_each_told_once_in_their_order() {
    let count = contenders().min(16);
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    for writer in 0..count {
        let decided = world.run_in(&build(writer), ["decide", "a", "--extra", &format!("WRITER={writer}")]);
        assert_eq!(decided.code, 0, "{decided:?}");
    }
    let first = serial(&world, "a");
    let began = date(&world.stored("a")["written_at"]);
    all_at_once(count, |writer| {
        let output = format!("WRITER={writer}");
        world.run_in(&build(writer), ["record", "a", PATIENCE, "--output", &output])
    });
    assert_eq!(serial(&world, "a"), first + count as u64);
    let log = world.run(["status", "--log", "a", "--json"]).json();
    let deploys = log["logs"][0]["deploys"].as_array().unwrap();
    let writers: std::collections::BTreeSet<_> = deploys.iter().map(|deploy| deploy["build"].as_str()).collect();
    assert_eq!((deploys.len(), writers.len()), (count, count), "{log:#}");
    for (earlier, deploy) in deploys.iter().rev().enumerate() {
        let writer = deploy["outputs"]["WRITER"].as_str().unwrap();
        assert_eq!(deploy["build"], format!("b-{writer}"), "each has its own outputs");
        // When the first was recorded all others were still running, and nothing had ended beside it.
        assert_eq!(deploy["certain"], earlier == 0, "they ran beside each other");
    }
    assert_eq!(world.planned("a"), "uncertain");
    // A date is taken before the mark is read, so a later write may have an earlier one; the mark keeps the newest.
    let mark = world.stored("a");
    let all = std::iter::once(&mark["deployed"]).chain(mark["log"].as_array().unwrap());
    let dates: Vec<_> = all.map(|deploy| date(&deploy["recorded_at"])).collect();
    assert!(dates.iter().all(|date| *date >= began), "{began}: {dates:?}");
    assert_eq!(dates.iter().max(), Some(&date(&mark["written_at"])), "{dates:?}");
}
