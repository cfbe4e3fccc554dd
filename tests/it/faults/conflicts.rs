//! Conflicts, real ones and those that a lost answer feigns: what lost is read and decided again, and what was written is known
//! for the program's own.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::cases::{writes, writes_a_mark};
use super::{Site, on_all, on_each};
use crate::engines::Kind;
use crate::proxy::{Fault, Seen};

fn lost(status: u16, code: &'static str) -> Fault {
    Fault::Answer { status, code, message: "Somebody else was there." }
}

/// The ways in which a store says that a write came second.
fn conflicts(kind: Kind) -> Vec<Fault> {
    match kind {
        Kind::DynamoDb => vec![lost(400, "ConditionalCheckFailedException"), lost(400, "TransactionConflictException")],
        // The last: the object that should still be the same is gone.
        Kind::S3 => vec![
            lost(412, "PreconditionFailed"),
            lost(409, "ConditionalRequestConflict"),
            lost(409, "OperationAborted"),
            lost(404, "NoSuchKey"),
        ],
    }
}

/// How often the mark was read and written since the log was cleared.
fn reads_and_writes(site: &Site) -> (usize, usize) {
    let is_a_mark = |seen: &&Seen| {
        let request = String::from_utf8_lossy(&seen.request).into_owned();
        request.contains("#mark") || request.contains("/mark.json")
    };
    let log = site.proxy.log();
    let count = |verb: &str| log.iter().filter(is_a_mark).filter(|seen| seen.operation.contains(verb)).count();
    (count("Get"), count("Put"))
}

#[test]
fn what_came_second_is_read_and_decided_again() {
    on_all(|site| {
        site.deploy("0");
        for (number, conflict) in conflicts(site.kind()).iter().enumerate() {
            let input = (number + 1).to_string();
            site.write("a/x", &input);
            let build = site.build();
            site.once(conflict, writes_a_mark);
            site.proxy.clear_log();
            assert_eq!(site.decide_a(&build).0, "changed", "{conflict:?}");
            let (reads, writes) = reads_and_writes(site);
            assert!(reads >= 2 && writes == 2, "{conflict:?}: {reads} reads, {writes} writes");
            assert_eq!(site.attempts().len(), 1);

            site.once(conflict, writes_a_mark);
            site.proxy.clear_log();
            let record = site.run_loud(&build, &["record", "a"]);
            assert_eq!(record.code, 0, "{record:?}");
            let (reads, writes) = reads_and_writes(site);
            assert!(reads >= 2 && writes == 2, "{conflict:?}: {reads} reads, {writes} writes");
            site.assert_recorded(&input);
        }
    });
}

/// Somebody else is faster nine times, which is more often than any request is repeated by itself.
#[test]
fn a_mark_that_changes_for_a_while_is_written_in_the_end() {
    on_each(|site| {
        site.deploy("0");
        for (number, conflict) in conflicts(site.kind()).into_iter().enumerate() {
            let input = (number + 1).to_string();
            site.write("a/x", &input);
            let build = site.build();
            let first_nine = || {
                let (conflict, written) = (conflict.clone(), AtomicUsize::new(0));
                site.proxy.plan(move |request| {
                    let fails = writes_a_mark(request) && written.fetch_add(1, Ordering::Relaxed) < 9;
                    if fails { conflict.clone() } else { Fault::None }
                });
                site.proxy.clear_log();
            };
            first_nine();
            assert_eq!(site.decide_a(&build).0, "changed", "{conflict:?}");
            assert_eq!((reads_and_writes(site).1, site.attempts().len()), (10, 1), "{conflict:?}");
            first_nine();
            let record = site.run(&build, &["record", "a"]);
            assert_eq!((record.code, reads_and_writes(site).1), (0, 10), "{conflict:?}: {record:?}");
            site.assert_recorded(&input);
        }
    });
}

/// Somebody else deploys the same between the read and the write: the second look skips.
#[test]
fn what_is_decided_again_may_be_a_skip() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let other = site.build();
        assert_eq!(site.decide_a(&other).0, "changed");
        let before = site.mark();
        // The mark that is read first is the one before the other's record.
        let build = site.build();
        std::thread::scope(|scope| {
            let (read, waits) = std::sync::mpsc::channel();
            let (go, gone) = std::sync::mpsc::channel();
            let (read, gone) = (std::sync::Mutex::new(read), std::sync::Mutex::new(gone));
            let first = AtomicUsize::new(0);
            site.proxy.plan(move |request| {
                if writes_a_mark(request) && first.fetch_add(1, Ordering::Relaxed) == 0 {
                    read.lock().unwrap().send(()).unwrap();
                    gone.lock().unwrap().recv().unwrap();
                }
                Fault::None
            });
            let decided = scope.spawn(|| site.decide_a(&build).0);
            waits.recv().unwrap();
            assert_eq!(site.mark(), before);
            assert_eq!(site.run(&other, &["record", "a"]).code, 0);
            go.send(()).unwrap();
            assert_eq!(decided.join().unwrap(), "unchanged");
        });
        assert!(site.attempts().is_empty(), "a skip opens none");
    });
}

/// Others are faster for ever: nobody can open an attempt, so the build is built, and what it records is an error.
#[test]
fn conflicts_without_end_are_doubt() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        let before = site.mark();
        site.always(&conflicts(site.kind())[0], writes_a_mark);
        let answer = site.run(&site.build(), &["decide", "a", "--format", "json", "--timeout", "1s"]).json();
        let (reason, detail) = super::told(&answer, "a");
        assert_eq!(reason, "state-unavailable");
        assert!(detail.contains("it kept changing (concurrent writers); gave up after 1 s (--timeout)"), "{detail}");
        let record = site.run(&build, &["record", "a", "--timeout", "1s"]);
        assert_eq!(record.code, 1);
        assert!(record.stderr.contains("`a` is deployed, but not recorded: "), "{record:?}");
        site.without_faults();
        assert_eq!(site.mark(), before);
        assert_eq!(site.would_say("1"), "deploy-pending");
    });
}

/// The engine has written, the program is not told, and asks again: then its own write stands in the way.
#[test]
fn a_lost_answer_to_a_write_is_found_out() {
    on_all(|site| {
        site.deploy("0");
        // The writes of a build: the attempt, the snapshot, the deploy.
        for lost in 1..=3 {
            let serial = |site: &Site| site.mark().unwrap()["serial"].as_u64().unwrap();
            let before = serial(site);
            let written = AtomicUsize::new(0);
            site.proxy.plan(move |request| {
                let this = writes(request) && written.fetch_add(1, Ordering::Relaxed) + 1 == lost;
                if this { Fault::LoseAnswer } else { Fault::None }
            });
            site.write("a/x", &lost.to_string());
            let build = site.build();
            assert_eq!(site.decide_a(&build).0, "changed");
            assert_eq!(site.attempts().len(), 1, "exactly one attempt, though it was written twice");
            let record = site.run_loud(&build, &["record", "a"]);
            assert_eq!(record.code, 0, "{record:?}");
            assert_eq!(serial(site), before + 2, "each was written once");
            site.assert_recorded(&lost.to_string());
        }
    });
}

/// The same, and somebody else writes before the program asks again: its bytes are gone, its attempt is not.
#[test]
fn an_attempt_whose_answer_was_lost_is_found_in_anothers_mark() {
    on_all(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let build = site.build();
        let other = site.build().with("SHIPMARK_STATE", &site.state_at(site.engine_endpoint()));
        std::thread::scope(|scope| {
            let (again, waits) = std::sync::mpsc::channel();
            let (go, gone) = std::sync::mpsc::channel();
            let (again, gone) = (std::sync::Mutex::new(again), std::sync::Mutex::new(gone));
            let written = AtomicUsize::new(0);
            site.proxy.plan(move |request| match writes_a_mark(request) {
                true => match written.fetch_add(1, Ordering::Relaxed) {
                    0 => Fault::LoseAnswer,
                    1 => {
                        again.lock().unwrap().send(()).unwrap();
                        gone.lock().unwrap().recv().unwrap();
                        Fault::None
                    }
                    _ => Fault::None,
                },
                false => Fault::None,
            });
            let decided = scope.spawn(|| site.decide_a(&build).0);
            waits.recv().unwrap();
            assert_eq!(site.attempts().len(), 1, "the write arrived");
            assert_eq!(site.run(&other, &["decide", "a"]).code, 0);
            go.send(()).unwrap();
            assert_eq!(decided.join().unwrap(), "changed");
        });
        assert_eq!(site.attempts().len(), 2, "one of each build");
        site.without_faults();
        for build in [&build, &other] {
            let record = site.run(build, &["record", "a"]);
            assert_eq!(record.code, 0, "{record:?}");
        }
        assert!(site.would_say("1") != "unchanged", "another content was deployed last");
    });
}

/// All answers to writes are lost, also those to every retry: it is an error, and the mark is the new one, whole.
#[test]
fn a_write_that_nobody_confirms_is_an_error_and_may_be_repeated() {
    on_each(|site| {
        site.deploy("1");
        site.always(&Fault::LoseAnswer, writes_a_mark);
        site.give_up_soon();
        site.write("a/x", "2");
        let build = site.build();
        let (reason, detail) = site.decide_a(&build);
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["cannot write a mark in ", "it cannot be reached", "check the endpoint"]);
        assert_eq!(site.attempts().len(), 1);
        assert_eq!(site.would_say("1"), "deploy-pending");

        site.write("a/x", "2");
        let record = site.run(&build, &["record", "a"]);
        assert_eq!(record.code, 1, "{record:?}");
        site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: ", "it cannot be reached"]);
        let recorded = site.mark();
        site.without_faults();
        let again = site.run(&build, &["record", "a"]);
        // Nobody was told of the attempt for sure.
        assert!(again.code == 0 && again.stderr.contains("its attempt could not be written"), "{again:?}");
        assert_eq!(site.mark(), recorded);
    });
}
