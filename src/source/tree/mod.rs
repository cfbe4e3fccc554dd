//! Trees: path -> git object id, read from a directory, a zip artifact, a commit or a git working tree.
//!
//! Every reader asks the [`crate::map::rules`] which files matter and reads only those. A single bad file never makes a
//! reader fail as a whole: what could not be read is kept as [`Unreadable`], which is doubt, and doubt builds.

mod absent;
mod below;
pub mod blob;
pub mod commit;
pub mod directory;
pub mod find;
mod follow;
mod format;
pub mod gitmodules;
pub mod ignored;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod listing;
mod on_disk;
mod owner;
pub mod worktree;
pub mod zip;

use std::sync::Arc;

use bstr::BString;
use rayon::slice::ParallelSliceMut as _;

use crate::base::fingerprint::BlobId;
use crate::base::text;
use crate::map::rules::{RulePosition, Rules, SelectedBy, Verdict};
use follow::FoundLink;

/// The most bytes that reading one object of git, or the entries of its index, may take: a directory of three million files, an
/// index of more than a million. An object that claims more is not read.
const LARGEST_OBJECT: &str = "gitoxide.objects.allocLimit=134217728";

/// The kind of an entry: git's file modes. A zip does not keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A file (100644).
    File,
    /// A file that its owner may execute (100755).
    Executable,
    /// A symbolic link (120000), represented by the text of its target.
    Symlink,
    /// A submodule in a commit (160000), represented by its commit id.
    Submodule,
}

/// A file that is an input of at least one of the asked services.
#[derive(Debug, Clone)]
pub struct TreeEntry {
    /// Path from the root, `/`-separated bytes.
    pub path: BString,
    /// Its object id.
    pub id: BlobId,
    /// Its kind.
    pub kind: FileKind,
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
    pub entries: Vec<TreeEntry>,
    /// Whether the source keeps file modes.
    pub keeps_modes: bool,
    /// How many files were seen, inputs or not. Directories without anything relevant are not entered.
    pub files: usize,
    /// What could not be read, sorted bytewise by path.
    pub unreadable: Vec<Unreadable>,
    /// Files that no service covers, sorted bytewise; `None` if not requested (see [`crate::map::rules::Rules`]).
    pub unowned: Option<Vec<BString>>,
    /// The links that are inputs, or that a rule may pass through, until they are followed.
    links: Vec<FoundLink>,
}

/// A path with unknown contents, and the services that it may be an input of. Displayed, it is a sentence.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{}` {cause}", text::printable(path))]
pub struct Unreadable {
    /// The path.
    pub path: BString,
    /// What happened, for people.
    pub cause: String,
    /// The services in doubt, as indices into the map's services, sorted.
    pub services: Vec<usize>,
}

impl Tree {
    /// An empty tree.
    fn new(source: SourceKind, keeps_modes: bool, knows_owners: bool) -> Self {
        let unowned = knows_owners.then(Vec::new);
        Self { source, entries: Vec::new(), keeps_modes, files: 0, unreadable: Vec::new(), unowned, links: Vec::new() }
    }

    /// Sets the counts of [`reading`]'s span.
    fn count(&self, span: &tracing::Span) {
        if !span.is_disabled() {
            span.record("files", self.files);
            span.record("inputs", self.entries.len());
            span.record("unreadable", self.unreadable.len());
        }
    }

    /// Counts a file, notes it as unowned if that is requested, and keeps it if it is an input.
    fn add(&mut self, entry: TreeEntry) {
        self.files += 1;
        if !entry.verdict.owned
            && let Some(unowned) = &mut self.unowned
        {
            unowned.push(entry.path.clone());
        }
        if !entry.verdict.claims.is_empty() {
            self.entries.push(entry);
        }
    }

    /// Notes a link if a rule selects it or may select something below it.
    fn link(&mut self, rules: &Rules, path: &[u8], place: &RulePosition) {
        if !rules.reach(place).services.is_empty() {
            self.links.push(FoundLink { path: path.into(), place: place.clone() });
        }
    }

    /// Adds what was found through links. Both are sorted, and so is the result.
    fn merge(&mut self, more: Self) {
        if let Some(unowned) = &mut self.unowned {
            // A rule covers them after all, through a link.
            unowned.retain(|path| more.entries.binary_search_by(|entry| entry.path.cmp(path)).is_err());
        }
        let mut entries = Vec::with_capacity(self.entries.len() + more.entries.len());
        let (mut known, mut found) =
            (std::mem::take(&mut self.entries).into_iter().peekable(), more.entries.into_iter());
        let mut changed = Vec::new();
        for entry in found.by_ref() {
            while let Some(before) = known.next_if(|before| before.path < entry.path) {
                entries.push(before);
            }
            let Some(mut before) = known.next_if(|before| before.path == entry.path) else {
                self.files += 1;
                entries.push(entry);
                continue;
            };
            if (before.id, before.kind) != (entry.id, entry.kind) {
                changed.push(Unreadable::file(&entry.path, blob::ReadError::Changed, &entry.verdict));
            }
            before.verdict = Arc::new(both(&before.verdict, &entry.verdict));
            entries.push(before);
        }
        entries.extend(known);
        self.entries = entries;
        self.doubt(more.unreadable);
        self.doubt(changed);
    }

    /// Adds what could not be read, each path once.
    fn doubt(&mut self, unreadable: Vec<Unreadable>) {
        self.unreadable.extend(unreadable.into_iter().filter(|doubt| !doubt.services.is_empty()));
        self.unreadable.sort_by(|one, other| one.path.cmp(&other.path));
        self.unreadable.dedup_by(|later, first| {
            let same = later.path == first.path;
            if same {
                first.services.append(&mut later.services);
                first.services.sort_unstable();
                first.services.dedup();
            }
            same
        });
    }

    /// Takes over what was found in another part of the same source.
    fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.files += other.files;
        self.unreadable.extend(other.unreadable);
        self.links.extend(other.links);
        if let (Some(unowned), Some(others)) = (&mut self.unowned, other.unowned) {
            unowned.extend(others);
        }
    }

    /// Sorts the lists.
    fn sort(&mut self) {
        self.entries.par_sort_unstable_by(|one, other| one.path.cmp(&other.path));
        self.unreadable.sort_by(|one, other| one.path.cmp(&other.path));
        if let Some(unowned) = &mut self.unowned {
            unowned.sort_unstable();
        }
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

/// The claims of two verdicts on one path. A rule that selects the path comes before one that does so through a link, and
/// before one that only concerns what has no owner.
fn both(one: &Verdict, other: &Verdict) -> Verdict {
    let mut claims: Vec<SelectedBy> = one.claims.iter().chain(&other.claims).cloned().collect();
    // The sort is stable.
    claims.sort_by_key(|claim| (claim.service, claim.by_policy));
    claims.dedup_by_key(|claim| claim.service);
    Verdict { claims, owned: one.owned }
}

/// The span for reading a whole source, including hashing its files.
fn reading(source: &'static str) -> tracing::span::EnteredSpan {
    let empty = tracing::field::Empty;
    tracing::debug_span!("read source", source, files = empty, inputs = empty, unreadable = empty).entered()
}

/// Whether a path component is never an input, at any depth: git's own files and this tool's.
pub fn never_input(component: &[u8]) -> bool {
    matches!(component, b".git" | b".shipmark")
}

/// Every directory above a path, the root included.
fn parents(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.chain([0]).map(|end| &path[..end])
}

/// Joins a path and one more component.
fn join(directory: &[u8], component: &[u8]) -> BString {
    let mut path = Vec::with_capacity(directory.len() + 1 + component.len());
    path.extend_from_slice(directory);
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(component);
    path.into()
}

/// Why a tree could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The root is missing or not a directory.
    #[error("cannot read the source `{path}`")]
    Root {
        /// The source directory.
        path: String,
        /// The cause.
        #[source]
        cause: std::io::Error,
    },
    /// The artifact is not a zip archive, or is damaged.
    #[error("cannot read the source `{path}` as a zip archive: {cause}")]
    Zip {
        /// The artifact.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A submodule that is not there could have what is asked for.
    #[error("`{path}` {cause}")]
    Submodule {
        /// Its path.
        path: String,
        /// Why it is not there, and what to do.
        cause: &'static str,
    },
    /// Git cannot answer; the text names the repository or revision and the reason.
    #[error("{0}")]
    Git(String),
}
