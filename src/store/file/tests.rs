//! Tests of the file store alone.

#![expect(clippy::disallowed_methods, reason = "a test makes the files that the store must not trip over")]

use std::time::Duration;

use super::*;
use crate::base::atomic_file;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};

fn key(service: &str) -> Key {
    Key {
        project: ProjectName::default(),
        environment: EnvironmentName::new("feature/x").unwrap(),
        service: ServiceName::new(service).unwrap(),
    }
}

fn store(directory: &tempfile::TempDir) -> FileStore {
    FileStore::new(
        directory.path().join("deep/state"),
        directory.path().join("deep/state"),
        Budget::new(Duration::from_millis(100)),
    )
}

fn id(text: &str) -> AttemptId {
    AttemptId::parse(text).unwrap()
}

#[test]
fn a_mark_is_written_only_over_what_was_read() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    assert!(store.read_mark(&a).unwrap().is_none());
    store.write_mark(&a, b"one", None).unwrap();
    let one = store.read_mark(&a).unwrap().unwrap();
    assert!(matches!(store.write_mark(&a, b"two", None), Err(WriteError::Conflict)));
    store.write_mark(&a, b"two", Some(&one.version)).unwrap();
    assert!(matches!(store.write_mark(&a, b"three", Some(&one.version)), Err(WriteError::Conflict)));
    assert_eq!(store.read_mark(&a).unwrap().unwrap().bytes, b"two");
    assert!(store.read_mark(&key("ab")).unwrap().is_none());
}

#[test]
fn a_removed_mark_fits_no_old_version_and_keeps_its_lock() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    assert!(!store.remove(&a).unwrap());
    store.write_mark(&a, b"one", None).unwrap();
    store.put_candidate(&a, &id("c1"), b"candidate", None).unwrap();
    store.put_snapshot(&a, "5a", b"snapshot").unwrap();
    let one = store.read_mark(&a).unwrap().unwrap();
    assert!(store.remove(&a).unwrap());
    assert!(matches!(store.write_mark(&a, b"two", Some(&one.version)), Err(WriteError::Conflict)));
    assert!(store.candidates(&a).unwrap().is_empty() && store.snapshot(&a, "5a").unwrap().is_none());
    assert!(store.root.path(&store.directory(&a)).join("lock").exists());
    assert!(!store.remove(&a).unwrap());
}

#[test]
fn a_lock_that_is_held_too_long_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    store.write_mark(&a, b"one", None).unwrap();
    let held = atomic_file::lock(&store.root.path(&store.directory(&a)).join("lock"), Duration::ZERO).unwrap();
    let one = store.read_mark(&a).unwrap().expect("readers take no lock");
    let refused = store.write_mark(&a, b"two", Some(&one.version));
    let Err(WriteError::Store(error @ StoreError::Io { verb: "lock", .. })) = refused else { panic!("{refused:?}") };
    let told = crate::base::failure::chain(&error);
    assert!(told.ends_with("another process holds the lock; gave up after 0.1 s (--timeout)"), "{told}");
    drop(held);
    store.write_mark(&a, b"two", Some(&one.version)).unwrap();
}

#[test]
fn candidates_come_oldest_first_without_what_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    assert!(store.candidates(&a).unwrap().is_empty());
    for name in ["c2", "c10", "c1"] {
        store.put_candidate(&a, &id(name), name.as_bytes(), None).unwrap();
    }
    for other in [".new-123", ".new-123.json", "c3", "c 4.json"] {
        fs::write(store.root.path(&store.candidates_directory(&a)).join(other), "").unwrap();
    }
    let listed = ["c1", "c10", "c2"].map(|name| (id(name), name.as_bytes().to_vec()));
    assert_eq!(store.candidates(&a).unwrap(), listed);
    store.remove_candidate(&a, &id("c10")).unwrap();
    store.remove_candidate(&a, &id("c10")).unwrap();
    assert_eq!(store.candidate(&a, &id("c10")).unwrap().map(|found| found.bytes), None);
    assert_eq!(store.candidate(&a, &id("c2")).unwrap().unwrap().bytes, b"c2");
}

#[test]
fn snapshots_that_nothing_names_go_when_they_are_old() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    store.prune_snapshots(&a, &[], Timestamp::now()).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH;
    for (hash, aged) in [("0a", true), ("0b", true), ("0c", false)] {
        store.put_snapshot(&a, hash, b"snapshot").unwrap();
        if aged {
            let file = fs::File::options()
                .write(true)
                .open(store.root.path(&store.snapshots_directory(&a)).join(hash))
                .unwrap();
            file.set_modified(old).unwrap();
        }
    }
    store.prune_snapshots(&a, &["0a".to_owned()], Timestamp::now()).unwrap();
    let there = ["0a", "0b", "0c"].map(|hash| store.snapshot(&a, hash).unwrap().is_some());
    assert_eq!(there, [true, false, true]);
}

#[test]
fn what_cannot_be_read_is_never_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    let path = store.root.path(&store.directory(&a));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "a file").unwrap();
    assert!(store.read_mark(&a).is_err());
    assert!(store.candidates(&a).is_err() && store.candidate(&a, &id("c")).is_err());
    assert!(store.snapshot(&a, "5a").is_err() && store.remove(&a).is_err());
    assert!(matches!(store.write_mark(&a, b"one", None), Err(WriteError::Store(_))));
}

#[test]
fn the_time_is_that_of_the_file_system_and_of_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory);
    let a = key("a");
    let time = || store.read_batch(&a.project, std::slice::from_ref(&a), &[]).time;
    assert_eq!(time(), None, "a store that does not exist has no time");
    assert!(!directory.path().join("deep").exists(), "and is not made by a read");
    store.write_mark(&a, b"one", None).unwrap();
    let clock = store.root.path("%clock".as_ref());
    let first = time().unwrap();
    let touched = || Timestamp::try_from(fs::metadata(&clock).unwrap().modified().unwrap()).unwrap();
    assert_eq!(first, touched());
    // An old time is not read but replaced.
    let file = fs::File::options().write(true).open(&clock).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert!(time().unwrap() >= first);
    fs::remove_file(&clock).unwrap();
    fs::create_dir(&clock).unwrap();
    assert_eq!(time(), None, "a clock that cannot be touched has no time");
    assert_eq!(store.services(&a.project, &a.environment).unwrap().len(), 1);
}

#[test]
fn no_link_in_a_store_is_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    let a = key("a");
    let links =
        ["", ".shipmark", ".shipmark/state", ".shipmark/state/default", ".shipmark/state/default/feature%2Fx/a"];
    let files = ["mark.json", "lock", "candidates", "snapshots", "candidates/c.json", "snapshots/5a"];
    let files = files.map(|name| format!(".shipmark/state/default/feature%2Fx/a/{name}"));
    for link in links.into_iter().map(str::to_owned).chain(files) {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("source");
        let store = || FileStore::new(source.join(".shipmark/state"), source.clone(), Budget::new(Duration::ZERO));
        let at = if link.is_empty() { source.clone() } else { source.join(&link) };
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let kept = elsewhere.path().join("kept");
        fs::write(&kept, "{}").unwrap();
        let is_file = at.extension().is_some() || link.ends_with("lock") || link.ends_with("5a");
        std::os::unix::fs::symlink(if is_file { &kept } else { elsewhere.path() }, &at).unwrap();
        let written = store().write_mark(&a, b"one", None).is_ok();
        let candidate = store().put_candidate(&a, &id("c"), b"one", None).is_ok();
        let snapshot = store().put_snapshot(&a, "5a", b"one").is_ok();
        let removed = store().remove(&a).is_ok();
        let reads = [store().read_mark(&a).is_ok(), store().candidates(&a).is_ok(), store().snapshot(&a, "5a").is_ok()];
        let all = [written, candidate, snapshot, removed];
        match &link[..] {
            // The source itself is the user's word.
            "" => assert_eq!((all, reads), ([true; 4], [true; 3])),
            link => assert!(all.contains(&false) || reads.contains(&false), "{link}"),
        }
        if link.is_empty() {
            fs::remove_dir_all(elsewhere.path().join(".shipmark")).unwrap();
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1, "{link}");
        assert_eq!(fs::read(&kept).unwrap(), b"{}", "{link}");
    }
}

#[test]
fn a_store_that_somebody_named_may_itself_be_a_link() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("there")).unwrap();
    let link = root.path().join("link");
    std::os::unix::fs::symlink("there", &link).unwrap();
    let store = FileStore::new(link.clone(), link, Budget::new(Duration::ZERO));
    store.write_mark(&key("a"), b"one", None).unwrap();
    assert!(root.path().join("there/default").is_dir());
}
