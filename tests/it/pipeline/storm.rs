//! What befalls a process: it is killed between any two of its writes, and its clock lies.
//!
//! Where state is kept in files, strace kills at the nth rename; in the cloud a proxy keeps the nth request, whose client is killed.
//! The store's clock stays right: libfaketime leaves the times of files alone, and answers of an engine have its date.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use fastrand::Rng;

use crate::engines::Engine;
use crate::proxy::{Fault, Proxy};
use crate::support::{Done, World, done, output, run, skip};

/// By how much clocks are wrong.
const LIES: [&str; 5] = ["+9h", "-9h", "+30d", "-30d", "+400d"];

/// Where the clocks of signatures are checked, within a quarter of an hour.
const SMALL_LIES: [&str; 2] = ["+10m", "-10m"];

/// A process is killed before one of its first so many writes (of files), or requests.
const MOST: usize = 5;

/// Of so many commands one is killed.
const KILLS: usize = 3;

/// Mishaps by seeded chance.
pub(super) struct Storm {
    rng: Rng,
    /// The library that lies.
    faketime: PathBuf,
    /// Before an engine.
    proxy: Option<Proxy>,
    lies: &'static [&'static str],
    /// Whether it is calm for a while.
    pub(super) calm: bool,
    /// Whether the last command was killed.
    pub(super) killed: bool,
}

impl Storm {
    /// `None`, which is said, where this machine lacks what it takes.
    pub(super) fn new(seed: u64) -> Option<Self> {
        let Some(faketime) = library() else {
            skip("faketime", "walks with clocks that lie: there is no libfaketime");
            return None;
        };
        let engine = Engine::told();
        if engine.is_none() && !can_kill() {
            skip("strace", "walks with kills between writes: strace is not there, or may not trace");
            return None;
        }
        let strict = engine.is_some_and(|engine| engine.name == "seaweedfs");
        Some(Self {
            rng: Rng::with_seed(seed),
            faketime,
            proxy: engine.map(|engine| Proxy::to(&engine.endpoint)),
            lies: if strict { &SMALL_LIES } else { &LIES },
            calm: false,
            killed: false,
        })
    }

    /// The address of the state, past which nothing goes.
    pub(super) fn state(&self, world: &World) -> String {
        let engine = Engine::told().map(|engine| engine.endpoint.as_str());
        match (&self.proxy, engine) {
            (Some(proxy), Some(engine)) => world.state().replace(engine, &proxy.endpoint()),
            _ => world.state().to_owned(),
        }
    }

    /// Runs a command, whatever befalls it. It may be killed only if it `writes`.
    pub(super) fn run(&mut self, mut command: Command, writes: bool) -> Done {
        self.killed = false;
        if self.calm {
            return run(command);
        }
        if self.rng.bool() {
            command.envs(lie(&self.faketime, self.lies[self.rng.usize(..self.lies.len())]));
        }
        if !writes || self.rng.usize(..KILLS) > 0 {
            return run(command);
        }
        let nth = 1 + self.rng.usize(..MOST);
        let ended = match &self.proxy {
            Some(proxy) => killed_at_request(proxy, command, nth),
            None => killed_at_rename(&command, nth),
        };
        self.killed = ended.status.code().is_none();
        done(ended)
    }
}

/// The library, where its package puts it.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut files = folders.chain(["/usr/lib".into()]).map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    files.find(|file| file.is_file())
}

/// What makes a process believe another time of day, and nothing else.
fn lie(library: &Path, by: &str) -> [(&'static str, String); 4] {
    let library = library.to_str().unwrap().to_owned();
    let on = || "1".to_owned();
    [("LD_PRELOAD", library), ("FAKETIME", by.to_owned()), ("NO_FAKE_STAT", on()), ("DONT_FAKE_MONOTONIC", on())]
}

/// Whether strace may kill here.
fn can_kill() -> bool {
    let mut command = Command::new("mv");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("from"), "").unwrap();
    command.current_dir(folder.path()).args(["from", "to"]).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let traced = traced(&command, 1).output();
    traced.is_ok_and(|output| output.status.code().is_none()) && !folder.path().join("to").exists()
}

/// A command that is killed before its nth rename.
fn traced(command: &Command, nth: usize) -> Command {
    const RENAMES: &str = "rename,renameat,renameat2";
    let mut traced = Command::new("strace");
    traced.env_clear().args(["-f", "-qq", "-o", "/dev/null", "-e"]).arg(format!("trace={RENAMES}"));
    traced.arg("-e").arg(format!("inject={RENAMES}:signal=SIGKILL:when={nth}"));
    for (name, value) in command.get_envs() {
        let Some(value) = value else { continue };
        if name == "LD_PRELOAD" {
            // For the program, not for strace.
            traced.arg("-E").arg(format!("LD_PRELOAD={}", value.to_str().unwrap()));
        } else {
            traced.env(name, value);
        }
    }
    traced.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    command.get_current_dir().into_iter().for_each(|directory| {
        traced.current_dir(directory);
    });
    traced
}

fn killed_at_rename(command: &Command, nth: usize) -> Output {
    output(traced(command, nth))
}

/// Kills a command when it sends its nth request, which is never answered. Without one it ends by itself.
fn killed_at_request(proxy: &Proxy, mut command: Command, nth: usize) -> Output {
    let (sent, waits) = mpsc::channel();
    let sent = Mutex::new(sent);
    proxy.plan(move |request| {
        if request.number < nth {
            return Fault::None;
        }
        // Nobody waits any more where the process was killed at an earlier request.
        let _ = sent.lock().unwrap().send(());
        Fault::Stall
    });
    let mut child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    loop {
        match waits.recv_timeout(Duration::from_millis(5)) {
            Ok(()) => break child.kill().unwrap(),
            Err(_) if child.try_wait().unwrap().is_some() => break,
            Err(_) => {}
        }
    }
    let output = child.wait_with_output().unwrap();
    proxy.plan(|_| Fault::None);
    proxy.clear_log();
    output
}

/// Otherwise the walks would prove nothing: the program believes the lie, and is killed where it should be.
#[test]
fn a_storm_strikes() {
    let Some(storm) = Storm::new(1) else { return };
    let world = World::new("[services.a]\ninclude = [\"a\"]\n", &[("a/x", "1")]);
    let mut command = world.command(&crate::support::Build::new("b:1"));
    command.args(["decide", "a"]).envs(lie(&storm.faketime, "+20h"));
    assert_eq!(run(command).code, 0);
    let attempt = world.attempts("a").remove(0);
    // Its id has the time of its own clock.
    let now = jiff::Timestamp::now();
    let in_hours = shipmark::protocol::engine::mark::AttemptId::new(now + jiff::SignedDuration::from_hours(10), 0);
    assert!(attempt["id"].as_str().unwrap() > in_hours.as_str(), "{attempt}");
    let opened: jiff::Timestamp = attempt["opened_at"].as_str().unwrap().parse().unwrap();
    assert!(opened.duration_since(now).abs() < jiff::SignedDuration::from_hours(1), "{attempt}");
    if Engine::told().is_none() {
        let mut command = world.command(&crate::support::Build::new("b:2"));
        command.args(["decide", "a"]);
        assert!(killed_at_rename(&command, 1).status.code().is_none());
        assert_eq!(world.attempts("a").len(), 1, "it was killed before its write");
    }
}
