//! A web server on loopback whose answers `git http-backend` makes, as behind any git host, and which does what a test wants of
//! it besides: ask for a password, hide the newer protocol, or stall.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How the server behaves.
#[derive(Clone, Default)]
pub(super) struct Manners {
    /// Name and password, if it asks for them.
    pub(super) password: Option<&'static str>,
    /// Whether it speaks the protocol of old servers only, which give out what a branch leads to and nothing else.
    pub(super) old: bool,
    /// Whether it takes requests and never answers.
    pub(super) stalls: bool,
}

/// A server that runs until the process ends.
pub(super) struct Server {
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    /// The requests, each as `METHOD PATH`.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves the repositories below a directory.
    pub(super) fn new(root: &Path, manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (root, log) = (root.to_owned(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (root, manners, log) = (root.clone(), manners.clone(), Arc::clone(&log));
                std::thread::spawn(move || answer(&stream.unwrap(), &root, &manners, &log));
            }
        });
        Self { address, asked }
    }

    /// What was asked since the last call.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// Answers one request, and closes the connection.
fn answer(stream: &TcpStream, root: &Path, manners: &Manners, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = || {
        let mut text = String::new();
        reader.read_line(&mut text).ok().filter(|read| *read > 0)?;
        Some(text.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    log.lock().unwrap().push(format!("{method} {target}"));
    let mut headers = BTreeMap::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    if headers.contains_key("expect") {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    let body = body(&mut reader, &headers)?;
    if manners.stalls {
        std::thread::sleep(std::time::Duration::from_mins(10));
    }
    let expected = manners.password.map(|password| format!("Basic {}", STANDARD.encode(password)));
    if expected.is_some() && headers.get("authorization") != expected.as_ref() {
        let head =
            "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return writer.write_all(head.as_bytes()).ok();
    }
    let answer = backend(root, manners, &method, &target, &headers, &body);
    writer.write_all(&answer).ok()
}

/// The body of a request, of a known length or in chunks.
fn body(reader: &mut impl BufRead, headers: &BTreeMap<String, String>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let start = body.len();
            body.resize(start + size, 0);
            reader.read_exact(&mut body[start..]).ok()?;
            reader.read_line(&mut String::new()).ok()?;
            if size == 0 {
                return Some(body);
            }
        }
    }
    body.resize(headers.get("content-length").map_or(0, |length| length.parse().unwrap()), 0);
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// What `git http-backend` answers, as a whole response.
fn backend(
    root: &Path,
    manners: &Manners,
    method: &str,
    target: &str,
    headers: &BTreeMap<String, String>,
    body: &[u8],
) -> Vec<u8> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut git = Command::new("git");
    git.arg("http-backend").env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    git.env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
    let header = |name: &str| headers.get(name).map_or("", String::as_str);
    git.env("CONTENT_TYPE", header("content-type")).env("CONTENT_LENGTH", body.len().to_string());
    git.env("HTTP_CONTENT_ENCODING", header("content-encoding"));
    if !manners.old {
        git.env("GIT_PROTOCOL", header("git-protocol"));
    }
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let body = body.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&body));
    let told = child.wait_with_output().unwrap().stdout;
    let _ = writer.join().unwrap();
    let end = told.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&told[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    let rest = &told[end + 4..];
    let head = format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", rest.len());
    [head.as_bytes(), rest].concat()
}

/// Where a repository is below the served directory, as an address.
pub(super) fn address(server: &Server, user: &str, repository: &Path) -> String {
    let name = repository.file_name().unwrap().to_str().unwrap();
    format!("http://{user}{}/{name}", server.address)
}

/// The directory that is served.
pub(super) fn root(repository: &Path) -> PathBuf {
    repository.parent().unwrap().to_owned()
}
