//! What passes by itself is waited for, as long as `--timeout` allows, and nobody need know.

use std::collections::BTreeSet;

use super::cases::{Cases, cases, writes};
use super::{on_all, on_each};
use crate::engines::Kind;
use crate::proxy::Fault;

#[test]
fn what_passes_after_two_requests_is_no_doubt() {
    passes_after_two_requests(cases);
}

pub(super) fn passes_after_two_requests(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        site.deploy("0");
        for (number, case) in cases(site.kind()).iter().filter(|case| case.passes()).enumerate() {
            // Set anew for each command: a plan counts the requests since it was set.
            let two = || {
                let fault = case.fault.clone();
                site.proxy.plan(move |request| if request.number <= 2 { fault.clone() } else { Fault::None });
            };
            two();
            assert_eq!(site.decide_a(&site.build()).0, "unchanged", "{:?}", case.fault);
            let input = (number + 1).to_string();
            site.write("a/x", &input);
            let build = site.build();
            two();
            assert_eq!(site.decide_a(&build).0, "changed", "{:?}", case.fault);
            two();
            let record = site.run(&build, &["record", "a"]);
            assert_eq!(record.code, 0, "{:?}: {record:?}", case.fault);
            site.assert_recorded(&input);
        }
    });
}

/// A write that is throttled was not made, and is made once.
#[test]
fn throttled_writes_are_made_once() {
    on_all(|site| {
        site.deploy("0");
        let throttled =
            cases(site.kind()).into_iter().find(|case| case.wrong.starts_with("too many requests")).unwrap();
        site.once(&throttled.fault, writes);
        site.write("a/x", "1");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        assert_eq!(site.attempts().len(), 1);
        site.once(&throttled.fault, writes);
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
        site.assert_recorded("1");
    });
}

/// Another region, another secret, no right: asking again would change nothing, so it is asked once. Credentials that have
/// expired may have been renewed by now, and a table that is not there may be about to be: a second request finds out.
#[test]
fn what_does_not_pass_is_asked_once() {
    is_asked_once(cases);
}

pub(super) fn is_asked_once(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        for case in
            cases(site.kind()).iter().filter(|case| matches!(case.fault, Fault::Answer { .. }) && !case.passes())
        {
            site.always(&case.fault, |_| true);
            site.proxy.clear_log();
            assert_eq!(site.decide_a(&site.build()).0, "state-unavailable");
            // The mark, and the names of the services: for DynamoDB one request.
            let log = site.proxy.log();
            let asked: BTreeSet<&str> = log.iter().map(|seen| seen.target.as_str()).collect();
            let parts = if site.kind() == Kind::S3 { 2 } else { 1 };
            let times = match case.wrong {
                "have expired" => 2,
                "does not exist" if site.kind() == Kind::DynamoDb => 2,
                _ => 1,
            };
            assert_eq!((log.len(), asked.len()), (times * parts, parts), "{:?}", case.fault);
        }
    });
}
