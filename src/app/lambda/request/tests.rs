use serde_json::json;

use super::*;

fn refused(value: &Value) -> String {
    let failure = ActionRequest::read(value).unwrap_err();
    format!("{failure}; {}", failure.hint.as_deref().unwrap_or_default())
}

#[test]
fn each_verb_is_read() {
    let decide = json!({ "do": "decide", "environment": "prod", "services": "web", "force": ["a", "b"],
        "env": { "NODE_VERSION": "" }, "extra": { "base": "sha256:1" } });
    let ActionRequest { verb: Verb::Decide(decide), environment, .. } = ActionRequest::read(&decide).unwrap() else {
        panic!()
    };
    assert_eq!(environment.as_deref(), Some("prod"));
    assert_eq!((decide.services, decide.force), (vec!["web".to_owned()], Some(Some("a,b".to_owned()))));
    assert_eq!((decide.env["NODE_VERSION"].as_str(), decide.extra), ("", vec!["base=sha256:1".to_owned()]));
    let promote = json!({ "do": "promote", "candidate": "c", "outputs": { "A": "1=2", "web": { "B": "3" } } });
    let promoted = Verb::Promote {
        candidate: "c".to_owned(),
        outputs: vec!["A=1=2".to_owned(), "web:B=3".to_owned()],
        failed: false,
    };
    assert_eq!(ActionRequest::read(&promote).unwrap().verb, promoted);
    let confirm = json!({ "do": "promote", "claims": "a b" });
    assert_eq!(ActionRequest::read(&confirm).unwrap().verb, Verb::Confirm("a b".to_owned()));
    let begin = json!({ "do": "begin", "candidate": "c" });
    assert_eq!(ActionRequest::read(&begin).unwrap().verb, Verb::Begin("c".to_owned()));
    let taint = json!({ "do": "taint", "services": ["web"], "reason": "rolled back", "id": "e-1" });
    let tainted = Verb::Taint { services: vec!["web".to_owned()], reason: "rolled back".to_owned() };
    assert_eq!(ActionRequest::read(&taint).unwrap().verb, tainted);
    let start =
        json!({ "do": "start", "candidate": "c", "pipelines": "shop-{service}", "revisions": { "Source": "abc" } });
    assert!(
        matches!(ActionRequest::read(&start).unwrap().verb, Verb::Start(StartRequest { revisions, .. }) if revisions["Source"] == "abc")
    );
}

#[test]
fn what_is_wrong_is_named() {
    for (value, says) in [
        (json!("decide"), "not a JSON object"),
        (json!({}), "`do` is missing"),
        (
            json!({ "do": "deploy" }),
            "`deploy` is nothing to do; `do` is one of decide, begin, promote, start and taint",
        ),
        (json!({ "do": "decide", "service": "web" }), "no key `service`; did you mean `services`?"),
        (json!({ "do": "begin", "candidate": "c", "services": ["web"] }), "`begin` has no key `services`"),
        (json!({ "do": "begin" }), "`candidate` is missing"),
        (json!({ "do": "begin", "candidate": "" }), "`candidate` is empty"),
        (json!({ "do": "decide", "services": [] }), "`services` is not a list of texts"),
        (json!({ "do": "decide", "services": ["web", 1] }), "`services` is not a list of texts"),
        (json!({ "do": "decide", "env": { "A": 1 } }), "`env` is not an object of texts"),
        (json!({ "do": "promote", "candidate": "c", "claims": "d" }), "exclude each other"),
        (json!({ "do": "promote", "candidate": "c", "failed": "yes" }), "`failed` is not true or false"),
        (json!({ "do": "taint", "reason": "r" }), "no service is named"),
    ] {
        let text = refused(&value);
        assert!(text.contains(says), "{value}: {text}");
    }
}
