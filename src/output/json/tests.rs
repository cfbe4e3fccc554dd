//! The output against its published schema, and against the example in the documentation.

use serde_json::{Value, json};

use super::*;
use crate::output::samples::{answer, build, change, changed, outputs_of, skip};
use crate::protocol::answer::{Elsewhere, Reason, Since, Why};
use crate::source::difference::ChangeKind;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../schema/decision.schema.json")).unwrap()
}

fn problems(document: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn rendered(answers: &[Answer], all_changes: bool) -> Value {
    let text = render(answers, all_changes);
    assert!(text.ends_with("\n") && !text.ends_with("\n\n"));
    let document = serde_json::from_str(&text).unwrap();
    assert_eq!(problems(&document), [""; 0], "{text}");
    document
}

fn many(number: usize) -> Vec<Change> {
    (0..number).map(|i| change(format!("Server/{i:04}"), ChangeKind::Added, Via::Own)).collect()
}

#[test]
fn the_documented_example_is_what_is_printed() {
    let modified = change("Server/Sources/Query/configure.swift", ChangeKind::Modified, Via::Group("infra".to_owned()));
    let mut answer = answer("prod", vec![changed("query", vec![modified])]);
    answer.unowned = Some(Vec::new());
    let expected = r#"{
  "schema": 1,
  "project": "cqrs",
  "environment": "prod",
  "revision": "3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901",
  "source": {
    "kind": "directory",
    "files": 69
  },
  "services": [
    {
      "service": "query",
      "skip": false,
      "reason": "changed",
      "detail": "a sentence about changed",
      "fingerprint": "0707070707070707070707070707070707070707070707070707070707070707",
      "fingerprint_short": "070707070707",
      "baseline": {
        "revision": "3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901",
        "recorded_at": "2026-11-21T20:20:00Z",
        "certain": true
      },
      "changes": [
        {
          "path": "Server/Sources/Query/configure.swift",
          "change": "modified",
          "rule": "Server/Sources/**",
          "via": "group:infra"
        }
      ],
      "changes_total": 1,
      "rules_changed": false,
      "outputs": {}
    }
  ],
  "unowned": [],
  "unowned_total": 0
}
"#;
    assert_eq!(render(&[answer], false), expected);
}

#[test]
fn every_reason_fits_the_schema() {
    for reason in Reason::ALL {
        let document = rendered(&[answer("prod", vec![build("a", reason)])], false);
        assert_eq!(document["services"][0]["skip"], json!(reason == Reason::Unchanged));
    }
}

#[test]
fn every_kind_of_change_fits_the_schema() {
    let kinds = [ChangeKind::Added, ChangeKind::Modified, ChangeKind::Deleted, ChangeKind::Mode];
    let via = Via::Dependency(ServiceName::new("base").unwrap());
    let changes = kinds.into_iter().map(|kind| change("a b\n\"c", kind, via.clone())).collect();
    let document = rendered(&[answer("prod", vec![changed("a", changes)])], false);
    assert_eq!(document["services"][0]["changes"][3]["change"], "mode");
    assert_eq!(document["services"][0]["changes"][0]["via"], "dependency:base");
}

#[test]
fn every_kind_of_source_fits_the_schema() {
    for source in [SourceKind::Directory, SourceKind::Zip, SourceKind::Commit] {
        rendered(&[Answer { source, revision: None, ..answer("prod", Vec::new()) }], false);
    }
}

#[test]
fn paths_that_are_not_utf8_carry_their_bytes() {
    let changes = vec![change(*b"caf\xe9", ChangeKind::Added, Via::Own), change("café", ChangeKind::Added, Via::Own)];
    let mut answer = answer("prod", vec![changed("a", changes)]);
    answer.unowned = Some(vec![BString::from(&b"\xff"[..]), BString::from("plain")]);
    let document = rendered(&[answer], false);
    let changes = &document["services"][0]["changes"];
    assert_eq!(changes[0]["path"], "caf\u{fffd}");
    assert_eq!(STANDARD.decode(changes[0]["path_base64"].as_str().unwrap()).unwrap(), b"caf\xe9");
    assert_eq!(changes[1].get("path_base64"), None);
    assert_eq!(document["unowned"], json!([{ "path": "\u{fffd}", "path_base64": "/w==" }, { "path": "plain" }]));
}

#[test]
fn long_lists_are_cut_but_their_totals_are_whole() {
    let mut answer = answer("prod", vec![changed("a", many(20_000))]);
    answer.unowned = Some((0..101).map(|i| BString::from(format!("{i}"))).collect());
    let cut = rendered(std::slice::from_ref(&answer), false);
    assert_eq!(cut["services"][0]["changes"].as_array().unwrap().len(), 100);
    assert_eq!(cut["services"][0]["changes_total"], 20_000);
    assert_eq!((cut["unowned"].as_array().unwrap().len(), &cut["unowned_total"]), (100, &json!(101)));
    let whole = rendered(&[answer], true);
    assert_eq!(whole["services"][0]["changes"].as_array().unwrap().len(), 20_000);
    assert_eq!(whole["unowned"].as_array().unwrap().len(), 101);
}

#[test]
fn what_is_unknown_is_null() {
    let mut service = build("a", Reason::Changed);
    service.changes_total = None;
    service.baseline = Some(Baseline { revision: None, recorded_at: None, certain: false, build: None });
    let document = rendered(&[answer("prod", vec![service])], false);
    assert_eq!(document["services"][0]["changes_total"], Value::Null);
    assert_eq!(document["services"][0]["baseline"], json!({ "revision": null, "recorded_at": null, "certain": false }));
    assert_eq!((&document["unowned"], &document["unowned_total"]), (&Value::Null, &Value::Null));
}

#[test]
fn outputs_and_redeployed_services_are_objects() {
    let mut service = build("command", Reason::Changed);
    service.redeploys.insert(ServiceName::new("query").unwrap(), outputs_of(&[("IMAGE_URI", "r@sha256:1")]));
    let document = rendered(&[answer("prod", vec![skip("a", &[("X", "1")]), service])], false);
    assert_eq!(document["services"][0]["outputs"], json!({ "X": "1" }));
    assert_eq!(document["services"][0].get("redeploys"), None);
    assert_eq!(document["services"][1]["redeploys"], json!({ "query": { "IMAGE_URI": "r@sha256:1" } }));
}

#[test]
fn several_environments_are_an_array() {
    let document = rendered(&[answer("feature/x", vec![skip("a", &[])]), answer("prod", vec![skip("a", &[])])], false);
    assert_eq!(document[0]["environment"], "feature/x");
    assert_eq!(document[1]["environment"], "prod");
}

#[test]
fn a_refusal_is_an_object_with_an_error() {
    let document: Value = serde_json::from_str(&refusal("no service `a\"b`")).unwrap();
    assert_eq!(document, json!({ "schema": 1, "error": "no service `a\"b`" }));
    assert_eq!(problems(&document), [""; 0]);
}

#[test]
fn documents_that_were_tampered_with_do_not_fit_the_schema() {
    let changes = vec![change(*b"caf\xe9", ChangeKind::Added, Via::Own)];
    let good = rendered(&[answer("prod", vec![changed("a", changes), skip("b", &[("X", "1")])])], false);
    let tamperings: [(&str, Value); 17] = [
        ("/schema", json!(2)),
        ("/extra", json!(1)),
        ("/source/kind", json!("tarball")),
        ("/source/files", json!(-1)),
        ("/services/0/skip", json!(true)),
        ("/services/1/skip", json!(false)),
        ("/services/0/reason", json!("because")),
        ("/services/0/service", json!("-a")),
        ("/services/0/extra", json!(1)),
        ("/services/0/baseline/recorded_at", json!("2026-11-21T20:20:00.75Z")),
        ("/services/0/baseline/extra", json!(1)),
        ("/services/0/changes/0/change", json!("renamed")),
        ("/services/0/changes/0/via", json!("infra")),
        ("/services/0/changes/0/extra", json!(1)),
        ("/services/0/baseline", Value::Null),
        ("/services/1/outputs/1X", json!("1")),
        ("/unowned", json!([])),
    ];
    for (pointer, value) in tamperings {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        assert_ne!(problems(&bad), [""; 0], "{pointer}");
    }
    for key in good.as_object().unwrap().keys() {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(key);
        assert_ne!(problems(&bad), [""; 0], "without {key}");
    }
}

#[test]
fn every_key_in_the_schema_is_described() {
    fn undescribed(at: &str, node: &Value, found: &mut Vec<String>) {
        let conditions = ["/oneOf/", "/if", "/then", "/else"];
        if let Some(properties) = node.get("properties").and_then(Value::as_object) {
            for (key, property) in properties {
                // Conditions repeat keys only to constrain them.
                if !conditions.iter().any(|part| at.contains(part)) && property.get("description").is_none() {
                    found.push(format!("{at}/{key}"));
                }
            }
        }
        match node {
            Value::Object(map) => map.iter().for_each(|(key, v)| undescribed(&format!("{at}/{key}"), v, found)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(i, v)| undescribed(&format!("{at}/{i}"), v, found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    undescribed("", &schema(), &mut found);
    assert_eq!(found, [""; 0]);
}

#[test]
fn an_explained_answer_is_described_too() {
    let mut skipped = skip("query", &[]);
    let path = BString::from(b"a\xff".to_vec());
    let elsewhere = Elsewhere { path, kind: ChangeKind::Deleted, services: vec![ServiceName::new("command").unwrap()] };
    skipped.why = Some(Why { origins: Vec::new(), since: Since::Known(vec![elsewhere; 101].into()) });
    let mut built = changed("command", many(2));
    let chain = vec![ServiceName::new("command").unwrap(), ServiceName::new("base").unwrap()];
    let origin = Origin { at: "shipmark.toml:3".to_owned(), chain, left_out: 7, group: None };
    built.why = Some(Why { origins: vec![Some(origin), None], since: Since::NotAsked });
    let mut lost = skip("other", &[]);
    lost.why = Some(Why { origins: Vec::new(), since: Since::Unknown("it is gone".to_owned()) });
    let document = rendered(&[answer("prod", vec![skipped, built, lost])], false);
    let services = &document["services"];
    assert_eq!(services[0]["since"]["changes"].as_array().unwrap().len(), LISTED);
    assert_eq!(services[0]["since"]["changes_total"], 101);
    assert_eq!(services[1]["changes"][0]["at"], "shipmark.toml:3");
    assert_eq!(services[1]["changes"][0]["chain"], json!(["command", "base"]));
    assert_eq!(services[1]["changes"][0]["chain_left_out"], 7);
    assert!(services[1]["changes"][1].get("at").is_none() && services[1]["since"].is_null());
    assert_eq!(services[2]["since"]["unknown"], "it is gone");
}
