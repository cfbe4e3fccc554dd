//! Without faults: what passes, what the plan is asked, what is logged, and how it all ends.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use super::{Client, Engine, GET, ask, dynamodb, eventually, ok};
use crate::proxy::{Fault, Proxy};

#[test]
fn both_ways_are_byte_for_byte() {
    let engine = Engine::answering("HTTP/1.1 207 Odd  Reason\r\ncontent-LENGTH:  3\r\nX-Odd:\t a\r\n\r\nabc");
    let proxy = Proxy::to(&engine.endpoint);
    let request = "PUT /bucket/k%20y?x-id=PutObject HTTP/1.1\r\nhost: Any:80\r\nContent-Encoding: aws-chunked\r\n\
                   content-length: 28\r\nX-Odd:   b \r\n\r\n5\r\nhello\r\n0\r\nx-amz-sum:1\r\n\r\n";
    let answer = "HTTP/1.1 207 Odd  Reason\r\ncontent-LENGTH:  3\r\nX-Odd:\t a\r\n\r\nabc";
    assert_eq!(Client::of(&proxy).send(request).receive(answer.len()), answer);
    assert_eq!(engine.received(), [request]);
}

#[test]
fn chunks_pass_as_they_are_and_the_plan_sees_them_joined() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n";
    let engine = Engine::answering(answer);
    let proxy = Proxy::to(&engine.endpoint);
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    proxy.plan(move |request| {
        seen.lock().unwrap().push(request.body.clone());
        Fault::None
    });
    let request = "PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA\r\ncdefghijkl\r\n0\r\n\r\n";
    assert_eq!(Client::of(&proxy).send(request).receive(answer.len()), answer);
    assert_eq!(engine.received(), [request]);
    assert_eq!(*bodies.lock().unwrap(), [b"abcdefghijkl"]);
}

#[test]
fn a_client_that_waits_with_its_body_is_told_to_go_on() {
    let engine = Engine::answering(format!("HTTP/1.1 100 Continue\r\n\r\n{}", ok("")));
    let proxy = Proxy::to(&engine.endpoint);
    let mut client = Client::of(&proxy);
    client.send("PUT /b/k HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(client.receive(25), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(client.send("ab").response().0.starts_with("HTTP/1.1 200"), "the engine's own 100 is not passed on");
}

#[test]
fn one_connection_carries_many_requests() {
    let engine = Engine::saying("abc");
    let proxy = Proxy::to(&engine.endpoint);
    let mut client = Client::of(&proxy);
    for _ in 0..3 {
        assert_eq!(client.send(GET).response().1, "abc");
    }
}

#[test]
fn an_answer_to_head_tells_the_length_of_a_body_that_does_not_follow() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    let engine = Engine::answering(head);
    let proxy = Proxy::to(&engine.endpoint);
    let mut client = Client::of(&proxy);
    for _ in 0..2 {
        assert_eq!(client.send("HEAD /b HTTP/1.1\r\n\r\n").receive(head.len()), head);
    }
}

#[test]
fn a_body_that_ends_with_the_connection_ends_it_for_the_client_too() {
    let engine = Engine::answering("HTTP/1.1 200 OK\r\n\r\nall of it");
    let proxy = Proxy::to(&engine.endpoint);
    assert_eq!(Client::of(&proxy).send(GET).rest(), b"HTTP/1.1 200 OK\r\n\r\nall of it");
}

#[test]
fn the_plan_is_told_what_is_asked_and_how_often_it_was_asked() {
    let engine = Engine::saying("");
    let proxy = Proxy::to(&engine.endpoint);
    for plan in ["first", "second"] {
        let (tell, told) = mpsc::channel();
        proxy.plan(move |request| {
            tell.send(request.clone()).unwrap();
            Fault::None
        });
        for number in [1, 2] {
            ask(&proxy, "GET /b/k?q HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n");
            let request = told.recv().unwrap();
            assert_eq!(request.number, number, "{plan} plan");
            assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/b/k?q"));
            assert_eq!(request.operation, "GetObject");
            assert_eq!(request.headers, [("range".to_owned(), "bytes=0-1".to_owned())]);
            assert_eq!((request.header("range"), request.header("Range")), (Some("bytes=0-1"), None));
        }
    }
}

#[test]
fn operations_have_their_names_in_aws() {
    let engine = Engine::saying("");
    let proxy = Proxy::to(&engine.endpoint);
    let cases = [
        ("PUT /b/a/k?x-id=CopyObject", "CopyObject"),
        ("PUT /b/a/k", "PutObject"),
        ("GET /b/a/k?versionId=list-type=2", "GetObject"),
        ("DELETE /b/k", "DeleteObject"),
        ("GET /b/?prefix=p%2F&list-type=2", "ListObjectsV2"),
        ("GET /b?list-type=2", "ListObjectsV2"),
        ("PUT /b", "CreateBucket"),
        ("GET /", "ListBuckets"),
        ("POST /b?delete", "POST"),
    ];
    for (line, operation) in cases {
        proxy.clear_log();
        ask(&proxy, format!("{line} HTTP/1.1\r\n\r\n"));
        assert_eq!(proxy.log()[0].operation, operation, "{line}");
    }
    for (line, operation) in [("HEAD /b/", "HeadBucket"), ("HEAD /b/k", "HeadObject")] {
        proxy.clear_log();
        Client::of(&proxy).send(format!("{line} HTTP/1.1\r\n\r\n")).receive(15);
        assert_eq!(proxy.log()[0].operation, operation, "{line}");
    }
    proxy.clear_log();
    ask(&proxy, dynamodb("BatchGetItem", "{}"));
    assert_eq!(proxy.log()[0].operation, "BatchGetItem");
}

#[test]
fn the_log_has_every_request_whole_until_it_is_cleared() {
    let engine = Engine::saying("abc");
    let proxy = Proxy::to(&engine.endpoint);
    proxy.plan(|request| if request.number == 1 { Fault::None } else { Fault::LoseAnswer });
    ask(&proxy, GET);
    Client::of(&proxy).send(dynamodb("PutItem", "{}")).rest();
    let log = proxy.log();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].method.as_str(), log[0].target.as_str()), ("GET", "/bucket/key"));
    assert_eq!((log[0].status, &log[0].fault), (Some(200), &Fault::None));
    assert_eq!(log[0].request, GET);
    assert_eq!(log[0].response, ok("abc").as_bytes());
    // What the client was not given is logged too.
    assert_eq!((log[1].status, &log[1].fault), (Some(200), &Fault::LoseAnswer));
    assert_eq!(log[1].response, ok("abc").as_bytes());
    proxy.clear_log();
    assert!(proxy.log().is_empty());
}

#[test]
fn a_forward_proxy_goes_to_loopback_hosts_only() {
    let (engine, other) = (Engine::saying("engine"), Engine::saying("other"));
    let proxy = Proxy::to(&engine.endpoint);
    let (_, body) = ask(&proxy, format!("GET {}/v2/x?y HTTP/1.1\r\nHost: b\r\n\r\n", other.endpoint));
    assert_eq!(
        (body.as_str(), other.received()),
        ("other", vec!["GET /v2/x?y HTTP/1.1\r\nHost: b\r\n\r\n".to_owned()])
    );
    assert_eq!(proxy.log()[0].target, format!("{}/v2/x?y", other.endpoint));
    for line in ["GET http://192.0.2.1:80/ HTTP/1.1", "CONNECT 127.0.0.1:443 HTTP/1.1"] {
        assert!(ask(&proxy, format!("{line}\r\n\r\n")).0.starts_with("HTTP/1.1 403"), "{line}");
    }
    assert!(engine.received().is_empty());
}

#[test]
fn a_plan_that_waits_holds_up_no_other_connection() {
    let engine = Engine::saying("abc");
    let proxy = Proxy::to(&engine.endpoint);
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    proxy.plan(move |request| {
        if request.number == 1 {
            released.lock().unwrap().recv().unwrap();
        }
        Fault::None
    });
    let mut first = Client::of(&proxy);
    assert!(first.send(GET).hears_nothing());
    assert_eq!(ask(&proxy, GET).1, "abc");
    release.send(()).unwrap();
    first.receive(15);
}

#[test]
fn a_proxy_for_an_engine_that_is_not_there_closes_the_connection() {
    let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let proxy = Proxy::to(&format!("http://{gone}"));
    assert!(Client::of(&proxy).send(GET).rest().is_empty());
    assert_eq!(proxy.log()[0].status, None);
}

#[test]
fn nothing_is_left_of_a_dropped_proxy() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let engine = Engine::saying("abc");
    let proxy = Proxy::to(&engine.endpoint);
    let address = proxy.endpoint();
    proxy.plan(|request| match request.target.as_str() {
        "/stall" => Fault::Stall,
        "/stall-body" => Fault::StallBody { after: 1 },
        "/delay" => Fault::Delay(Duration::from_secs(600)),
        _ => Fault::None,
    });
    let to_silent = format!("http://{}/", silent.local_addr().unwrap());
    let whole = ["/stall", "/stall-body", "/delay", &to_silent].map(|target| format!("GET {target} HTTP/1.1\r\n\r\n"));
    let unfinished = [String::new(), "GET / HT".to_owned(), "PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\n".to_owned()];
    let requests: Vec<_> = whole.iter().chain(&unfinished).collect();
    let mut clients: Vec<_> = requests.iter().map(|_| Client::of(&proxy)).collect();
    for (client, request) in clients.iter_mut().zip(&requests) {
        client.send(request);
    }
    let threads = Arc::downgrade(&proxy.state);
    // The proxy itself and the thread that accepts have the state, too.
    eventually("every connection has a thread", || threads.strong_count() == requests.len() + 2);
    eventually("every whole request has come", || proxy.log().len() == whole.len());
    drop(proxy);
    eventually("every thread has ended", || threads.strong_count() == 0);
    assert!(TcpStream::connect(address.strip_prefix("http://").unwrap()).is_err());
}
