//! Reads a git working tree as `git add -A` would store it, and writes nothing: what `plan` shows by default.
//!
//! A tracked file whose stat data match the index is taken from the index, unless it is racily clean
//! (<https://git-scm.com/docs/racy-git>). Any other is hashed after git's own conversions: attributes, line ends,
//! encodings, and the clean filters that the user's configuration names, which are run as git would run them. In a
//! repository that belongs to another user, filters of the repository's own configuration are not run; git itself would
//! refuse to work there (<https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory>).

mod file;
mod find;
mod untracked;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::entry::{Flags, Mode, Stat};
use gix::index::fs::Metadata;
use gix::worktree::IndexPersistedOrInMemory;

pub use find::find;

use super::commit::{blob_id, head_revision, is_sought, verdict};
use super::{FileKind, SourceKind, Tree, TreeEntry, TreeError, Unreadable, never_input, reading};
use crate::base::fingerprint::{BlobId, unhex};
use crate::base::text;
use crate::map::rules::{PathCursor, RulePosition, Rules};

/// What is said of a directory of which a sparse index lists nothing.
const SPARSE: &str = "is outside the sparse checkout and not listed in the index: \
     list it with `git sparse-checkout reapply --no-sparse-index`";

/// What a path is; `None` where it is gone. An error says why it cannot be known.
type IndexState = Result<Option<(BlobId, FileKind)>, String>;

/// Reads what the rules select in the working tree at `root`, which must be the root of its repository.
///
/// # Errors
/// When it is not, or when git's configuration or index cannot be read.
pub fn read(root: &Path, rules: &Rules) -> Result<Tree, TreeError> {
    let span = reading("working tree");
    let git = open(root)?;
    let failed = |cause: gix::Error| unreadable(root, cause);
    let (filters, index) = git.filter_pipeline(None).map_err(failed)?;
    let mut reader = WorktreeReader {
        root,
        rules,
        filters,
        index: &index,
        stat_options: git.stat_options().map_err(failed)?,
        capabilities: git.filesystem_options().map_err(failed)?,
        directories: HashMap::new(),
        tree: Tree::new(SourceKind::Directory, true, rules.knows_owners()),
    };
    reader.tracked();
    let mut cursor = PathCursor::new(rules);
    match untracked::list(&git, &index, |directory| is_sought(rules, cursor.place(directory))) {
        Ok(paths) => reader.untracked(paths),
        Err(cause) => {
            let cause = format!("cannot be searched for files that git does not track: {cause}");
            reader.tree.unreadable.push(Unreadable::new(b"", cause, rules.asked().to_vec()));
        }
    }
    let mut tree = reader.tree;
    tree.sort();
    tree.count(&span);
    Ok(tree)
}

/// The names of all files that `git add -A` would store, sorted bytewise; a submodule is one.
///
/// # Errors
/// As [`read`].
pub fn names(root: &Path) -> Result<Vec<BString>, TreeError> {
    let git = open(root)?;
    let index = git.index_or_empty().map_err(|cause| unreadable(root, cause))?;
    let mut names = untracked::list(&git, &index, |_| true).map_err(|cause| unreadable(root, cause))?;
    for entry in index.entries() {
        let path = entry.path(&index);
        if is_there(root, entry, path)? && !path.split(|&byte| byte == b'/').any(never_input) {
            names.push(path.to_owned());
        }
    }
    names.sort_unstable();
    names.dedup();
    // A link stands where the index knows a directory: what was in that is gone.
    let slashes = |path: &BString| path.find_iter("/").collect::<Vec<_>>();
    let gone = |path: &&BString| {
        slashes(path).into_iter().any(|at| names.binary_search_by(|name| name[..].cmp(&path[..at])).is_ok())
    };
    let gone: Vec<BString> = names.iter().filter(gone).cloned().collect();
    names.retain(|name| gone.binary_search(name).is_err());
    Ok(names)
}

/// Whether what the index lists is there as `git add -A` would store it.
///
/// # Errors
/// When that cannot be told: what cannot be looked at is not gone.
fn is_there(root: &Path, entry: &gix::index::Entry, path: &BStr) -> Result<bool, TreeError> {
    let full = root.join(OsStr::from_bytes(path));
    match full.symlink_metadata() {
        Ok(found) => Ok(!found.is_dir() || entry.mode.is_submodule()),
        // Something else than a directory, a link in circles too, may stand above it.
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(entry.flags.contains(Flags::SKIP_WORKTREE))
        }
        Err(cause) if cause.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => Ok(false),
        Err(cause) => Err(TreeError::Root { path: text::printable(full.as_os_str().as_encoded_bytes()), cause }),
    }
}

/// Opens the repository whose working tree is `root`.
fn open(root: &Path) -> Result<gix::Repository, TreeError> {
    let shown = root.display();
    let dot_git = root.join(".git");
    if dot_git.symlink_metadata().is_err() {
        return Err(TreeError::Git(format!("`{shown}` is not the root of a git repository: it has no `.git`")));
    }
    let git = gix::open(dot_git).map_err(|cause| unreadable(root, cause))?;
    let same = |workdir: &Path| Some(workdir.canonicalize().ok()? == root.canonicalize().ok()?);
    if !git.workdir().and_then(same).unwrap_or(false) {
        return Err(TreeError::Git(format!("`{shown}` is not the working tree of its repository")));
    }
    Ok(git)
}

fn unreadable(root: &Path, cause: gix::Error) -> TreeError {
    TreeError::Git(format!("cannot read the working tree of `{}`: {cause}", root.display()))
}

struct WorktreeReader<'a> {
    root: &'a Path,
    rules: &'a Rules,
    filters: gix::filter::Pipeline<'a>,
    index: &'a IndexPersistedOrInMemory,
    stat_options: gix::index::entry::stat::Options,
    capabilities: gix::fs::Capabilities,
    /// Whether a directory above some file is one, and not a link to one.
    directories: HashMap<BString, bool>,
    tree: Tree,
}

impl WorktreeReader<'_> {
    /// All that the index lists.
    fn tracked(&mut self) {
        let (index, rules) = (self.index, self.rules);
        let mut cursor = PathCursor::new(rules);
        let mut before: Option<&BStr> = None;
        for entry in index.entries() {
            let path = entry.path(index);
            // A conflicted path stands there up to three times.
            if before.replace(path) == Some(path) || path.split(|&byte| byte == b'/').any(never_input) {
                continue;
            }
            let place = cursor.place(path);
            if entry.mode.is_sparse() {
                self.sparse(path, place);
                continue;
            }
            let verdict = rules.verdict(place);
            let is_asked = !verdict.claims.is_empty() || (rules.knows_owners() && !verdict.owned);
            if is_asked || entry.mode.is_submodule() {
                let state = self.state(entry, path);
                self.keep(path, place, state);
            } else {
                self.tree.files += 1;
            }
        }
    }

    fn untracked(&mut self, paths: Vec<BString>) {
        let mut cursor = PathCursor::new(self.rules);
        for path in paths {
            let state = match Metadata::from_path_no_follow(&self.full(&path)) {
                Ok(metadata) if metadata.is_dir() => self.repository(path.as_bstr(), None),
                Ok(metadata) => self.file(path.as_bstr(), self.mode(Mode::FILE, &metadata)).map(Some),
                Err(error) => Err(format!("cannot be read: {error}")),
            };
            self.keep(path.as_bstr(), cursor.place(&path), state);
        }
    }

    fn keep(&mut self, path: &BStr, place: &RulePosition, state: IndexState) {
        match state {
            Ok(None) => {}
            Ok(Some((id, kind))) => {
                let verdict = verdict(self.rules, place, kind);
                self.tree.add(TreeEntry { path: path.into(), id, kind, verdict });
            }
            Err(cause) => {
                let services = self.rules.reach(place).services.clone();
                if !services.is_empty() {
                    self.tree.unreadable.push(Unreadable::new(path, cause, services));
                }
            }
        }
    }

    /// A directory of which a sparse index lists nothing but its tree.
    fn sparse(&mut self, path: &BStr, place: &RulePosition) {
        let services = self.rules.reach(place).services.clone();
        if !services.is_empty() {
            self.tree.unreadable.push(Unreadable::new(path, SPARSE, services));
        }
    }

    /// What a tracked path is.
    fn state(&mut self, entry: &gix::index::Entry, path: &BStr) -> IndexState {
        let stored = Some((blob_id(&entry.id), kind(entry.mode)));
        if entry.flags.contains(Flags::ASSUME_VALID) {
            return Ok(stored);
        }
        let gone = if entry.flags.contains(Flags::SKIP_WORKTREE) { stored } else { None };
        let above = path.rfind_byte(b'/').map_or(BStr::new(""), |slash| &path[..slash]);
        if !self.is_directory(above) {
            return Ok(gone);
        }
        let metadata = match Metadata::from_path_no_follow(&self.full(path)) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(gone),
            Err(error) => return Err(format!("cannot be read: {error}")),
        };
        if metadata.is_dir() {
            return self.repository(path, stored.filter(|_| entry.mode.is_submodule()));
        }
        let mode = self.mode(entry.mode, &metadata);
        if mode == entry.mode && self.is_unchanged(entry, &metadata) {
            return Ok(stored);
        }
        self.file(path, mode).map(Some)
    }

    /// Whether the index vouches for what is in the file.
    fn is_unchanged(&self, entry: &gix::index::Entry, metadata: &Metadata) -> bool {
        let Ok(stat) = Stat::from_fs(metadata) else { return false };
        // Git writes a length of 0 for an entry that was found racily clean: then only an empty file may be believed.
        let smudged = entry.stat.size == 0 && !entry.id.is_empty_blob();
        // What is in conflict or only announced has no stat data of a file, whatever some tool may have written there.
        let settled = entry.stage_raw() == 0 && !entry.flags.contains(Flags::INTENT_TO_ADD);
        settled
            && !smudged
            && stat.matches(&entry.stat, self.stat_options)
            && !stat.is_racy(self.index.timestamp(), self.stat_options)
    }

    /// A file's mode, as far as git trusts this file system to keep modes.
    fn mode(&self, before: Mode, metadata: &Metadata) -> Mode {
        let capabilities = &self.capabilities;
        let change = before.change_to_match_fs(metadata, capabilities.symlink, capabilities.executable_bit);
        change.map_or(before, |change| change.apply(before))
    }

    /// A directory where git expects a file or a submodule: an embedded repository counts as the commit that is checked
    /// out in it, a submodule that is not checked out as what is `stored`, any other directory as no file.
    fn repository(&self, path: &BStr, stored: Option<(BlobId, FileKind)>) -> IndexState {
        let directory = self.full(path);
        if directory.join(".git").symlink_metadata().is_err() {
            return Ok(stored);
        }
        let head = head_revision(&directory).and_then(|head| unhex(&head));
        match head.map(|id| (BlobId(id), FileKind::Submodule)).or(stored) {
            None => Err("is an embedded repository without a commit: git cannot add it".to_owned()),
            found => Ok(found),
        }
    }

    fn is_directory(&mut self, path: &BStr) -> bool {
        if path.is_empty() {
            return true;
        }
        if let Some(&known) = self.directories.get(path) {
            return known;
        }
        let above = path.rfind_byte(b'/').map_or(BStr::new(""), |slash| &path[..slash]);
        let is = self.is_directory(above) && self.full(path).symlink_metadata().is_ok_and(|found| found.is_dir());
        self.directories.insert(path.into(), is);
        is
    }

    fn full(&self, path: &[u8]) -> PathBuf {
        self.root.join(OsStr::from_bytes(path))
    }
}

fn kind(mode: Mode) -> FileKind {
    match mode {
        Mode::FILE_EXECUTABLE => FileKind::Executable,
        Mode::SYMLINK => FileKind::Symlink,
        Mode::COMMIT => FileKind::Submodule,
        _ => FileKind::File,
    }
}
