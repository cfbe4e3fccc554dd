//! The store in a directory: `PATH/PROJECT/ENVIRONMENT/SERVICE/{mark.json, candidates/ID.json, snapshots/HASH}`.
//!
//! Readers take no lock: a mark is renamed into place whole. Writers of a mark take turns with a lock beside it,
//! compare the file with what was read, and flush before and after the rename, so that a kill or a power cut leaves
//! either the old mark or the new one. Candidates are written in the same way, with the same lock, and so are the names of an
//! environment's services, `PATH/PROJECT/ENVIRONMENT/%23services/services.json`, with a lock of their own.

mod clock;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Batch, Budget, SNAPSHOT_GRACE, StoreError, Stored, Version, WriteError, version};
use crate::base::atomic_file::{self, Flush};
use crate::base::key::Key;
use crate::base::key::{decode, file_name};
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::mark::stored::service_of;

/// The store in a directory.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    budget: Budget,
}

impl FileStore {
    pub(super) fn new(root: PathBuf, budget: Budget) -> Self {
        Self { root, budget }
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(super) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        stored(&self.directory(key).join("mark.json"))
    }

    pub(super) fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        keys.iter().map(|key| self.read_mark(key)).collect()
    }

    /// The time comes first, so that it is not later than what is read.
    pub(super) fn read_batch(&self, project: &ProjectName, keys: &[Key], environments: &[EnvironmentName]) -> Batch {
        let dates = vec![clock::touch(&self.root)];
        let mut answers = self.read_marks(keys);
        answers.extend(environments.iter().map(|environment| self.read_names(project, environment)));
        Batch::new(answers, keys.len(), dates)
    }

    pub(super) fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        let directory = self.directory(key);
        self.replace(&directory, &directory.join("mark.json"), bytes, expected)
    }

    pub(super) fn read_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Option<Stored>, StoreError> {
        stored(&self.names_directory(project, environment).join("services.json"))
    }

    pub(super) fn write_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let directory = self.names_directory(project, environment);
        self.replace(&directory, &directory.join("services.json"), bytes, expected)
    }

    pub(super) fn put_candidate(
        &self,
        key: &Key,
        id: &AttemptId,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        self.replace(&self.directory(key), &self.candidate_file(key, id), bytes, expected)
    }

    pub(super) fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Stored>, StoreError> {
        stored(&self.candidate_file(key, id))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        let names = list(&self.candidates_directory(key))?;
        let mut ids: Vec<_> = names.iter().filter_map(|name| AttemptId::parse(name.strip_suffix(".json")?)).collect();
        ids.sort();
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            // A candidate that disappeared in the meantime is simply gone.
            found.extend(self.candidate(key, &id)?.map(|found| (id, found.bytes)));
        }
        Ok(found)
    }

    pub(super) fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        remove_file(&self.candidate_file(key, id))
    }

    pub(super) fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        put(&self.snapshots_directory(key), &file_name(hash), bytes)
    }

    pub(super) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        read(&self.snapshots_directory(key).join(file_name(hash)))
    }

    pub(super) fn prune_snapshots(&self, key: &Key, keep: &[String], now: Timestamp) -> Result<(), StoreError> {
        let directory = self.snapshots_directory(key);
        for name in list(&directory)? {
            let path = directory.join(&name);
            let young = || {
                let modified = fs::metadata(&path).and_then(|found| found.modified()).ok();
                let modified = modified.and_then(|modified| Timestamp::try_from(modified).ok());
                let grace = SignedDuration::try_from(SNAPSHOT_GRACE).unwrap_or(SignedDuration::MAX);
                modified.is_some_and(|modified| now.duration_since(modified) < grace)
            };
            if !keep.iter().any(|hash| file_name(hash) == name) && !young() {
                remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// The lock file stays: whoever waits for it must end up with the same lock as later writers.
    pub(super) fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        let directory = self.directory(key);
        if !directory.exists() {
            return Ok(false);
        }
        let held = self.lock(&directory)?;
        let there = read(&directory.join("mark.json"))?.is_some();
        remove_file(&directory.join("mark.json"))?;
        drop(held);
        self.remove_rest(key)?;
        Ok(there)
    }

    /// Removes only the mark, if it is still `expected`.
    pub(super) fn delete_mark(&self, key: &Key, expected: Option<&Version>) -> Result<(), WriteError> {
        let directory = self.directory(key);
        let _held = if directory.exists() { Some(self.lock(&directory)?) } else { None };
        let path = directory.join("mark.json");
        if stored(&path)?.map(|found| found.version).as_ref() != expected {
            return Err(WriteError::Conflict);
        }
        Ok(remove_file(&path)?)
    }

    /// Removes what is kept for a service besides its mark.
    pub(super) fn remove_rest(&self, key: &Key) -> Result<(), StoreError> {
        let directory = self.directory(key);
        if !directory.exists() {
            return Ok(());
        }
        let _held = self.lock(&directory)?;
        for directory in [self.candidates_directory(key), self.snapshots_directory(key)] {
            match fs::remove_dir_all(&directory) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &directory, cause));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes the whole directory of a service, including its lock, for a key that nobody waits for.
    pub(super) fn discard(&self, key: &Key) -> Result<(), StoreError> {
        let directory = self.directory(key);
        match fs::remove_dir_all(&directory) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed("remove", &directory, cause)),
            _ => {}
        }
        // Fails while other such keys are still there; the directory then stays for them.
        let _ = fs::remove_dir(self.environment(&key.project, &key.environment));
        Ok(())
    }

    /// The names of the services that have a mark, as they were stored and in any order.
    pub(super) fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<String>, StoreError> {
        let directory = self.environment(project, environment);
        let mut names = Vec::new();
        for name in list(&directory)? {
            let Some(bytes) = read(&directory.join(&name).join("mark.json"))? else { continue };
            // A service name that was too long for a file name is only in the mark.
            names.extend(decode(&name).or_else(|| service_of(&bytes)));
        }
        Ok(names)
    }

    fn environment(&self, project: &ProjectName, environment: &EnvironmentName) -> PathBuf {
        self.root.join(file_name(project.as_str())).join(file_name(environment.as_str()))
    }

    fn directory(&self, key: &Key) -> PathBuf {
        self.environment(&key.project, &key.environment).join(file_name(key.service.as_str()))
    }

    /// Where the names of an environment's services are kept. No service's directory has this name, since no service's name
    /// begins with `#`; and it has no mark, so it is not listed as a service.
    fn names_directory(&self, project: &ProjectName, environment: &EnvironmentName) -> PathBuf {
        self.environment(project, environment).join(file_name("#services"))
    }

    /// Replaces a file if it still has the version that was read. Its writers take turns with the lock in `directory`.
    fn replace(
        &self,
        directory: &Path,
        path: &Path,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        make(path.parent().unwrap_or(directory))?;
        let _held = self.lock(directory)?;
        if stored(path)?.map(|found| found.version).as_ref() != expected {
            return Err(WriteError::Conflict);
        }
        Ok(atomic_file::replace(path, bytes, Flush::Disk).map_err(|cause| failed("write", path, cause))?)
    }

    fn lock(&self, directory: &Path) -> Result<fs::File, StoreError> {
        let lock = directory.join("lock");
        let _waiting = self.budget.waiting();
        atomic_file::lock(&lock, self.budget.left()).map_err(|cause| {
            let cause = match cause.kind() {
                io::ErrorKind::TimedOut => {
                    io::Error::new(cause.kind(), format!("{cause}; gave up after {}", self.budget))
                }
                _ => cause,
            };
            failed("lock", &lock, cause)
        })
    }

    fn candidate_file(&self, key: &Key, id: &AttemptId) -> PathBuf {
        self.candidates_directory(key).join(format!("{}.json", file_name(id.as_str())))
    }

    fn candidates_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join("candidates")
    }

    fn snapshots_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join("snapshots")
    }
}

fn failed(verb: &'static str, path: &Path, cause: io::Error) -> StoreError {
    StoreError::Io { verb, path: path.display().to_string(), cause: Arc::new(cause) }
}

fn make(directory: &Path) -> Result<(), StoreError> {
    atomic_file::make_directory(directory).map_err(|cause| failed("make the directory", directory, cause))
}

fn put(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    make(directory)?;
    let path = directory.join(name);
    atomic_file::replace(&path, bytes, Flush::Disk).map_err(|cause| failed("write", &path, cause))
}

/// The bytes of a file and their version: a hash, so that not even an unreadable mark is overwritten unseen.
fn stored(path: &Path) -> Result<Option<Stored>, StoreError> {
    Ok(read(path)?.map(|bytes| Stored { version: version(&bytes), bytes }))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(failed("read", path, cause)),
    }
}

/// The names in a directory that are UTF-8; others are not ours.
fn list(directory: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(failed("list", directory, cause)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|cause| failed("list", directory, cause))?;
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
