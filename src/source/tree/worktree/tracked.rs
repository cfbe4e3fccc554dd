//! Checks the files listed in the index, on all processors at once: each job opens one directory, checks its entries,
//! and leaves the subdirectories to further jobs. Nothing is read here except the checked-out commit of an embedded
//! repository.

mod metadata;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::entry::{Flags, Mode};
use gix::index::{Entry, State};
use rayon::Scope;
use rustix::fs::{AtFlags, Dir, FileType, statat};
use rustix::io::Errno;

pub(super) use metadata::Capabilities;

use super::{IndexState, SPARSE, keep, kind};
use crate::base::fingerprint::{BlobId, unhex};
use crate::map::rules::{RulePosition, Rules};
use crate::source::tree::below::open_directory;
use crate::source::tree::commit::{blob_id, head_revision, is_sought};
use crate::source::tree::{FileKind, SourceKind, Tree, Unreadable, join, never_input};

/// A working tree and its index.
pub(super) struct TrackedFiles<'a> {
    pub(super) root: &'a Path,
    pub(super) directory: BorrowedFd<'a>,
    pub(super) rules: &'a Rules,
    /// The position of the root.
    pub(super) place: RulePosition,
    pub(super) index: &'a State,
    pub(super) capabilities: &'a Capabilities,
}

/// What was found in one directory.
pub(super) struct Part {
    /// The index of its first entry.
    first: usize,
    pub(super) tree: Tree,
    pub(super) changed: Vec<Changed>,
    /// The directory, if it exists, and whether it may contain something that the index does not list.
    listed: Option<(BString, bool)>,
}

/// A file that must be read because the index cannot vouch for it.
pub(super) struct Changed {
    /// The index of its entry.
    pub(super) entry: usize,
    pub(super) mode: Mode,
    pub(super) place: RulePosition,
}

/// What is known of a tracked path without reading it.
enum Look {
    State(IndexState),
    Changed(Mode),
}

/// A directory of the index, as found in the working tree.
enum Opened {
    There(Dir),
    /// It does not exist or is not a directory.
    Gone,
    /// It cannot be opened, for this reason.
    Closed(Arc<str>),
}

/// A directory waiting for a job.
struct Waiting {
    path: BString,
    place: RulePosition,
    /// The indices of the entries below it.
    entries: Range<usize>,
    above: Above,
}

/// What is known of the parent directory.
#[derive(Clone)]
enum Above {
    There,
    Gone,
    Closed(Arc<str>),
}

/// A name that the index lists in a directory.
struct Listed<'a> {
    name: &'a [u8],
    /// Its kind, unless it needs special handling.
    plain: Option<Plain>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plain {
    Directory,
    File,
}

impl TrackedFiles<'_> {
    /// Checks everything that the index lists, in its order.
    pub(super) fn look(&self) -> Vec<Part> {
        let found = Mutex::default();
        let root = Waiting {
            path: BString::default(),
            place: self.place.clone(),
            entries: 0..self.index.entries().len(),
            above: Above::There,
        };
        rayon::scope(|scope| self.directory(scope, root, &found));
        // A panicking job ends the whole program through the scope, so the result is never incomplete.
        let mut parts = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        parts.sort_unstable_by_key(|part: &Part| part.first);
        parts
    }

    /// Checks a directory.
    fn directory<'scope>(&'scope self, scope: &Scope<'scope>, waiting: Waiting, found: &'scope Mutex<Vec<Part>>) {
        let first = waiting.entries.start;
        let tree = Tree::new(SourceKind::Directory, true, self.rules.knows_owners());
        let mut part = Part { first, tree, changed: Vec::new(), listed: None };
        if is_sought(self.rules, &waiting.place) {
            let opened = self.open(&waiting);
            let (listed, below) = self.entries(&waiting, &opened, &mut part);
            for waiting in below {
                scope.spawn(move |scope| self.directory(scope, waiting, found));
            }
            let is_root = waiting.path.is_empty();
            part.listed = match opened {
                Opened::There(directory) => Some((waiting.path, holds_more(directory, listed, is_root))),
                Opened::Closed(_) => Some((waiting.path, true)),
                Opened::Gone => None,
            };
        } else {
            part.tree.files += self.count(waiting.entries);
        }
        found.lock().unwrap_or_else(PoisonError::into_inner).push(part);
    }

    fn open(&self, waiting: &Waiting) -> Opened {
        match &waiting.above {
            Above::There => {}
            Above::Gone => return Opened::Gone,
            Above::Closed(cause) => return Opened::Closed(Arc::clone(cause)),
        }
        match open_directory(self.directory, &waiting.path).and_then(Dir::new) {
            Ok(directory) => Opened::There(directory),
            // Links are not followed.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Opened::Gone,
            Err(error) => Opened::Closed(format!("is in a directory that cannot be opened: {error}").into()),
        }
    }

    /// How many files there are below a directory that needs no further look.
    fn count(&self, entries: Range<usize>) -> usize {
        let entries = &self.index.entries()[entries];
        let paths = entries.iter().filter(|entry| !entry.mode.is_sparse()).map(|entry| entry.path(self.index));
        let mut paths: Vec<&BStr> = paths.filter(|path| !path.split(|&byte| byte == b'/').any(never_input)).collect();
        // The index lists a conflicted path up to three times.
        paths.dedup();
        paths.len()
    }

    /// Checks the entries of a directory. Returns their names, and the directories among them.
    fn entries(&self, waiting: &Waiting, opened: &Opened, part: &mut Part) -> (Vec<Listed<'_>>, Vec<Waiting>) {
        let (mut listed, mut below) = (Vec::new(), Vec::new());
        let start = if waiting.path.is_empty() { 0 } else { waiting.path.len() + 1 };
        let mut at = waiting.entries.start;
        while at < waiting.entries.end {
            let entry = &self.index.entries()[at];
            let path = entry.path(self.index);
            let rest = &path[start..];
            let (name, slash) = rest.split_at(rest.find_byte(b'/').unwrap_or(rest.len()));
            let end = match slash.is_empty() {
                true => at + 1,
                false => self.end(at..waiting.entries.end, start + name.len() + 1),
            };
            let entries = at..end;
            at = end;
            if never_input(name) {
                continue;
            }
            let place = self.rules.enter(&waiting.place, name);
            if entry.mode.is_sparse() && slash.len() == 1 {
                listed.push(Listed { name, plain: None });
                self.sparse(path, &place, part);
            } else if !slash.is_empty() {
                let above = match opened {
                    Opened::There(_) => Above::There,
                    Opened::Gone => Above::Gone,
                    Opened::Closed(cause) => Above::Closed(Arc::clone(cause)),
                };
                listed.push(Listed { name, plain: Some(Plain::Directory) });
                below.push(Waiting { path: join(&waiting.path, name), place, entries, above });
            } else {
                // The index lists a conflicted path up to three times.
                if listed.last().is_some_and(|before: &Listed<'_>| before.name == name) {
                    continue;
                }
                let plain = entry.stage_raw() == 0 && !entry.mode.is_submodule();
                listed.push(Listed { name, plain: plain.then_some(Plain::File) });
                self.file(entries.start, name, place, opened, part);
            }
        }
        (listed, below)
    }

    /// The end of the entries that share this many bytes of their paths with the first.
    fn end(&self, entries: Range<usize>, bytes: usize) -> usize {
        let common = &self.index.entries()[entries.start].path(self.index)[..bytes];
        let those = &self.index.entries()[entries.clone()];
        entries.start + those.partition_point(|entry| entry.path(self.index).starts_with(common)).max(1)
    }

    /// Checks a file, link or submodule.
    fn file(&self, number: usize, name: &[u8], place: RulePosition, opened: &Opened, part: &mut Part) {
        let entry = &self.index.entries()[number];
        let verdict = self.rules.verdict(&place);
        let is_asked = !verdict.claims.is_empty() || (self.rules.knows_owners() && !verdict.owned);
        let may_lead = || entry.mode == Mode::SYMLINK && !self.rules.reach(&place).services.is_empty();
        if !is_asked && !entry.mode.is_submodule() && !may_lead() {
            part.tree.files += 1;
            return;
        }
        match self.state(entry, name, opened) {
            Look::State(state) => keep(&mut part.tree, self.rules, entry.path(self.index), &place, state),
            Look::Changed(mode) => part.changed.push(Changed { entry: number, mode, place }),
        }
    }

    /// Handles a directory that a sparse index lists only as a tree.
    fn sparse(&self, path: &BStr, place: &RulePosition, part: &mut Part) {
        let services = self.rules.reach(place).services.clone();
        if !services.is_empty() {
            part.tree.unreadable.push(Unreadable::new(path, SPARSE, services));
        }
    }

    /// The state of a tracked path.
    fn state(&self, entry: &Entry, name: &[u8], opened: &Opened) -> Look {
        let stored = Some((blob_id(&entry.id), kind(entry.mode)));
        if entry.flags.contains(Flags::ASSUME_VALID) {
            return Look::State(Ok(stored));
        }
        let gone = if entry.flags.contains(Flags::SKIP_WORKTREE) { stored } else { None };
        let looked = match opened {
            Opened::There(directory) => directory.fd().and_then(|fd| statat(fd, name, AtFlags::SYMLINK_NOFOLLOW)),
            Opened::Gone => return Look::State(Ok(gone)),
            Opened::Closed(cause) => return Look::State(Err(cause.to_string())),
        };
        let found = match looked {
            Ok(found) => found,
            Err(Errno::NOENT) => return Look::State(Ok(gone)),
            Err(error) => return Look::State(Err(format!("cannot be read: {error}"))),
        };
        if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
            let stored = stored.filter(|_| entry.mode.is_submodule());
            return Look::State(self.repository(entry.path(self.index), stored));
        }
        let mode = self.capabilities.mode(entry.mode, &found);
        if mode == entry.mode && self.capabilities.is_unchanged(entry, &found, self.index) {
            return Look::State(Ok(stored));
        }
        Look::Changed(mode)
    }

    /// A directory where git expects a file or a submodule. An embedded repository counts as its checked-out commit, a
    /// submodule that is not checked out as the `stored` commit; any other directory does not count as a file.
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

    /// The file system path of an index path.
    pub(super) fn full(&self, path: &[u8]) -> PathBuf {
        self.root.join(OsStr::from_bytes(path))
    }
}

/// The directories at and below which there is nothing but what the index lists.
pub(super) fn without_more(parts: &mut [Part]) -> HashSet<BString> {
    let listed: Vec<_> = parts.iter_mut().filter_map(|part| part.listed.take()).collect();
    let mut with_more: HashSet<&BStr> = HashSet::new();
    for (path, _) in listed.iter().filter(|(_, holds_more)| *holds_more) {
        let mut path = path.as_bstr();
        while with_more.insert(path) && !path.is_empty() {
            path = path[..path.rfind_byte(b'/').unwrap_or(0)].as_bstr();
        }
    }
    let paths = listed.iter().map(|(path, _)| path);
    paths.filter(|path| !with_more.contains(path.as_bstr())).cloned().collect()
}

/// Whether a directory may contain anything that the index does not list as it is, so that git has to be asked.
fn holds_more(mut directory: Dir, mut listed: Vec<Listed<'_>>, is_root: bool) -> bool {
    listed.sort_unstable_by_key(|listed| listed.name);
    while let Some(entry) = directory.read() {
        let Ok(entry) = entry else { return true };
        let name = entry.file_name().to_bytes();
        // The `.git` of another repository is handled by git.
        let is_own = matches!(name, b"." | b"..") || (never_input(name) && (is_root || name != b".git"));
        let plain = match entry.file_type() {
            FileType::Directory => Some(Plain::Directory),
            FileType::RegularFile | FileType::Symlink => Some(Plain::File),
            _ => None,
        };
        let expected = || listed.binary_search_by_key(&name, |listed| listed.name).ok().and_then(|at| listed[at].plain);
        if !is_own && (plain.is_none() || plain != expected()) {
            return true;
        }
    }
    false
}
