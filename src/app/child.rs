//! Waiting for other programs, for a limited time.

use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Waits for a program that was started in a process group of its own, and ends whatever it left running. `None` if it was
/// still running at the end of `limit`, and has been killed.
///
/// # Errors
/// Its end is unknown.
pub fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let ended = ended(child, limit);
    // What it left running must not outlive it.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    if matches!(ended, Ok(None)) {
        let _ = child.wait();
    }
    ended
}

fn ended(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}
