//! The directories of a file store. Where somebody named the store, that directory may be a link; where it is in the source,
//! only the source may. Everything below is looked up name by name, and a link there is refused.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::atomic_file::{self, Flush};
use crate::base::guarded_directory::{GuardError, GuardedDirectory, Whose};
use crate::store::StoreError;

/// Where a file store is.
#[derive(Debug)]
pub(super) struct StoreRoot {
    anchor: PathBuf,
    /// The rest of the path to the store's directory.
    rest: PathBuf,
}

impl StoreRoot {
    /// `path` is below `anchor`, or the same.
    pub(super) fn new(path: &Path, anchor: PathBuf) -> Self {
        let rest = path.strip_prefix(&anchor).map(Path::to_owned).unwrap_or_default();
        Self { anchor, rest }
    }

    /// The path of what is at `below` in the store.
    pub(super) fn path(&self, below: &Path) -> PathBuf {
        self.anchor.join(&self.rest).join(below)
    }

    /// Opens a directory of the store; `None` if it does not exist.
    pub(super) fn open(&self, below: &Path) -> Result<Option<GuardedDirectory>, StoreError> {
        let opened = GuardedDirectory::open(&self.anchor, Whose::Anybodys);
        let mut directory = opened.map_err(|error| failed("open", &self.anchor, error))?;
        let mut path = self.anchor.clone();
        for name in self.rest.iter().chain(below) {
            path.push(name);
            let Some(parent) = directory else { return Ok(None) };
            directory = parent.below(name).map_err(|error| failed("open", &path, error))?;
        }
        Ok(directory)
    }

    /// Opens a directory of the store; makes it first if it does not exist.
    pub(super) fn make(&self, below: &Path) -> Result<GuardedDirectory, StoreError> {
        const VERB: &str = "make the directory";
        if let Some(directory) = self.open(below)? {
            return Ok(directory);
        }
        atomic_file::make_directory(&self.anchor).map_err(|cause| failed(VERB, &self.anchor, cause.into()))?;
        let mut directory =
            GuardedDirectory::make(&self.anchor, Whose::Anybodys).map_err(|error| failed(VERB, &self.anchor, error))?;
        let mut path = self.anchor.clone();
        for name in self.rest.iter().chain(below) {
            path.push(name);
            directory = directory.make_below(name, Flush::Disk).map_err(|error| failed(VERB, &path, error))?;
        }
        Ok(directory)
    }

    /// Does something in the directory of a file; `None` if the directory does not exist.
    pub(super) fn beside<T>(
        &self,
        verb: &'static str,
        file: &Path,
        act: impl FnOnce(&GuardedDirectory, &str) -> Result<T, GuardError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(directory) = self.open(parent(file))? else { return Ok(None) };
        act(&directory, name(file)).map(Some).map_err(|error| failed(verb, &self.path(file), error))
    }

    /// The bytes of a file, at most so many; `None` if it does not exist.
    pub(super) fn read(&self, file: &Path, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.beside("read", file, |directory, name| directory.read(name, most as u64))?.flatten())
    }

    /// Writes a file whole, making its directory if necessary.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let written = self.make(parent(file))?.replace(name(file), bytes, Flush::Disk);
        written.map_err(|error| failed("write", &self.path(file), error))
    }

    /// Removes a file if it exists.
    pub(super) fn remove(&self, file: &Path) -> Result<(), StoreError> {
        self.beside("remove", file, GuardedDirectory::remove).map(Option::unwrap_or_default)
    }

    /// The names in a directory that are UTF-8; others are not ours.
    pub(super) fn list(&self, below: &Path) -> Result<Vec<String>, StoreError> {
        let Some(directory) = self.open(below)? else { return Ok(Vec::new()) };
        let names = directory.names().map_err(|error| failed("list", &self.path(below), error))?;
        Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect())
    }
}

fn parent(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// The name of a file of the store, which is ASCII.
fn name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

pub(super) fn failed(verb: &'static str, path: &Path, error: GuardError) -> StoreError {
    let cause = match error {
        GuardError::Io(cause) => cause,
        GuardError::Unsafe(why) => io::Error::other(format!(
            "it {why}; nothing in a store is followed to another place: remove it, or name another store with --state"
        )),
        large @ GuardError::TooLarge(_) => io::Error::other(large),
    };
    StoreError::Io { verb, path: path.display().to_string(), cause: Arc::new(cause) }
}
