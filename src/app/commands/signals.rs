//! The running commands, and the signals that are passed on to them.

use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, test_kill_process_group, waitid,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long what a command has started may go on after a signal ended the command itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// The commands that run, and the first signal that came.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    state: Arc<Mutex<Watched>>,
    group: Group,
}

/// Which process group commands run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// The program's own, because the command reads from the terminal, which only its foreground group may. The terminal
    /// itself signals all of that group.
    Shared,
    /// Each in one of its own, so that a signal also reaches what a command has started.
    OfItsOwn,
}

#[derive(Debug, Default)]
struct Watched {
    caught: Option<i32>,
    running: Vec<Pid>,
}

impl Watch {
    /// From now on signals do not end the program.
    ///
    /// # Errors
    /// No thread or handler can be made.
    pub(super) fn begin(group: Group) -> io::Result<Self> {
        let watch = Self { state: Arc::default(), group };
        let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored(*signal));
        let mut signals = Signals::new(wanted)?;
        let watching = watch.clone();
        let pass_all = move || signals.forever().for_each(|signal| watching.pass(signal));
        std::thread::Builder::new().name("signals".to_owned()).spawn(pass_all)?;
        Ok(watch)
    }

    /// The first signal that came.
    pub(super) fn caught(&self) -> Option<i32> {
        self.lock().caught
    }

    /// Starts a command; `None` after a signal.
    ///
    /// # Errors
    /// It cannot be started.
    pub(super) fn start(&self, command: &mut Command) -> io::Result<Option<Child>> {
        if self.group == Group::OfItsOwn {
            command.process_group(0);
        }
        // No signal is passed on between the start and the entry in the list.
        let mut state = self.lock();
        if state.caught.is_some() {
            return Ok(None);
        }
        let child = command.spawn()?;
        state.running.push(Pid::from_child(&child));
        Ok(Some(child))
    }

    /// Waits for the end of a command.
    ///
    /// # Errors
    /// The system refuses.
    pub(super) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let pid = Pid::from_child(child);
        // Its number stays its own until it leaves the list: no signal goes to another process that got the number.
        while let Err(Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
        self.lock().running.retain(|running| *running != pid);
        child.wait()
    }

    /// Whether something that a command started goes on after the signal that has ended the command. It gets a while to
    /// end, too.
    pub(super) fn lingers(&self, child: &Child) -> bool {
        let group = Pid::from_child(child);
        let step = PATIENCE / 100;
        let mut tries = 0..100;
        self.group == Group::OfItsOwn
            && tries.all(|_| {
                let alive = alive(group);
                if alive {
                    std::thread::sleep(step);
                }
                alive
            })
    }

    fn pass(&self, signal: i32) {
        let mut state = self.lock();
        let first = state.caught.is_none();
        state.caught.get_or_insert(signal);
        let Some(signal) = Signal::from_named_raw(signal) else { return };
        // A command that has ended meanwhile needs no signal.
        let send = |pid: &Pid| match self.group {
            Group::OfItsOwn => drop(kill_process_group(*pid, signal)),
            // Most likely from the terminal, and then the command has got it too. A second one makes sure.
            Group::Shared if first && signal != Signal::TERM => {}
            Group::Shared => drop(kill_process(*pid, signal)),
        };
        state.running.iter().for_each(send);
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a process of a group is alive. In a container nobody may wait for those that have ended: they stay in the
/// group, but do nothing any more.
fn alive(group: Pid) -> bool {
    if test_kill_process_group(group).is_err() {
        return false;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    let stat = |process: io::Result<std::fs::DirEntry>| std::fs::read(process.ok()?.path().join("stat")).ok();
    let group = group.as_raw_nonzero().to_string();
    processes.filter_map(stat).any(|stat| {
        // The name, in parentheses, may hold anything; after it come the state, the parent and the group.
        let stat = String::from_utf8_lossy(&stat);
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let mut fields = after.split_whitespace();
        fields.next().is_some_and(|state| !["Z", "X"].contains(&state)) && fields.nth(1) == Some(group.as_str())
    })
}

/// Whether the program was started with this signal ignored, as `nohup` does: then it stays so. Where the system does not
/// say, it is not.
fn ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (signal - 1)) != 0
}

/// As in a shell: 128 plus the signal number for a command that was killed.
pub(super) fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
