//! Reads a trace line by line and notes which files of the source were read, looked at, listed or missed.

use std::collections::HashMap;

use bstr::BString;

use super::before::{KnownLinks, LookAt, RealPlace, SourceBefore};
use super::doubt::BlindSpot;
use super::observation::{Observation, Sighting, Sightings};
use super::processes::Processes;
use super::sockets::Sockets;
use super::trace::{self, CallResult, Traced, TracedCall};

/// Whether a program is this one: what it reads to decide is not what the build reads.
pub type IsOwn<'a> = &'a (dyn Fn(&[u8]) -> bool + Sync);

/// A trace that is being read.
pub struct Observer<'a> {
    source: &'a SourceBefore,
    is_own: IsOwn<'a>,
    links: KnownLinks<'a>,
    processes: Processes,
    sockets: Sockets,
    /// First halves of calls.
    begun: HashMap<u32, Vec<u8>>,
    /// Lines of processes whose makers' calls have not returned yet.
    early: HashMap<u32, Vec<Vec<u8>>>,
    sightings: Sightings<'a>,
    started: bool,
}

/// The command itself has ended, with the status that a shell would show if it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandEnded(pub Option<u8>);

impl<'a> Observer<'a> {
    /// For a command that starts in the directory `start`, an absolute path.
    pub fn new(source: &'a SourceBefore, start: &[u8], look: LookAt<'a>, is_own: IsOwn<'a>) -> Self {
        Self {
            source,
            is_own,
            links: KnownLinks::new(look),
            processes: Processes::new(start),
            sockets: Sockets::default(),
            begun: HashMap::new(),
            early: HashMap::new(),
            sightings: Sightings::new(source),
            started: false,
        }
    }

    /// Reads one line, without its newline.
    pub fn line(&mut self, text: &[u8]) -> Option<CommandEnded> {
        let Some(line) = trace::line(text) else {
            self.sightings.doubt(BlindSpot::Line);
            return None;
        };
        if !self.processes.knows(line.pid) {
            if self.processes.is_making() {
                self.early.entry(line.pid).or_default().push(text.to_vec());
                return None;
            }
            self.processes.add_unknown(line.pid);
        }
        self.what(line.pid, line.what)
    }

    fn what(&mut self, pid: u32, what: Traced<'_>) -> Option<CommandEnded> {
        match what {
            Traced::Call(text) => self.text(pid, text),
            Traced::Begun(text) => {
                if is_making(text) {
                    self.processes.makes(pid);
                }
                self.begun.insert(pid, text.to_vec());
            }
            Traced::Resumed(name, rest) => match self.begun.remove(&pid) {
                Some(mut text) if text.starts_with(name) => {
                    text.extend_from_slice(rest);
                    self.processes.made(pid);
                    self.text(pid, &text);
                }
                _ => self.sightings.doubt(BlindSpot::Line),
            },
            Traced::Exited(status) => {
                // A call that ends its process never returns.
                self.begun.remove(&pid);
                let first = self.processes.remove(pid);
                return first.then_some(CommandEnded(status));
            }
            Traced::Superseded(other) => {
                self.processes.supersede(pid, other);
                if let Some(text) = self.begun.remove(&other) {
                    self.begun.insert(pid, text);
                }
            }
            Traced::Signal => {}
        }
        None
    }

    /// Whether the command was started.
    pub fn has_started(&self) -> bool {
        self.started
    }

    /// The result, with what a process did whose maker was never seen. `exists` says whether a path of the source exists
    /// now: what the build made itself was not missing.
    pub fn finish(mut self, exists: &dyn Fn(&[u8]) -> bool) -> Observation {
        while let Some(pid) = self.early.keys().min().copied() {
            self.processes.add_unknown(pid);
            self.replay(pid);
        }
        if !self.begun.is_empty() {
            self.sightings.doubt(BlindSpot::Unended);
        }
        self.sightings.finish(&self.processes.programs, exists)
    }

    /// Reads the lines that came before their process was known.
    fn replay(&mut self, pid: u32) {
        for text in self.early.remove(&pid).unwrap_or_default() {
            // The command itself is never early.
            self.line(&text);
        }
    }

    fn text(&mut self, pid: u32, text: &[u8]) {
        match trace::call(text) {
            Some(call) => self.call(pid, &call),
            None => self.sightings.doubt(BlindSpot::Line),
        }
    }

    fn call(&mut self, pid: u32, call: &TracedCall) {
        if let Some(handle) = &call.first
            && handle.is_cwd
            && let Some(path) = &handle.path
        {
            self.processes.moved(pid, path.clone());
        }
        let error = match &call.result {
            CallResult::Done(number, _) => return self.done(pid, call, *number),
            CallResult::Failed(error) => error.as_str(),
            CallResult::Unknown => "",
        };
        match call.name.as_str() {
            "connect" if ["EINPROGRESS", "EAGAIN"].contains(&error) => self.connected(pid, call),
            "io_uring_setup" | "open_by_handle_at" | "connect" | "bind" | "getsockname" => {}
            _ if ["ENOENT", "ENOTDIR"].contains(&error) => self.note(pid, call, Sighting::Missing, true),
            // There is something, and nobody got to see what: it may be allowed elsewhere.
            _ if ["EACCES", "EPERM", "ELOOP"].contains(&error) => self.note(pid, call, Sighting::LookedAt, true),
            // A link that is none; a call that a signal ended before it did anything.
            _ => {}
        }
    }

    fn done(&mut self, pid: u32, call: &TracedCall, number: i64) {
        let flag = |name: &str| call.flags.contains(name);
        match call.name.as_str() {
            "clone" | "clone3" | "fork" | "vfork" => {
                let child = u32::try_from(number).unwrap_or_default();
                self.processes.add(child, pid, flag("CLONE_FS"));
                self.replay(child);
            }
            "chdir" => {
                if let Some(path) = self.absolute(pid, call) {
                    self.processes.moved(pid, path);
                }
            }
            "fchdir" => {
                if let Some(path) = call.first.as_ref().and_then(|handle| handle.path.clone()) {
                    self.processes.moved(pid, path);
                }
            }
            "connect" => self.connected(pid, call),
            "bind" | "getsockname" => self.sockets.own(call),
            "io_uring_setup" => self.sightings.doubt(BlindSpot::IoUring),
            "open_by_handle_at" => self.sightings.doubt(BlindSpot::Handle),
            "chroot" | "pivot_root" | "mount" | "move_mount" | "setns" => {
                self.sightings.doubt(BlindSpot::Names(call.name.clone()));
            }
            "getdents" | "getdents64" => self.note(pid, call, Sighting::Listed, true),
            "execve" | "execveat" => {
                self.started = true;
                match self.absolute(pid, call) {
                    // The process runs its own program once more, as buildah does. Looked up here, the path would be this program.
                    Some(path) if [&b"/proc/self/exe"[..], b"/proc/thread-self/exe"].contains(&&path[..]) => return,
                    Some(path) => {
                        let own = (self.is_own)(&path);
                        self.processes.executes(pid, &path, own);
                    }
                    None => {}
                }
                self.note(pid, call, Sighting::Read, true);
            }
            "creat" => {}
            "open" | "openat" | "openat2" if flag("O_WRONLY") || flag("O_TRUNC") => {}
            "open" | "openat" | "openat2" => {
                let only_looks = flag("O_PATH") || flag("O_DIRECTORY");
                self.note(pid, call, if only_looks { Sighting::LookedAt } else { Sighting::Read }, !flag("O_NOFOLLOW"));
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => self.moved(pid, call),
            "readlink" | "readlinkat" => self.note(pid, call, Sighting::Read, false),
            _ => self.note(pid, call, Sighting::LookedAt, call.name != "lstat" && !flag("NOFOLLOW")),
        }
    }

    fn connected(&mut self, pid: u32, call: &TracedCall) {
        if !self.processes.is_own(pid)
            && let Some(doubt) = self.sockets.connected(call)
        {
            self.sightings.doubt(doubt);
        }
    }

    /// What has a new name was read: its content goes on there.
    fn moved(&mut self, pid: u32, call: &TracedCall) {
        self.note(pid, call, Sighting::Moved, false);
        let names = call.strings.iter().filter_map(|path| self.processes.absolute(pid, None, path));
        names.collect::<Vec<_>>().iter().for_each(|path| self.links.forget(path));
        if call.flags.contains("RENAME_EXCHANGE")
            && let Some(other) = call.strings.get(1).and_then(|path| self.processes.absolute(pid, None, path))
        {
            self.at(pid, &other, None, Sighting::Moved, false);
        }
    }

    /// The path of a call, absolute; `None`, with a doubt, if the directory is not known.
    fn absolute(&mut self, pid: u32, call: &TracedCall) -> Option<Vec<u8>> {
        let directory = call.first.as_ref().filter(|handle| !handle.is_cwd).map(|handle| handle.path.as_deref());
        let path = call.strings.first().map_or(&b""[..], |path| path);
        match directory {
            // A descriptor that is a socket, a pipe or gone: only an absolute path is a path.
            Some(None) if !path.starts_with(b"/") => None,
            Some(Some(directory)) if path.is_empty() => Some(directory.to_vec()),
            _ => {
                let found = self.processes.absolute(pid, directory.flatten(), path);
                if found.is_none() {
                    self.sightings.doubt(BlindSpot::Directory);
                }
                found
            }
        }
    }

    fn note(&mut self, pid: u32, call: &TracedCall, seen: Sighting, follow: bool) {
        let Some(path) = self.absolute(pid, call) else { return };
        let real = match &call.result {
            CallResult::Done(_, real) => real.as_deref(),
            _ => None,
        };
        self.at(pid, &path, real, seen, follow);
    }

    fn at(&mut self, pid: u32, path: &[u8], real: Option<&[u8]>, seen: Sighting, follow: bool) {
        if self.processes.is_own(pid) {
            return;
        }
        let program = self.processes.program(pid);
        // The kernel has said where the path leads; the links on the way are asked for only if there are any.
        let spot = match real {
            Some(real) if !self.source.has_links() => self.source.inside(real),
            _ => {
                let (spot, met) = self.source.resolve(path, follow, &mut self.links);
                met.into_iter().for_each(|link| self.sightings.see(program, Sighting::Read, &link));
                real.map_or(spot, |real| self.source.inside(real))
            }
        };
        match spot {
            RealPlace::Inside(name) => self.sightings.see(program, seen, &name),
            RealPlace::Outside => self.sightings.outside += 1,
        }
    }
}

/// Whether the first half of a call is one that makes a process.
fn is_making(text: &[u8]) -> bool {
    let name: BString = text.iter().take_while(|byte| **byte != b'(').copied().collect::<Vec<u8>>().into();
    ["clone", "clone3", "fork", "vfork"].iter().any(|making| name == *making)
}
