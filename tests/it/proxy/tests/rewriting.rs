//! What is taken out of requests before the engine sees them.

use serde_json::{Value, json};

use super::{Engine, ask, dynamodb, ok};
use crate::proxy::{Fault, Proxy};

/// What an engine received for a request, and what it and the proxy made of the answer.
fn through(fault: Fault, answer: &str, request: &str) -> (Vec<String>, String) {
    let engine = Engine::answering(answer);
    let proxy = Proxy::to(&engine.endpoint);
    proxy.plan(move |_| fault.clone());
    let (head, body) = ask(&proxy, request);
    assert!(!head.contains("crc32"), "the checksum is of another body: {head}");
    (engine.received(), body)
}

fn json_of(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_dropped_header_is_all_that_is_missing() {
    let request = "PUT /b/k HTTP/1.1\r\nIf-Match: \"1\"\r\nIf-None-Match: *\r\nContent-Length: 2\r\n\r\nab";
    let (received, _) = through(Fault::DropHeader("If-Match"), &ok(""), request);
    assert_eq!(received, ["PUT /b/k HTTP/1.1\r\nIf-None-Match: *\r\nContent-Length: 2\r\n\r\nab"]);
}

#[test]
fn a_date_is_replaced_or_taken_away() {
    let answer = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\nab";
    let engine = Engine::answering(answer);
    let proxy = Proxy::to(&engine.endpoint);
    for (date, shown) in [(None, ""), (Some("yesterday"), "Date: yesterday\r\n")] {
        proxy.plan(move |_| Fault::Date(date));
        let (head, body) = ask(&proxy, "GET /b/k HTTP/1.1\r\n\r\n");
        assert_eq!((head, body.as_str()), (format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{shown}\r\n"), "ab"));
    }
}

#[test]
fn a_dropped_condition_takes_with_it_what_only_it_needs() {
    let body = json!({
        "TableName": "t", "Item": { "pk": { "S": "a" } }, "ReturnValues": "NONE",
        "ConditionExpression": "#s = :s", "ExpressionAttributeNames": { "#s": "serial" },
        "ExpressionAttributeValues": { ":s": { "N": "1" } }, "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let (received, _) = through(Fault::DropCondition, &ok(""), &dynamodb("PutItem", &body.to_string()));
    let rest = json!({ "TableName": "t", "Item": { "pk": { "S": "a" } }, "ReturnValues": "NONE" });
    assert_eq!(json_of(&received[0]), rest);
    assert!(received[0].contains(&format!("Content-Length: {}\r\n", rest.to_string().len())), "{received:?}");
}

#[test]
fn a_request_without_a_condition_stays_as_it_is() {
    let names = r##"{ "ProjectionExpression": "#a", "ExpressionAttributeNames": {"#a":"b"} }"##;
    for request in [dynamodb("GetItem", names), "PUT /b/k HTTP/1.1\r\nContent-Length: 2\r\n\r\nab".to_owned()] {
        assert_eq!(through(Fault::DropCondition, &ok(""), &request).0, [request]);
    }
}

fn keys(names: &[&str]) -> Value {
    let keys: Vec<_> = names.iter().map(|name| json!({ "pk": { "S": name } })).collect();
    json!({ "Keys": keys, "ConsistentRead": true })
}

/// What is unprocessed of a batch for keys `a`, `b` of table `t` and `c` of table `u`, when so many keys are served.
fn unprocessed(serve: usize, answer: &Value) -> (Vec<Value>, Value) {
    let batch =
        json!({ "RequestItems": { "t": keys(&["a", "b"]), "u": keys(&["c"]) }, "ReturnConsumedCapacity": "NONE" });
    let answer =
        format!("HTTP/1.1 200 OK\r\nx-amz-crc32: 1\r\nContent-Length: {}\r\n\r\n{answer}", answer.to_string().len());
    let (received, body) =
        through(Fault::Unprocessed { serve }, &answer, &dynamodb("BatchGetItem", &batch.to_string()));
    (received.iter().map(|request| json_of(request)).collect(), serde_json::from_str(&body).unwrap())
}

#[test]
fn the_first_keys_of_a_batch_are_served_and_the_others_given_back() {
    let answer = json!({ "Responses": { "t": [{ "pk": { "S": "a" } }] }, "UnprocessedKeys": {} });
    let (received, given) = unprocessed(1, &answer);
    assert_eq!(received, [json!({ "ReturnConsumedCapacity": "NONE", "RequestItems": { "t": keys(&["a"]) } })]);
    assert_eq!(given["Responses"], answer["Responses"]);
    assert_eq!(given["UnprocessedKeys"], json!({ "t": keys(&["b"]), "u": keys(&["c"]) }));
}

#[test]
fn what_the_engine_leaves_unprocessed_stays_so() {
    let answer = json!({ "Responses": {}, "UnprocessedKeys": { "t": keys(&["a"]) } });
    let (_, given) = unprocessed(1, &answer);
    assert_eq!(given["UnprocessedKeys"], json!({ "t": keys(&["a", "b"]), "u": keys(&["c"]) }));
}

#[test]
fn a_batch_of_which_nothing_is_served_does_not_reach_the_engine() {
    let (received, given) = unprocessed(0, &Value::Null);
    assert!(received.is_empty());
    assert_eq!(given, json!({ "Responses": {}, "UnprocessedKeys": { "t": keys(&["a", "b"]), "u": keys(&["c"]) } }));
}

#[test]
fn a_batch_that_is_served_whole_leaves_nothing() {
    let answer = json!({ "Responses": {}, "UnprocessedKeys": {} });
    let (received, given) = unprocessed(3, &answer);
    assert_eq!(received[0]["RequestItems"], json!({ "t": keys(&["a", "b"]), "u": keys(&["c"]) }));
    assert_eq!(given, answer);
}

#[test]
fn a_request_that_is_no_batch_is_served_whole() {
    let request = dynamodb("GetItem", r#"{ "TableName": "t" }"#);
    assert_eq!(through(Fault::Unprocessed { serve: 0 }, &ok("abc"), &request), (vec![request], "abc".to_owned()));
}
