//! The ticket's file, and the snapshots beside it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::base::atomic_file::{self, Flush};
use crate::base::fingerprint::hex;
use crate::protocol::ticket::Ticket;

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
        let ticket = Ticket::decode(&bytes);
        ticket.map(Some).map_err(|cause| TicketError::Damaged { path: self.shown(), cause })
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
        let bytes = ticket.encode().map_err(|cause| self.failed("written", cause.into()))?;
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
