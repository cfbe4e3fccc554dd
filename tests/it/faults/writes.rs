//! The state can be read, and not written: the mark stays as it was, whole, and whatever may have been deployed is doubt.

use super::cases::{Case, Cases, cases, writes, writes_a_mark};
use super::site::REFUSAL;
use super::{Site, on_each};
use crate::engines::Kind;
use crate::proxy::Fault;

/// From the deploy of `old` to that of `new`, which is recorded at the second try.
fn is_doubt(site: &Site, case: &Case, old: &str, new: &str) {
    let before = site.mark();
    site.write("a/x", new);
    let fail = || {
        site.always(&case.fault, writes);
        if case.passes() {
            site.give_up_soon();
        }
    };
    fail();
    let says = [case.wrong, case.fix];

    let (reason, detail) = site.decide_a(&site.build());
    assert_eq!(reason, "state-unavailable", "{:?}", case.fault);
    assert!(detail.starts_with("its mark could not be written: cannot write a mark in "), "{detail}");
    site.assert_clear(&detail, &says);
    let strict = site.run(&site.build(), &["decide", "a", "--strict"]);
    assert_eq!((strict.code, strict.stdout.as_str()), (3, REFUSAL), "{strict:?}");
    site.assert_clear_failure(&strict, &says);
    assert_eq!(site.mark(), before, "{:?}", case.fault);

    site.without_faults();
    let build = site.build();
    assert_eq!(site.decide_a(&build).0, "changed");
    let opened = site.mark();
    fail();
    let record = site.run(&build, &["record", "a"]);
    assert_eq!(record.code, 1, "{record:?}");
    site.assert_clear_failure(&record, &[&says[..], &["`a` is deployed, but not recorded: "]].concat());
    assert_eq!(site.mark(), opened, "{:?}", case.fault);

    site.without_faults();
    assert_eq!(site.would_say(old), "deploy-pending", "the revert of what may have been deployed");
    assert_eq!(site.would_say(new), "changed");
    let record = site.run_loud(&build, &["record", "a"]);
    assert_eq!(record.code, 0, "{record:?}");
    site.assert_recorded(new);
}

#[test]
fn a_state_that_cannot_be_written_is_doubt() {
    each_is_doubt(cases);
}

pub(super) fn each_is_doubt(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        site.deploy("0");
        // Of what is retried one is enough: the table of reads has them all.
        let (retried, others): (Cases, Cases) = cases(site.kind()).into_iter().partition(|case| case.passes());
        let cases = others.into_iter().chain(retried.into_iter().take(1));
        for (number, case) in cases.enumerate() {
            is_doubt(site, case, &number.to_string(), &(number + 1).to_string());
        }
    });
}

/// Its snapshot is there, its mark is not: nothing names it.
#[test]
fn a_record_whose_mark_alone_fails_is_repeated() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        site.always(&Fault::Answer { status: 403, code: "AccessDenied", message: "no" }, writes_a_mark);
        let record = site.run(&build, &["record", "a"]);
        assert_eq!(record.code, 1);
        site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: ", "cannot write a mark in "]);
        site.without_faults();
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
        site.assert_recorded("2");
    });
}

/// A build that failed, and cannot say so, leaves its attempt open, which is doubt; the build itself is not made to fail again.
#[test]
fn a_failed_build_that_cannot_say_so_stays_open() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        let case = cases(site.kind())[0];
        site.always(&case.fault, writes);
        let failed = site.run(&build.clone().failing(), &["record", "a"]);
        assert_eq!(failed.code, 0);
        let warning = failed.stderr.lines().find(|line| line.contains("the attempt stays open until it times out"));
        site.assert_clear(warning.unwrap(), &[case.wrong, case.fix]);
        site.without_faults();
        assert_eq!(site.would_say("1"), "deploy-pending");
    });
}

/// A taint that was not written is an error, not a promise.
#[test]
fn a_taint_that_cannot_be_written_fails() {
    on_each(|site| {
        site.deploy("1");
        let before = site.mark();
        let case = cases(site.kind())[0];
        site.always(&case.fault, writes);
        let taint = site.run(&site.build(), &["taint", "a", "--reason", "by hand"]);
        assert_eq!(taint.code, 1, "{taint:?}");
        site.assert_clear_failure(&taint, &[case.wrong, case.fix]);
        site.without_faults();
        assert_eq!(site.mark(), before);
    });
}
