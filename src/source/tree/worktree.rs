//! Reads a git working tree as `git add -A` would store it, without writing anything: what `plan` shows by default.
//!
//! A tracked file whose stat data match the index is taken from the index, unless it is racily clean
//! (<https://git-scm.com/docs/racy-git>). Any other file is hashed after git's own conversions: attributes, line
//! endings, encodings, and the clean filters that the configuration of the user or the system names, which are run as git
//! would run them. A filter of the repository's own configuration is never run: the file is then unreadable.

mod drivers;
mod file;
mod find;
mod links;
mod tracked;
mod untracked;

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::State;
use gix::index::entry::{Flags, Mode};
use rustix::fs::{FileType, Mode as Permissions, OFlags};

use drivers::OwnDrivers;
pub use find::find;
use tracked::{Capabilities, Changed, Part, TrackedFiles};

use super::commit::{is_sought, verdict};
use super::follow;
use super::on_disk::LinksOnDisk;
use super::{
    FileKind, LARGEST_OBJECT, SourceKind, Tree, TreeEntry, TreeError, Unreadable, format, never_input, owner, reading,
};
use crate::base::fingerprint::BlobId;
use crate::base::text;
use crate::map::rules::{PathCursor, RulePosition, Rules};

/// The cause given for a directory that a sparse index lists only as a tree.
const SPARSE: &str = "is outside the sparse checkout and not listed in the index: \
     list it with `git sparse-checkout reapply --no-sparse-index`";

/// The state of a path; `None` if it is gone. An error says why the state is unknown.
type IndexState = Result<Option<(BlobId, FileKind)>, String>;

/// Reads what the rules select in the working tree at `root`, which must be the root of its repository.
///
/// # Errors
/// `root` is not the root of a repository, or git's configuration or index cannot be read.
pub fn read(root: &Path, rules: &Rules) -> Result<Tree, TreeError> {
    let span = reading("working tree");
    // As in git, only `git fsck` verifies the checksum of the index, which takes longer than reading it. Whatever damage
    // it would find shows as a change here, since the files say otherwise.
    let git = open(root, &["index.skipHash=true"])?;
    let failed = |cause: gix::Error| unreadable(root, cause);
    let index = git.index_or_empty().map_err(failed)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(root, flags, Permissions::empty())
        .map_err(|cause| TreeError::Root { path: root.display().to_string(), cause: cause.into() })?;
    let capabilities =
        Capabilities { files: git.filesystem_options().map_err(failed)?, stat: git.stat_options().map_err(failed)? };
    let canonical = root.canonicalize();
    let canonical = canonical.map_err(|cause| TreeError::Root { path: root.display().to_string(), cause })?;
    let disk = LinksOnDisk { canonical: &canonical, root: directory.as_fd() };
    let links = links::LinksInWorktree { disk, git: &git, index: &index };
    let tree = follow::read(rules, &links, |place| {
        let directory = directory.as_fd();
        let files = TrackedFiles { root, directory, rules, place, index: &index, capabilities: &capabilities };
        Ok(read_from(&git, &files))
    })?;
    tree.count(&span);
    Ok(tree)
}

/// Reads what the rules select from the place of the files' root.
fn read_from(git: &gix::Repository, tracked: &TrackedFiles<'_>) -> Tree {
    let (rules, index) = (tracked.rules, tracked.index);
    let mut parts = tracked.look();
    // Git is asked only about directories that contain more than its index lists.
    let settled = tracked::without_more(&mut parts);
    let mut cursor = PathCursor::from(rules, tracked.place.clone());
    let untracked = match settled.contains(BStr::new("")) {
        true => Ok(Vec::new()),
        false => untracked::list(git, index, |directory| {
            !settled.contains(directory) && is_sought(rules, cursor.place(directory))
        }),
    };
    let tree = Tree::new(SourceKind::Directory, true, rules.knows_owners());
    let mut reader = WorktreeReader { files: tracked, git, filters: None, drivers: None, index, tree };
    reader.tree.entries.reserve(parts.iter().map(|part| part.tree.entries.len()).sum());
    parts.into_iter().for_each(|part| reader.tracked(part));
    match untracked {
        Ok(paths) => reader.untracked(paths),
        Err(cause) => {
            let cause = format!("cannot be searched for files that git does not track: {cause}");
            reader.tree.unreadable.push(Unreadable::new(b"", cause, rules.asked().to_vec()));
        }
    }
    let mut tree = reader.tree;
    tree.sort();
    tree
}

/// The names of all files that `git add -A` would store, sorted bytewise; a submodule counts as one file.
///
/// # Errors
/// Those of [`read`].
pub fn names(root: &Path) -> Result<Vec<BString>, TreeError> {
    let git = open(root, &[])?;
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
    // A link has replaced a directory of the index: the files that were in it are gone.
    let slashes = |path: &BString| path.find_iter("/").collect::<Vec<_>>();
    let gone = |path: &&BString| {
        slashes(path).into_iter().any(|at| names.binary_search_by(|name| name[..].cmp(&path[..at])).is_ok())
    };
    let gone: Vec<BString> = names.iter().filter(gone).cloned().collect();
    names.retain(|name| gone.binary_search(name).is_err());
    Ok(names)
}

/// Whether a path of the index still exists as `git add -A` would store it.
///
/// # Errors
/// This cannot be determined: a path that cannot be examined is not treated as gone.
fn is_there(root: &Path, entry: &gix::index::Entry, path: &BStr) -> Result<bool, TreeError> {
    let full = root.join(OsStr::from_bytes(path));
    match full.symlink_metadata() {
        Ok(found) => Ok(!found.is_dir() || entry.mode.is_submodule()),
        // A parent may have been replaced by something that is not a directory, including a link that forms a loop.
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(entry.flags.contains(Flags::SKIP_WORKTREE))
        }
        Err(cause) if cause.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => Ok(false),
        Err(cause) => Err(TreeError::Root { path: text::printable(full.as_os_str().as_encoded_bytes()), cause }),
    }
}

/// Opens the repository whose working tree is `root`, with these settings besides its own.
fn open(root: &Path, settings: &[&str]) -> Result<gix::Repository, TreeError> {
    let dot_git = owner::dot_git(root)?;
    let options = gix::open::Options::default().config_overrides(settings.iter().copied().chain([LARGEST_OBJECT]));
    let git = gix::open_opts(&dot_git, options);
    let git = git.map_err(|cause| format::of_ids(&dot_git).unwrap_or_else(|| unreadable(root, cause)))?;
    let same = |workdir: &Path| Some(workdir.canonicalize().ok()? == root.canonicalize().ok()?);
    if !git.workdir().and_then(same).unwrap_or(false) {
        return Err(TreeError::Git(format!(
            "`{shown}` is not the working tree of its repository",
            shown = root.display()
        )));
    }
    Ok(git)
}

fn unreadable(root: &Path, cause: gix::Error) -> TreeError {
    TreeError::Git(format!("cannot read the working tree of `{}`: {cause}", root.display()))
}

/// What must be read, and the results.
struct WorktreeReader<'a> {
    files: &'a TrackedFiles<'a>,
    git: &'a gix::Repository,
    /// Made once a file has to be converted.
    filters: Option<gix::filter::Pipeline<'a>>,
    drivers: Option<OwnDrivers<'a>>,
    index: &'a State,
    tree: Tree,
}

impl WorktreeReader<'_> {
    /// Takes over what was found, and hashes the files that the index cannot vouch for.
    fn tracked(&mut self, part: Part) {
        self.tree.append(part.tree);
        let files = self.files;
        for Changed { entry, mode, place } in part.changed {
            let path = files.index.entries()[entry].path(files.index);
            let state = self.file(path, mode).map(Some);
            keep(&mut self.tree, files.rules, path, &place, state);
        }
    }

    fn untracked(&mut self, paths: Vec<BString>) {
        let files = self.files;
        let mut cursor = PathCursor::from(files.rules, files.place.clone());
        for path in paths {
            let state = match rustix::fs::lstat(files.full(&path)) {
                Ok(found) if FileType::from_raw_mode(found.st_mode) == FileType::Directory => {
                    files.repository(path.as_bstr(), None)
                }
                Ok(found) => self.file(path.as_bstr(), files.capabilities.mode(Mode::FILE, &found)).map(Some),
                Err(error) => Err(format!("cannot be read: {error}")),
            };
            keep(&mut self.tree, files.rules, path.as_bstr(), cursor.place(&path), state);
        }
    }
}

/// Records the state of a path.
fn keep(tree: &mut Tree, rules: &Rules, path: &BStr, place: &RulePosition, state: IndexState) {
    match state {
        Ok(None) => {}
        Ok(Some((id, kind))) => {
            let verdict = verdict(rules, place, kind);
            if kind == FileKind::Symlink {
                tree.link(rules, path, place);
            }
            tree.add(TreeEntry { path: path.into(), id, kind, verdict });
        }
        Err(cause) => {
            let services = rules.reach(place).services.clone();
            if !services.is_empty() {
                tree.unreadable.push(Unreadable::new(path, cause, services));
            }
        }
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
