//! Snapshots only explain: one that is not stored, or does not come back, decides nothing and fails nothing.

use super::cases::{Cases, cases};
use super::{Site, on_each};
use crate::engines::Kind;
use crate::proxy::{Fault, Request};
use crate::support::Done;

/// Whether a request is about a snapshot.
pub(super) fn is_a_snapshot(request: &Request) -> bool {
    request.target.contains("/snapshots/") || String::from_utf8_lossy(&request.body).contains("#snap#")
}

/// The only warning names the services and says why.
fn assert_one_warning(site: &Site, done: &Done, says: &[&str]) {
    let warnings: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    let [warning] = warnings[..] else { panic!("{done:?}") };
    site.assert_clear(warning, says);
}

#[test]
fn a_snapshot_that_cannot_be_read_changes_no_decision() {
    only_explains(cases);
}

pub(super) fn only_explains(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        site.deploy("1");
        for case in cases(site.kind()) {
            site.always(&case.fault, is_a_snapshot);
            if case.passes() {
                site.give_up_soon();
            }
            site.write("a/x", "2");
            let done = site.run(&site.build(), &["plan", "--format", "json", "a"]);
            assert_one_warning(site, &done, &["the changes of a cannot be listed: ", case.wrong]);
            let answer = done.json();
            let entry = &answer["services"][0];
            assert_eq!(
                (&entry["reason"], &entry["changes"]),
                (&"changed".into(), &serde_json::json!([])),
                "{answer:#}"
            );
            assert!(entry["changes_total"].is_null(), "{answer:#}");
            site.without_faults();
        }
    });
}

/// Several that fail in the same way are one warning.
#[test]
fn snapshots_that_cannot_be_read_are_one_warning() {
    on_each(|site| {
        let build = site.build();
        assert_eq!(site.run(&build, &["decide"]).code, 0);
        assert_eq!(site.run(&build, &["record", "--all"]).code, 0);
        for service in ["a", "b", "c"] {
            site.write(&format!("{service}/x"), "2");
        }
        site.always(&Fault::Answer { status: 403, code: "AccessDenied", message: "no" }, is_a_snapshot);
        let done = site.run(&site.build(), &["plan"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert_one_warning(site, &done, &["the changes of a, b and c cannot be listed: ", "access is denied"]);
    });
}

/// A deploy is recorded without its snapshot, also where the store lets it wait until the time is over.
#[test]
fn a_snapshot_that_cannot_be_written_fails_no_record() {
    on_each(|site| {
        site.deploy("0");
        let denied = Fault::Answer { status: 403, code: "AccessDenied", message: "no" };
        let faults = [(denied, "access is denied"), (Fault::Stall, "no answer came within 4 s (--timeout)")];
        for (number, (fault, wrong)) in faults.into_iter().enumerate() {
            let (input, next) = (format!("{number}-1"), format!("{number}-2"));
            site.write("a/x", &input);
            let build = site.build();
            assert_eq!(site.decide_a(&build).0, "changed");
            site.always(&fault, is_a_snapshot);
            let record = site.run(&build, &["record", "a", "--timeout", "4s"]);
            assert_eq!(record.code, 0, "{fault:?}: {record:?}");
            assert_one_warning(site, &record, &["the list of the inputs of a is not stored", wrong]);
            site.without_faults();
            site.assert_recorded(&input);
            assert_eq!(site.would_say(&next), "changed");
        }
    });
}

/// A write that has no condition is repeated where something else is at the item: nothing is decided by it.
#[test]
fn a_snapshot_is_written_again_where_something_else_was_in_its_way() {
    on_each(|site| {
        site.deploy("0");
        let (status, code) = match site.kind() {
            Kind::DynamoDb => (400, "TransactionConflictException"),
            Kind::S3 => (409, "OperationAborted"),
        };
        site.write("a/x", "1");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        site.once(&Fault::Answer { status, code, message: "busy" }, is_a_snapshot);
        site.proxy.clear_log();
        let record = site.run(&build, &["record", "a"]);
        assert!(record.code == 0 && !record.stderr.contains("warning"), "{record:?}");
        let log = site.proxy.log();
        let puts = log.iter().filter(|seen| {
            seen.operation.starts_with("Put") && {
                let request = String::from_utf8_lossy(&seen.request);
                request.contains("#snap#") || request.contains("/snapshots/")
            }
        });
        assert_eq!(puts.count(), 2);
        site.write("a/x", "2");
        let answer = site.run(&site.build(), &["plan", "--format", "json", "a"]).json();
        assert_eq!(crate::support::changes(&answer, "a"), ["modified a/x"]);
    });
}
