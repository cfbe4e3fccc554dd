//! A server as a child of this process, on free ports of this machine, that does not outlive it. A static is not dropped
//! when a process ends, and nothing is when it is killed, so the end is noticed from outside: a pipe reaches its end.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Long enough for a loaded machine; an idle one needs less than two seconds.
const DEADLINE: Duration = Duration::from_secs(60);

/// `$1` is the directory of its data, `$2` are further files that it leaves, with a blank between them, the rest is the
/// server, which takes the shell's place. Its standard input is a pipe that only the test process can write to, and never
/// does. When that ends, the server, its files and what it has started go: they are one process group. `$$` is the server,
/// also in the background.
const WATCHED: &str = r#"
data=$1 outside=$2; shift 2
exec 3<&0 </dev/null
{ read -r _ <&3; kill -9 $$; rm -rf -- "$data" $outside || { sleep 1; rm -rf -- "$data"; }; kill -9 0; } &
exec 3<&- "$@"
"#;

/// How a server is started and known to be ready.
pub(super) struct Recipe<'a> {
    pub(super) name: &'static str,
    /// The command for the first of its [`PORTS`] ports and a directory for its data. Of this process's environment it
    /// inherits `PATH` only.
    pub(super) command: &'a dyn Fn(u16, &Path) -> Command,
    /// The files that it leaves outside of that directory, without blanks in their names.
    pub(super) outside: &'a dyn Fn(u16) -> Vec<String>,
    /// The path that is asked for, and the status that says it is ready.
    pub(super) ready: (&'static str, u16),
}

/// Starts a server and gives its port, or says why it is not ready: with the end of its log.
pub(super) fn start(recipe: &Recipe<'_>) -> Result<u16, String> {
    let mut failures = Vec::new();
    // Another program may take a port between the look and the start.
    for _ in 0..3 {
        let port = free_ports();
        let data = tempfile::Builder::new().prefix("shipmark-engine-").tempdir().unwrap().keep();
        let mut child = spawn(&(recipe.command)(port, &data), &data, &(recipe.outside)(port));
        match wait_until_ready(&mut child, port, recipe.ready) {
            Ok(()) => {
                // Open as long as this process lives. Every other copy is closed on exec, so children do not hold it.
                std::mem::forget(child.stdin.take());
                return Ok(port);
            }
            Err(why) => failures.push(format!("{why}:\n{}", last_lines(&read(&log_of(&data)), 20))),
        }
    }
    Err(format!("{} did not start: {}", recipe.name, failures.join("\n")))
}

fn spawn(command: &Command, data: &Path, outside: &[String]) -> Child {
    let log = File::create(log_of(data)).unwrap();
    let mut watched = Command::new("sh");
    watched
        .args(["-c", WATCHED, "sh"])
        .arg(data)
        .arg(outside.join(" "))
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap_or(data))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", data)
        .env("TMPDIR", data)
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    watched.spawn().unwrap()
}

fn log_of(data: &Path) -> PathBuf {
    data.join("server.log")
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn wait_until_ready(child: &mut Child, port: u16, (path, status): (&str, u16)) -> Result<(), String> {
    let start = Instant::now();
    loop {
        let answer = answer(port, path);
        if let Some(ended) = child.try_wait().unwrap() {
            return Err(format!("it ended with {ended}"));
        }
        if answer == Some(status) {
            return Ok(());
        }
        if start.elapsed() > DEADLINE {
            return Err(format!("after {DEADLINE:?} `{path}` answers {answer:?} instead of {status}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The status that a GET is answered with.
fn answer(port: u16, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut head = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut head).ok()?;
    str::from_utf8(&head).ok()?.split_once(' ')?.1.parse().ok()
}

/// How many ports in a row a server may use, and as many again, each 10,000 higher: SeaweedFS takes those unasked.
pub(super) const PORTS: u16 = 5;

/// The first of some ports that are free. They are below those that Linux gives to whoever asks for any (32,768 and up), so
/// that no connection of another test takes one meanwhile.
fn free_ports() -> u16 {
    const FIRST: u16 = 11_000;
    const GROUPS: u16 = 11_700 / PORTS;
    // Processes begin anywhere, and go on from there: servers of one process never try the same ports.
    static GROUP: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(fastrand::u16(..GROUPS)));
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let group = || FIRST + GROUP.fetch_add(1, Ordering::Relaxed) % GROUPS * PORTS;
    let groups = std::iter::repeat_with(group).take(usize::from(GROUPS));
    let mut free = groups.filter(|first| (0..PORTS).all(|n| free(first + n) && free(first + n + 10_000)));
    free.next().expect("a machine has free ports")
}

/// The end of a text, where programs say what went wrong.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
