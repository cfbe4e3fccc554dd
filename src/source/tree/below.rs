//! Opens paths below a root, however deep they are.

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::BString;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

use super::{join, never_input};

/// Longest path given to the system in one call; Linux takes 4,095 bytes.
const LONGEST: usize = 4_000;

/// The cause given for a link that [`leads_outside`].
pub(super) const OUTSIDE: &str = "is a link to a directory outside the source, which hides what is below; \
     remove it, or take it out of the build's local cache";

/// The cause given for a link to anything else outside.
pub(super) const FILE_OUTSIDE: &str =
    "is a link to a file outside the source, which nobody can compare; copy the file here, or exclude the link";

/// Opens a directory below the root. A link in place of its last component is an error.
pub(super) fn open_directory(root: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let (first, rest) = split(path);
    let mut directory = openat(root, first, flags, Mode::empty())?;
    let mut rest = rest;
    while !rest.is_empty() {
        let (next, after) = split(rest);
        directory = openat(&directory, next, flags, Mode::empty())?;
        rest = after;
    }
    Ok(directory)
}

/// Splits a path into the longest prefix that the system accepts, and the rest.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    if path.is_empty() {
        return (b".", b"");
    }
    if path.len() <= LONGEST {
        return (path, b"");
    }
    // A component has at most 255 bytes, so there is a slash; without one the system returns the error.
    match path[..=LONGEST].iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (path, b""),
    }
}

/// Whether there is anything but directories below a directory that exists; also true if that cannot be determined.
pub(super) fn holds_a_file(root: BorrowedFd<'_>, path: &[u8]) -> bool {
    let mut open = vec![BString::from(path)];
    while let Some(path) = open.pop() {
        let Ok(mut listing) = open_directory(root, &path).and_then(Dir::new) else { return true };
        while let Some(entry) = listing.read() {
            let Ok(entry) = entry else { return true };
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") || never_input(name) {
                continue;
            }
            match entry.file_type() {
                FileType::Directory => open.push(join(&path, name)),
                _ => return true,
            }
        }
    }
    false
}

/// Whether a link leads to a directory outside the root, which must be canonical. A link that is dangling, forms a
/// loop, or leads to a file does not.
///
/// # Errors
/// The target may be a directory and cannot be examined.
pub(super) fn leads_outside(root: &Path, directory: BorrowedFd<'_>, name: &CStr, path: &[u8]) -> io::Result<bool> {
    let target = match statat(directory, name, AtFlags::empty()) {
        Ok(target) => target,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if FileType::from_raw_mode(target.st_mode) != FileType::Directory {
        return Ok(false);
    }
    Ok(!root.join(OsStr::from_bytes(path)).canonicalize()?.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_opened_in_parts() {
        let part = "x".repeat(200);
        let path = vec![part.as_str(); 30].join("/");
        let (first, rest) = split(path.as_bytes());
        assert!(first.len() <= LONGEST && first.len() > LONGEST - 201);
        assert_eq!([first, rest].join(&b'/'), path.as_bytes());
        assert_eq!(split(b""), (&b"."[..], &b""[..]));
        assert_eq!(split(b"a/b"), (&b"a/b"[..], &b""[..]));
    }
}
