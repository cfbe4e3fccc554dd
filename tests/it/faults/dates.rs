//! The store's time is the `Date` of its answers. Where that is missing or absurd nothing ends by its age.

use super::{Site, on_each};
use crate::proxy::Fault;

/// A build that deploys something else may still be running; others deploy what was there before, and record that while the
/// dates are such.
fn ends_nothing(site: &Site, date: Option<&'static str>) {
    site.write("a/x", "2");
    let running = site.build();
    let decided = site.run(&running, &["decide", "a"]);
    assert_eq!(decided.code, 0, "{decided:?}");
    site.always(&Fault::Date(date), |_| true);
    site.write("a/x", "1");
    let build = site.build();
    assert_eq!(site.decide_a(&build).0, "deploy-pending", "{date:?}");
    let record = site.run(&build, &["record", "a"]);
    assert_eq!(record.code, 0, "{date:?}: {record:?}");
    assert_eq!(site.decide_a(&site.build()).0, "deploy-pending", "{date:?}");
    site.without_faults();
    assert_eq!(site.would_say("1"), "deploy-pending", "{date:?}: the first build may still deploy");
    // It fails, and the next deploy is certain again.
    let failed = site.run(&running.failing(), &["record", "a"]);
    assert_eq!(failed.code, 0, "{failed:?}");
    site.deploy("1");
    site.assert_recorded("1");
}

#[test]
fn a_date_that_is_missing_or_absurd_ends_nothing() {
    // An engine that checks signatures refuses what the SDK signs for a time that it believes from the answers.
    on_each(|site| {
        site.deploy("1");
        for date in [
            None,
            Some("yesterday"),
            Some("Thu, 01 Jan 1970 00:00:00 GMT"),
            Some("Tue, 31 Dec 2199 23:59:59 GMT"),
            Some("Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            ends_nothing(site, date);
        }
    });
}
