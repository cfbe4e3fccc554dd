//! A build under strace, whose trace is read as it comes.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_setfl, mknodat};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::super::signals::{Watch, exit_code};
use super::tracer;
use crate::upkeep::observe::{BlindSpot, CommandEnded, Observation, Observer};

/// How long processes that the command leaves behind may go on.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the reader waits before it takes what strace has written: strace writes line by line, and to wake a reader for
/// each would cost as much as reading it. The pipe holds what is written in ten times as long.
const BREATH: Duration = Duration::from_millis(3);
/// How long they have to end once they are asked to.
const GRACE: Duration = Duration::from_secs(2);

/// A build that was watched.
pub(super) struct Watched {
    /// The exit status that a shell would show; `None` if a signal came before it started.
    pub(super) exit: Option<u8>,
    /// Whether the command could be started at all.
    pub(super) started: bool,
    pub(super) seen: Observation,
    /// The programs that were still running and were ended.
    pub(super) left: Vec<String>,
}

/// Runs a command under strace.
///
/// # Errors
/// No pipe, thread or process can be made.
pub(super) fn run(
    watch: &Watch,
    temporary: &Path,
    has_links: bool,
    command: &[OsString],
    observer: Observer<'_>,
    exists: &(dyn Fn(&[u8]) -> bool + Sync),
) -> io::Result<Watched> {
    let directory = tempfile::Builder::new().prefix("shipmark-observe-").tempdir_in(temporary)?;
    let pipe = directory.path().join("trace");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
    // Opened without waiting for strace, which may fail before it opens its end; the second end is held so that nothing
    // ends before strace does.
    let open = |flags: OFlags| rustix::fs::open(&pipe, flags | OFlags::CLOEXEC, Mode::empty());
    let reading = open(OFlags::RDONLY | OFlags::NONBLOCK)?;
    let held = open(OFlags::WRONLY)?;
    fcntl_setfl(&reading, OFlags::empty())?;
    let mut strace = tracer::command(&pipe, has_links, command);
    strace.stdout(Stdio::from(io::stderr()));
    let (ended, has_ended) = channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(reading, observer, &ended, exists));
        let child = watch.start(&mut strace);
        let mut child = match child {
            Ok(Some(child)) => child,
            other => {
                drop(held);
                let (started, seen) = joined(reader.join())?;
                return other.map(|_| Watched { exit: None, started, seen, left: Vec::new() });
            }
        };
        let tracer = Pid::from_child(&child);
        let (gone, is_gone) = channel::<()>();
        let reaper = scope.spawn(move || reap(tracer, &has_ended, &is_gone));
        let status = watch.wait(&mut child);
        drop((gone, held));
        let (started, mut seen) = joined(reader.join())?;
        let (own, left) = reaper.join().map_err(|_| io::Error::other("a thread failed"))?;
        if !left.is_empty() {
            seen.doubts.insert(BlindSpot::LeftRunning(crate::base::text::list(&left)), 1);
        }
        // strace ends as the command did, unless it had to be ended as well.
        Ok(Watched { exit: Some(own.unwrap_or(exit_code(status?))), started, seen, left })
    })
}

fn joined<T>(result: std::thread::Result<io::Result<T>>) -> io::Result<T> {
    result.map_err(|_| io::Error::other("the trace could not be read"))?
}

/// Reads the trace to its end.
fn read(
    pipe: OwnedFd,
    mut observer: Observer<'_>,
    ended: &Sender<CommandEnded>,
    exists: &(dyn Fn(&[u8]) -> bool + Sync),
) -> io::Result<(bool, Observation)> {
    let mut lines = BufReader::with_capacity(1 << 16, File::from(pipe));
    let mut line = Vec::new();
    loop {
        if lines.buffer().is_empty() {
            std::thread::sleep(BREATH);
        }
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if let Some(status) = observer.line(text) {
            // Whoever waits for it may have gone: strace ended first.
            let _ = ended.send(status);
        }
        line.clear();
    }
    Ok((observer.has_started(), observer.finish(exists)))
}

/// Waits until the command has ended, and then for what it left behind; ends that if it goes on for too long. Returns the
/// status of the command if strace had to be ended, and the names of what was ended.
fn reap(tracer: Pid, ended: &Receiver<CommandEnded>, gone: &Receiver<()>) -> (Option<u8>, Vec<String>) {
    let Ok(CommandEnded(status)) = ended.recv() else { return (None, Vec::new()) };
    let goes_on = |time: Duration| gone.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return (None, Vec::new());
    }
    let found = traced_by(tracer);
    let mut names: Vec<String> = found.iter().map(|(_, name)| name.clone()).collect();
    names.sort();
    names.dedup();
    for signal in [Signal::TERM, Signal::KILL] {
        // What has ended meanwhile needs no signal.
        for (pid, _) in traced_by(tracer) {
            let _ = kill_process(pid, signal);
        }
        if !goes_on(GRACE) {
            return (None, names);
        }
    }
    let _ = kill_process_group(tracer, Signal::KILL);
    let _ = kill_process(tracer, Signal::KILL);
    (status, names)
}

/// The processes that a tracer traces, with the names of their programs.
fn traced_by(tracer: Pid) -> Vec<(Pid, String)> {
    let tracer = format!("TracerPid:\t{}", tracer.as_raw_nonzero());
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let traced = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
        let status = std::fs::read(entry.path().join("status")).ok()?;
        let status = String::from_utf8_lossy(&status);
        let name = status.lines().find_map(|line| line.strip_prefix("Name:\t"))?.to_owned();
        status.lines().any(|line| line == tracer).then_some((pid, name))
    });
    traced.collect()
}
