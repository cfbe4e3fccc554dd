//! Files that are never seen half-written (written to a temporary file, flushed, renamed into place), and locks between
//! processes.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Whether a file must survive a power failure, or only last for this build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// The file and its directory are flushed to disk.
    Disk,
    /// The operating system writes it when it likes.
    Later,
}

/// Replaces `path` with `bytes` atomically: a reader, or a crash in between, finds either the old or the new file.
///
/// # Errors
/// Any error of the file system; the old file is then unchanged.
pub fn replace(path: &Path, bytes: &[u8], flush: Flush) -> io::Result<()> {
    replace_with(path, flush, |file| file.write_all(bytes))
}

/// [`replace`], for content that is too large to hold in memory.
///
/// # Errors
/// Those of `write`, and any error of the file system; the old file is then unchanged.
pub fn replace_with(path: &Path, flush: Flush, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(directory)?;
    let mut buffered = BufWriter::new(file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    if flush == Flush::Disk {
        file.as_file().sync_all()?;
    }
    file.persist(path).map_err(|error| error.error)?;
    if flush == Flush::Disk {
        sync_directory(directory)?;
    }
    Ok(())
}

/// Creates a directory and its parents, and flushes each new directory into its parent.
///
/// # Errors
/// Any error of the file system.
pub fn make_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_directory(parent)?;
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            made => made?,
        }
        return sync_directory(parent);
    }
    fs::create_dir_all(path)
}

/// Flushes the entries of a directory.
///
/// # Errors
/// Any error of the file system.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Locks `path` until the returned file is dropped. The file is created if it does not exist and never removed, because
/// a removed lock file no longer locks anybody out. The operating system releases the lock of a process that is killed.
///
/// # Errors
/// `TimedOut` if another process holds the lock for longer than `patience`, or any error of the file system.
pub fn lock(path: &Path, patience: Duration) -> io::Result<File> {
    hold(File::options().create(true).truncate(false).write(true).open(path)?, patience)
}

/// [`lock`], for a file that is already open.
///
/// # Errors
/// Those of [`lock`].
pub fn hold(file: File, patience: Duration) -> io::Result<File> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds the lock"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(fastrand::u64(1..8))),
        }
    }
}
