//! Looks links up in a directory.

use std::ffi::OsStr;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::{BString, ByteSlice as _};
use rustix::fs::{AtFlags, FileType, readlinkat, statat};
use rustix::io::Errno;

use super::below::{FILE_OUTSIDE, OUTSIDE, holds_a_file, open_directory};
use super::follow::{At, LinkSource, Outside};

/// The links in a directory. What they lead to is looked at, but never opened.
#[derive(Clone, Copy)]
pub(super) struct LinksOnDisk<'a> {
    /// The directory's canonical path.
    pub(super) canonical: &'a Path,
    /// The directory.
    pub(super) root: BorrowedFd<'a>,
}

impl LinksOnDisk<'_> {
    /// Whether there is a file, a link, or a directory with one; also true if that cannot be determined.
    pub(super) fn holds_a_file(&self, path: &[u8]) -> bool {
        match self.at(path) {
            Ok(At::Missing) => false,
            Ok(At::Directory) => holds_a_file(self.root, path),
            _ => true,
        }
    }
}

impl LinkSource for LinksOnDisk<'_> {
    fn at(&self, path: &[u8]) -> Result<At, String> {
        let failed = |error: Errno| format!("is a link whose target cannot be looked at: {error}");
        let (above, name) = path.rsplit_once_str("/").unwrap_or((b"", path));
        let directory = match open_directory(self.root, above) {
            Ok(directory) => directory,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(At::Missing),
            Err(error) => return Err(failed(error)),
        };
        let found = match statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(At::Missing),
            Err(error) => return Err(failed(error)),
        };
        match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => Ok(At::Directory),
            FileType::Symlink => {
                let text = readlinkat(directory.as_fd(), name, Vec::new()).map_err(failed)?;
                Ok(At::Link(text.into_bytes().into()))
            }
            _ => Ok(At::File),
        }
    }

    /// A link hides what is outside, which no source keeps.
    fn outside(&self, link: &[u8], _: &[u8]) -> Result<Outside, String> {
        let full = self.canonical.join(OsStr::from_bytes(link));
        let target = match full.canonicalize() {
            Ok(target) => target,
            Err(error) => {
                let errors = [Errno::NOENT, Errno::NOTDIR, Errno::LOOP].map(|error| Some(error.raw_os_error()));
                return match errors.contains(&error.raw_os_error()) {
                    true => Ok(Outside::HidesNothing),
                    false => Err(format!("is a link whose target cannot be looked at: {error}")),
                };
            }
        };
        Ok(match target.strip_prefix(self.canonical) {
            Ok(inside) => Outside::Inside(BString::from(inside.as_os_str().as_bytes())),
            Err(_) if target.is_dir() => Outside::Hides(OUTSIDE.to_owned()),
            Err(_) => Outside::Hides(FILE_OUTSIDE.to_owned()),
        })
    }

    fn is_empty(&self, directory: &[u8]) -> bool {
        !holds_a_file(self.root, directory)
    }
}
