//! Networks: no name, no answer, half an answer.

use super::cases::writes;
use super::site::REFUSAL;
use super::{on_each, told};
use crate::proxy::{Fault, Request};

/// Whether a request reads a snapshot.
fn reads_a_snapshot(request: &Request) -> bool {
    match request.operation.as_str() {
        "GetItem" | "Query" => String::from_utf8_lossy(&request.body).contains("#snap#"),
        "GetObject" => request.target.contains("/snapshots/"),
        _ => false,
    }
}

#[test]
fn a_dead_store_is_known_in_seconds() {
    on_each(|site| {
        site.deploy("1");
        let before = site.mark();
        for fault in [Fault::Stall, Fault::StallBody { after: 5 }] {
            site.always(&fault, |_| true);
            let build = site.build();
            let answer = site.run(&build, &["decide", "a", "--format", "json", "--timeout", "1s"]).json();
            let (reason, detail) = told(&answer, "a");
            assert_eq!(reason, "state-unavailable");
            site.assert_clear(&detail, &[site.cannot_read(), "no answer came within 1 s", "VPC endpoint", "--timeout"]);
            let strict = site.run_loud(&site.build(), &["decide", "a", "--strict", "--timeout", "1s"]);
            assert_eq!((strict.code, strict.stdout.as_str()), (3, REFUSAL));
            let record = site.run(&build, &["record", "a", "--timeout", "1s"]);
            assert_eq!(record.code, 1);
            site.assert_clear_failure(&record, &["`a` is deployed, but not recorded: ", "no answer came within"]);
            site.without_faults();
            assert_eq!(site.mark(), before);
        }
    });
}

/// A write that stalls was made, or was not.
#[test]
fn a_write_that_stalls_is_doubt() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        site.always(&Fault::Stall, writes);
        let answer = site.run(&site.build(), &["decide", "a", "--format", "json", "--timeout", "1s"]).json();
        let (reason, detail) = told(&answer, "a");
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["cannot write a mark in ", "no answer came within 1 s"]);
        site.without_faults();
        assert_eq!(site.would_say("2"), "changed");
    });
}

/// One request that hangs or is cut leaves time for another.
#[test]
fn a_connection_that_stalls_or_is_cut_once_is_no_doubt() {
    on_each(|site| {
        site.deploy("1");
        for fault in
            [Fault::Stall, Fault::CutBody { after: 0 }, Fault::CutBody { after: 20 }, Fault::StallBody { after: 20 }]
        {
            site.once(&fault, |_| true);
            let answer = site.run(&site.build(), &["decide", "a", "--format", "json", "--timeout", "4s"]).json();
            assert_eq!(told(&answer, "a").0, "unchanged", "{fault:?}: {answer:#}");
        }
    });
}

/// The snapshot of the deploy explains what differs, also when it comes at the second try.
#[test]
fn a_snapshot_that_is_cut_once_still_explains() {
    on_each(|site| {
        site.deploy("1");
        site.write("a/x", "2");
        site.once(&Fault::CutBody { after: 20 }, reads_a_snapshot);
        let answer = site.run_loud(&site.build(), &["plan", "--format", "json", "a"]).json();
        assert_eq!(crate::support::changes(&answer, "a"), ["modified a/x"]);
        assert!(site.proxy.log().iter().any(|seen| matches!(seen.fault, Fault::CutBody { .. })));
    });
}

#[test]
fn a_name_that_nobody_resolves_is_doubt() {
    on_each(|site| {
        let build = site.build().with("SHIPMARK_STATE", &site.state_at("http://no-such-host.invalid"));
        site.give_up_soon();
        let (reason, detail) = site.decide_a(&build);
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["it cannot be reached", "failed to lookup address", "DNS"]);
    });
}

#[test]
fn a_port_where_nobody_listens_is_doubt() {
    on_each(|site| {
        // Taken and left again: nobody else is given it so soon.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let build = site.build().with("SHIPMARK_STATE", &site.state_at(&format!("http://127.0.0.1:{port}")));
        site.give_up_soon();
        let (reason, detail) = site.decide_a(&build);
        assert_eq!(reason, "state-unavailable");
        site.assert_clear(&detail, &["it cannot be reached", "Connection refused", "check the endpoint"]);
    });
}
