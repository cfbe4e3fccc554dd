use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::base::fingerprint::{Content, Fingerprint};
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::protocol::mark::transitions::Opening;
use crate::protocol::mark::{AttemptId, Build, Release, State};

fn key(service: &str) -> Key {
    let service = ServiceName::new(service).unwrap();
    Key { project: ProjectName::default(), environment: EnvironmentName::default(), service }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn opening(name: &str) -> Opening {
    let modes = Some(Fingerprint([8; 32]));
    Opening {
        id: AttemptId::parse(name).unwrap(),
        content: Some(Content { fingerprint: Fingerprint([7; 32]), modes }),
        build: Build { id: Some("b:1".into()), initiator: Some("codepipeline/p".into()), execution: Some("e".into()) },
        revision: Some("r\n\u{1f980}\"".to_owned()),
        timeout_seconds: u64::MAX,
        pinned_by: ServiceName::new("command").ok(),
    }
}

fn release() -> Release {
    let Opening { content, build, revision, .. } = opening("a");
    let outputs = [(crate::base::names::OutputName::new("IMAGE_URI").unwrap(), "x@sha256:0".to_owned())].into();
    Release { content, inputs: 3, rules: None, snapshot: Some("s".to_owned()), revision, outputs, build }
}

/// A mark with something in every place.
fn full() -> Mark {
    let mut mark = Mark::new(now());
    mark.open(opening("a"), now());
    mark.record(opening("a").id, release(), now());
    mark.record(opening("again").id, release(), now());
    mark.log[0].rest.insert("later".to_owned(), json!([1]));
    mark.open(opening("b"), now());
    mark.fail(&opening("b").id, now());
    mark.stage(opening("c"), Some(opening("a").id), now()).unwrap();
    mark.open(Opening { content: None, ..opening("d") }, now());
    mark.taint(Taint { reason: "by hand".to_owned(), by: "ada".to_owned(), at: now() }, false, now());
    mark.attempts[0].stands_for = Some(2);
    mark.attempts[0].rest.insert("later".to_owned(), json!({ "x": [1, null] }));
    mark
}

fn bytes(mark: &Mark) -> Vec<u8> {
    encode_mark(&key("query"), mark, "0.1.0", now()).unwrap()
}

/// The stored form of a mark as a later version might write it.
fn newer() -> Map<String, Value> {
    let mut whole: Map<String, Value> = serde_json::from_slice(&bytes(&full())).unwrap();
    whole.insert("schema".to_owned(), json!(SCHEMA + 1));
    whole.insert("deployed".to_owned(), json!(["another", "form"]));
    whole.insert("weather".to_owned(), json!({ "wind": 3 }));
    whole
}

#[test]
fn what_is_read_is_what_was_written() {
    for mark in [Mark::new(now()), full()] {
        assert_eq!(decode_mark(&key("query"), &bytes(&mark)).unwrap(), mark);
    }
    let candidate = Candidate {
        schema: SCHEMA,
        id: opening("a").id,
        staged: 7,
        staged_at: now(),
        timeout_seconds: 3600,
        pinned_by: None,
        redeploys: Vec::new(),
        release: release(),
    };
    assert_eq!(decode_candidate(&encode_candidate(&candidate).unwrap()).unwrap(), candidate);
}

#[test]
fn a_newer_versions_mark_keeps_all_but_its_envelope() {
    let before = newer();
    let mut mark = decode_mark(&key("query"), &serde_json::to_vec(&before).unwrap()).unwrap();
    assert_eq!(mark.newer.as_ref(), Some(&before));
    mark.open(opening("e"), now());
    let after: Map<String, Value> = serde_json::from_slice(&bytes(&mark)).unwrap();
    for (name, value) in &before {
        match name.as_str() {
            "serial" => assert_eq!(after[name], json!(mark.serial)),
            "writer" => assert_eq!(after[name], json!("0.1.0")),
            "attempts" => {
                let attempts = after[name].as_array().unwrap();
                assert_eq!(attempts.len(), 4);
                assert_eq!(attempts[..3], value.as_array().unwrap()[..]);
                assert_eq!(attempts[0]["later"], json!({ "x": [1, null] }));
            }
            _ => assert_eq!(&after[name], value, "{name}"),
        }
    }
    assert_eq!(after.len(), before.len());
}

#[test]
fn a_newer_versions_mark_is_left_uncertain_by_a_record() {
    let mut mark = decode_mark(&key("query"), &serde_json::to_vec(&newer()).unwrap()).unwrap();
    mark.attempts.clear();
    mark.certain = true;
    mark.open(opening("e"), now());
    mark.record(opening("e").id, release(), now());
    let after: Map<String, Value> = serde_json::from_slice(&bytes(&mark)).unwrap();
    assert_eq!(after["deployed"], newer()["deployed"]);
    assert_eq!(after["certain"], json!(false), "what it calls the last deploy is no longer the last");
}

#[test]
fn a_mark_that_is_cut_off_anywhere_is_damaged() {
    let whole = bytes(&full());
    let last_brace = whole.len() - 1;
    for end in 0..last_brace {
        assert!(decode_mark(&key("query"), &whole[..end]).is_err(), "cut at {end} of {}", whole.len());
    }
    assert!(decode_mark(&key("query"), &whole[..last_brace]).is_ok(), "only the newline is missing");
}

#[test]
fn a_mark_with_any_byte_changed_never_panics() {
    let whole = bytes(&full());
    for at in 0..whole.len() {
        for byte in [0, b'"', b'9', b'}', 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            let Ok(mut mark) = decode_mark(&key("query"), &changed) else { continue };
            let late = now() + SignedDuration::from_hours(2);
            mark.open(opening("z"), late);
            let _ = mark.record(opening("z").id, release(), late);
        }
    }
}

#[test]
fn what_is_no_mark_is_damaged_and_says_so() {
    let damaged = |bytes: &[u8]| decode_mark(&key("query"), bytes).unwrap_err().to_string();
    assert_eq!(damaged(b""), "it is empty");
    for rubbish in ["\0\0", "null", "[]", "{}", "\u{feff}{}", "{\"schema\": 1}"] {
        assert!(damaged(rubbish.as_bytes()).starts_with("it is not the JSON that shipmark writes"), "{rubbish:?}");
    }
    let with = |name: &str, value: Value| {
        let mut whole: Map<String, Value> = serde_json::from_slice(&bytes(&full())).unwrap();
        whole.insert(name.to_owned(), value);
        damaged(&serde_json::to_vec(&whole).unwrap())
    };
    assert_eq!(with("serial", json!(u64::MAX)), "its serial 18446744073709551615 is none that shipmark gives");
    for (name, value) in [
        ("serial", json!(-1)),
        ("serial", json!("1")),
        ("certain", json!("true")),
        ("certain", json!(null)),
        ("attempts", json!(null)),
        ("attempts", json!([{ "id": "a" }])),
        ("schema", json!("1")),
        ("service", json!("../x")),
        ("deployed", json!({})),
    ] {
        assert!(with(name, value.clone()).starts_with("it is not the JSON"), "{name}: {value}");
    }
}

#[test]
fn another_services_mark_is_damaged() {
    let error = decode_mark(&key("Query"), &bytes(&full())).unwrap_err();
    assert_eq!(error.to_string(), "it is the mark of `query` in `default` of project `default`");
}

#[test]
fn an_attempt_in_an_unknown_state_is_damaged() {
    let mut whole = newer();
    whole["attempts"][0]["state"] = json!("dreaming");
    assert!(decode_mark(&key("query"), &serde_json::to_vec(&whole).unwrap()).is_err());
    assert_eq!(serde_json::to_value(State::Pending).unwrap(), json!("pending"));
}

#[test]
fn a_newer_candidate_is_damaged_and_says_which_version() {
    let error = decode_candidate(br#"{ "schema": 2 }"#).unwrap_err();
    assert_eq!(error.to_string(), "it was written by a newer shipmark (schema 2; this one knows 1)");
    assert_eq!(decode_candidate(b"").unwrap_err().to_string(), "it is empty");
}

/// What version 0.1.0 has written must be read for good: these files are never changed.
#[test]
fn the_first_schema_stays_readable() {
    let project = ProjectName::new("cqrs").unwrap();
    let key = Key { project, environment: EnvironmentName::new("prod").unwrap(), ..key("query") };
    let old = include_bytes!("../../../../tests/fixtures/mark-v1.json");
    let mark = decode_mark(&key, old).unwrap();
    assert!(mark.certain && mark.newer.is_none());
    assert_eq!(mark.deployed.as_ref().unwrap().release.outputs.len(), 1);
    assert_eq!(mark.attempts[0].state, State::Pending);
    assert!(mark.log.is_empty(), "it knows no deploy but the last");
    let written: Value = serde_json::from_slice(&encode_mark(&key, &mark, "shipmark 0.1.0", now()).unwrap()).unwrap();
    let mut expected: Value = serde_json::from_slice(old).unwrap();
    expected["written_at"] = json!(now());
    assert_eq!(written, expected);
    let candidate = decode_candidate(include_bytes!("../../../../tests/fixtures/candidate-v1.json")).unwrap();
    assert_eq!(mark.attempts[0].candidate.as_ref(), Some(&candidate.id));
    assert_eq!(mark.attempts[0].staged, Some(candidate.staged));
}
