//! What goes wrong on the way of an answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Client, Engine, GET, ask, dynamodb, eventually, ok};
use crate::proxy::{Fault, Proxy};

/// An engine that says `abcdef`, and a proxy that always has this fault.
fn with(fault: Fault) -> (Engine, Proxy) {
    let engine = Engine::saying("abcdef");
    let proxy = Proxy::to(&engine.endpoint);
    proxy.plan(move |_| fault.clone());
    (engine, proxy)
}

const THROTTLED: Fault = Fault::Answer { status: 400, code: "ThrottlingException", message: "Rate exceeded" };

#[test]
fn an_error_of_dynamodb_is_json() {
    let (engine, proxy) = with(THROTTLED);
    let (head, body) = ask(&proxy, dynamodb("PutItem", "{}"));
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(head.contains("Content-Type: application/x-amz-json-1.0\r\n"), "{head}");
    assert!(head.contains("x-amzn-RequestId: "), "{head}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["__type"], "com.amazonaws.dynamodb.v20120810#ThrottlingException");
    assert_eq!(body["message"], "Rate exceeded");
    assert!(engine.received().is_empty());
    assert_eq!((proxy.log()[0].status, &proxy.log()[0].fault), (Some(400), &THROTTLED));
}

#[test]
fn an_error_of_s3_is_xml_and_bodiless_where_the_question_is_head() {
    let (engine, proxy) = with(Fault::Answer { status: 503, code: "SlowDown", message: "Reduce your rate" });
    let mut client = Client::of(&proxy);
    let (head, body) = client.send(GET).response();
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert!(head.contains("Content-Type: application/xml\r\n"), "{head}");
    assert!(body.contains("<Error><Code>SlowDown</Code><Message>Reduce your rate</Message>"), "{body}");
    client.send("HEAD /bucket/key HTTP/1.1\r\n\r\n");
    assert_eq!(client.receive(head.len()), head);
    // The next answer begins where the head ended.
    assert_eq!(client.send(GET).response().0, head);
    assert!(engine.received().is_empty());
}

#[test]
fn a_lost_answer_was_given_by_the_engine() {
    let (engine, proxy) = with(Fault::LoseAnswer);
    assert!(Client::of(&proxy).send(GET).rest().is_empty());
    assert_eq!(engine.received().len(), 1);
}

#[test]
fn a_refused_request_never_reaches_the_engine() {
    let (engine, proxy) = with(Fault::Refuse);
    assert!(Client::of(&proxy).send(GET).rest().is_empty());
    assert!(engine.received().is_empty());
    assert_eq!(proxy.log()[0].status, None);
}

#[test]
fn a_stalled_request_has_neither_answer_nor_end() {
    let (engine, proxy) = with(Fault::Stall);
    let mut client = Client::of(&proxy);
    assert!(client.send(GET).hears_nothing());
    assert!(engine.received().is_empty());
    assert_eq!(proxy.log().len(), 1, "a request is logged before it is answered");
    drop(proxy);
    assert!(client.rest().is_empty());
}

#[test]
fn a_stalled_connection_ends_when_its_client_goes() {
    let (_engine, proxy) = with(Fault::Stall);
    let mut client = Client::of(&proxy);
    assert!(client.send(GET).hears_nothing());
    let before = Arc::strong_count(&proxy.state);
    drop(client);
    eventually("the thread of the connection has ended", || Arc::strong_count(&proxy.state) < before);
}

#[test]
fn a_cut_body_promises_more_than_comes() {
    let (_engine, proxy) = with(Fault::CutBody { after: 2 });
    let cut = Client::of(&proxy).send(GET).rest();
    assert_eq!(String::from_utf8(cut).unwrap(), ok("abcdef").trim_end_matches("cdef"));
}

#[test]
fn a_cut_counts_the_bytes_of_a_chunked_body_without_their_framing() {
    let engine =
        Engine::answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
    let proxy = Proxy::to(&engine.endpoint);
    proxy.plan(|_| Fault::CutBody { after: 4 });
    let cut = Client::of(&proxy).send(GET).rest();
    assert_eq!(String::from_utf8(cut).unwrap(), "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcd");
}

#[test]
fn a_stalled_body_stays_open() {
    let (_engine, proxy) = with(Fault::StallBody { after: 2 });
    let mut client = Client::of(&proxy);
    let begun = ok("abcdef").trim_end_matches("cdef").to_owned();
    assert_eq!(client.send(GET).receive(begun.len()), begun);
    assert!(client.hears_nothing());
}

#[test]
fn a_body_that_is_too_short_to_cut_leaves_the_connection_as_usual() {
    for fault in [Fault::CutBody { after: 6 }, Fault::StallBody { after: 6 }] {
        let (_engine, proxy) = with(fault);
        let mut client = Client::of(&proxy);
        for _ in 0..2 {
            assert_eq!(client.send(GET).response().1, "abcdef");
        }
    }
}

#[test]
fn a_captive_portal_answers_with_a_page() {
    let (engine, proxy) = with(Fault::Html);
    let (head, body) = ask(&proxy, GET);
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("Content-Type: text/html\r\n"), "{head}");
    assert!(body.starts_with("<!DOCTYPE html>"), "{body}");
    assert!(engine.received().is_empty());
}

#[test]
fn garbage_is_not_http() {
    let (engine, proxy) = with(Fault::Garbage);
    let garbage = Client::of(&proxy).send(GET).rest();
    assert!(!garbage.is_empty() && !garbage.starts_with(b"HTTP/"), "{garbage:?}");
    assert!(engine.received().is_empty());
    assert_eq!((proxy.log()[0].status, &proxy.log()[0].response), (None, &garbage));
}

#[test]
fn a_delayed_request_is_answered_later_as_usual() {
    let (engine, proxy) = with(Fault::Delay(Duration::from_millis(300)));
    let mut client = Client::of(&proxy);
    let start = Instant::now();
    assert!(client.send(GET).hears_nothing());
    assert!(engine.received().is_empty(), "the pause is before the engine is asked");
    client.0.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(client.response().1, "abcdef");
    assert!(start.elapsed() >= Duration::from_millis(300));
}
