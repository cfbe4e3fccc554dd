//! Safe file access in a directory that somebody else may have made or can write to: a shared temporary directory, or a
//! file store, which a source can contain. Only plain files are read or written, and, where required, only files that
//! belong to the user. All names are looked up in the directory that was opened and checked, so replacing the directory
//! later has no effect, and nothing planted in it can make the program block or follow a link.

mod contents;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::atomic_file::{self, Flush};

/// Who must own the files in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The user, in a directory that nobody else can enter.
    Own,
    /// Anyone: the user named the place.
    Anybodys,
    /// Anyone, and what is written is for everybody to read, as the process's mask allows: files to be committed.
    Published,
}

/// A directory that was opened and checked.
#[derive(Debug)]
pub struct GuardedDirectory {
    directory: OwnedFd,
    whose: Whose,
}

/// Why a directory or file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// It exists but cannot be trusted.
    #[error("it {0}")]
    Unsafe(&'static str),
    /// A file has more bytes than its reader allows.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The file system returned an error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Whose {
    /// The permissions of a new directory, of which the process's mask takes some away.
    fn of_directory(self) -> Mode {
        match self {
            Self::Own => Mode::RWXU,
            Self::Anybodys | Self::Published => Mode::RWXU | Mode::RWXG | Mode::RWXO,
        }
    }

    /// The permissions of a new lock file: in a place that several users share, all of them must be able to take it.
    fn of_lock(self) -> Mode {
        match self {
            Self::Own => Mode::RUSR | Mode::WUSR,
            Self::Anybodys | Self::Published => Mode::from_raw_mode(0o666),
        }
    }

    /// The permissions of any other new file.
    fn of_file(self) -> Mode {
        match self {
            Self::Own | Self::Anybodys => Mode::RUSR | Mode::WUSR,
            Self::Published => Mode::from_raw_mode(0o666),
        }
    }
}

impl From<Errno> for GuardError {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

const READ: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
const NEW: OFlags = OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::CLOEXEC);
const LOCK: OFlags =
    OFlags::RDWR.union(OFlags::CREATE).union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

impl GuardedDirectory {
    /// Opens a directory; `None` if it does not exist. With [`Whose::Own`] it must not be a link; a directory that the
    /// user named may be one.
    ///
    /// # Errors
    /// It cannot be opened, or is not safe.
    pub fn open(path: &Path, whose: Whose) -> Result<Option<Self>, GuardError> {
        Self::at(CWD, path, whose, whose == Whose::Own)
    }

    /// Opens a directory, creating it first, for the user alone, if it does not exist.
    ///
    /// # Errors
    /// It cannot be created or opened, or is not safe.
    pub fn make(path: &Path, whose: Whose) -> Result<Self, GuardError> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)?;
        }
        made(mkdirat(CWD, path, whose.of_directory()))?;
        Self::open(path, whose)?.ok_or_else(vanished)
    }

    /// Opens a subdirectory; `None` if it does not exist.
    ///
    /// # Errors
    /// It cannot be opened, or is not safe.
    pub fn below(&self, name: impl AsRef<Path>) -> Result<Option<Self>, GuardError> {
        Self::at(&self.directory, name.as_ref(), self.whose, true)
    }

    /// Opens a subdirectory, creating it if it does not exist.
    ///
    /// # Errors
    /// It cannot be created or opened, or is not safe.
    pub fn make_below(&self, name: impl AsRef<Path>, flush: Flush) -> Result<Self, GuardError> {
        if made(mkdirat(&self.directory, name.as_ref(), self.whose.of_directory()))? {
            self.flush(flush)?;
        }
        self.below(name)?.ok_or_else(vanished)
    }

    fn at(parent: impl AsFd, path: &Path, whose: Whose, refuse_links: bool) -> Result<Option<Self>, GuardError> {
        let follow = if refuse_links { OFlags::NOFOLLOW } else { OFlags::empty() };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK | OFlags::CLOEXEC | follow;
        let directory = match openat(parent, path, flags, Mode::empty()) {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NOTDIR) => return Err(GuardError::Unsafe("is a link, or not a directory")),
            Err(Errno::ACCESS | Errno::PERM) if whose == Whose::Own => {
                return Err(GuardError::Unsafe("cannot be entered"));
            }
            Err(error) => return Err(error.into()),
        };
        if whose == Whose::Own {
            let found = fstat(&directory)?;
            if found.st_uid != geteuid().as_raw() {
                return Err(GuardError::Unsafe("belongs to another user"));
            }
            if Mode::from_raw_mode(found.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
                return Err(GuardError::Unsafe("can be entered by other users"));
            }
        }
        Ok(Some(Self { directory, whose }))
    }

    /// Reads a file of at most `most` bytes; `None` if it does not exist.
    ///
    /// # Errors
    /// It cannot be read, is too large, or is not safe.
    pub fn read(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, GuardError> {
        let Some(file) = self.opened(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { Err(GuardError::TooLarge(most)) } else { Ok(Some(bytes)) }
    }

    /// Whether a file exists.
    ///
    /// # Errors
    /// The file is not safe, or cannot be opened.
    pub fn has(&self, name: &str) -> Result<bool, GuardError> {
        Ok(self.opened(name)?.is_some())
    }

    /// Replaces the content of a file atomically: a reader, or a crash in between, finds either the old or the new one.
    ///
    /// # Errors
    /// It cannot be written, or the existing file is not safe and is left as it is.
    pub fn replace(&self, name: &str, bytes: &[u8], flush: Flush) -> Result<(), GuardError> {
        self.has(name)?;
        let new = format!(".new-{:016x}", fastrand::u64(..));
        let mut file = File::from(openat(&self.directory, &new, NEW, self.whose.of_file())?);
        let written = file.write_all(bytes).and_then(|()| if flush == Flush::Disk { file.sync_all() } else { Ok(()) });
        let done = written.and_then(|()| Ok(renameat(&self.directory, &new, &self.directory, name)?));
        if done.is_err() {
            // Best effort: if the temporary file stays, nobody reads it.
            let _ = unlinkat(&self.directory, &new, AtFlags::empty());
        }
        done?;
        self.flush(flush)
    }

    /// Removes a file if it exists.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn remove(&self, name: &str) -> Result<(), GuardError> {
        match unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Locks a file, creating it if it does not exist, until the returned lock is dropped.
    ///
    /// # Errors
    /// `TimedOut` if another process holds the lock for longer than `patience`; or the file cannot be opened, or is not
    /// safe.
    pub fn lock(&self, name: &str, patience: Duration) -> Result<File, GuardError> {
        let file = openat(&self.directory, name, LOCK, self.whose.of_lock());
        let file = self.safe(file)?.ok_or_else(vanished)?;
        Ok(atomic_file::hold(file, patience)?)
    }

    fn flush(&self, flush: Flush) -> Result<(), GuardError> {
        if flush == Flush::Disk {
            rustix::fs::fsync(&self.directory)?;
        }
        Ok(())
    }

    fn opened(&self, name: &str) -> Result<Option<File>, GuardError> {
        self.safe(openat(&self.directory, name, READ, Mode::empty()))
    }

    fn safe(&self, opened: Result<OwnedFd, Errno>) -> Result<Option<File>, GuardError> {
        let file = match opened {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(GuardError::Unsafe("is a link")),
            // A socket, or a directory opened for writing.
            Err(Errno::NXIO | Errno::ISDIR | Errno::OPNOTSUPP) => {
                return Err(GuardError::Unsafe("is not a plain file"));
            }
            Err(error) => return Err(error.into()),
        };
        let found = fstat(&file)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(GuardError::Unsafe("is not a plain file"));
        }
        if self.whose == Whose::Own && found.st_uid != geteuid().as_raw() {
            return Err(GuardError::Unsafe("belongs to another user"));
        }
        Ok(Some(File::from(file)))
    }
}

/// Whether a directory is new.
fn made(made: Result<(), Errno>) -> Result<bool, GuardError> {
    match made {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The error for a directory that disappeared right after it was created.
fn vanished() -> GuardError {
    GuardError::Io(io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests;
