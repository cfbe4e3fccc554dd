//! What goes wrong is a failed action, at once: never a variable that is missing, and never a wait of twenty minutes.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::rig::{EVENT, State};
use super::{PLENTY, Site};

/// Ends the process that does the work with a signal.
fn strike(site: &Site, signal: &str) {
    let id = site.function.id();
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let children: String =
        tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default()).collect();
    let child = children.split_whitespace().next().expect("a process that does the work").to_owned();
    assert!(Command::new("kill").args([signal, &child]).status().unwrap().success());
}

/// A job whose artifact does not come.
fn stalled(site: &mut Site, limit: Duration) -> String {
    let key = site.pack();
    let (id, event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    site.rig.inside().stalled = true;
    let before = site.rig.inside().fetches;
    site.rig.send(&id, &event, limit);
    site.rig.until("a request for the artifact", |inside| inside.fetches > before);
    id
}

#[test]
fn work_that_is_killed_is_a_failure_at_once_and_the_function_goes_on() {
    let mut site = Site::new();
    for (signal, says) in [("-9", "signal 9), perhaps for lack of memory"), ("-6", "signal 6")] {
        let id = stalled(&mut site, PLENTY);
        strike(&site, signal);
        assert!(site.rig.result(&id).is_ok());
        let (kind, message) = site.state(&id).failure();
        assert_eq!(kind, "JobFailed");
        assert!(message.contains(says) && message.contains("nothing is skipped"), "{message}");
        site.rig.inside().stalled = false;
    }
    assert_eq!(site.decide()["BUILD_SKIPPED"], "false");
}

#[test]
fn work_that_takes_too_long_is_a_failure_before_lambda_ends_it() {
    let mut site = Site::new();
    let id = stalled(&mut site, Duration::from_secs(4));
    assert!(site.rig.result(&id).is_ok());
    let (_, message) = site.state(&id).failure();
    assert!(message.contains("raise the function's Timeout"), "{message}");
    site.rig.inside().stalled = false;
    assert_eq!(site.decide()["BUILD_SKIPPED"], "false");
}

/// They are in the process that does the work, and there in its memory only.
#[test]
fn the_events_credentials_are_in_no_environment() {
    let mut site = Site::new();
    let id = stalled(&mut site, PLENTY);
    for process in std::fs::read_dir("/proc").unwrap() {
        let environment = std::fs::read(process.unwrap().path().join("environ")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&environment).contains(EVENT.1));
    }
    strike(&site, "-9");
    assert!(site.rig.result(&id).is_ok());
    site.rig.inside().stalled = false;
    site.rig.until("an answer", |inside| inside.jobs.values().all(|job| *job != State::Open));
}

#[test]
fn what_cannot_be_read_fails_with_a_sentence() {
    let mut site = Site::new();
    let key = site.pack();
    let whole = site.rig.inside().artifacts[&format!("/artifacts/{key}")].clone();
    let reference = br#"{"metadata":{"commitId":"abc"},"sources":{}}"#.to_vec();
    let artifacts: [(Vec<u8>, &str, &str); 5] = [
        (reference, "ConfigurationError", "set OutputArtifactFormat of the source action to CODE_ZIP"),
        (b"<html>no</html>".to_vec(), "ConfigurationError", "zip"),
        (Vec::new(), "ConfigurationError", "zip"),
        (whole[..whole.len() / 2].to_vec(), "ConfigurationError", "zip"),
        // Bytes in the middle are others: what they belong to builds, and is not skipped.
        (vec![0; 4096], "ConfigurationError", "zip"),
    ];
    for (bytes, expected, says) in artifacts {
        let key = site.put(bytes);
        let (kind, message) = site.act(&json!({ "do": "decide" }), &[&key]).failure();
        assert_eq!(kind, expected, "{message}");
        assert!(message.contains(says), "{message}");
    }
    let (kind, message) = site.act(&json!({ "do": "decide" }), &["shop/Source/none"]).failure();
    assert!(kind == "JobFailed" && message.contains("there is no object"), "{message}");
    for keys in [&[][..], &[key.as_str(), key.as_str()]] {
        let (_, message) = site.act(&json!({ "do": "decide" }), keys).failure();
        assert!(message.contains("input artifacts, and its source is one"), "{message}");
    }
    site.world.write(
        "shipmark.toml",
        "project = \"default\"\n[services.web]\ninclude = [\"web/**\"]\n[services.api]\nincludes = [\"api/**\"]\n",
    );
    let key = site.pack();
    // A mistake in another service's table, too: that service would have no variables.
    let (kind, message) = site.act(&json!({ "do": "decide", "services": ["web"] }), &[&key]).failure();
    assert!(kind == "ConfigurationError" && message.contains("includes"), "{message}");
    site.world.remove("shipmark.toml");
    let key = site.pack();
    let (_, message) = site.act(&json!({ "do": "decide" }), &[&key]).failure();
    assert!(message.contains("there is no service map"), "{message}");
}

#[test]
fn bytes_that_are_damaged_are_never_a_skip() {
    let mut site = Site::new();
    let first = site.decide();
    site.ship(&first, "web");
    site.ship(&first, "api");
    let key = site.pack();
    let whole = site.rig.inside().artifacts[&format!("/artifacts/{key}")].clone();
    let mut skips = 0;
    for at in (0..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let key = site.put(bytes);
        if let State::Succeeded(variables) = site.act(&json!({ "do": "decide" }), &[&key]) {
            let skipped = ["API", "WEB"].map(|service| variables[format!("BUILD_SKIPPED_{service}")] == "true");
            // A date may differ, and a byte that nobody reads.
            skips += usize::from(skipped == [true, true]);
            assert!(variables.get("BUILD_SKIPPED_API").is_some());
        }
    }
    println!("{skips} of {} damaged artifacts hold the same files", whole.len() / 37);
}

#[test]
fn credentials_that_have_expired_or_do_not_fit_fail() {
    let mut site = Site::new();
    let key = site.pack();
    site.rig.inside().expired = true;
    let (_, message) = site.act(&json!({ "do": "decide" }), &[&key]).failure();
    assert!(message.contains("expired"), "{message}");
    site.rig.inside().expired = false;
    let (id, mut event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    event["CodePipeline.job"]["data"]["artifactCredentials"]["accessKeyId"] = json!("ASIAOTHER");
    site.rig.deliver(&id, &event);
    let (_, message) = site.state(&id).failure();
    assert!(message.contains("access is denied"), "{message}");
    let (id, mut event) = site.job(&json!({ "do": "decide" }).to_string(), &[&key]);
    event["CodePipeline.job"]["data"].as_object_mut().unwrap().remove("artifactCredentials");
    site.rig.deliver(&id, &event);
    let (_, message) = site.state(&id).failure();
    assert!(message.contains("access is denied"), "the function's own credentials do not open it: {message}");
}

#[test]
fn a_request_that_is_not_understood_is_a_configuration_error() {
    let mut site = Site::new();
    let key = site.pack();
    for (parameters, says) in [
        ("{\"do\":\"decide\",\"service\":\"web\"}", "did you mean `services`?"),
        ("{\"do\":\"decide\",\"revision\":\"say \"hi\"\"}", "UserParameters is not JSON"),
        ("", "UserParameters is not JSON"),
        ("{\"do\":\"decide\",\"services\":[\"wbe\"]}", "did you mean `web`?"),
        ("{\"do\":\"decide\",\"source\":\"s3://a/b\"}", "`source` is for requests that are no job"),
        ("{\"do\":\"begin\",\"candidate\":\"#{D.SHIPMARK_CANDIDATE_WEB}\"}", "not what `shipmark` printed"),
        ("{\"do\":\"start\",\"candidate\":\"x\",\"pipelines\":\"shop\"}", "{service}"),
    ] {
        let (id, event) = site.job(parameters, &[&key]);
        site.rig.deliver(&id, &event);
        let (kind, message) = site.state(&id).failure();
        assert_eq!(kind, "ConfigurationError", "{message}");
        assert!(message.contains(says), "{message}");
    }
}

/// Without a candidate its stage could not begin.
#[test]
fn a_store_that_takes_no_writes_fails_the_action() {
    let mut site = Site::new();
    let key = site.pack();
    let decide = json!({ "do": "decide", "state": "file:/proc/none" });
    let (kind, message) = site.act(&decide, &[&key]).failure();
    assert!(kind == "JobFailed" && !message.is_empty(), "{kind}: {message}");
}

#[test]
fn an_event_that_is_none_is_refused_and_the_function_goes_on() {
    let mut site = Site::new();
    for event in [json!("x"), json!({ "CodePipeline.job": {} }), json!({ "CodePipeline.job": { "id": "" } })] {
        site.rig.send("r-1", &event, PLENTY);
        assert!(site.rig.result("r-1").is_err());
    }
    // With an id there is somebody to answer.
    let (id, _) = site.job("{}", &[]);
    site.rig.send("r-2", &json!({ "CodePipeline.job": { "id": id, "data": 1 } }), PLENTY);
    assert!(site.rig.result("r-2").is_ok());
    let (_, message) = site.state(&id).failure();
    assert!(message.contains("not what CodePipeline sends"), "{message}");
    assert_eq!(site.decide()["BUILD_SKIPPED"], "false");
}
