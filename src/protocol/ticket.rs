//! The ticket: what `decide` saw, kept for the `record` or `stage` of the same build.
//!
//! By the time of `record` the build has written into the source, so what counts is what was there when it was decided. A
//! ticket belongs to one build; the first decision of a build stands until it is recorded.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::atomic_file::{self, Flush};
use crate::base::fingerprint::hex;
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::protocol::mark::{AttemptId, Build, Release};
use crate::source::extras::Extras;

const SCHEMA: u32 = 1;

/// What was decided in one build.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ticket {
    schema: u32,
    /// The build that it belongs to.
    pub build: Option<String>,
    /// One entry for each service and environment.
    pub entries: Vec<Entry>,
}

/// What was decided of one service in one environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Whose mark it is.
    pub key: Key,
    /// The attempt that was opened, or for a skip the id that its candidate will have.
    pub attempt: AttemptId,
    /// The word of the reason, which is `unchanged` for a skip.
    pub reason: String,
    /// What was said about it.
    pub detail: String,
    /// What `decide` saw; for a skip the deploy that the skip stands on.
    pub release: Release,
    /// A skip: the deploy that it stands on.
    pub repeats: Option<AttemptId>,
    /// `--extra`, so that `record` can be held to the same.
    pub extras: Extras,
    /// Who decided.
    pub build: Build,
    /// How many seconds the build may live.
    pub timeout_seconds: u64,
    /// The other services that the deploy of this one deploys again.
    pub pins: Vec<Pin>,
    /// What has become of it.
    pub closed: Option<Closed>,
}

/// Another service's deploy that is made again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pin {
    /// The other service.
    pub service: ServiceName,
    /// The attempt that was opened there, or for a skip the id that its candidate will have.
    pub attempt: AttemptId,
    /// Whether that attempt was opened; a skip opens nothing.
    pub opened: bool,
    /// Of a skip: the other's deploy that its deploy stage will make again.
    pub repeats: Option<AttemptId>,
    /// What is deployed again; `None` where nothing was ever recorded, so that nobody knows what that is.
    pub release: Option<Release>,
}

/// How an entry was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closed {
    /// Its deploy was recorded.
    Recorded,
    /// It is a candidate.
    Staged,
    /// Its build failed.
    Failed,
}

impl Entry {
    /// Whether the decision was to skip.
    pub fn skip(&self) -> bool {
        self.repeats.is_some()
    }

    /// Whether a further decision of the same build is bound to this one: until it is recorded, or its build has failed.
    pub fn stands(&self) -> bool {
        matches!(self.closed, None | Some(Closed::Staged))
    }
}

/// A ticket's file.
#[derive(Debug, Clone)]
pub struct TicketFile {
    path: PathBuf,
}

/// A ticket that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// The file system refused.
    #[error("the ticket `{path}` cannot be {verb}")]
    Io {
        /// `read` or `written`.
        verb: &'static str,
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It is no ticket.
    #[error("`{path}` is no ticket: {cause}")]
    Damaged {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
}

impl TicketError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "name a place that can be read and written with --ticket FILE",
            Self::Damaged { .. } => "remove it, or name another with --ticket FILE",
        }
    }
}

impl Ticket {
    /// An empty ticket of a build.
    pub fn new(build: Option<&str>) -> Self {
        Self { schema: SCHEMA, build: build.map(str::to_owned), entries: Vec::new() }
    }

    /// What was decided of a service, if anything.
    pub fn entry(&self, key: &Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| &entry.key == key)
    }

    /// Puts an entry in the place of an earlier one.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => *other = entry,
            None => self.entries.push(entry),
        }
    }
}

impl TicketFile {
    /// A ticket at a place that was named.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where the ticket of a CodeBuild build is kept: every command of a build is a process of its own, the source may be
    /// read-only on Lambda compute, and a temporary directory may outlive a build on a reserved machine.
    pub fn of_build(build: &str, temporary: &Path) -> Self {
        let name = hex(&Sha256::digest(build.as_bytes())[..12]);
        Self { path: temporary.join(format!("shipmark-{name}")).join("ticket.json") }
    }

    /// The ticket, if there is one.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(&self) -> Result<Option<Ticket>, TicketError> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(self.failed("read", cause)),
        };
        let damaged = |cause: String| TicketError::Damaged { path: self.shown(), cause };
        let ticket: Ticket = serde_json::from_slice(&bytes).map_err(|cause| damaged(cause.to_string()))?;
        if ticket.schema != SCHEMA {
            return Err(damaged(format!("its version is {}, and this shipmark knows {SCHEMA}", ticket.schema)));
        }
        Ok(Some(ticket))
    }

    /// Changes the ticket while no other process does. A ticket of another build counts as none.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn update(&self, build: Option<&str>, change: impl FnOnce(&mut Ticket)) -> Result<(), TicketError> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory).map_err(|cause| self.failed("written", cause))?;
        let patience = std::time::Duration::from_secs(10);
        let lock = self.beside("lock");
        let _held = atomic_file::lock(&lock, patience).map_err(|cause| self.failed("written", cause))?;
        let found = self.read()?.filter(|ticket| ticket.build.as_deref() == build);
        let mut ticket = found.unwrap_or_else(|| Ticket::new(build));
        change(&mut ticket);
        let bytes = serde_json::to_vec(&ticket).map_err(|cause| self.failed("written", cause.into()))?;
        atomic_file::replace(&self.path, &bytes, Flush::Later).map_err(|cause| self.failed("written", cause))
    }

    /// Keeps a snapshot beside the ticket.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put_snapshot(&self, hash: &str, bytes: &[u8]) -> Result<(), TicketError> {
        let directory = self.beside("snapshots");
        std::fs::create_dir_all(&directory).map_err(|cause| self.failed("written", cause))?;
        atomic_file::replace(&directory.join(hash), bytes, Flush::Later).map_err(|cause| self.failed("written", cause))
    }

    /// A snapshot beside the ticket. Without it a deploy is still recorded, but cannot be explained file by file.
    pub fn snapshot(&self, hash: &str) -> Option<Vec<u8>> {
        std::fs::read(self.beside("snapshots").join(hash)).ok()
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(what);
        self.path.with_file_name(name)
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn failed(&self, verb: &'static str, cause: std::io::Error) -> TicketError {
        TicketError::Io { verb, path: self.shown(), cause }
    }
}
