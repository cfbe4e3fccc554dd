//! What a call has done with several services, in one line; and its exit status.

use crate::app::report::Reporter;
use crate::base::failure::Status;
use crate::base::names::ServiceName;
use crate::base::text::list;

use super::queue::{Progress, Queue};

/// What went wrong in a call.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// The exit status of the first command that failed.
    command: Option<u8>,
    /// Whether anything else failed: a deploy was not recorded, or must not begin.
    other: bool,
}

impl Troubles {
    /// A command failed with this status.
    pub(super) fn command(&mut self, code: u8) {
        self.command.get_or_insert(code);
    }

    /// Something else failed.
    pub(super) fn other(&mut self) {
        self.other = true;
    }

    /// The exit status: 128 and the signal that stopped the call, as in a shell; else that of the first command that
    /// failed.
    pub(super) fn status(&self, caught: Option<i32>) -> u8 {
        let caught = caught.and_then(|signal| u8::try_from(128 + signal).ok());
        caught.or(self.command).unwrap_or(if self.other { Status::Other } else { Status::Done } as u8)
    }
}

/// Says which services were deployed, which have failed, and which were never started.
pub(super) fn say(reporter: Reporter, queue: &Queue) {
    let named =
        |progress: Progress| -> Vec<&str> { queue.all(progress).into_iter().map(ServiceName::as_str).collect() };
    let parts =
        [(Progress::Succeeded, "succeeded"), (Progress::Failed, "failed"), (Progress::NeverStarted, "never started")];
    let parts: Vec<String> = (parts.into_iter())
        .map(|(progress, word)| (named(progress), word))
        .filter(|(services, _)| !services.is_empty())
        .map(|(services, word)| format!("{word}: {}", list(&services)))
        .collect();
    let text = parts.join("; ");
    if queue.all(Progress::Failed).is_empty() && queue.all(Progress::NeverStarted).is_empty() {
        reporter.say(&text);
    } else {
        reporter.warn(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_command_that_failed_gives_the_status() {
        let mut troubles = Troubles::default();
        assert_eq!(troubles.status(None), 0);
        troubles.other();
        assert_eq!(troubles.status(None), 1);
        troubles.command(7);
        troubles.command(3);
        assert_eq!(troubles.status(None), 7);
        assert_eq!(troubles.status(Some(15)), 143);
    }
}
