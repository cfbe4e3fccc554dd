//! The ticket's file, its lock, and the snapshots beside it. Where nothing is named, they are kept in a directory of the user's own
//! in the temporary directory; what others may have planted there is not used, and not waited for.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::app::report::Reporter;
use crate::app::settings::{Environment, given};
use crate::base::atomic_file::Flush;
use crate::base::failure::Failure;
use crate::base::fingerprint::hex;
use crate::base::guarded_directory::{GuardError, GuardedDirectory, Whose};
use crate::protocol::engine::ticket::Ticket;

/// How long another command of the same build may keep the ticket.
const PATIENCE: Duration = Duration::from_secs(10);

/// More bytes than a ticket of thousands of services, or the snapshot of a million inputs, has.
const LARGEST: u64 = 64 << 20;

/// A ticket's file.
#[derive(Debug, Clone)]
pub struct TicketFile {
    directory: PathBuf,
    name: String,
    whose: Whose,
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
        cause: io::Error,
    },
    /// Somebody else may have written it.
    #[error("the ticket `{path}` is not used: {what} {why}")]
    Unsafe {
        /// The ticket's file.
        path: String,
        /// What is not safe: the file, its directory, its lock.
        what: String,
        /// Why.
        why: &'static str,
    },
    /// It is not a ticket.
    #[error("`{path}` is not a valid ticket file: {cause}")]
    Damaged {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
}

impl TicketError {
    /// The failure of a command, with what to do.
    pub fn failure(self) -> Failure {
        let hint = match self {
            Self::Io { .. } => "name a file that can be read and written with --ticket FILE",
            Self::Unsafe { .. } => "name a file in a directory of your own with --ticket FILE",
            Self::Damaged { .. } => "`decide` replaces it; or name another with --ticket FILE",
        };
        Failure::other(self).hint(hint)
    }
}

/// The ticket's place: as named, else that of this build, else nowhere. Also nowhere where what is there cannot be relied on,
/// which is said.
///
/// # Errors
/// The name is empty, or the place cannot be looked at.
pub fn locate(
    environment: &Environment,
    reporter: Reporter,
    named: Option<&Path>,
) -> Result<Option<TicketFile>, Failure> {
    if let Some(path) = named {
        given("--ticket", path.to_str())?;
        return Ok(Some(TicketFile::at(path)));
    }
    let Some(build) = environment.build_id.as_deref() else { return Ok(None) };
    let file = TicketFile::of_build(build, &environment.temporary);
    match file.look() {
        Ok(()) => Ok(Some(file)),
        Err(error @ TicketError::Unsafe { .. }) => {
            reporter.warn(&format!(
                "no ticket is kept: {error} (name a file in a directory of your own with --ticket FILE)"
            ));
            Ok(None)
        }
        Err(error) => Err(error.failure()),
    }
}

/// As [`locate`], for a decision, which comes before anything that can fail: what is on the ticket and is not of this build, or of
/// another call where there is no build, is struck, so that no `record` takes it for what this decision saw.
///
/// # Errors
/// As of [`locate`], or the ticket cannot be written.
pub fn locate_to_decide(
    environment: &Environment,
    reporter: Reporter,
    named: Option<&Path>,
) -> Result<Option<TicketFile>, Failure> {
    let file = locate(environment, reporter, named)?;
    if let Some(file) = &file
        && let Some(damage) = file.strike(environment.build_id.as_deref()).map_err(TicketError::failure)?
    {
        reporter.warn(&format!("{damage}; it is removed"));
    }
    Ok(file)
}

impl TicketFile {
    /// A ticket at a place that was named.
    pub fn at(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { directory: directory.to_owned(), name, whose: Whose::Anybodys }
    }

    /// Where the ticket of a CodeBuild build is kept: every command of a build is a process of its own, the source may be
    /// read-only on Lambda compute, and a temporary directory may outlive a build on a reserved machine.
    pub fn of_build(build: &str, temporary: &Path) -> Self {
        let id = hex(&Sha256::digest(build.as_bytes())[..12]);
        let directory = temporary.join(format!("shipmark-{id}"));
        Self { directory, name: "ticket.json".to_owned(), whose: Whose::Own }
    }

    /// Whether what is there can be relied on.
    ///
    /// # Errors
    /// It cannot, or cannot be looked at.
    fn look(&self) -> Result<(), TicketError> {
        let Some(directory) = self.open()? else { return Ok(()) };
        for name in [&self.name, &self.beside("lock")] {
            directory.has(name).map_err(self.failed("read", name))?;
        }
        let snapshots = self.beside("snapshots");
        directory.below(&snapshots).map_err(self.failed("read", &snapshots)).map(drop)
    }

    /// The ticket, if there is one.
    ///
    /// # Errors
    /// It cannot be read, is not safe, or is not a ticket.
    pub fn read(&self) -> Result<Option<Ticket>, TicketError> {
        self.open()?.map_or(Ok(None), |directory| self.read_in(&directory))
    }

    /// Strikes what a new decision must not leave for `record`: all entries of another build, those that were recorded or have
    /// failed, and without a build all. A file that is not a ticket is removed; the error then says what was wrong with it.
    ///
    /// # Errors
    /// It cannot be read or written, or is not safe.
    pub fn strike(&self, build: Option<&str>) -> Result<Option<TicketError>, TicketError> {
        let Some(directory) = self.open()? else { return Ok(None) };
        if !directory.has(&self.name).map_err(self.failed("read", &self.name))? {
            return Ok(None);
        }
        let _held = self.lock(&directory)?;
        let mut ticket = match self.read_in(&directory) {
            Ok(None) => return Ok(None),
            Ok(Some(ticket)) => ticket,
            Err(damaged @ TicketError::Damaged { .. }) => {
                directory.remove(&self.name).map_err(self.failed("written", &self.name))?;
                return Ok(Some(damaged));
            }
            Err(error) => return Err(error),
        };
        let before = ticket.entries.len();
        ticket.strike(build);
        if ticket.entries.len() < before {
            self.write(&directory, &ticket)?;
        }
        Ok(None)
    }

    /// Changes the ticket while no other process does. A ticket of another build counts as none.
    ///
    /// # Errors
    /// It cannot be read or written, or is not safe.
    pub fn update(&self, build: Option<&str>, change: impl FnOnce(&mut Ticket)) -> Result<(), TicketError> {
        let directory = self.make()?;
        let _held = self.lock(&directory)?;
        let found = self.read_in(&directory)?.filter(|ticket| ticket.build.as_deref() == build);
        let mut ticket = found.unwrap_or_else(|| Ticket::new(build));
        change(&mut ticket);
        self.write(&directory, &ticket)
    }

    /// Keeps a snapshot beside the ticket.
    ///
    /// # Errors
    /// It cannot be written, or the place is not safe.
    pub fn put_snapshot(&self, hash: &str, bytes: &[u8]) -> Result<(), TicketError> {
        let name = self.beside("snapshots");
        let snapshots = self.make()?.make_below(&name, Flush::Later).map_err(self.failed("written", &name))?;
        snapshots.replace(hash, bytes, Flush::Later).map_err(self.failed("written", &name))
    }

    /// A snapshot beside the ticket. Without it a deploy is still recorded, but cannot be explained file by file.
    pub fn snapshot(&self, hash: &str) -> Option<Vec<u8>> {
        let snapshots = self.open().ok()??.below(self.beside("snapshots")).ok()??;
        snapshots.read(hash, LARGEST).ok()?
    }

    fn open(&self) -> Result<Option<GuardedDirectory>, TicketError> {
        GuardedDirectory::open(&self.directory, self.whose).map_err(self.failed("read", ""))
    }

    fn make(&self) -> Result<GuardedDirectory, TicketError> {
        GuardedDirectory::make(&self.directory, self.whose).map_err(self.failed("written", ""))
    }

    fn lock(&self, directory: &GuardedDirectory) -> Result<std::fs::File, TicketError> {
        let name = self.beside("lock");
        directory.lock(&name, PATIENCE).map_err(self.failed("written", &name))
    }

    fn read_in(&self, directory: &GuardedDirectory) -> Result<Option<Ticket>, TicketError> {
        let Some(bytes) = directory.read(&self.name, LARGEST).map_err(self.failed("read", &self.name))? else {
            return Ok(None);
        };
        let ticket = Ticket::decode(&bytes);
        ticket.map(Some).map_err(|cause| TicketError::Damaged { path: self.shown(), cause })
    }

    fn write(&self, directory: &GuardedDirectory, ticket: &Ticket) -> Result<(), TicketError> {
        let bytes = ticket.encode().map_err(|cause| TicketError::Io {
            verb: "written",
            path: self.shown(),
            cause: cause.into(),
        })?;
        directory.replace(&self.name, &bytes, Flush::Later).map_err(self.failed("written", &self.name))
    }

    fn beside(&self, what: &str) -> String {
        format!("{}.{what}", self.name)
    }

    fn shown(&self) -> String {
        self.directory.join(&self.name).display().to_string()
    }

    /// What became of `name` in the ticket's directory, or of the directory itself.
    fn failed(&self, verb: &'static str, name: &str) -> impl FnOnce(GuardError) -> TicketError {
        let path = self.shown();
        let what = match name {
            "" => format!("its directory `{}`", self.directory.display()),
            name if name == self.name => "it".to_owned(),
            name => format!("`{name}` beside it"),
        };
        move |error| match error {
            GuardError::Unsafe(why) => TicketError::Unsafe { path, what, why },
            GuardError::Io(cause) => TicketError::Io { verb, path, cause },
            large @ GuardError::TooLarge(_) => TicketError::Io { verb, path, cause: io::Error::other(large) },
        }
    }
}
