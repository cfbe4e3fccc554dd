//! Files in a directory that others may write beside, or into: only what is a plain file, and where that is asked only what is
//! the user's own, is read or written. All names are looked up in the directory that was opened and checked, so that nothing
//! that is put in its place later counts; and nothing that is planted there can make the program wait.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::atomic_file;

/// Whose the files of a directory must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The user's own, in a directory that nobody else can enter.
    Own,
    /// Anybody's: the user named the place.
    Anybodys,
}

/// A directory that was opened and checked.
#[derive(Debug)]
pub struct GuardedDirectory {
    directory: OwnedFd,
    whose: Whose,
}

/// What cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// It is there, and nobody can rely on it.
    #[error("it {0}")]
    Unsafe(&'static str),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
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
    /// Opens a directory, `None` where it is missing. One that is the user's own may not be a link; one that was named may.
    ///
    /// # Errors
    /// It cannot be opened, or is not safe.
    pub fn open(path: &Path, whose: Whose) -> Result<Option<Self>, GuardError> {
        Self::at(CWD, path, whose, whose == Whose::Own)
    }

    /// Opens a directory, and makes it first where it is missing, for the user alone.
    ///
    /// # Errors
    /// It cannot be made or opened, or is not safe.
    pub fn make(path: &Path, whose: Whose) -> Result<Self, GuardError> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent)?;
        }
        made(mkdirat(CWD, path, Mode::RWXU))?;
        Self::open(path, whose)?.ok_or_else(vanished)
    }

    /// A directory in this one, `None` where it is missing.
    ///
    /// # Errors
    /// It cannot be opened, or is not safe.
    pub fn below(&self, name: &str) -> Result<Option<Self>, GuardError> {
        Self::at(&self.directory, Path::new(name), self.whose, true)
    }

    /// A directory in this one, made where it is missing.
    ///
    /// # Errors
    /// It cannot be made or opened, or is not safe.
    pub fn make_below(&self, name: &str) -> Result<Self, GuardError> {
        made(mkdirat(&self.directory, name, Mode::RWXU))?;
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

    /// The bytes of a file, `None` where it is missing.
    ///
    /// # Errors
    /// It cannot be read, or is not safe.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, GuardError> {
        let Some(mut file) = self.opened(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// What is there is not safe, or cannot be opened.
    pub fn has(&self, name: &str) -> Result<bool, GuardError> {
        Ok(self.opened(name)?.is_some())
    }

    /// Replaces a file by bytes in one step.
    ///
    /// # Errors
    /// It cannot be written, or what is there is not safe; that then stays.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), GuardError> {
        self.has(name)?;
        let new = format!(".new-{:016x}", fastrand::u64(..));
        let mut file = File::from(openat(&self.directory, &new, NEW, Mode::RUSR | Mode::WUSR)?);
        let written = file.write_all(bytes);
        let done = written.and_then(|()| Ok(renameat(&self.directory, &new, &self.directory, name)?));
        if done.is_err() {
            // What could not be put into place is of no use; nobody reads it if it stays.
            let _ = unlinkat(&self.directory, &new, AtFlags::empty());
        }
        Ok(done?)
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn remove(&self, name: &str) -> Result<(), GuardError> {
        match unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Holds a lock on a file, made if missing, until it is dropped.
    ///
    /// # Errors
    /// `TimedOut` if another process holds it for longer than `patience`; it cannot be opened, or is not safe.
    pub fn lock(&self, name: &str, patience: Duration) -> Result<File, GuardError> {
        let file = openat(&self.directory, name, LOCK, Mode::RUSR | Mode::WUSR);
        let file = self.safe(file)?.ok_or_else(vanished)?;
        Ok(atomic_file::hold(file, patience)?)
    }

    fn opened(&self, name: &str) -> Result<Option<File>, GuardError> {
        self.safe(openat(&self.directory, name, READ, Mode::empty()))
    }

    fn safe(&self, opened: Result<OwnedFd, Errno>) -> Result<Option<File>, GuardError> {
        let file = match opened {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(GuardError::Unsafe("is a link")),
            // A socket, or a directory that is opened to be written.
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

fn made(made: Result<(), Errno>) -> Result<(), GuardError> {
    match made {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What was just made has gone.
fn vanished() -> GuardError {
    GuardError::Io(io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests;
