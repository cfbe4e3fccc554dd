//! The proxy itself, between a client and an engine that are no more than sockets.

mod faults;
mod passing;
mod rewriting;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::Proxy;

const GET: &[u8] = b"GET /bucket/key HTTP/1.1\r\nHost: a\r\n\r\n";

/// An engine that keeps what it was sent and gives the same answer to all of it, on a connection each.
struct Engine {
    endpoint: String,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Engine {
    fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&received);
        // The thread sleeps in `accept` until the process ends.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let request = whole_request(&mut connection);
                keep.lock().unwrap().push(request);
                connection.write_all(&answer).unwrap();
            }
        });
        Self { endpoint, received }
    }

    /// An engine with an ordinary answer of that body.
    fn saying(body: &str) -> Self {
        Self::answering(ok(body))
    }

    fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().iter().map(|bytes| String::from_utf8(bytes.clone()).unwrap()).collect()
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn whole_request(from: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let length = from.read(&mut buffer).unwrap();
        request.extend(&buffer[..length]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest.lines().next().unwrap());
        let whole = if head.contains("transfer-encoding: chunked") {
            body.ends_with("0\r\n\r\n")
        } else {
            body.len() >= length.parse().unwrap()
        };
        if whole {
            return request;
        }
    }
}

/// A client's connection.
struct Client(TcpStream);

impl Client {
    fn of(proxy: &Proxy) -> Self {
        let stream = TcpStream::connect(proxy.endpoint().strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Self(stream)
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.write_all(bytes.as_ref()).unwrap();
        self
    }

    /// So many bytes; fails where they do not come.
    fn receive(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// A head and the body whose length it tells.
    fn response(&mut self) -> (String, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head += &self.receive(1);
        }
        let length = head.split_once("Content-Length: ").unwrap().1.lines().next().unwrap().parse().unwrap();
        let body = self.receive(length);
        (head, body)
    }

    /// All there is until the connection is closed; fails where it is not.
    fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).unwrap();
        bytes
    }

    /// Whether nothing comes for a while, not even the end.
    fn hears_nothing(&mut self) -> bool {
        self.0.set_read_timeout(Some(Duration::from_millis(150))).unwrap();
        let error = self.0.read(&mut [0]).err().map(|error| error.kind());
        matches!(error, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }
}

/// Waits until something is so; fails where it does not become so.
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !is_so() {
        assert!(Instant::now() < end, "not so after five seconds: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends one request and reads the answer.
fn ask(proxy: &Proxy, request: impl AsRef<[u8]>) -> (String, String) {
    Client::of(proxy).send(request).response()
}

fn dynamodb(operation: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
