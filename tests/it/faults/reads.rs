//! The state cannot be read: that is doubt, and never "there is none".

use super::cases::{Case, Cases, cases};
use super::site::REFUSAL;
use super::{Site, on_each};
use crate::engines::Kind;

/// Nothing has changed, so that only doubt keeps the decision from a skip.
fn is_doubt(site: &Site, case: &Case) {
    let before = site.mark();
    site.always(&case.fault, |_| true);
    if case.passes() {
        site.give_up_soon();
    }
    let says = [site.cannot_read(), case.wrong, case.fix];
    let build = site.build();

    let (reason, detail) = site.decide_a(&build);
    assert_eq!(reason, "state-unavailable", "{:?}", case.fault);
    site.assert_clear(&detail, &says);

    let strict = site.run(&site.build(), &["decide", "a", "--strict"]);
    assert_eq!((strict.code, strict.stdout.as_str()), (3, REFUSAL), "{strict:?}");
    site.assert_clear_failure(&strict, &says);

    let status = site.run_loud(&build, &["status", "a", "--json"]).json();
    assert_eq!(status["services"][0]["state"], "state-unavailable");
    site.assert_clear(status["services"][0]["detail"].as_str().unwrap(), &says);

    let record = site.run(&build, &["record", "a"]);
    assert_eq!(record.code, 1, "{record:?}");
    site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: ", case.wrong, case.fix]);

    site.without_faults();
    assert_eq!(site.mark(), before, "{:?}", case.fault);
    assert_eq!(site.would_say("1"), "unchanged");
}

#[test]
fn a_state_that_cannot_be_read_is_doubt() {
    each_is_doubt(cases);
}

pub(super) fn each_is_doubt(cases: fn(Kind) -> Cases) {
    on_each(|site| {
        site.deploy("1");
        cases(site.kind()).iter().for_each(|case| is_doubt(site, case));
    });
}

/// What was deployed while the state could neither be read nor written is doubt once it is recorded.
#[test]
fn what_was_decided_without_the_state_is_recorded_as_uncertain() {
    on_each(|site| {
        site.deploy("1");
        let case = cases(site.kind())[0];
        site.always(&case.fault, |_| true);
        site.write("a/x", "2");
        let build = site.build();
        assert_eq!(site.decide_a(&build).0, "state-unavailable");
        site.without_faults();
        let record = site.run(&build, &["record", "a"]);
        assert!(record.code == 0 && record.stderr.contains("uncertain"), "{record:?}");
        assert_eq!(site.would_say("2"), "uncertain");
    });
}

/// Case 13: what is said of a state that is really empty, through the same proxy.
#[test]
fn an_empty_state_is_no_doubt() {
    on_each(|site| assert_eq!(site.decide_a(&site.build()).0, "never-deployed"));
}
