//! HTTP/1.1 messages (RFC 9112), kept as they were on the wire: they are understood only as far as their ends and the faults
//! need it, so that what is passed on is byte for byte what came.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How soon a thread notices that the proxy is gone.
const PULSE: Duration = Duration::from_millis(30);
/// How long a peer may refuse to take bytes.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// A request or a response.
#[derive(Clone)]
pub(super) struct Message {
    /// The start line, the headers and the empty line.
    head: Vec<u8>,
    /// The body with the framing of its transfer coding.
    wire_body: Vec<u8>,
    /// The body without that framing.
    payload: Vec<u8>,
    /// Nothing but the end of the connection tells where the body ends.
    until_close: bool,
}

impl Message {
    /// Reads a request, and tells a client that waits with its body to go on; nothing where the client has gone.
    pub(super) fn request(from: &mut impl BufRead, mut client: impl Write) -> io::Result<Option<Self>> {
        let Some(mut request) = Self::head_of(from)? else { return Ok(None) };
        if request.header("expect").is_some_and(|expected| expected.eq_ignore_ascii_case("100-continue")) {
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        request.read_framed_body(from)?;
        Ok(Some(request))
    }

    /// Reads the final response to a request of that method.
    pub(super) fn response(from: &mut impl BufRead, method: &str) -> io::Result<Self> {
        let mut response = Self::head_of(from)?.ok_or(ErrorKind::UnexpectedEof)?;
        while matches!(response.status(), Some(100..200)) {
            response = Self::head_of(from)?.ok_or(ErrorKind::UnexpectedEof)?;
        }
        let bodiless = method == "HEAD" || matches!(response.status(), Some(204 | 304));
        if !bodiless && !response.read_framed_body(from)? {
            response.until_close = true;
            from.read_to_end(&mut response.wire_body)?;
            response.payload = response.wire_body.clone();
        }
        Ok(response)
    }

    /// A response of the proxy's own, whose headers stand one a line.
    pub(super) fn made(status: u16, headers: &str, payload: Vec<u8>) -> Self {
        let head = format!("HTTP/1.1 {status} Made-Up\r\n{}\r\n\r\n", headers.replace('\n', "\r\n"));
        Self::raw(head.into_bytes()).with_payload(payload)
    }

    /// Bytes that need not be a message.
    pub(super) fn raw(bytes: Vec<u8>) -> Self {
        Self { head: bytes, wire_body: Vec::new(), payload: Vec::new(), until_close: true }
    }

    /// The same with another body, whose length is told in its head.
    pub(super) fn with_payload(&self, payload: Vec<u8>) -> Self {
        // A checksum of the old body would give the new one away.
        let mut changed = self.without_headers(&["content-length", "transfer-encoding", "x-amz-crc32"]);
        changed.head.truncate(changed.head.len() - 2);
        changed.head.extend(format!("Content-Length: {}\r\n\r\n", payload.len()).bytes());
        changed.wire_body.clone_from(&payload);
        Self { payload, until_close: false, ..changed }
    }

    /// The same without its body, as it answers HEAD.
    pub(super) fn head_only(self) -> Self {
        Self { wire_body: Vec::new(), payload: Vec::new(), ..self }
    }

    /// The same without these headers, whose names are lower-case.
    pub(super) fn without_headers(&self, names: &[&str]) -> Self {
        let kept = |line: &&[u8]| header_of(line).is_none_or(|(name, _)| !names.contains(&name.as_str()));
        let head = self.head.split_inclusive(|byte| *byte == b'\n').filter(kept).flatten().copied().collect();
        Self { head, ..self.clone() }
    }

    /// The same with a further header, as a line of its own.
    pub(super) fn with_header(&self, header: &str) -> Self {
        let mut head = self.head.clone();
        head.truncate(head.len() - 2);
        head.extend(format!("{header}\r\n\r\n").bytes());
        Self { head, ..self.clone() }
    }

    /// The request for another target.
    pub(super) fn with_target(&self, target: &str) -> Self {
        let rest = self.head.splitn(2, |byte| *byte == b'\n').last().unwrap_or_default();
        let start = format!("{} {target} HTTP/1.1\r\n", self.method());
        Self { head: [start.as_bytes(), rest].concat(), ..self.clone() }
    }

    /// The method of a request.
    pub(super) fn method(&self) -> String {
        self.start(0)
    }

    /// The target of a request.
    pub(super) fn target(&self) -> String {
        self.start(1)
    }

    /// The status of a response.
    pub(super) fn status(&self) -> Option<u16> {
        self.start(1).parse().ok()
    }

    /// All headers, as they are spelt.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        self.head.split(|byte| *byte == b'\n').skip(1).filter_map(header_of).collect()
    }

    /// A header, by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body without the framing of a transfer coding.
    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes on the wire.
    pub(super) fn wire(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.wire_body].concat()
    }

    /// The bytes on the wire up to that byte of the body, which is longer, in a frame that promises the whole of it.
    pub(super) fn cut(&self, after: usize) -> Vec<u8> {
        let Self { head, payload, .. } = self.with_payload(self.payload.clone());
        [head.as_slice(), &payload[..after]].concat()
    }

    /// Whether the connection has to be closed after it.
    pub(super) fn ends_the_connection(&self) -> bool {
        self.until_close
    }

    fn start(&self, word: usize) -> String {
        let line = self.head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        String::from_utf8_lossy(line).split_whitespace().nth(word).unwrap_or_default().to_owned()
    }

    fn head_of(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if from.read_until(b'\n', &mut head)? == 0 {
                return if head.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
        }
        Ok(Some(Self { until_close: false, ..Self::raw(head) }))
    }

    /// Reads a body whose end the head tells; false where the head tells none.
    fn read_framed_body(&mut self, from: &mut impl BufRead) -> io::Result<bool> {
        if self.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            while self.read_chunk(from)? > 0 {}
            while self.read_line(from)? != b"\r\n" {}
            return Ok(true);
        }
        let Some(length) = self.header("content-length") else { return Ok(false) };
        let mut body = vec![0; length.parse().map_err(|_| ErrorKind::InvalidData)?];
        from.read_exact(&mut body)?;
        self.wire_body.clone_from(&body);
        self.payload = body;
        Ok(true)
    }

    /// Reads a chunk, and gives its size; the last one has none, and no end of line after its data.
    fn read_chunk(&mut self, from: &mut impl BufRead) -> io::Result<usize> {
        let line = String::from_utf8_lossy(&self.read_line(from)?).into_owned();
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| ErrorKind::InvalidData)?;
        if size > 0 {
            let mut chunk = vec![0; size + 2];
            from.read_exact(&mut chunk)?;
            self.wire_body.extend(&chunk);
            self.payload.extend(&chunk[..size]);
        }
        Ok(size)
    }

    fn read_line(&mut self, from: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        from.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\n") {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.wire_body.extend(&line);
        Ok(line)
    }
}

/// The name, in lower case, and the value in a line of a head.
fn header_of(line: &[u8]) -> Option<(String, String)> {
    let line = String::from_utf8_lossy(line);
    let (name, value) = line.split_once(':')?;
    // A start line has a space before any colon.
    (!name.contains(' ')).then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
}

/// Reads from a peer however long it takes, but no longer than the proxy lives.
pub(super) struct Patient<'a> {
    peer: &'a TcpStream,
    stopped: &'a AtomicBool,
}

impl<'a> Patient<'a> {
    pub(super) fn new(peer: &'a TcpStream, stopped: &'a AtomicBool) -> io::Result<Self> {
        peer.set_nodelay(true)?;
        peer.set_read_timeout(Some(PULSE))?;
        peer.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self { peer, stopped })
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.peer.read(buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if self.stopped.load(Ordering::Relaxed) {
                        return Err(ErrorKind::ConnectionAborted.into());
                    }
                }
                done => return done,
            }
        }
    }
}
