//! The process that does the work of one event.

use std::io::{self, Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::answer::{FailureKind, JobAnswer};
use super::runtime::Invocation;

/// This very program, also where its file has been replaced.
const ITSELF: &str = "/proc/self/exe";

/// Has the work of an event done within a limit. Whatever ends the process becomes a failure.
pub(super) fn work(invocation: &Invocation, limit: Duration) -> JobAnswer {
    let failed = |text: String| {
        JobAnswer::failed(
            FailureKind::Job,
            &format!("{text}; nothing is skipped: retry the stage, the function's log may say more"),
        )
    };
    let mut child = match start() {
        Ok(child) => child,
        Err(cause) => return failed(format!("the work could not be started: {cause}")),
    };
    let (sender, receiver) = channel();
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let event = [invocation.id.as_bytes(), b"\n", &invocation.body].concat();
    let talk = move || {
        // If it ends before it has read all, its status says why.
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(&event);
        }
        let mut said = Vec::new();
        let read = stdout.map(|mut stdout| stdout.read_to_end(&mut said));
        // Whoever waited has given up.
        let _ = sender.send(read.unwrap_or(Ok(0)).map(|_| said));
    };
    if let Err(cause) = std::thread::Builder::new().spawn(talk) {
        end(&mut child);
        return failed(format!("the work could not be started: {cause}"));
    }
    let said = receiver.recv_timeout(limit);
    if matches!(said, Err(RecvTimeoutError::Timeout)) {
        end(&mut child);
        return failed(format!("it took longer than {} s (raise the function's Timeout)", limit.as_secs()));
    }
    let status = child.wait();
    match (said, status) {
        (Ok(Ok(said)), Ok(status)) if status.success() => {
            JobAnswer::decode(&said).unwrap_or_else(|| failed("the work ended without an answer".to_owned()))
        }
        (_, Ok(status)) => failed(format!("the work ended unexpectedly ({}){}", how(status), advice(status))),
        (_, Err(cause)) => failed(format!("the work ended in an unknown way: {cause}")),
    }
}

fn start() -> io::Result<Child> {
    Command::new(ITSELF).args(["lambda", "--job"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
}

fn end(child: &mut Child) {
    // If it has ended already, there is nothing to end.
    let _ = child.kill();
    let _ = child.wait();
}

fn how(status: ExitStatus) -> String {
    status.signal().map_or_else(|| status.to_string(), |signal| format!("signal {signal}"))
}

/// Linux ends a process with this signal where the memory is used up.
fn advice(status: ExitStatus) -> &'static str {
    if status.signal() == Some(9) { ", perhaps for lack of memory (raise the function's MemorySize)" } else { "" }
}
