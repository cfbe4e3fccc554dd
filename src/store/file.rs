//! The store in a directory: `PATH/PROJECT/ENVIRONMENT/SERVICE/{mark.json, candidates/ID.json, snapshots/HASH}`.
//!
//! Readers take no lock: a mark is renamed into place whole. Writers of a mark take turns with a lock beside it,
//! compare the file with what was read, and flush before and after the rename, so that a kill or a power cut leaves
//! either the old mark or the new one. Candidates are written in the same way, with the same lock, and so are the names of an
//! environment's services, `PATH/PROJECT/ENVIRONMENT/%23services/services.json`, with a lock of their own. All paths here are
//! relative to the store's directory.

mod clock;
mod root;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{
    Batch, Budget, MOST_OF_MARK, MOST_OF_SNAPSHOT, SNAPSHOT_GRACE, StoreError, Stored, Version, WriteError, version,
};
use crate::base::guarded_directory::GuardError;
use crate::base::key::Key;
use crate::base::key::{decode, file_name};
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::mark::stored::service_of;
use root::{StoreRoot, failed};

/// The directory of a service's candidates.
const CANDIDATES: &str = "candidates";

/// The directory of a service's snapshots.
const SNAPSHOTS: &str = "snapshots";

/// The store in a directory.
#[derive(Debug)]
pub struct FileStore {
    root: StoreRoot,
    budget: Budget,
}

impl FileStore {
    /// A store in the directory `path`. Nothing below `anchor`, which is `path` or a parent of it, may be a link.
    pub(super) fn new(path: PathBuf, anchor: PathBuf, budget: Budget) -> Self {
        Self { root: StoreRoot::new(&path, anchor), budget }
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(super) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        self.stored(&self.directory(key).join("mark.json"))
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
        self.stored(&self.names_directory(project, environment).join("services.json"))
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
        self.stored(&self.candidate_file(key, id))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        let names = self.root.list(&self.candidates_directory(key))?;
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
        self.root.remove(&self.candidate_file(key, id))
    }

    pub(super) fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.root.write(&self.snapshots_directory(key).join(file_name(hash)), bytes)
    }

    pub(super) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.root.read(&self.snapshots_directory(key).join(file_name(hash)), MOST_OF_SNAPSHOT)
    }

    pub(super) fn prune_snapshots(&self, key: &Key, keep: &[String], now: Timestamp) -> Result<(), StoreError> {
        let path = self.snapshots_directory(key);
        let Some(directory) = self.root.open(&path)? else { return Ok(()) };
        for name in self.root.list(&path)? {
            let young = || {
                let modified = directory.modified(&name).ok().flatten();
                let modified = modified.and_then(|modified| Timestamp::try_from(modified).ok());
                let grace = SignedDuration::try_from(SNAPSHOT_GRACE).unwrap_or(SignedDuration::MAX);
                modified.is_some_and(|modified| now.duration_since(modified) < grace)
            };
            if !keep.iter().any(|hash| file_name(hash) == name) && !young() {
                let removed = directory.remove(&name);
                removed.map_err(|error| failed("remove", &self.root.path(&path.join(&name)), error))?;
            }
        }
        Ok(())
    }

    /// The lock file stays: whoever waits for it must end up with the same lock as later writers.
    pub(super) fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        let directory = self.directory(key);
        if self.root.open(&directory)?.is_none() {
            return Ok(false);
        }
        let held = self.lock(&directory)?;
        let mark = directory.join("mark.json");
        let there = self.root.read(&mark, MOST_OF_MARK)?.is_some();
        self.root.remove(&mark)?;
        drop(held);
        self.remove_rest(key)?;
        Ok(there)
    }

    /// Removes only the mark, if it is still `expected`.
    pub(super) fn delete_mark(&self, key: &Key, expected: Option<&Version>) -> Result<(), WriteError> {
        let directory = self.directory(key);
        let _held = match self.root.open(&directory)? {
            Some(_) => Some(self.lock(&directory)?),
            None => None,
        };
        let path = directory.join("mark.json");
        if self.stored(&path)?.map(|found| found.version).as_ref() != expected {
            return Err(WriteError::Conflict);
        }
        Ok(self.root.remove(&path)?)
    }

    /// Removes what is kept for a service besides its mark.
    pub(super) fn remove_rest(&self, key: &Key) -> Result<(), StoreError> {
        let path = self.directory(key);
        let Some(directory) = self.root.open(&path)? else { return Ok(()) };
        let _held = self.lock(&path)?;
        for name in [CANDIDATES, SNAPSHOTS] {
            let removed = directory.remove_all_below(name);
            removed.map_err(|error| failed("remove", &self.root.path(&path.join(name)), error))?;
        }
        Ok(())
    }

    /// Removes the whole directory of a service, including its lock, for a key that nobody waits for.
    pub(super) fn discard(&self, key: &Key) -> Result<(), StoreError> {
        let directory = self.directory(key);
        self.root.beside("remove", &directory, |environment, name| environment.remove_all_below(name))?;
        // Nothing happens while other such keys are still there; the directory then stays for them.
        let environment = environment(&key.project, &key.environment);
        self.root.beside("remove", &environment, |project, name| {
            project.remove_if_empty(name);
            Ok(())
        })?;
        Ok(())
    }

    /// The names of the services that have a mark, as they were stored and in any order.
    pub(super) fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<String>, StoreError> {
        let directory = self::environment(project, environment);
        let mut names = Vec::new();
        for name in self.root.list(&directory)? {
            let Some(bytes) = self.root.read(&directory.join(&name).join("mark.json"), MOST_OF_MARK)? else { continue };
            // A service name that was too long for a file name is only in the mark.
            names.extend(decode(&name).or_else(|| service_of(&bytes)));
        }
        Ok(names)
    }

    fn directory(&self, key: &Key) -> PathBuf {
        environment(&key.project, &key.environment).join(file_name(key.service.as_str()))
    }

    /// Where the names of an environment's services are kept. No service's directory has this name, since no service's name
    /// begins with `#`; and it has no mark, so it is not listed as a service.
    fn names_directory(&self, project: &ProjectName, environment: &EnvironmentName) -> PathBuf {
        self::environment(project, environment).join(file_name("#services"))
    }

    /// Replaces a file if it still has the version that was read. Its writers take turns with the lock in `directory`.
    fn replace(
        &self,
        directory: &Path,
        path: &Path,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        self.root.make(directory)?;
        let _held = self.lock(directory)?;
        if self.stored(path)?.map(|found| found.version).as_ref() != expected {
            return Err(WriteError::Conflict);
        }
        Ok(self.root.write(path, bytes)?)
    }

    /// Locks a directory that exists.
    fn lock(&self, directory: &Path) -> Result<fs::File, StoreError> {
        let lock = directory.join("lock");
        let _waiting = self.budget.waiting();
        let held = self.root.beside("lock", &lock, |directory, name| {
            directory.lock(name, self.budget.left()).map_err(|error| match error {
                GuardError::Io(cause) if cause.kind() == io::ErrorKind::TimedOut => {
                    io::Error::new(cause.kind(), format!("{cause}; gave up after {}", self.budget)).into()
                }
                error => error,
            })
        })?;
        held.ok_or_else(|| failed("lock", &self.root.path(&lock), io::Error::from(io::ErrorKind::NotFound).into()))
    }

    /// The bytes of a file and their version: a hash, so that not even an unreadable mark is overwritten unseen.
    fn stored(&self, path: &Path) -> Result<Option<Stored>, StoreError> {
        Ok(self.root.read(path, MOST_OF_MARK)?.map(|bytes| Stored { version: version(&bytes), bytes }))
    }

    fn candidate_file(&self, key: &Key, id: &AttemptId) -> PathBuf {
        self.candidates_directory(key).join(format!("{}.json", file_name(id.as_str())))
    }

    fn candidates_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join(CANDIDATES)
    }

    fn snapshots_directory(&self, key: &Key) -> PathBuf {
        self.directory(key).join(SNAPSHOTS)
    }
}

/// The directory of an environment.
fn environment(project: &ProjectName, environment: &EnvironmentName) -> PathBuf {
    Path::new(&file_name(project.as_str())).join(file_name(environment.as_str()))
}

#[cfg(test)]
mod tests;
