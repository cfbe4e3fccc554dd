//! What a directory contains, and when it changed.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStringExt as _;
use std::time::SystemTime;

use rustix::fs::{AtFlags, Dir, FileType, Timespec, Timestamps, UTIME_NOW, futimens, openat, statat, unlinkat};
use rustix::io::Errno;

use super::{GuardError, GuardedDirectory, LOCK};

impl GuardedDirectory {
    /// The names of everything in it, in any order.
    ///
    /// # Errors
    /// It cannot be listed.
    pub fn names(&self) -> Result<Vec<OsString>, GuardError> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.directory)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if !matches!(&name[..], b"." | b"..") {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    /// When a file was last written; `None` if it does not exist.
    ///
    /// # Errors
    /// It is not safe, or cannot be opened.
    pub fn modified(&self, name: &str) -> Result<Option<SystemTime>, GuardError> {
        Ok(self.opened(name)?.map(|file| file.metadata()?.modified()).transpose()?)
    }

    /// Sets the time of a file to the file system's own, creating the file if it does not exist, and reads that time back.
    ///
    /// # Errors
    /// It is not safe, or cannot be opened or touched.
    pub fn touch(&self, name: &str) -> Result<SystemTime, GuardError> {
        let file = openat(&self.directory, name, LOCK, self.whose.of_lock());
        let file = self.safe(file)?.ok_or_else(super::vanished)?;
        // Both times, since only the owner of a file may set one of them.
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        futimens(&file, &Timestamps { last_access: now, last_modification: now })?;
        Ok(File::metadata(&file)?.modified()?)
    }

    /// Removes a subdirectory and everything below it. Links below it are removed, never followed.
    ///
    /// # Errors
    /// It is itself a link or not a directory, or something cannot be removed.
    pub fn remove_all_below(&self, name: impl AsRef<std::path::Path>) -> Result<(), GuardError> {
        let name = name.as_ref();
        let Some(directory) = self.below(name)? else { return Ok(()) };
        for name in directory.names()? {
            let found = match statat(&directory.directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => continue,
                found => found?,
            };
            if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
                directory.remove_all_below(&name)?;
            } else {
                gone(unlinkat(&directory.directory, &name, AtFlags::empty()))?;
            }
        }
        gone(unlinkat(&self.directory, name, AtFlags::REMOVEDIR))
    }

    /// Removes a subdirectory if it is empty; otherwise nothing changes.
    pub fn remove_if_empty(&self, name: impl AsRef<std::path::Path>) {
        let _ = unlinkat(&self.directory, name.as_ref(), AtFlags::REMOVEDIR);
    }
}

fn gone(removed: Result<(), Errno>) -> Result<(), GuardError> {
    match removed {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
