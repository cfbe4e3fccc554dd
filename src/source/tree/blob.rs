//! Git blob ids: SHA-1 over `blob <length>\0` and the bytes
//! (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>).

use std::cell::RefCell;
use std::os::fd::BorrowedFd;

use rustix::fs::{FileType, Stat, fstat};
use rustix::io::Errno;
use sha1::{Digest as _, Sha1};

use crate::base::fingerprint::BlobId;

/// How much is read at once. It fits in the second-level cache, so hashing does not wait for memory.
const BUFFER: usize = 128 * 1024;

thread_local! {
    /// One buffer per thread, because allocating one for each of 100,000 small files would cost more than reading them.
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Why a file's bytes are unknown.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system returned an error.
    #[error("cannot be read: {0}")]
    System(#[from] Errno),
    /// The bytes read may be a mix of old and new ones.
    #[error("changed while it was read")]
    Changed,
    /// It is not a regular file.
    #[error("is {0}, not a file")]
    Special(&'static str),
}

/// An open file with its metadata from before its bytes are read.
pub struct OpenFile<'fd> {
    file: BorrowedFd<'fd>,
    stat: Stat,
}

/// The blob id of bytes in memory.
pub fn of_bytes(bytes: &[u8]) -> BlobId {
    let mut hash = header(bytes.len() as u64);
    hash.update(bytes);
    BlobId(hash.finalize().into())
}

/// The blob id of bytes from a reader, which must have the given length.
///
/// # Errors
/// The bytes cannot be read, or their number differs.
pub fn of_reader(length: u64, mut reader: impl std::io::Read) -> std::io::Result<BlobId> {
    let mut hash = header(length);
    let mut total = 0;
    READ_BUFFER.with_borrow_mut(|buffer| {
        loop {
            match reader.read(buffer) {
                Ok(0) => return Ok(()),
                Ok(bytes) => {
                    hash.update(&buffer[..bytes]);
                    total += bytes as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    })?;
    if total == length { Ok(BlobId(hash.finalize().into())) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
}

impl<'fd> OpenFile<'fd> {
    /// Reads the metadata of an open file.
    ///
    /// # Errors
    /// It is not a regular file.
    pub fn new(file: BorrowedFd<'fd>) -> Result<Self, ReadError> {
        let stat = fstat(file)?;
        match special(FileType::from_raw_mode(stat.st_mode)) {
            Some(what) => Err(ReadError::Special(what)),
            None => Ok(Self { file, stat }),
        }
    }

    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        // The system never reports a negative length for a regular file; if it did, nothing could be read from it.
        u64::try_from(self.stat.st_size).unwrap_or(0)
    }

    /// Whether its owner may execute it: the only permission that git keeps.
    pub fn is_executable(&self) -> bool {
        self.stat.st_mode & 0o100 != 0
    }

    /// Reads it once, from the current offset to the end, and checks that nobody changed it meanwhile.
    ///
    /// # Errors
    /// A read fails, or the length, times or inode have changed.
    pub fn blob_id(&self) -> Result<BlobId, ReadError> {
        let mut hash = header(self.length());
        let read = READ_BUFFER.with_borrow_mut(|buffer| self.feed(&mut hash, buffer))?;
        if read != self.length() {
            return Err(ReadError::Changed);
        }
        self.check_unchanged()?;
        Ok(BlobId(hash.finalize().into()))
    }

    /// Compares the metadata again after the bytes were read.
    ///
    /// # Errors
    /// The length, times or inode have changed.
    pub fn check_unchanged(&self) -> Result<(), ReadError> {
        if identity(&self.stat) == identity(&fstat(self.file)?) { Ok(()) } else { Err(ReadError::Changed) }
    }

    /// Feeds the hash and returns how many bytes there were, at most one buffer more than expected. A regular file
    /// returns fewer bytes than requested only at its end, so a small file needs only one read.
    fn feed(&self, hash: &mut Sha1, buffer: &mut [u8]) -> Result<u64, ReadError> {
        let expected = self.length();
        let mut total = 0;
        while total <= expected {
            let wanted = usize::try_from(expected - total + 1).unwrap_or(usize::MAX).min(buffer.len());
            let bytes = rustix::io::retry_on_intr(|| rustix::io::read(self.file, &mut buffer[..wanted]))?;
            hash.update(&buffer[..bytes]);
            total += bytes as u64;
            if bytes == 0 || (bytes < wanted && total == expected) {
                break;
            }
        }
        Ok(total)
    }
}

/// The name of a file type that is neither a regular file nor a link nor a directory.
pub fn special(kind: FileType) -> Option<&'static str> {
    match kind {
        FileType::RegularFile => None,
        FileType::Directory => Some("a directory"),
        FileType::Symlink => Some("a symbolic link"),
        FileType::Fifo => Some("a named pipe"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => Some("a device"),
        FileType::Unknown => Some("of an unknown type"),
    }
}

fn header(length: u64) -> Sha1 {
    let mut hash = Sha1::new();
    hash.update(format!("blob {length}\0"));
    hash
}

/// The metadata that changes when somebody writes to a file.
fn identity(stat: &Stat) -> impl PartialEq + use<> {
    (stat.st_ino, stat.st_size, (stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Seek as _, Write as _};
    use std::os::fd::AsFd as _;

    use super::*;
    use crate::base::fingerprint::hex;

    fn id_of(file: &File) -> Result<BlobId, ReadError> {
        OpenFile::new(file.as_fd())?.blob_id()
    }

    #[test]
    fn ids_are_those_of_git() {
        // `git hash-object -t blob /dev/null` and `printf 'hello\n' | git hash-object --stdin`.
        assert_eq!(hex(&of_bytes(b"").0), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(hex(&of_bytes(b"hello\n").0), "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn a_file_has_the_id_of_its_bytes_whatever_its_length() {
        for length in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER + 7] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            assert_eq!(id_of(&file.reopen().unwrap()).unwrap(), of_bytes(&bytes), "{length}");
        }
    }

    #[test]
    fn a_file_that_is_longer_than_it_said_has_changed() {
        // The kernel reports a length of 0 for it although it has bytes, like a file that grew after its metadata was
        // read.
        assert!(matches!(id_of(&File::open("/proc/self/status").unwrap()), Err(ReadError::Changed)));
    }

    #[test]
    fn a_file_that_was_written_to_meanwhile_has_changed() {
        for bytes in [&b"longer"[..], b"x", b"new!"] {
            let mut writer = tempfile::NamedTempFile::new().unwrap();
            writer.write_all(b"old!").unwrap();
            let reader = writer.reopen().unwrap();
            let open = OpenFile::new(reader.as_fd()).unwrap();
            writer.as_file().set_len(0).unwrap();
            writer.rewind().unwrap();
            writer.write_all(bytes).unwrap();
            // Two writes within one tick of the kernel's clock would get the same time.
            writer.as_file().set_modified(std::time::UNIX_EPOCH).unwrap();
            assert!(matches!(open.blob_id(), Err(ReadError::Changed)), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let error = id_of(&File::open("/dev/null").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "is a device, not a file");
    }
}
