//! What every store must do, whatever it is: the promises of `Store`, tested on the store in a directory and, by `on_engines`, on
//! each engine.

mod decisions;

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::protocol::engine::mark::AttemptId;
use shipmark::source::snapshot::{Snapshot, SnapshotEntry};
use shipmark::store::{Store, Version, WriteError};

use super::engines::Engine;
use super::support::{World, key, store};

fn world() -> World {
    World::new("[services.a]\ninclude = [\"a\"]\n", &[])
}

/// The bytes of a mark, as far as a store looks at them.
fn mark(serial: u64, text: &str) -> Vec<u8> {
    json!({ "serial": serial, "text": text }).to_string().into_bytes()
}

fn read(store: &Store, key: &Key) -> Option<(Version, Vec<u8>)> {
    store.read_mark(key).unwrap().map(|stored| (stored.version, stored.bytes))
}

fn id(text: &str) -> AttemptId {
    AttemptId::parse(text).unwrap()
}

#[test]
fn a_mark_is_written_only_over_what_was_read() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    let conflict = |bytes: &[u8], expected: Option<&Version>| {
        assert!(matches!(store.write_mark(&a, bytes, expected), Err(WriteError::Conflict)));
    };
    assert!(read(&store, &a).is_none());
    store.write_mark(&a, &mark(1, "one"), None).unwrap();
    let (one, _) = read(&store, &a).unwrap();
    conflict(&mark(1, "another one"), None);
    store.write_mark(&a, &mark(2, "two"), Some(&one)).unwrap();
    conflict(&mark(2, "another two"), Some(&one));
    conflict(&mark(2, "yet another"), None);
    let (two, bytes) = read(&store, &a).unwrap();
    assert_eq!(bytes, mark(2, "two"));
    assert!(store.remove(&a).unwrap());
    conflict(&mark(3, "three"), Some(&two));
    assert!(read(&store, &a).is_none(), "a mark that is gone is not made again by who has read it");
    assert!(!store.remove(&a).unwrap());
}

/// An answer that was lost makes a client ask again: it must not take its own write for somebody else's.
#[test]
fn the_same_write_again_is_no_conflict_where_an_answer_can_be_lost() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    store.write_mark(&a, &mark(1, "one"), None).unwrap();
    store.write_mark(&a, &mark(1, "one"), None).unwrap();
    let (one, _) = read(&store, &a).unwrap();
    store.write_mark(&a, &mark(2, "two"), Some(&one)).unwrap();
    store.write_mark(&a, &mark(2, "two"), Some(&one)).unwrap();
    assert_eq!(read(&store, &a).unwrap().1, mark(2, "two"));
}

#[test]
fn many_marks_are_read_at_once_each_in_its_place() {
    let world = world();
    let store = store(world.state());
    // More than two of DynamoDB's batches.
    let mut keys: Vec<Key> = (0..230).map(|n| key(&format!("s{n}"))).collect();
    for (n, key) in keys.iter().enumerate().filter(|(n, _)| n % 23 == 0) {
        store.write_mark(key, &mark(1, &n.to_string()), None).unwrap();
    }
    keys.push(keys[0].clone());
    let found = store.read_marks(&keys);
    assert_eq!(found.len(), keys.len());
    for (n, found) in found.into_iter().enumerate() {
        let expected = (n % 23 == 0).then(|| mark(1, &(n % 230).to_string()));
        assert_eq!(found.unwrap().map(|found| found.bytes), expected, "{n}");
    }
    assert!(store.read_marks(&[]).is_empty());
}

/// Case 7: names that a path, a pattern or a key could take for something else.
#[test]
fn no_two_keys_collide_and_services_are_listed() {
    let world = world();
    let store = store(world.state());
    let environments = ["feature/x", "fix/x", "feature", "feature%2Fx", "..", "é", "a b", "a#mark"];
    let services = ["svc", "svc-a", "svc-ab", "svc.a", "svc_a", "SVC", "svc."];
    let name = |environment: &str, service: &str| Key {
        project: ProjectName::new("p/q").unwrap(),
        environment: EnvironmentName::new(environment).unwrap(),
        service: ServiceName::new(service).unwrap(),
    };
    for environment in environments {
        for service in services {
            let key = name(environment, service);
            store.write_mark(&key, &mark(1, &format!("{environment} {service}")), None).unwrap();
            store.put_candidate(&key, &id("c1"), b"{}", None).unwrap();
            store.put_snapshot(&key, "5a", service.as_bytes(), Timestamp::now()).unwrap();
        }
    }
    let mut sorted = services;
    sorted.sort_unstable();
    for environment in environments {
        for service in services {
            let found = read(&store, &name(environment, service)).unwrap().1;
            assert_eq!(found, mark(1, &format!("{environment} {service}")));
        }
        let key = name(environment, "svc");
        let listed = store.services(&key.project, &key.environment).unwrap();
        assert_eq!(listed.iter().map(ServiceName::as_str).collect::<Vec<_>>(), sorted, "{environment}");
    }
    let (gone, stays) = (name("feature", "svc-a"), name("feature", "svc-ab"));
    assert!(store.remove(&gone).unwrap());
    assert!(store.candidates(&gone).unwrap().is_empty() && store.snapshot(&gone, "5a").unwrap().is_none());
    assert_eq!(store.candidates(&stays).unwrap().len(), 1);
    assert_eq!(store.snapshot(&stays, "5a").unwrap().unwrap(), b"svc-ab");
    let nowhere = EnvironmentName::new("featur").unwrap();
    assert!(store.services(&gone.project, &nowhere).unwrap().is_empty());
}

#[test]
fn candidates_come_oldest_first() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    assert!(store.candidates(&a).unwrap().is_empty());
    let expected: Vec<_> = ["c1", "c10", "c2"].map(|name| (id(name), json!(name).to_string().into_bytes())).into();
    for (id, bytes) in expected.iter().rev() {
        store.put_candidate(&a, id, bytes, None).unwrap();
    }
    assert_eq!(store.candidates(&a).unwrap(), expected);
    assert!(store.candidates(&key("b")).unwrap().is_empty());
    store.expire_candidate(&a, &id("c1"), Timestamp::now() + SignedDuration::from_hours(24)).unwrap();
    store.expire_candidate(&a, &id("never"), Timestamp::now()).unwrap();
    assert_eq!(store.candidates(&a).unwrap(), expected, "it has not expired yet, and what is not there is not made");
    store.remove_candidate(&a, &id("c10")).unwrap();
    store.remove_candidate(&a, &id("c10")).unwrap();
    assert_eq!(store.candidate(&a, &id("c10")).unwrap().map(|found| found.bytes), None);
    assert_eq!(store.candidate(&a, &id("c2")).unwrap().unwrap().bytes, b"\"c2\"");
}

/// A million inputs, as one snapshot holds them.
fn a_million_inputs() -> Snapshot {
    let entry = |n: u32| {
        let mut id = [0; 20];
        // Like a hash: what cannot be compressed.
        fastrand::Rng::with_seed(u64::from(n)).fill(&mut id);
        let path = format!("services/group-{:04}/part-{:03}/file-{n}.rs", n / 1000, n / 100 % 10);
        SnapshotEntry {
            path: path.into(),
            id: shipmark::base::fingerprint::BlobId(id),
            kind: shipmark::source::tree::FileKind::File,
            rule: 0,
        }
    };
    let rules = vec![("services".to_owned(), shipmark::map::rules::Via::Own)];
    let mut entries: Vec<_> = (0..1_000_000).map(entry).collect();
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Snapshot { entries, rules, ..Snapshot::default() }
}

#[test]
fn a_snapshot_of_a_million_inputs_comes_back() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    let snapshot = a_million_inputs().encode();
    assert!(snapshot.bytes.len() > 20_000_000, "{}", snapshot.bytes.len());
    for _ in 0..2 {
        store.put_snapshot(&a, &snapshot.hash, &snapshot.bytes, Timestamp::now()).unwrap();
        assert!(store.snapshot(&a, &snapshot.hash).unwrap().unwrap() == snapshot.bytes, "other bytes came back");
    }
    store.put_snapshot(&a, "00", b"small", Timestamp::now()).unwrap();
    assert_eq!(store.snapshot(&a, "00").unwrap().unwrap(), b"small");
    assert_eq!(store.snapshot(&a, &snapshot.hash[..63]).unwrap(), None);
    store.prune_snapshots(&a, &["00".to_owned()], Timestamp::now() + SignedDuration::from_hours(25)).unwrap();
    assert_eq!(store.snapshot(&a, &snapshot.hash).unwrap(), None);
    assert_eq!(store.snapshot(&a, "00").unwrap().unwrap(), b"small");
}

#[test]
fn snapshots_that_nothing_names_go_when_they_are_old() {
    let world = world();
    let (store, a) = (store(world.state()), key("a"));
    let now = Timestamp::now();
    store.prune_snapshots(&a, &[], now).unwrap();
    for hash in ["0a", "0b", "0ab"] {
        store.put_snapshot(&a, hash, hash.as_bytes(), now).unwrap();
    }
    store.put_snapshot(&key("ab"), "0b", b"of another", now).unwrap();
    store.prune_snapshots(&a, &[], now + SignedDuration::from_hours(23)).unwrap();
    assert!(store.snapshot(&a, "0b").unwrap().is_some(), "somebody may be about to name it");
    store.prune_snapshots(&a, &["0a".to_owned()], now + SignedDuration::from_hours(25)).unwrap();
    let left = ["0a", "0b", "0ab"].map(|hash| store.snapshot(&a, hash).unwrap().is_some());
    assert_eq!(left, [true, false, false]);
    assert!(store.snapshot(&key("ab"), "0b").unwrap().is_some());
}

/// One store for each of several writers: as many as the engine lets contend.
fn writers(world: &World) -> Vec<Store> {
    (0..Engine::told().map_or(8, |engine| engine.clients.min(16))).map(|_| store(world.state())).collect()
}

#[test]
fn exactly_one_wins_each_round() {
    let world = world();
    let (stores, a) = (writers(&world), key("a"));
    for round in 0..20 {
        let expected = read(&stores[0], &a).map(|(version, _)| version);
        assert_eq!(expected.is_none(), round == 0, "the first round is about who makes the mark");
        let (wins, start) = (AtomicUsize::new(0), Barrier::new(stores.len()));
        std::thread::scope(|scope| {
            for (writer, store) in stores.iter().enumerate() {
                let (a, expected, wins, start) = (&a, expected.as_ref(), &wins, &start);
                scope.spawn(move || {
                    let bytes = mark(round, &format!("writer {writer}"));
                    start.wait();
                    match store.write_mark(a, &bytes, expected) {
                        Ok(()) => {
                            wins.fetch_add(1, Ordering::Relaxed);
                            // Nobody else may write over it in this round.
                            assert_eq!(read(store, a).unwrap().1, bytes);
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
    let world = world();
    let (stores, a) = (writers(&world), key("a"));
    let number = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["serial"].as_u64().unwrap();
    std::thread::scope(|scope| {
        for (writer, store) in stores.iter().enumerate() {
            let a = &a;
            scope.spawn(move || {
                for turn in 0..5 {
                    loop {
                        let found = read(store, a);
                        let next = found.as_ref().map_or(0, |(_, bytes)| number(bytes)) + 1;
                        let expected = found.as_ref().map(|(version, _)| version);
                        match store.write_mark(a, &mark(next, &format!("{writer} {turn}")), expected) {
                            Ok(()) => break,
                            Err(WriteError::Conflict) => {}
                            Err(WriteError::Store(error)) => panic!("{error:?}"),
                        }
                    }
                }
            });
        }
    });
    assert_eq!(number(&read(&stores[0], &a).unwrap().1), 5 * stores.len() as u64);
}
