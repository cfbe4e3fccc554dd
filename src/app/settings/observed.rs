//! Where observations are kept: in `observed/`, beside the map. The source may be somebody else's, so no link is followed, read
//! or written through.

use std::path::{Component, Path, PathBuf};

use super::source::OpenSource;
use crate::base::atomic_file::Flush;
use crate::base::failure::chain;
use crate::base::guarded_directory::{GuardError, GuardedDirectory, Whose};
use crate::base::names::ServiceName;
use crate::base::plain_file::{self, PlainFileError};
use crate::map::ServiceMap;
use crate::source::tree::zip;
use crate::upkeep::observe::saved::{MOST, ObservedService};

/// The file of one service.
struct ObservedPlace {
    /// A directory that may be trusted to be what it is called.
    root: PathBuf,
    /// The file, from there.
    name: PathBuf,
}

impl OpenSource {
    /// The saved observation of a service; `None` if there is none.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or is not a plain file.
    pub fn observation(&self, map: &ServiceMap, service: &ServiceName) -> Result<Option<ObservedService>, String> {
        let name = map.observed_file(service);
        let bytes = match &self.artifact {
            Some(artifact) => zip::file(artifact, &name, MOST).map_err(|error| chain(&error))?,
            None => {
                let ObservedPlace { root, name } = self.place(&name);
                plain_file::read_below(&root, &name, MOST).map_err(|cause: PlainFileError| cause.to_string())?
            }
        };
        bytes.map(|bytes| ObservedService::parse(service, &bytes).map_err(|error| error.to_string())).transpose()
    }

    /// Saves the observation of a service, as a whole or not at all.
    ///
    /// # Errors
    /// A link or another kind of file is in its place, or it cannot be written.
    pub fn save_observation(&self, map: &ServiceMap, observed: &ObservedService) -> Result<(), GuardError> {
        let ObservedPlace { root, name } = self.place(&map.observed_file(&observed.service));
        let missing = || GuardError::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        let mut directory = GuardedDirectory::open(&root, Whose::Published)?.ok_or_else(missing)?;
        let parts: Vec<String> = name.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let Some((file, parents)) = parts.split_last() else { return Err(missing()) };
        for parent in parents {
            directory = directory.make_below(parent, Flush::Disk)?;
        }
        directory.replace(file, observed.text().as_bytes(), Flush::Disk)
    }

    fn place(&self, name: &str) -> ObservedPlace {
        let name = Path::new(name);
        if name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return ObservedPlace { root: self.directory.clone(), name: name.to_path_buf() };
        }
        // A map elsewhere, that a person has named: so is its directory.
        let whole = self.directory.join(name);
        let directory = whole.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
        let name = whole.strip_prefix(directory).unwrap_or(name).to_path_buf();
        ObservedPlace { root: directory.to_path_buf(), name }
    }
}
