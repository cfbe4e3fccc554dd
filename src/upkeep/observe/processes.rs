//! The processes of a build: the directory of each, and the program that it runs.

use std::collections::{HashMap, HashSet};

/// All processes that live.
#[derive(Debug)]
pub(super) struct Processes {
    /// The names of all programs that were run. The first stands for one that is not known.
    pub(super) programs: Vec<String>,
    numbers: HashMap<String, usize>,
    /// Directories that one process has, or several threads share; `None` where not known.
    directories: Vec<Option<Vec<u8>>>,
    living: HashMap<u32, Process>,
    /// Processes whose call that makes another has not returned.
    making: HashSet<u32>,
    /// The command itself.
    first: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Process {
    directory: usize,
    program: usize,
    /// Whether it runs this very program.
    own: bool,
}

impl Processes {
    /// With the directory in which the command starts.
    pub(super) fn new(start: &[u8]) -> Self {
        Self {
            programs: vec!["?".to_owned()],
            numbers: HashMap::new(),
            directories: vec![Some(start.to_vec())],
            living: HashMap::new(),
            making: HashSet::new(),
            first: None,
        }
    }

    pub(super) fn knows(&self, pid: u32) -> bool {
        self.living.contains_key(&pid)
    }

    /// Whether a process that was not seen yet may be one that is just being made.
    pub(super) fn is_making(&self) -> bool {
        !self.making.is_empty()
    }

    pub(super) fn makes(&mut self, pid: u32) {
        self.making.insert(pid);
    }

    pub(super) fn made(&mut self, pid: u32) {
        self.making.remove(&pid);
    }

    /// The command itself, or a process whose maker is not known.
    pub(super) fn add_unknown(&mut self, pid: u32) {
        let directory = match self.first {
            None => 0,
            Some(_) => {
                self.directories.push(None);
                self.directories.len() - 1
            }
        };
        self.first.get_or_insert(pid);
        self.living.insert(pid, Process { directory, program: 0, own: false });
    }

    /// A process that another has made. Threads share a directory.
    pub(super) fn add(&mut self, pid: u32, maker: u32, shares: bool) {
        let Some(mut process) = self.living.get(&maker).copied() else { return };
        if !shares {
            self.directories.push(self.directories[process.directory].clone());
            process.directory = self.directories.len() - 1;
        }
        self.living.insert(pid, process);
    }

    /// Removes one that has ended, and says whether it was the command itself.
    pub(super) fn remove(&mut self, pid: u32) -> bool {
        self.living.remove(&pid);
        self.making.remove(&pid);
        self.first == Some(pid)
    }

    /// A thread has executed a program, and now has the number of its process.
    pub(super) fn supersede(&mut self, pid: u32, thread: u32) {
        if let Some(process) = self.living.remove(&thread) {
            self.living.insert(pid, process);
        }
        self.making.remove(&thread);
    }

    /// A process has another directory.
    pub(super) fn moved(&mut self, pid: u32, directory: Vec<u8>) {
        if let Some(process) = self.living.get(&pid) {
            self.directories[process.directory] = Some(directory);
        }
    }

    /// A process runs a program.
    pub(super) fn executes(&mut self, pid: u32, path: &[u8], own: bool) {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        let name = String::from_utf8_lossy(name).into_owned();
        let next = self.programs.len();
        let program = *self.numbers.entry(name.clone()).or_insert(next);
        if program == next {
            self.programs.push(name);
        }
        if let Some(process) = self.living.get_mut(&pid) {
            (process.program, process.own) = (program, own);
        }
    }

    /// The number of the program that a process runs.
    pub(super) fn program(&self, pid: u32) -> usize {
        self.living.get(&pid).map_or(0, |process| process.program)
    }

    pub(super) fn is_own(&self, pid: u32) -> bool {
        self.living.get(&pid).is_some_and(|process| process.own)
    }

    /// A path from a directory, or from that of the process; `None` if it is not known.
    pub(super) fn absolute(&self, pid: u32, directory: Option<&[u8]>, path: &[u8]) -> Option<Vec<u8>> {
        if path.starts_with(b"/") {
            return Some(path.to_vec());
        }
        let own = || self.directories[self.living.get(&pid)?.directory].as_deref();
        Some([directory.or_else(own)?, b"/", path].concat())
    }
}
