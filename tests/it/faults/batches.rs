//! Many marks at once: those that could be read are known, and only the others are doubt.

use serde_json::Value;

use super::{Site, on_each, told};
use crate::engines::Kind;
use crate::proxy::{Fault, Request};

const ALL: [&str; 3] = ["a", "b", "c"];

/// All services are deployed.
fn deploy(site: &Site) {
    let build = site.build();
    assert_eq!(site.run(&build, &["decide"]).code, 0);
    assert_eq!(site.run(&build, &["record", "--all"]).code, 0);
}

fn decide(site: &Site) -> Value {
    site.run_loud(&site.build(), &["decide", "--format", "json", "--timeout", "4s"]).json()
}

fn reasons(answer: &Value) -> [String; 3] {
    ALL.map(|service| told(answer, service).0)
}

/// The first batch is answered in part, the later ones not at all.
fn stuck_after(first: Fault) -> impl Fn(&Request) -> Fault + Send + Sync {
    move |request| match (request.operation.as_str(), request.number) {
        ("BatchGetItem", 1) => first.clone(),
        ("BatchGetItem", _) => Fault::Unprocessed { serve: 0 },
        _ => Fault::None,
    }
}

#[test]
fn unprocessed_keys_are_asked_for_again() {
    on_each(|site| {
        deploy(site);
        for serve in [1, 2] {
            site.always(&Fault::Unprocessed { serve }, |request| request.operation == "BatchGetItem");
            assert_eq!(reasons(&decide(site)), ["unchanged"; 3]);
        }
        site.once(&Fault::Unprocessed { serve: 0 }, |_| true);
        assert_eq!(reasons(&decide(site)), ["unchanged"; 3]);
    });
}

#[test]
fn keys_that_stay_unprocessed_are_doubt_and_the_others_are_not() {
    on_each(|site| {
        if site.kind() != Kind::DynamoDb {
            return;
        }
        deploy(site);
        // The names of the services come last.
        for left in [1, 2, 3] {
            site.proxy.plan(stuck_after(Fault::UnprocessedFirst { leave: left }));
            let answer = decide(site);
            for (number, service) in ALL.into_iter().enumerate() {
                let (reason, detail) = told(&answer, service);
                let expected = if number < left { "state-unavailable" } else { "unchanged" };
                assert_eq!(reason, expected, "{service}, where {left} were not served");
                if number < left {
                    site.assert_clear(&detail, &FIX);
                }
            }
        }
    });
}

const FIX: [&str; 3] = ["cannot read marks in ", "no answer came within 4 s", "--timeout"];

/// Without the names nobody knows which services the deploy may remove, so nothing is skipped.
#[test]
fn without_the_names_of_the_services_all_is_doubt() {
    on_each(|site| {
        deploy(site);
        for served in [0, 1, 2, 3] {
            match site.kind() {
                Kind::DynamoDb => site.proxy.plan(stuck_after(Fault::Unprocessed { serve: served })),
                Kind::S3 => site.always(&Fault::Stall, |request| request.target.contains("services.json")),
            }
            let answer = decide(site);
            for service in ALL {
                let (reason, detail) = told(&answer, service);
                assert_eq!(reason, "state-unavailable", "{service}, where {served} were served");
                site.assert_clear(&detail, &["no answer came within 4 s", "--timeout"]);
            }
        }
    });
}

/// A service whose mark does not exist is known to have none only where that was said.
#[test]
fn a_mark_that_was_never_asked_for_is_not_absent() {
    on_each(|site| {
        if site.kind() == Kind::DynamoDb {
            site.deploy("1");
            site.proxy.plan(stuck_after(Fault::UnprocessedFirst { leave: 2 }));
            let answer = decide(site);
            assert_eq!(reasons(&answer), ["state-unavailable", "state-unavailable", "never-deployed"], "{answer:#}");
        }
    });
}

/// One object of a bucket fails, the others do not.
#[test]
fn one_mark_that_fails_is_doubt_and_the_others_are_not() {
    on_each(|site| {
        if site.kind() != Kind::S3 {
            return;
        }
        deploy(site);
        let denied = Fault::Answer { status: 403, code: "AccessDenied", message: "Access Denied" };
        for (fault, wrong) in [(denied, "access is denied"), (Fault::Stall, "no answer came within 4 s")] {
            site.always(&fault, |request| request.target.contains("/b/mark.json"));
            let answer = decide(site);
            assert_eq!(reasons(&answer), ["unchanged", "state-unavailable", "unchanged"]);
            site.assert_clear(&told(&answer, "b").1, &[wrong]);
        }
    });
}

/// What can be recorded is, and the error names all of the rest.
#[test]
fn marks_that_cannot_be_written_are_named_together() {
    on_each(|site| {
        let denied = Fault::Answer { status: 400, code: "AccessDeniedException", message: "Access Denied" };
        let build = site.build();
        assert_eq!(reasons(&site.decide(&build, &ALL)), ["never-deployed"; 3]);
        site.always(&denied, |request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let of = |service: &str| {
                (request.operation == "PutItem" && body.contains(&format!("{service}#mark")))
                    || (request.method == "PUT" && request.target.contains(&format!("/{service}/mark.json")))
            };
            of("b") || of("c")
        });
        let record = site.run(&build, &["record", "--all"]);
        assert_eq!(record.code, 1, "{record:?}");
        site.assert_clear_failure(&record, &["`b` and `c` are deployed, but not recorded: ", "access is denied"]);
        site.without_faults();
        assert_eq!(reasons(&decide(site)), ["unchanged", "never-deployed", "never-deployed"]);
        let again = site.run(&build, &["record", "--all"]);
        assert_eq!(again.code, 0, "{again:?}");
        assert_eq!(reasons(&decide(site)), ["unchanged"; 3]);
    });
}

/// The marks of some are written, that of one is not.
#[test]
fn one_mark_that_cannot_be_written_fails_alone() {
    on_each(|site| {
        let denied = Fault::Answer { status: 400, code: "AccessDeniedException", message: "Access Denied" };
        let build = site.build();
        assert_eq!(reasons(&site.decide(&build, &ALL)), ["never-deployed"; 3]);
        site.always(&denied, |request| {
            let body = String::from_utf8_lossy(&request.body).contains("b#mark");
            (body && request.operation == "PutItem")
                || (request.target.contains("/b/mark.json") && request.method == "PUT")
        });
        let record = site.run(&build, &["record", "--all"]);
        assert_eq!(record.code, 1, "{record:?}");
        site.assert_clear_failure(&record, &["`b` is deployed, but not recorded: ", "access is denied"]);
        site.without_faults();
        assert_eq!(reasons(&decide(site)), ["unchanged", "never-deployed", "unchanged"]);
    });
}
