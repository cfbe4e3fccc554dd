//! Deploys in two steps: what fails on the way to the deploy stage, and in it.

use super::cases::{Cases, cases, writes};
use super::{Site, on_all, on_each};
use crate::engines::Kind;
use crate::proxy::{Fault, Request};
use crate::support::{Build, Done};

fn action(site: &Site, name: &str, candidate: &str) -> Done {
    site.run(&site.build(), &[name, "--candidate", candidate])
}

fn is_a_candidate(request: &Request) -> bool {
    request.target.contains("/candidates/") || String::from_utf8_lossy(&request.body).contains("#cand#")
}

/// A build of `a` with that input that has decided.
fn decided(site: &Site, input: &str) -> Build {
    site.write("a/x", input);
    let build = site.build();
    assert_eq!(site.decide_a(&build).0, "changed");
    build
}

#[test]
fn each_step_that_fails_can_be_repeated() {
    on_each(|site| {
        site.deploy("1");
        let case = cases(site.kind()).into_iter().find(|case| case.wrong == "access is denied").unwrap();
        let says = [case.wrong, case.fix];
        let build = decided(site, "2");
        let opened = site.mark();
        site.always(&case.fault, writes);
        let (done, value) = site.stage(&build);
        assert_eq!((done.code, done.stdout.as_str(), value), (1, "false\n", None), "{done:?}");
        site.assert_clear_failure(&done, &says);
        assert_eq!(site.mark(), opened);
        // The mark is written, its candidate is not: it waits for a deploy that cannot begin, which is doubt.
        site.always(&case.fault, |request| writes(request) && is_a_candidate(request));
        let (done, _) = site.stage(&build);
        assert_eq!((done.code, done.stdout.as_str()), (1, "false\n"), "{done:?}");
        assert_eq!(site.would_say("1"), "deploy-pending");
        site.without_faults();
        let (_, candidate) = site.stage(&build);
        let candidate = candidate.unwrap();

        for step in ["begin", "promote"] {
            let before = site.mark();
            site.always(&case.fault, writes);
            let failed = action(site, step, &candidate);
            assert_eq!(failed.code, 1, "{step}: {failed:?}");
            site.assert_clear_failure(&failed, &says);
            assert_eq!(failed.stderr.contains("`a` is deployed, but not recorded: "), step == "promote", "{failed:?}");
            assert_eq!(site.mark(), before);
            site.without_faults();
            assert_eq!(site.would_say("1"), "deploy-pending");
            let done = action(site, step, &candidate);
            assert_eq!(done.code, 0, "{step}: {done:?}");
        }
        site.assert_recorded("2");
    });
}

/// A candidate that cannot be read is not a missing one: the mark is left alone, and the step fails.
#[test]
fn a_candidate_that_cannot_be_read_is_not_missing() {
    is_not_missing(cases);
}

pub(super) fn is_not_missing(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        site.deploy("1");
        let build = decided(site, "2");
        let candidate = site.stage(&build).1.unwrap();
        let before = site.mark();
        for case in cases(site.kind()).iter().filter(|case| !case.passes()) {
            site.always(&case.fault, is_a_candidate);
            let failed = action(site, "begin", &candidate);
            assert_eq!(failed.code, 1, "{failed:?}");
            site.assert_clear_failure(&failed, &["cannot read a candidate in ", case.wrong, case.fix]);
        }
        site.without_faults();
        assert_eq!(site.mark(), before);
    });
}

/// Lost answers on the way: nothing is there twice, and the deploy is certain.
#[test]
fn lost_answers_leave_one_candidate_and_a_certain_deploy() {
    on_all(|site| {
        site.deploy("1");
        let build = decided(site, "2");
        let lose_one = || site.once(&Fault::LoseAnswer, writes);
        lose_one();
        let candidate = site.stage(&build).1.unwrap();
        assert_eq!(site.attempts().len(), 1);
        for step in ["begin", "promote"] {
            lose_one();
            let done = action(site, step, &candidate);
            assert_eq!(done.code, 0, "{done:?}");
        }
        assert_eq!(site.attempts().len(), 0);
        site.assert_recorded("2");
    });
}
