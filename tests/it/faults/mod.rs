//! Failures as they come: what the program makes of the errors, silences and lost answers of a store of AWS.
//!
//! Whatever fails, there is no false skip, no lost or half-written mark and no secret in anything that is shown or kept, and one
//! sentence says where it failed, why, and what to do. The proxy makes the faults that no engine has of its own: by default one for
//! each sentence, in [`long`] all of them.

mod batches;
mod budget;
mod cases;
mod conflicts;
mod dates;
mod identities;
mod kills;
mod long;
mod network;
mod proxies;
mod reads;
mod retries;
mod site;
mod snapshots;
mod stages;
mod writes;

use serde_json::Value;

use super::engines;
use super::support::{entry, reason};
use site::Site;

/// Runs a specification on one engine of each kind, one after the other. Faults that the proxy makes look alike on all engines.
fn on_each(specification: impl Fn(&Site)) {
    let engines = [engines::dynamodb(), engines::s3()].into_iter().flatten().filter(|it| it.name == "ministack");
    engines.for_each(|engine| specification(&Site::on(engine)));
}

/// The same on every engine, for what they must agree on.
fn on_all(specification: impl Fn(&Site)) {
    let engines = [engines::dynamodb(), engines::s3()].into_iter().flatten();
    engines.for_each(|engine| specification(&Site::on(engine)));
}

/// The reason and the detail for a service in an answer.
fn told(answer: &Value, service: &str) -> (String, String) {
    (reason(answer, service), entry(answer, service)["detail"].as_str().unwrap().to_owned())
}

/// A text is one sentence that says all this, without a developer's noise.
fn assert_clear(text: &str, says: &[&str]) {
    assert!(!text.trim_end().contains(['\n', '{', '}', '<', '>']), "{text}");
    for noise in ["DispatchFailure", "dispatch failure", "service error", "unhandled error", "client error", "Some("] {
        assert!(!text.contains(noise), "`{noise}` in: {text}");
    }
    for word in says {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(text.len() < 700, "{text}");
}
