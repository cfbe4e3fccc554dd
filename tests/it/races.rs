//! Many writers at once: nothing is lost, and of several writes that expect the same mark exactly one happens.

use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shipmark::mark::stored::Key;
use shipmark::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::store::{Store, StoreUrl, Version, WriteError};

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

#[test]
fn sixty_four_builds_of_one_service_lose_nothing() {
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    world.deploy(&Build::new("first"), "a");
    let first = serial(&world, "a");
    all_at_once(64, |writer| {
        world.run_in(&build(writer), ["decide", "a", PATIENCE, "--extra", &format!("WRITER={writer}")])
    });
    assert_eq!(serial(&world, "a"), first + 64, "every write was based on the one before");
    let attempts = world.attempts("a");
    let open: std::collections::BTreeSet<_> = attempts.iter().map(|one| one["build"].as_str().unwrap()).collect();
    assert_eq!(open.len(), 64, "every attempt is in the list");
    all_at_once(64, |writer| {
        world.run_in(&build(writer), ["record", "a", PATIENCE, "--output", &format!("WRITER={writer}")])
    });
    let mark = world.stored("a");
    assert_eq!(mark["serial"], first + 128);
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
    all_at_once(16, |writer| {
        let build = build(writer);
        let decided = world.run_in(&build, ["decide", PATIENCE, "--extra", &format!("WRITER={writer}")]);
        assert_eq!(decided.code, 0, "{decided:?}");
        world.run_in(&build, ["record", "--all", PATIENCE])
    });
    for (service, first) in services.iter().zip(firsts) {
        assert_eq!(serial(&world, service), first + 32);
        assert!(!world.certain(service), "the first decision is still open");
        assert!(world.attempts(service).iter().any(|attempt| attempt["build"] == "first"));
    }
}

/// One store for each of several writers, and the key of one mark.
fn stores(root: &Path, count: usize) -> (Vec<Store>, Key) {
    let url = StoreUrl::parse(&format!("file:{}", root.display()), root).unwrap();
    let key = Key {
        project: ProjectName::default(),
        environment: EnvironmentName::default(),
        service: ServiceName::new("a").unwrap(),
    };
    ((0..count).map(|_| Store::open(&url, Duration::from_mins(5))).collect(), key)
}

fn version(store: &Store, key: &Key) -> Option<(Version, Vec<u8>)> {
    let read = store.read_marks(std::slice::from_ref(key)).pop().unwrap().unwrap();
    read.map(|stored| (stored.version, stored.bytes))
}

#[test]
fn exactly_one_wins_each_round() {
    let directory = tempfile::tempdir().unwrap();
    let (stores, key) = stores(directory.path(), 8);
    for round in 0..40 {
        let expected = version(&stores[0], &key).map(|(version, _)| version);
        assert_eq!(expected.is_none(), round == 0, "the first round is about who makes the mark");
        let (wins, start) = (AtomicUsize::new(0), Barrier::new(stores.len()));
        std::thread::scope(|scope| {
            for (writer, store) in stores.iter().enumerate() {
                let (key, expected, wins, start) = (&key, expected.as_ref(), &wins, &start);
                scope.spawn(move || {
                    let bytes = format!("round {round}, writer {writer}");
                    start.wait();
                    match store.write_mark(key, bytes.as_bytes(), expected) {
                        Ok(()) => {
                            wins.fetch_add(1, Ordering::Relaxed);
                            // Nobody else may write over it in this round.
                            assert_eq!(version(store, key).unwrap().1, bytes.into_bytes());
                        }
                        Err(WriteError::Conflict) => {}
                        Err(WriteError::Store(error)) => panic!("{error:?}"),
                    }
                });
            }
        });
        assert_eq!(wins.into_inner(), 1, "round {round}");
    }
}

/// A counter that is read and written conditionally by many ends at the number of writes that happened.
#[test]
fn no_write_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let (stores, key) = stores(directory.path(), 8);
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().parse::<u32>().unwrap();
    std::thread::scope(|scope| {
        for store in &stores {
            let key = &key;
            scope.spawn(move || {
                for _ in 0..20 {
                    loop {
                        let found = version(store, key);
                        let next = found.as_ref().map_or(0, |(_, bytes)| number(bytes)) + 1;
                        let expected = found.as_ref().map(|(version, _)| version);
                        match store.write_mark(key, next.to_string().as_bytes(), expected) {
                            Ok(()) => break,
                            Err(WriteError::Conflict) => {}
                            Err(WriteError::Store(error)) => panic!("{error:?}"),
                        }
                    }
                }
            });
        }
    });
    assert_eq!(number(&version(&stores[0], &key).unwrap().1), 160);
}
