//! What the index lists, looked at by all processors at once. Nothing is read here but what an embedded repository has checked out.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::entry::{Flags, Mode, Stat};
use gix::index::fs::Metadata;
use gix::index::{Entry, State};
use rayon::prelude::*;

use super::{IndexState, SPARSE, is_missing, keep, kind};
use crate::base::fingerprint::{BlobId, unhex};
use crate::map::rules::{PathCursor, RulePosition, Rules};
use crate::source::tree::commit::{blob_id, head_revision};
use crate::source::tree::{FileKind, SourceKind, Tree, Unreadable, never_input};

/// How many entries one job looks at: a job begins at the root again, with its rules and its directories.
const IN_A_ROW: usize = 1024;

/// A working tree and its index.
pub(super) struct TrackedFiles<'a> {
    pub(super) root: &'a Path,
    pub(super) rules: &'a Rules,
    pub(super) index: &'a State,
    pub(super) stat_options: gix::index::entry::stat::Options,
    pub(super) capabilities: gix::fs::Capabilities,
}

/// What was found of some entries of the index.
pub(super) struct Part {
    pub(super) tree: Tree,
    pub(super) changed: Vec<Changed>,
}

/// A file that must be read, since the index does not vouch for it.
pub(super) struct Changed {
    /// Its entry in the index.
    pub(super) entry: usize,
    pub(super) mode: Mode,
    pub(super) place: RulePosition,
}

/// What was learnt of a tracked path without reading it.
enum Look {
    State(IndexState),
    Changed(Mode),
}

impl TrackedFiles<'_> {
    /// Looks at all that the index lists.
    pub(super) fn look(&self) -> Vec<Part> {
        let entries = self.index.entries();
        let rows = entries.par_chunks(IN_A_ROW).enumerate();
        rows.map(|(row, entries)| Row::new(self).look(row * IN_A_ROW, entries)).collect()
    }

    /// Whether the index vouches for what is in the file.
    fn is_unchanged(&self, entry: &Entry, metadata: &Metadata) -> bool {
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
    pub(super) fn mode(&self, before: Mode, metadata: &Metadata) -> Mode {
        let capabilities = &self.capabilities;
        let change = before.change_to_match_fs(metadata, capabilities.symlink, capabilities.executable_bit);
        change.map_or(before, |change| change.apply(before))
    }

    /// A directory where git expects a file or a submodule: an embedded repository counts as the commit that is checked
    /// out in it, a submodule that is not checked out as what is `stored`, any other directory as no file.
    pub(super) fn repository(&self, path: &BStr, stored: Option<(BlobId, FileKind)>) -> IndexState {
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

    /// The path of what the index calls `path`.
    pub(super) fn full(&self, path: &[u8]) -> PathBuf {
        self.root.join(OsStr::from_bytes(path))
    }
}

/// Some entries of the index, in their order.
struct Row<'a> {
    files: &'a TrackedFiles<'a>,
    /// Whether a directory above some file is one, and not a link to one; or why that is not known.
    directories: HashMap<BString, Result<bool, String>>,
    part: Part,
}

impl<'a> Row<'a> {
    fn new(files: &'a TrackedFiles<'a>) -> Self {
        let tree = Tree::new(SourceKind::Directory, true, files.rules.knows_owners());
        Self { files, directories: HashMap::new(), part: Part { tree, changed: Vec::new() } }
    }

    /// Looks at entries, of which the first has this number.
    fn look(mut self, first: usize, entries: &[Entry]) -> Part {
        let TrackedFiles { rules, index, .. } = *self.files;
        let mut cursor = PathCursor::new(rules);
        let mut before = first.checked_sub(1).map(|before| index.entries()[before].path(index));
        for (number, entry) in (first..).zip(entries) {
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
            if !is_asked && !entry.mode.is_submodule() {
                self.part.tree.files += 1;
                continue;
            }
            match self.state(entry, path) {
                Look::State(state) => keep(&mut self.part.tree, rules, path, place, state),
                Look::Changed(mode) => {
                    self.part.changed.push(Changed { entry: number, mode, place: place.clone() });
                }
            }
        }
        self.part
    }

    /// A directory of which a sparse index lists nothing but its tree.
    fn sparse(&mut self, path: &BStr, place: &RulePosition) {
        let services = self.files.rules.reach(place).services.clone();
        if !services.is_empty() {
            self.part.tree.unreadable.push(Unreadable::new(path, SPARSE, services));
        }
    }

    /// What a tracked path is.
    fn state(&mut self, entry: &Entry, path: &BStr) -> Look {
        let stored = Some((blob_id(&entry.id), kind(entry.mode)));
        if entry.flags.contains(Flags::ASSUME_VALID) {
            return Look::State(Ok(stored));
        }
        let gone = if entry.flags.contains(Flags::SKIP_WORKTREE) { stored } else { None };
        match self.is_directory(above(path)) {
            Ok(true) => {}
            Ok(false) => return Look::State(Ok(gone)),
            Err(cause) => return Look::State(Err(cause)),
        }
        let files = self.files;
        let metadata = match Metadata::from_path_no_follow(&files.full(path)) {
            Ok(metadata) => metadata,
            Err(error) if is_missing(&error) => return Look::State(Ok(gone)),
            Err(error) => return Look::State(Err(format!("cannot be read: {error}"))),
        };
        if metadata.is_dir() {
            return Look::State(files.repository(path, stored.filter(|_| entry.mode.is_submodule())));
        }
        let mode = files.mode(entry.mode, &metadata);
        if mode == entry.mode && files.is_unchanged(entry, &metadata) {
            return Look::State(Ok(stored));
        }
        Look::Changed(mode)
    }

    fn is_directory(&mut self, path: &BStr) -> Result<bool, String> {
        if path.is_empty() {
            return Ok(true);
        }
        if let Some(known) = self.directories.get(path) {
            return known.clone();
        }
        let is = self.is_directory(above(path)).and_then(|is| match self.files.full(path).symlink_metadata() {
            _ if !is => Ok(false),
            Ok(found) => Ok(found.is_dir()),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(format!("cannot be looked at: {error}")),
        });
        self.directories.insert(path.into(), is.clone());
        is
    }
}

/// The directory that a path is in.
fn above(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').map_or(BStr::new(""), |slash| &path[..slash])
}
