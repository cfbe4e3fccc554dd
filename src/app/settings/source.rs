//! The source: a directory, or a zip artifact that is not unpacked.

mod complete;
mod linked;

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bstr::{BStr, BString};

use super::given;
use crate::app::cli::Global;
use crate::base::failure::Failure;
use crate::base::plain_file::{self, PlainFileError};
use crate::base::text;
use crate::map::rules::{Finder, Rules};
use crate::map::{Draft, Sought};
use crate::source::tree::commit::{Repository, head_revision};
use crate::source::tree::{Tree, TreeError, directory, ignored, listing, worktree, zip};
use crate::store::{self, Artifact, Budget};

use super::Environment;

/// How many times longer than the requests of a command an artifact may take: it may have a gigabyte.
const ARTIFACT: u32 = 60;

/// Where to look for a map.
const MAPS: [&str; 2] = ["shipmark.toml", "config/shipmark.toml"];

/// The largest map, and the largest of any other file that is read whole.
const MOST: u64 = 4 << 20;

/// The source that decisions are about.
#[derive(Debug)]
pub struct OpenSource {
    /// The directory; for an artifact, the directory that contains it.
    pub directory: PathBuf,
    /// The artifact.
    pub(super) artifact: Option<PathBuf>,
    /// A fetched artifact is deleted when the program ends.
    _fetched: Option<tempfile::NamedTempFile>,
}

/// A map that was found.
pub(super) struct FoundSource {
    /// Its name, for people.
    pub(super) shown: String,
    pub(super) bytes: Vec<u8>,
}

impl OpenSource {
    /// `--source`, else `CODEBUILD_SRC_DIR`, else the nearest directory above with a map, else here.
    pub(super) fn locate(
        here: &Path,
        global: &Global,
        environment: &Environment,
        timeout: Duration,
    ) -> Result<Self, Failure> {
        if let Some(source) = &global.source {
            given("--source", source.to_str())?;
            if let Some(address) = source.to_str().filter(|source| source.starts_with("s3://")) {
                return Self::fetch(here, address, timeout);
            }
            return Self::at(here.join(source), "--source");
        }
        if let Some(source) = &environment.source_directory {
            return Self::at(here.join(source), "CODEBUILD_SRC_DIR");
        }
        let mut maps = here.ancestors().filter_map(|above| Some((above, map_in(above)?)));
        let Some((mut directory, name)) = maps.next() else {
            return Ok(Self { directory: here.to_path_buf(), artifact: None, _fetched: None });
        };
        let nearest = directory.join(name);
        // A map beside its service belongs to the map further up that includes it.
        for (above, map) in maps {
            if includes(above, map, &nearest)? {
                directory = above;
                break;
            }
        }
        Ok(Self { directory: directory.to_path_buf(), artifact: None, _fetched: None })
    }

    fn at(path: PathBuf, from: &str) -> Result<Self, Failure> {
        let bad = |text: String| Failure::request(text).hint(format!("it comes from {from}"));
        let shown = path.display();
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => Ok(Self { directory: path, artifact: None, _fetched: None }),
            Ok(found) if found.is_file() => {
                let directory = path.parent().unwrap_or(Path::new("/")).to_path_buf();
                Ok(Self { directory, artifact: Some(path), _fetched: None })
            }
            Ok(_) => Err(bad(format!("the source `{shown}` is neither a directory nor a zip artifact"))),
            Err(cause) => Err(bad(format!("the source `{shown}` cannot be read: {cause}"))),
        }
    }

    /// Fetches an artifact from S3.
    fn fetch(here: &Path, address: &str, timeout: Duration) -> Result<Self, Failure> {
        let file = tempfile::NamedTempFile::new();
        let file = file.map_err(|cause| Failure::other(format!("there is no room for the artifact: {cause}")))?;
        let budget = Budget::new(timeout.saturating_mul(ARTIFACT));
        store::fetch(address, budget, file.as_file()).map_err(|error| {
            Failure::other(error).hint(format!("the source `{address}` comes from --source; a build has it unpacked"))
        })?;
        Ok(Self { directory: here.to_path_buf(), artifact: Some(file.path().to_path_buf()), _fetched: Some(file) })
    }

    /// Fetches the artifact of a pipeline, which is deleted when the program ends.
    pub(super) fn of_artifact(here: &Path, artifact: &Artifact, timeout: Duration) -> Result<Self, Failure> {
        let file = tempfile::NamedTempFile::new();
        let file = file.map_err(|cause| Failure::other(format!("there is no room for the artifact: {cause}")))?;
        let budget = Budget::new(timeout.saturating_mul(ARTIFACT));
        store::fetch_artifact(artifact, budget, file.as_file()).map_err(Failure::other)?;
        Ok(Self { directory: here.to_path_buf(), artifact: Some(file.path().to_path_buf()), _fetched: Some(file) })
    }

    /// The source's name in messages.
    pub fn shown(&self) -> String {
        self.artifact.as_deref().unwrap_or(&self.directory).display().to_string()
    }

    /// Whether the artifact is a reference to a repository instead of a zip: what CodePipeline makes of a full clone.
    pub fn is_reference(&self) -> bool {
        let head = || -> Option<[u8; 1]> {
            let mut head = [0];
            std::fs::File::open(self.artifact.as_ref()?).ok()?.read_exact(&mut head).ok()?;
            Some(head)
        };
        head() == Some(*b"{")
    }

    /// Where to put a first map; `None` for an artifact.
    pub fn new_map(&self) -> Option<PathBuf> {
        self.artifact.is_none().then(|| self.directory.join(MAPS[0]))
    }

    /// The name of the existing map, whatever its contents.
    pub fn has_map(&self) -> Option<&'static str> {
        MAPS.into_iter().find(|name| self.artifact.is_none() && self.has(name))
    }

    /// The source's everyday name: that of its directory.
    pub fn name(&self) -> String {
        let path = self.artifact.as_deref().unwrap_or(&self.directory);
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        whole.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// What the rules select in the source as it is: the evidence of a decision.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub fn read(&self, rules: &Rules) -> Result<Tree, TreeError> {
        match &self.artifact {
            Some(artifact) => zip::read(artifact, rules),
            None => directory::read(&self.directory, rules),
        }
    }

    /// What the rules select in the working tree as git would store it; without git, the source as it is.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub fn read_as_git(&self, rules: &Rules) -> Result<Tree, TreeError> {
        match &self.artifact {
            None if self.has(".git") => worktree::read(&self.directory, rules),
            _ => self.read(rules),
        }
    }

    /// The names of all files in the source as git would store it; without git, in the source as it is. Sorted bytewise.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub fn names(&self) -> Result<Vec<BString>, TreeError> {
        match &self.artifact {
            Some(artifact) => zip::names(artifact),
            None if self.has(".git") => worktree::names(&self.directory),
            None => listing::directory(&self.directory),
        }
    }

    /// The bytes of a file in the source; `None` if it does not exist or is not a plain file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(artifact) = &self.artifact else {
            return match plain_file::read_below(&self.directory, Path::new(name), MOST) {
                Ok(bytes) => Ok(bytes),
                // Whoever asks wants a file of the source.
                Err(PlainFileError::Link | PlainFileError::Special) => Ok(None),
                Err(cause) => Err(unreadable(&self.directory.join(name), cause)),
            };
        };
        zip::file(artifact, name, MOST)
    }

    /// Those of the paths that git would not store, although they are in the source.
    pub fn ignored<'p>(&self, paths: &[&'p BStr]) -> Vec<&'p BStr> {
        let mut found = ignored::ignored(paths, |name| self.file(name).ok().flatten());
        if !found.is_empty() && self.artifact.is_none() && self.has(".git") {
            // What is tracked is stored, ignored or not. Without an answer nothing is said.
            let stored = self.names();
            found.retain(|path| {
                stored.as_ref().is_ok_and(|names| names.binary_search_by(|name| name[..].cmp(path)).is_err())
            });
        }
        found
    }

    /// The git repository at the root of the source.
    ///
    /// # Errors
    /// There is no repository, or it cannot be opened.
    pub fn repository(&self) -> Result<Repository, TreeError> {
        match &self.artifact {
            Some(_) => Err(TreeError::Git(format!("`{}` is a zip artifact, which has no history", self.shown()))),
            None => Repository::open(&self.directory),
        }
    }

    /// The commit that is checked out, if any.
    pub fn head_revision(&self) -> Option<String> {
        self.artifact.is_none().then(|| head_revision(&self.directory))?
    }

    /// The map at one of the usual places, if there is one.
    pub(super) fn map(&self) -> Result<Option<FoundSource>, Failure> {
        for name in MAPS {
            let found = match &self.artifact {
                Some(artifact) => zip::file(artifact, name, MOST).map_err(|error| {
                    Failure::request(error).hint("a source is a directory, or a zip artifact that is not unpacked")
                })?,
                None => map_below(&self.directory, name, name)?,
            };
            if let Some(bytes) = found {
                return Ok(Some(FoundSource { shown: name.to_owned(), bytes }));
            }
        }
        Ok(None)
    }

    /// Whether the path exists in the directory, even if git ignores it. An artifact contains only its listed names.
    pub fn holds(&self, path: &[u8]) -> bool {
        let path = self.directory.join(std::ffi::OsStr::from_bytes(path));
        self.artifact.is_none() && path.symlink_metadata().is_ok()
    }

    /// Whether the path is a directory in the source's directory.
    pub fn is_directory(&self, path: &[u8]) -> bool {
        let path = self.directory.join(std::ffi::OsStr::from_bytes(path));
        self.artifact.is_none() && path.symlink_metadata().is_ok_and(|found| found.is_dir())
    }

    fn has(&self, name: &str) -> bool {
        self.directory.join(name).symlink_metadata().is_ok()
    }
}

/// The name of the map in a directory, if there is one, whatever it is.
fn map_in(directory: &Path) -> Option<&'static str> {
    MAPS.into_iter().find(|name| directory.join(name).symlink_metadata().is_ok_and(|found| !found.is_dir()))
}

/// Whether a map includes another file.
///
/// # Errors
/// It cannot be read.
fn includes(root: &Path, map: &str, other: &Path) -> Result<bool, Failure> {
    let shown = root.join(map).display().to_string();
    let Some(bytes) = map_below(root, map, &shown)? else { return Ok(false) };
    let Ok(draft) = Draft::read(&shown, &bytes) else { return Ok(false) };
    let files = draft.questions().iter().filter(|question| question.sought == Sought::Files);
    let finder = Finder::new(files.map(|question| &question.pattern));
    let path = other.strip_prefix(root).map(|path| path.as_os_str().as_encoded_bytes());
    Ok(path.is_ok_and(|path| !finder.path(path).is_empty()))
}

fn unreadable(path: &Path, cause: PlainFileError) -> TreeError {
    let cause = match cause {
        PlainFileError::Io(cause) => cause,
        other => std::io::Error::other(other),
    };
    TreeError::Root { path: text::printable(path.as_os_str().as_encoded_bytes()), cause }
}

/// The map with this name in a source, if it is there.
fn map_below(root: &Path, name: &str, shown: &str) -> Result<Option<Vec<u8>>, Failure> {
    plain_file::read_below(root, Path::new(name), MOST).map_err(|cause| unreadable_map(shown, cause))
}

/// Reads a map that a person has named.
pub(super) fn read(path: &Path, shown: &str) -> Result<Vec<u8>, Failure> {
    plain_file::read(path, MOST).map_err(|cause| unreadable_map(shown, cause))
}

/// Nothing of what a link points to is printed.
fn unreadable_map(shown: &str, cause: PlainFileError) -> Failure {
    Failure::request(format!("the service map `{shown}` cannot be read: {cause}"))
        .hint("a map is a plain file of at most 4 MB; name another with --config PATH")
}
