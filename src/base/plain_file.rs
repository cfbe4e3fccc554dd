//! Reads a file of a source that somebody else may have written: never a link, never one that goes on for ever.

use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum PlainFileError {
    /// It, or a directory on the way to it, is a link: what it points to may be none of the source's.
    #[error("it is a link, or lies behind one")]
    Link,
    /// A pipe, a device, a socket or a directory.
    #[error("it is not a plain file")]
    Special,
    /// It is larger than its reader allows.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// Anything else.
    #[error(transparent)]
    Io(#[from] io::Error),
}

const STEP: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// Reads a plain file of at most `most` bytes below `root`, which may be a link itself; `None` if it does not exist.
///
/// # Errors
/// It is a link or lies behind one, is not a plain file, is too large, or cannot be read.
pub fn read_below(root: &Path, name: &Path, most: u64) -> Result<Option<Vec<u8>>, PlainFileError> {
    let Some(root) = opened(openat(CWD, root, STEP, Mode::empty()))? else { return Ok(None) };
    let path: PathBuf = name.components().filter(|component| matches!(component, Component::Normal(_))).collect();
    if path.as_os_str().is_empty() {
        return Err(PlainFileError::Special);
    }
    let file = match at_once(&root, &path) {
        Err(Errno::NOTDIR) => None,
        // Linux before 5.6, a sandbox that does not know the call, or a directory that moves: man page openat2(2).
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL | Errno::AGAIN) => step_by_step(root, &path)?,
        file => opened(file)?,
    };
    file.map(|file| bytes(file, most)).transpose()
}

/// Opens a file below a directory with a single call, where the system has that.
#[cfg(target_os = "linux")]
fn at_once(root: &OwnedFd, path: &Path) -> Result<OwnedFd, Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    openat2(root, path, FILE, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
}

#[cfg(not(target_os = "linux"))]
fn at_once(_: &OwnedFd, _: &Path) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// Opens a file below a directory, one directory after the other.
fn step_by_step(mut directory: OwnedFd, path: &Path) -> Result<Option<OwnedFd>, PlainFileError> {
    let mut components = path.iter().peekable();
    while let Some(component) = components.next() {
        if components.peek().is_none() {
            return opened(openat(&directory, component, FILE, Mode::empty()));
        }
        directory = match openat(&directory, component, STEP | OFlags::NOFOLLOW, Mode::empty()) {
            // A link, or a file, which has nothing below it.
            Err(Errno::NOTDIR) => {
                let found = statat(&directory, component, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
                let link = FileType::from_raw_mode(found.st_mode) == FileType::Symlink;
                return if link { Err(PlainFileError::Link) } else { Ok(None) };
            }
            next => match opened(next)? {
                Some(next) => next,
                None => return Ok(None),
            },
        };
    }
    Ok(None)
}

/// Reads a plain file of at most `most` bytes that a person has named; only the file itself must not be a link.
///
/// # Errors
/// As of [`read_below`], or it does not exist.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, PlainFileError> {
    match opened(openat(CWD, path, FILE, Mode::empty()))? {
        Some(file) => bytes(file, most),
        None => Err(io::Error::from(io::ErrorKind::NotFound).into()),
    }
}

fn opened(result: Result<OwnedFd, Errno>) -> Result<Option<OwnedFd>, PlainFileError> {
    match result {
        Ok(file) => Ok(Some(file)),
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::LOOP) => Err(PlainFileError::Link),
        // A socket cannot be opened at all.
        Err(Errno::NXIO) => Err(PlainFileError::Special),
        Err(errno) => Err(io::Error::from(errno).into()),
    }
}

fn bytes(file: OwnedFd, most: u64) -> Result<Vec<u8>, PlainFileError> {
    let found = fstat(&file).map_err(io::Error::from)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(PlainFileError::Special);
    }
    // One byte more than it has, so that its end is seen without asking for more room; it may grow while it is read.
    let expected = u64::try_from(found.st_size).unwrap_or_default().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default() + 1);
    std::fs::File::from(file).take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(PlainFileError::TooLarge(most)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;

    fn said(read: Result<Option<Vec<u8>>, PlainFileError>) -> String {
        match read {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(bytes)) => String::from_utf8(bytes).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_plain_files_below_plain_directories_are_read() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::File::create(at("a/b/file")).and_then(|mut file| io::Write::write_all(&mut file, b"text")).unwrap();
        symlink("a", at("link")).unwrap();
        symlink("b/file", at("a/link")).unwrap();
        symlink("nowhere", at("a/dangling")).unwrap();
        rustix::fs::mknodat(CWD, at("a/pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let link = "it is a link, or lies behind one";
        for (name, expected) in [
            ("a/b/file", "text"),
            ("./a//b/./file", "text"),
            ("a/b/none", "nothing"),
            ("none/at/all", "nothing"),
            ("link/b/file", link),
            ("a/link", link),
            ("a/dangling", link),
            ("a/b/file/below", "nothing"),
            ("a/pipe", "it is not a plain file"),
            ("a/b", "it is not a plain file"),
            ("", "it is not a plain file"),
        ] {
            assert_eq!(said(read_below(root.path(), &PathBuf::from(name), 4)), expected, "{name}");
            let plain: PathBuf = Path::new(name).components().filter(|part| *part != Component::CurDir).collect();
            if !name.is_empty() {
                let directory = openat(CWD, root.path(), STEP, Mode::empty()).unwrap();
                let file = step_by_step(directory, &plain);
                let read = file.and_then(|file| file.map(|file| bytes(file, 4)).transpose());
                assert_eq!(said(read), expected, "{name}, step by step");
            }
        }
        assert_eq!(said(read_below(root.path(), Path::new("a/b/file"), 3)), "it has more than 3 bytes");
        assert_eq!(said(read(Path::new("/dev/zero"), 3).map(Some)), "it is not a plain file");
        assert_eq!(said(read(&at("a/link"), 9).map(Some)), link);
    }
}
