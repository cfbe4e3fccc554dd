//! Trees: path -> git object id, read from a directory, a commit or a git working tree.
//!
//! Every reader asks the [`crate::rules`] which files matter and reads only those. Readers never fail as a whole for one
//! bad file: what could not be read is kept as [`Unreadable`], which is doubt, and doubt builds.

mod below;
pub mod blob;
pub mod commit;
pub mod directory;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod worktree;

use std::sync::Arc;

use bstr::BString;

use crate::content::BlobId;
use crate::rules::{Claim, Verdict};

/// What an entry is. Git's file modes, of which a zip keeps none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file (100644).
    File,
    /// A file that its owner may execute (100755).
    Executable,
    /// A symbolic link (120000): it counts as its target's text.
    Symlink,
    /// A submodule in a commit (160000): it counts as its commit id.
    Submodule,
}

/// A file that is an input of at least one of the asked services.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Path from the root, `/`-separated bytes.
    pub path: BString,
    /// Its object id.
    pub id: BlobId,
    /// What it is.
    pub kind: Kind,
    /// Which services it is an input of, and by which rules.
    pub verdict: Arc<Verdict>,
}

/// Where a tree was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Files in a directory.
    Directory,
    /// A zip artifact.
    Zip,
    /// A commit.
    Commit,
}

/// What was found in a source: the inputs of the asked services.
#[derive(Debug)]
pub struct Tree {
    /// Where it was read from.
    pub source: SourceKind,
    /// The inputs, sorted bytewise by path.
    pub entries: Vec<Entry>,
    /// Whether the source keeps file modes.
    pub keeps_modes: bool,
    /// How many files were seen, inputs or not. Directories that hold nothing of interest are not entered.
    pub files: usize,
    /// What could not be read, sorted bytewise by path.
    pub unreadable: Vec<Unreadable>,
    /// Files that no service covers, sorted bytewise; `None` where nobody asked (see [`crate::rules::Rules`]).
    pub unowned: Option<Vec<BString>>,
}

/// A path whose contents are not known, and the services that it may be an input of.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// The path.
    pub path: BString,
    /// What happened, for people.
    pub cause: String,
    /// The services in doubt, as indices into the map's services, sorted.
    pub services: Vec<usize>,
}

impl Entry {
    /// The claim of a service on it, if it is an input of that service.
    pub fn claim(&self, service: usize) -> Option<&Claim> {
        let claims = &self.verdict.claims;
        claims.binary_search_by_key(&service, |claim| claim.service).ok().map(|index| &claims[index])
    }
}

impl Unreadable {
    fn new(path: &[u8], cause: impl ToString, services: Vec<usize>) -> Self {
        Self { path: path.into(), cause: cause.to_string(), services }
    }

    /// A file that could not be read: the services that claim it are in doubt.
    fn file(path: &[u8], cause: impl ToString, verdict: &Verdict) -> Self {
        Self::new(path, cause, verdict.claims.iter().map(|claim| claim.service).collect())
    }
}

/// Whether a component of a path is never an input, at whatever depth: git's own files and this tool's.
pub fn never_input(component: &[u8]) -> bool {
    matches!(component, b".git" | b".shipmark")
}

/// A path one component longer.
fn join(directory: &[u8], component: &[u8]) -> BString {
    let mut path = Vec::with_capacity(directory.len() + 1 + component.len());
    path.extend_from_slice(directory);
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(component);
    path.into()
}

/// A tree could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The root is missing or no directory.
    #[error("cannot read the source `{path}`")]
    Root {
        /// The source directory.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Git cannot answer; the text names the repository or revision and the reason.
    #[error("{0}")]
    Git(String),
}
