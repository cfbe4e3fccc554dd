//! One command from its start to its end, in a thread of its own.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::base::names::ServiceName;

use super::super::signals::Watch;
use super::console::Console;

/// A command that is about to start.
pub(super) struct Errand {
    /// Its job.
    pub(super) at: usize,
    pub(super) service: ServiceName,
    pub(super) command: Command,
    pub(super) watch: Watch,
    pub(super) console: Arc<Console>,
}

/// A command that has ended.
pub(super) struct Ended {
    /// Its job.
    pub(super) at: usize,
    pub(super) how: How,
}

/// How a command has ended.
pub(super) enum How {
    /// It could not be started.
    Unstarted(io::Error),
    /// A signal came first.
    Forestalled,
    /// It ran.
    Exited {
        status: ExitStatus,
        /// The signal that came while it ran: whatever its status, it may have been cut short.
        caught: Option<i32>,
        /// Whether something that it started goes on.
        lingers: bool,
    },
}

impl Errand {
    /// Runs it, and sends word when it has ended.
    ///
    /// # Errors
    /// No thread can be made.
    pub(super) fn go(self, done: Sender<Ended>) -> io::Result<()> {
        let name = self.service.to_string();
        let run = move || {
            let ended = Ended { at: self.at, how: self.run().unwrap_or_else(How::Unstarted) };
            // Whoever waited has given up.
            let _ = done.send(ended);
        };
        std::thread::Builder::new().name(name).spawn(run).map(drop)
    }

    fn run(mut self) -> io::Result<How> {
        self.console.connect(&mut self.command);
        let Some(mut child) = self.watch.start(&mut self.command)? else { return Ok(How::Forestalled) };
        let following = match self.console.follow(&self.service, self.at, &mut child) {
            Ok(following) => following,
            Err(cause) => {
                // Without anybody to read its output it would wait for ever.
                child.kill()?;
                self.watch.wait(&mut child)?;
                return Err(cause);
            }
        };
        let status = self.watch.wait(&mut child)?;
        let caught = self.watch.caught();
        let lingers = caught.is_some() && self.watch.lingers(&child);
        following.finish();
        Ok(How::Exited { status, caught, lingers })
    }
}
