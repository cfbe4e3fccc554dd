//! Progress of slow work: one line on a terminal, removed when done.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::Reporter;
use crate::app::cli::LogFormat;

/// Work that finishes within this time shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the line is redrawn.
const STEP: Duration = Duration::from_millis(100);

/// The width of the bar.
const WIDTH: usize = 24;

impl Reporter {
    /// Does `work` and, if it takes long enough to matter, shows on a terminal how many of `all` are `done`.
    pub fn progress<T>(&self, what: &str, all: usize, done: &AtomicUsize, work: impl FnOnce() -> T) -> T {
        if self.quiet || self.format == LogFormat::Json || !std::io::stderr().is_terminal() {
            return work();
        }
        let (finished, wait) = channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut pause = PATIENCE;
                while wait.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    pause = STEP;
                    write(&format!("\r{}\x1b[K", line(what, done.load(Ordering::Relaxed), all)));
                }
                if pause == STEP {
                    write("\r\x1b[K");
                }
            });
            let result = work();
            drop(finished);
            result
        })
    }
}

fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // If standard error is closed, there is nowhere to report it.
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn line(what: &str, done: usize, all: usize) -> String {
    let filled = (done.min(all) * WIDTH).checked_div(all).unwrap_or_default();
    format!("{what} [{}{}] {done} of {all}", "#".repeat(filled), ".".repeat(WIDTH - filled))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_fills_from_none_to_all() {
        assert_eq!(line("replaying", 0, 0), "replaying [........................] 0 of 0");
        assert_eq!(line("replaying", 5, 10), "replaying [############............] 5 of 10");
        assert_eq!(line("replaying", 10, 10), "replaying [########################] 10 of 10");
    }
}
