//! What a decision needs of a store: one read of everything, with the time, and writes of all that it stands on.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::protocol::engine::names::{decode_names, encode_names};
use shipmark::store::{Store, Stored, Version, WriteError};

use super::{id, mark, read, store, world, writers};
use crate::support::key;

fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

fn names(names: &[&str]) -> Vec<u8> {
    encode_names(&names.iter().map(|name| ServiceName::new(*name).unwrap()).collect(), None)
}

/// The names as they are read.
fn read_names(store: &Store, project: &ProjectName, name: &str) -> Option<Stored> {
    let mut batch = store.read_batch(project, &[], &[environment(name)]);
    assert_eq!((batch.marks.len(), batch.names.len()), (0, 1));
    batch.names.remove(0).unwrap()
}

fn conflicts(written: &Result<(), WriteError>) -> bool {
    match written {
        Ok(()) => false,
        Err(WriteError::Conflict) => true,
        Err(WriteError::Store(error)) => panic!("{error:?}"),
    }
}

#[test]
fn one_read_finds_marks_and_names_each_in_its_place() {
    let world = world();
    let (store, project) = (store(world.state()), key("a").project);
    // More than two of DynamoDB's batches.
    let mut keys: Vec<Key> = (0..230).map(|n| key(&format!("s{n}"))).collect();
    for (n, key) in keys.iter().enumerate().filter(|(n, _)| n % 46 == 0) {
        store.write_mark(key, &mark(1, &n.to_string()), None).unwrap();
    }
    keys.push(keys[0].clone());
    let environments = ["one", "none", "two", "one"].map(environment);
    for name in ["one", "two"] {
        store.write_names(&project, &environment(name), &names(&["a", name]), None).unwrap();
    }
    let batch = store.read_batch(&project, &keys, &environments);
    assert_eq!(batch.marks.len(), keys.len());
    for (n, found) in batch.marks.into_iter().enumerate() {
        let expected = (n % 46 == 0).then(|| mark(1, &(n % 230).to_string()));
        assert_eq!(found.unwrap().map(|found| found.bytes), expected, "{n}");
    }
    let found = batch.names.into_iter().map(|found| found.unwrap().map(|found| found.bytes));
    let expected = [Some(names(&["a", "one"])), None, Some(names(&["a", "two"])), Some(names(&["a", "one"]))];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let nothing = store.read_batch(&project, &[], &[]);
    assert!(nothing.marks.is_empty() && nothing.names.is_empty());
}

/// What the versions of a batch are for.
#[test]
fn a_batch_has_the_versions_that_a_write_needs() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    store.write_mark(&a, &mark(1, "one"), None).unwrap();
    let found = store.read_batch(&a.project, std::slice::from_ref(&a), &[]).marks.remove(0).unwrap().unwrap();
    assert_eq!(found.version, read(&store, &a).unwrap().0);
    store.write_mark(&a, &mark(2, "two"), Some(&found.version)).unwrap();
    assert!(conflicts(&store.write_mark(&a, &mark(2, "other"), Some(&found.version))));
}

/// Servers say the time in whole seconds, and may say the same one for a little longer.
#[test]
fn a_read_has_the_time_of_the_store() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    for (keys, environments) in [(1, 0), (0, 1), (1, 1), (120, 2)] {
        let before = Timestamp::now();
        let found = read(&store, &a);
        let serial = found.as_ref().map_or(1, |_| before.as_millisecond().unsigned_abs());
        store.write_mark(&a, &mark(serial, "any"), found.map(|(version, _)| version).as_ref()).unwrap();
        let keys: Vec<Key> = (0..keys).map(|n| key(&format!("s{n}"))).collect();
        let environments: Vec<_> = (0..environments).map(|n| environment(&format!("e{n}"))).collect();
        let time = store.read_batch(&a.project, &keys, &environments).time.unwrap();
        assert!(time >= before - SignedDuration::from_secs(2), "{time} is before {before}");
        assert!(time <= Timestamp::now() + SignedDuration::from_secs(2), "{time} is yet to come");
    }
}

#[test]
fn names_are_written_only_over_what_was_read() {
    let world = world();
    let (store, project) = (store(world.state()), key("a").project);
    let prod = environment("prod");
    let write = |bytes: &[u8], expected: Option<&Version>| store.write_names(&project, &prod, bytes, expected);
    assert!(read_names(&store, &project, "prod").is_none());
    write(&names(&["a"]), None).unwrap();
    let one = read_names(&store, &project, "prod").unwrap();
    assert_eq!(one.bytes, names(&["a"]));
    assert!(conflicts(&write(&names(&["b"]), None)));
    write(&names(&["a", "b"]), Some(&one.version)).unwrap();
    assert!(conflicts(&write(&names(&["a", "c"]), Some(&one.version))));
    // As a client writes again whose answer was lost.
    write(&names(&["a", "b"]), Some(&one.version)).unwrap();
    let two = read_names(&store, &project, "prod").unwrap();
    assert_eq!(two.bytes, names(&["a", "b"]));
    write(&names(&[]), Some(&two.version)).unwrap();
    assert_eq!(read_names(&store, &project, "prod").unwrap().bytes, names(&[]));
    assert!(conflicts(&store.write_names(&project, &environment("nowhere"), &names(&["a"]), Some(&two.version))));
    assert!(read_names(&store, &project, "nowhere").is_none());
}

#[test]
fn names_belong_to_one_environment_and_are_not_a_service() {
    let world = world();
    let (store, project) = (store(world.state()), ProjectName::new("p/q").unwrap());
    let environments = ["feature/x", "feature", "feature%2Fx", "..", "#services", "a"];
    for name in environments {
        store.write_names(&project, &environment(name), &names(&[&format!("of-{}", name.len())]), None).unwrap();
        assert!(store.services(&project, &environment(name)).unwrap().is_empty(), "{name}");
    }
    let service = |service: &str| Key {
        project: project.clone(),
        environment: environment("feature"),
        service: ServiceName::new(service).unwrap(),
    };
    for name in ["services", "a"] {
        store.write_mark(&service(name), &mark(1, name), None).unwrap();
    }
    for name in environments {
        let found = read_names(&store, &project, name).unwrap();
        assert_eq!(found.bytes, names(&[&format!("of-{}", name.len())]), "{name}");
    }
    let listed = store.services(&project, &environment("feature")).unwrap();
    assert_eq!(listed.iter().map(ServiceName::as_str).collect::<Vec<_>>(), ["a", "services"]);
    assert!(store.remove(&service("services")).unwrap());
    assert!(read_names(&store, &project, "feature").is_some());
}

#[test]
fn eight_writers_of_names_lose_none() {
    let world = world();
    let project = key("a").project;
    let prod = environment("prod");
    let stores: Vec<Store> = (0..8).map(|_| store(world.state())).collect();
    std::thread::scope(|scope| {
        for (writer, store) in stores.iter().enumerate() {
            let (project, prod) = (&project, &prod);
            scope.spawn(move || {
                for turn in 0..3 {
                    loop {
                        let found = read_names(store, project, "prod");
                        let mut all = found.as_ref().map_or_else(BTreeSet::new, |f| decode_names(&f.bytes).unwrap());
                        all.insert(ServiceName::new(format!("s{writer}-{turn}")).unwrap());
                        let bytes = encode_names(&all, found.as_ref().map(|found| found.bytes.as_slice()));
                        let expected = found.as_ref().map(|found| &found.version);
                        if !conflicts(&store.write_names(project, prod, &bytes, expected)) {
                            break;
                        }
                    }
                }
            });
        }
    });
    let all = decode_names(&read_names(&stores[0], &project, "prod").unwrap().bytes).unwrap();
    assert_eq!(all.len(), 8 * 3, "{all:?}");
}

#[test]
fn a_candidate_is_written_only_over_what_was_read() {
    let world = world();
    let (store, a, c) = (store(world.state()), key("a"), id("c1"));
    let write = |bytes: &[u8], expected: Option<&Version>| store.put_candidate(&a, &c, bytes, expected);
    assert!(store.candidate(&a, &c).unwrap().is_none());
    write(b"one", None).unwrap();
    let one = store.candidate(&a, &c).unwrap().unwrap();
    assert_eq!(one.bytes, b"one");
    assert!(conflicts(&write(b"other", None)));
    write(b"one", None).unwrap();
    write(b"two", Some(&one.version)).unwrap();
    assert!(conflicts(&write(b"other", Some(&one.version))));
    write(b"two", Some(&one.version)).unwrap();
    let two = store.candidate(&a, &c).unwrap().unwrap();
    assert_eq!(two.bytes, b"two");
    assert!(conflicts(&store.put_candidate(&a, &id("c2"), b"other", Some(&two.version))));
    store.remove_candidate(&a, &c).unwrap();
    assert!(conflicts(&write(b"three", Some(&two.version))));
    assert!(store.candidates(&a).unwrap().is_empty());
}

#[test]
fn a_mark_is_removed_only_if_it_is_what_was_read() {
    let world = world();
    let store = store(world.state());
    let (gone, stays) = (key("a"), key("ab"));
    for key in [&gone, &stays] {
        store.write_mark(key, &mark(1, "one"), None).unwrap();
        store.put_candidate(key, &id("c1"), b"{}", None).unwrap();
        store.put_snapshot(key, "5a", b"snapshot", Timestamp::now()).unwrap();
    }
    let rest =
        |key: &Key| (store.candidates(key).unwrap().len(), usize::from(store.snapshot(key, "5a").unwrap().is_some()));
    let (one, _) = read(&store, &gone).unwrap();
    store.write_mark(&gone, &mark(2, "two"), Some(&one)).unwrap();
    for stale in [Some(&one), None] {
        assert!(conflicts(&store.remove_mark(&gone, stale)));
        assert_eq!(read(&store, &gone).unwrap().1, mark(2, "two"));
        assert_eq!(rest(&gone), (1, 1), "nothing is removed beside a mark that stays");
    }
    let (two, _) = read(&store, &gone).unwrap();
    store.remove_mark(&gone, Some(&two)).unwrap();
    assert!(read(&store, &gone).is_none());
    assert_eq!(rest(&gone), (0, 0));
    assert_eq!((read(&store, &stays).unwrap().1, rest(&stays)), (mark(1, "one"), (1, 1)));
    assert!(conflicts(&store.write_mark(&gone, &mark(3, "three"), Some(&two))));
    // Again, as after an answer that was lost, and where there was never a mark.
    store.remove_mark(&gone, Some(&two)).unwrap();
    store.remove_mark(&gone, None).unwrap();
    // What a removal that was interrupted has left.
    store.put_candidate(&gone, &id("c2"), b"{}", None).unwrap();
    store.remove_mark(&gone, None).unwrap();
    assert_eq!(rest(&gone), (0, 0));
}

/// A removal and writes of those who have read the same mark: one of them wins, and a mark that was written stays.
#[test]
fn a_removal_contends_like_a_write() {
    let world = world();
    let (stores, a) = (writers(&world), key("a"));
    for round in 0..10 {
        let serial = 10 * (round + 1);
        let found = read(&stores[0], &a).map(|(version, _)| version);
        stores[0].write_mark(&a, &mark(serial, "read by all"), found.as_ref()).unwrap();
        let (expected, _) = read(&stores[0], &a).unwrap();
        let (written, start) = (AtomicUsize::new(0), Barrier::new(stores.len()));
        std::thread::scope(|scope| {
            for (writer, store) in stores.iter().enumerate() {
                let (a, expected, written, start) = (&a, &expected, &written, &start);
                scope.spawn(move || {
                    let bytes = mark(serial + 1, &format!("writer {writer}"));
                    start.wait();
                    // Whether the removal has won is seen by what is left: a mark that is gone also counts as removed.
                    if writer == 0 {
                        conflicts(&store.remove_mark(a, Some(expected)));
                    } else if !conflicts(&store.write_mark(a, &bytes, Some(expected))) {
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let left = read(&stores[0], &a).is_some();
        assert_eq!(usize::from(left), written.into_inner(), "round {round}");
    }
}
