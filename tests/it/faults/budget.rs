//! `--timeout` is for all requests of a command together: until then what may pass is waited for, and what is over is over for
//! all of them.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::cases::{Case, cases, writes, writes_a_mark};
use super::{Site, on_each, told};
use crate::engines::{self, Kind};
use crate::proxy::{Fault, Request};

/// How this kind of store throttles.
fn throttled(site: &Site) -> &'static Case {
    cases(site.kind()).into_iter().find(|case| case.wrong.starts_with("too many requests")).unwrap()
}

/// All requests are throttled for so long from the first one on.
fn throttle(site: &Site, time: Duration) {
    let (fault, first) = (throttled(site).fault.clone(), Mutex::new(None));
    site.proxy.plan(move |_| {
        let first = *first.lock().unwrap().get_or_insert_with(Instant::now);
        if first.elapsed() < time { fault.clone() } else { Fault::None }
    });
    site.proxy.clear_log();
}

/// How many requests were throttled.
fn refused(site: &Site) -> usize {
    site.proxy.log().iter().filter(|seen| matches!(seen.fault, Fault::Answer { .. })).count()
}

/// So many seconds of throttling, a skip and a build.
pub(super) fn is_waited_for(site: &Site, time: Duration, timeout: &'static str) {
    site.deploy("1");
    let decide = || {
        let answer = site.run(&site.build(), &["decide", "a", "--format", "json", "--timeout", timeout]);
        told(&answer.json(), "a").0
    };
    throttle(site, time);
    assert_eq!(decide(), "unchanged");
    assert!(refused(site) > 8, "more tries than the SDK makes by itself: {}", refused(site));
    site.write("a/x", "2");
    throttle(site, time);
    assert_eq!(decide(), "changed");
    assert_eq!(site.attempts().len(), 1);
}

/// Case 80, with time to spare, so that a machine that is slow for a while fails nothing.
#[test]
fn a_store_that_throttles_for_seconds_is_waited_for() {
    on_each(|site| is_waited_for(site, Duration::from_secs(4), "12s"));
}

/// Requests share one limit: time that the first ones use is missing for the next.
#[test]
fn slow_requests_share_the_time() {
    on_each(|site| {
        // A new environment: the marks and names are read, the marks are listed, the names written, and then the mark.
        site.always(&Fault::Delay(Duration::from_millis(1200)), |_| true);
        let answer = site.run(&site.build(), &["decide", "a", "--format", "json", "--timeout", "3s"]).json();
        let (reason, detail) = told(&answer, "a");
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["no answer came within 3 s (--timeout)"]);
        site.without_faults();
        assert_eq!(site.mark(), None);
    });
}

/// What `run` runs may take as long as it likes, and what it then records has time of its own.
#[test]
fn a_build_between_two_requests_takes_no_time_from_them() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let ran = site.run(&site.build(), &["run", "a", "--timeout", "2s", "--", "sleep", "3"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        site.assert_recorded("2");
    });
}

/// One mark of several that cannot be read leaves time to open the attempts of the others.
#[test]
fn what_is_waited_for_in_vain_leaves_time_for_writes() {
    on_each(|site| {
        let throttled = throttled(site).fault.clone();
        match site.kind() {
            Kind::DynamoDb => site.always(&Fault::UnprocessedFirst { leave: 1 }, |request| {
                request.operation == "BatchGetItem" && String::from_utf8_lossy(&request.body).contains("a#mark")
            }),
            Kind::S3 => site.always(&throttled, |request| request.target.contains("/a/mark.json")),
        }
        let decide = ["decide", "--format", "json", "--timeout", "8s"];
        let answer = site.run(&site.build(), &decide).json();
        let reasons = ["a", "b", "c"].map(|service| told(&answer, service).0);
        assert_eq!(reasons, ["state-unavailable", "never-deployed", "never-deployed"]);
    });
}

/// A build that opened nothing because the store throttled it to the end is doubt, and nothing is recorded twice.
#[test]
fn a_store_that_throttles_to_the_end_is_doubt_with_its_cause() {
    on_each(|site| {
        site.deploy("1");
        let before = site.mark();
        let case = throttled(site);
        site.always(&case.fault, writes);
        site.give_up_soon();
        site.write("a/x", "2");
        let build = site.build();
        let (reason, detail) = site.decide_a(&build);
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["no answer came within 1 s (--timeout): ", case.wrong, case.fix]);
        assert_eq!(site.mark(), before);
        site.without_faults();
        let record = site.run(&build, &["record", "a"]);
        assert!(record.code == 0 && record.stderr.contains("uncertain"), "{record:?}");
        let recorded = site.mark();
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
        assert_eq!(site.mark(), recorded, "it is recorded once");
    });
}

/// The write arrives and its answer is lost, as often as the store can be asked: an error, and recorded once all the same.
#[test]
fn a_record_whose_answers_are_lost_for_a_while_is_recorded_once() {
    super::on_all(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "changed");
        let serial = |site: &Site| site.mark().unwrap()["serial"].as_u64().unwrap();
        let before = serial(site);
        let lost = Mutex::new(0);
        site.proxy.plan(move |request| {
            let mut lost = lost.lock().unwrap();
            *lost += usize::from(writes_a_mark(request));
            if writes_a_mark(request) && *lost <= 5 { Fault::LoseAnswer } else { Fault::None }
        });
        let record = site.run(&build, &["record", "a"]);
        assert_eq!(record.code, 0, "{record:?}");
        assert_eq!(serial(site), before + 1, "it is written once");
        site.assert_recorded("2");
    });
}

/// A table that is being made answers as one that is not there, and only a look at it tells the two apart.
#[test]
fn a_table_that_is_being_made_is_waited_for() {
    for engine in engines::dynamodb() {
        let site = Site::on(engine);
        let missing =
            Fault::Answer { status: 400, code: "ResourceNotFoundException", message: "Requested resource not found" };
        site.proxy.plan(move |request: &Request| match (request.operation.as_str(), request.number) {
            ("DescribeTable", ..20) => Fault::Say(r#"{"Table":{"TableName":"t","TableStatus":"CREATING"}}"#),
            (_, ..10) => missing.clone(),
            _ => Fault::None,
        });
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "never-deployed", "{}", engine.name);
        assert_eq!(site.attempts().len(), 1);
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
        site.assert_recorded("1");

        // One that the engine itself is still making.
        let state = site.state_in(&engine.unready_table(), &engine.endpoint);
        let build = site.build().with("SHIPMARK_STATE", &state);
        assert_eq!(site.decide_a(&build).0, "never-deployed", "{}", engine.name);
        assert_eq!(site.run(&build, &["record", "a"]).code, 0);
    }
}
