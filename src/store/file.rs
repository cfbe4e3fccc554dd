//! The store in a directory: `PATH/PROJECT/ENVIRONMENT/SERVICE/{mark.json, candidates/ID.json, snapshots/HASH}`.
//!
//! Readers take no lock: a mark is renamed into place whole. Writers of one mark take turns by a lock beside it, compare
//! what is there with what was read, and flush before and after the rename, so that a kill or a power cut leaves the old
//! mark or the new one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::key::file_name;
use super::{StoreError, Stored, Version, WriteError};
use crate::content::hex;
use crate::durable::{self, Flush};
use crate::mark::AttemptId;
use crate::mark::stored::Key;

/// How long a snapshot that nothing names is left alone: somebody may be about to name it.
const SNAPSHOT_GRACE: Duration = Duration::from_hours(24);

/// The store in a directory.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    timeout: Duration,
}

impl FileStore {
    pub(super) fn new(root: PathBuf, timeout: Duration) -> Self {
        Self { root, timeout }
    }

    pub(super) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        let bytes = read(&self.directory(key).join("mark.json"))?;
        Ok(bytes.map(|bytes| Stored { version: version(&bytes), bytes }))
    }

    pub(super) fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        let directory = self.directory(key);
        make(&directory)?;
        let lock = directory.join("lock");
        let _held = durable::lock(&lock, self.timeout).map_err(|cause| failed("lock", &lock, cause))?;
        let path = directory.join("mark.json");
        let found = read(&path)?.map(|bytes| version(&bytes));
        if found.as_ref() != expected {
            return Err(WriteError::Conflict);
        }
        durable::replace(&path, bytes, Flush::Disk).map_err(|cause| failed("write", &path, cause))?;
        Ok(())
    }

    pub(super) fn put_candidate(&self, key: &Key, id: &AttemptId, bytes: &[u8]) -> Result<(), StoreError> {
        put(&self.candidates_directory(key), &format!("{}.json", file_name(id.as_str())), bytes)
    }

    pub(super) fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Vec<u8>>, StoreError> {
        read(&self.candidates_directory(key).join(format!("{}.json", file_name(id.as_str()))))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<AttemptId>, StoreError> {
        let names = list(&self.candidates_directory(key))?;
        let ids = names.iter().filter_map(|name| AttemptId::parse(name.strip_suffix(".json")?));
        let mut ids: Vec<_> = ids.collect();
        ids.sort();
        Ok(ids)
    }

    pub(super) fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        remove_file(&self.candidates_directory(key).join(format!("{}.json", file_name(id.as_str()))))
    }

    pub(super) fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        put(&self.snapshots_directory(key), &file_name(hash), bytes)
    }

    pub(super) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        read(&self.snapshots_directory(key).join(file_name(hash)))
    }

    pub(super) fn prune_snapshots(&self, key: &Key, keep: &[String]) -> Result<(), StoreError> {
        let directory = self.snapshots_directory(key);
        for name in list(&directory)? {
            let path = directory.join(&name);
            let fresh = || {
                let modified = fs::metadata(&path).and_then(|found| found.modified());
                modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age < SNAPSHOT_GRACE))
            };
            if !keep.iter().any(|hash| file_name(hash) == name) && !fresh() {
                remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// The lock stays: whoever waits for it must find it to be the one that later writers take.
    pub(super) fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        let directory = self.directory(key);
        if !directory.exists() {
            return Ok(false);
        }
        let lock = directory.join("lock");
        let _held = durable::lock(&lock, self.timeout).map_err(|cause| failed("lock", &lock, cause))?;
        let there = read(&directory.join("mark.json"))?.is_some();
        remove_file(&directory.join("mark.json"))?;
        for directory in [self.candidates_directory(key), self.snapshots_directory(key)] {
            match fs::remove_dir_all(&directory) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &directory, cause));
                }
                _ => {}
            }
        }
        Ok(there)
    }

    fn directory(&self, key: &Key) -> PathBuf {
        let parts = [key.project.as_str(), key.environment.as_str(), key.service.as_str()];
        parts.iter().fold(self.root.clone(), |path, part| path.join(file_name(part)))
    }

    fn candidates_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join("candidates")
    }

    fn snapshots_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join("snapshots")
    }
}

/// What a file holds: the bytes themselves, so that not even a mark that nobody can read is overwritten unseen.
fn version(bytes: &[u8]) -> Version {
    Version(hex(&Sha256::digest(bytes)))
}

fn failed(verb: &'static str, path: &Path, cause: io::Error) -> StoreError {
    StoreError::Io { verb, path: path.display().to_string(), cause }
}

fn make(directory: &Path) -> Result<(), StoreError> {
    durable::make_directory(directory).map_err(|cause| failed("make the directory", directory, cause))
}

fn put(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    make(directory)?;
    let path = directory.join(name);
    durable::replace(&path, bytes, Flush::Disk).map_err(|cause| failed("write", &path, cause))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(failed("read", path, cause)),
    }
}

fn list(directory: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(failed("list", directory, cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|cause| failed("list", directory, cause))?;
        // Whatever is not UTF-8 is not ours.
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn remove_file(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(failed("remove", path, cause)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
