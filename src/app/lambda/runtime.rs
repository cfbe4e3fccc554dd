//! Lambda's interface for runtimes: four plain HTTP requests, each on a connection of its own.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

/// The version of the interface.
const VERSION: &str = "2018-06-01";

/// The largest event that Lambda gives is 6 MB; more than this is not one.
const MOST: u64 = 16 << 20;

/// Where a function asks for its events.
pub(super) struct Runtime {
    address: String,
}

/// One event.
pub(super) struct Invocation {
    /// The id of the request: where Lambda sends an event again, it has the same one.
    pub(super) id: String,
    /// When the function is ended, in milliseconds since 1970.
    deadline: i64,
    /// The event. It may hold credentials.
    pub(super) body: Vec<u8>,
}

impl Invocation {
    /// How long the function may run on.
    pub(super) fn left(&self, now: Timestamp) -> Duration {
        Duration::from_millis(u64::try_from(self.deadline - now.as_millisecond()).unwrap_or_default())
    }
}

impl Runtime {
    /// `address` is a host and a port.
    pub(super) fn new(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    /// Waits for the next event.
    ///
    /// # Errors
    /// Nothing is there, or what comes is not an event.
    pub(super) fn next(&self) -> io::Result<Invocation> {
        let answer = self.request("GET", "invocation/next", "")?;
        let id = answer.header("lambda-runtime-aws-request-id").unwrap_or_default().to_owned();
        let deadline = answer.header("lambda-runtime-deadline-ms").and_then(|text| text.parse().ok());
        match deadline {
            Some(deadline) if !id.is_empty() => Ok(Invocation { id, deadline, body: answer.body }),
            _ => Err(io::Error::other("an event without an id or a deadline")),
        }
    }

    /// The event is done.
    ///
    /// # Errors
    /// It is not taken.
    pub(super) fn respond(&self, id: &str, body: &str) -> io::Result<()> {
        self.request("POST", &format!("invocation/{id}/response"), body).map(drop)
    }

    /// The event is not done.
    ///
    /// # Errors
    /// It is not taken.
    pub(super) fn fail(&self, id: &str, kind: &str, message: &str) -> io::Result<()> {
        let body = json!({ "errorType": kind, "errorMessage": message, "stackTrace": [] }).to_string();
        self.request("POST", &format!("invocation/{id}/error"), &body).map(drop)
    }

    fn request(&self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        let head = format!(
            "{method} /{VERSION}/runtime/{path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        let answer = Answer::read(&mut BufReader::new(stream))?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(io::Error::other(format!("status {}", answer.status)))
        }
    }
}

/// An answer over HTTP.
struct Answer {
    status: u16,
    /// The names are in lower case.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn read(from: &mut impl BufRead) -> io::Result<Self> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("an answer with {what}"));
        let first = line(from)?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| bad("no status"))?;
        let mut headers = Vec::new();
        loop {
            let line = line(from)?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a value"))?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Self { status, headers, body: Vec::new() };
        let chunked = answer.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        let length: Option<u64> = match answer.header("content-length") {
            Some(text) => Some(text.parse().map_err(|_| bad("no length"))?),
            None => None,
        };
        if length.is_some_and(|length| length > MOST) {
            return Err(bad("too much in it"));
        }
        if chunked {
            answer.body = chunks(from)?;
            return Ok(answer);
        }
        from.take(length.unwrap_or(MOST)).read_to_end(&mut answer.body)?;
        match length {
            Some(length) if answer.body.len() as u64 != length => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(answer),
        }
    }
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(from)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause))?;
        if body.len() as u64 + size > MOST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer with too much in it"));
        }
        let before = body.len() as u64;
        from.by_ref().take(size).read_to_end(&mut body)?;
        if body.len() as u64 - before != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // The end of the chunk; after the last one, of the trailers, of which Lambda sends none.
        line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// A line without its end. A connection that ends before it is an error.
fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    from.by_ref().take(64 << 10).read_line(&mut text)?;
    let Some(text) = text.strip_suffix('\n') else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> io::Result<String> {
        Answer::read(&mut text.as_bytes()).map(|answer| String::from_utf8(answer.body).unwrap())
    }

    #[test]
    fn bodies_have_a_length_or_chunks_or_an_end() {
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}more").unwrap(), "{}");
        assert_eq!(body("HTTP/1.1 200 OK\r\n\r\n{}").unwrap(), "{}");
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n";
        assert_eq!(body(chunked).unwrap(), "{}");
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n{}\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n{}",
            "garbage\r\n\r\n",
        ] {
            assert!(body(text).is_err(), "{text}");
        }
    }
}
