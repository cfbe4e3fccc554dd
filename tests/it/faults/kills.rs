//! Killed at any request: the mark is the old or the new one, whole, and the command can be run again with its ticket.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use super::{Site, on_each};
use crate::proxy::Fault;
use crate::support::Build;

/// Runs a command and kills it when it sends its nth request, which is never answered. Whether it lived that long.
fn killed_at(site: &Site, nth: usize, build: &Build, args: &[&str]) -> bool {
    let (sent, waits) = mpsc::channel();
    let sent = Mutex::new(sent);
    site.proxy.plan(move |request| {
        if request.number < nth {
            return Fault::None;
        }
        // Nobody waits any more where the process was killed at an earlier request.
        let _ = sent.lock().unwrap().send(());
        Fault::Stall
    });
    let mut child = site.spawn(build, args);
    // It ends by itself where it has no such request.
    let killed = loop {
        match waits.recv_timeout(Duration::from_millis(20)) {
            Ok(()) => break true,
            Err(_) if child.try_wait().unwrap().is_some() => break false,
            Err(_) => {}
        }
    };
    if killed {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(killed || status.success(), "{status:?}");
    site.without_faults();
    killed
}

/// Case 31.
#[test]
fn a_record_killed_at_any_request_leaves_the_old_mark_or_the_new_one() {
    on_each(|site| {
        site.deploy("0");
        let mut requests = 0;
        for nth in 1.. {
            let (old, new) = ((nth - 1).to_string(), nth.to_string());
            site.write("a/x", &new);
            let build = site.build();
            assert_eq!(site.decide_a(&build).0, "changed");
            let before = site.mark();
            let killed = killed_at(site, nth, &build, &["record", "a"]);
            // Reading it has shown that it is whole.
            let after = site.mark();
            if after == before {
                assert_eq!(site.would_say(&old), "deploy-pending", "killed at request {nth}");
            } else {
                assert_eq!(site.would_say(&new), "unchanged", "killed at request {nth}");
            }
            let again = site.run(&build, &["record", "a"]);
            assert_eq!(again.code, 0, "{again:?}");
            site.assert_recorded(&new);
            if !killed {
                break;
            }
            requests = nth;
        }
        assert!(requests >= 3, "a snapshot, a read, a write: {requests}");
    });
}

#[test]
fn a_decision_killed_at_any_request_leaves_one_attempt_or_none() {
    on_each(|site| {
        site.deploy("0");
        let mut requests = 0;
        site.write("a/x", "1");
        loop {
            let before = site.attempts().len();
            let killed = killed_at(site, requests + 1, &site.build(), &["decide", "a"]);
            let opened = site.attempts().len() - before;
            assert!(opened <= 1, "killed at request {}: {opened}", requests + 1);
            assert_eq!(site.would_say("1"), "changed");
            if !killed {
                assert_eq!(opened, 1);
                break;
            }
            requests += 1;
        }
        assert!(requests >= 2, "a read, a write: {requests}");
        assert_eq!(site.would_say("0"), "deploy-pending");
    });
}
