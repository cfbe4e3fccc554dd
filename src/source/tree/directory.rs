//! Reads a directory as it is: the evidence of `decide` and `record`.
//!
//! Directories are walked and files hashed on all processors at once. One job lists one directory or hashes a few files
//! in one; a large file is a job of its own, so that other files do not wait for it. A job opens its directory by its
//! path from the root and closes it at the end, so the number of open files does not grow with the depth or width of
//! the tree.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bstr::BString;
use rayon::Scope;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;

use super::absent::{Absent, WithAbsent};
use super::below::open_directory;
use super::blob::{self, OpenFile, ReadError};
use super::follow::{self, FoundLink};
use super::on_disk::LinksOnDisk;
use super::{FileKind, SourceKind, Tree, TreeEntry, TreeError, Unreadable, join, never_input, reading};
use crate::base::fingerprint::BlobId;
use crate::map::rules::{RulePosition, Rules, Verdict};

/// How many files one job hashes: enough to make opening their directory again a small part of the work.
const BATCH: usize = 16;

/// A file larger than this many bytes is a job of its own.
const LARGE: u64 = 1024 * 1024;

/// Reads what the rules select in a directory.
///
/// # Errors
/// The directory itself cannot be opened. Any failure below it is kept in [`Tree::unreadable`].
pub fn read(root: &Path, rules: &Rules) -> Result<Tree, TreeError> {
    let span = reading("directory");
    let failed = |cause| TreeError::Root { path: root.display().to_string(), cause };
    let canonical = root.canonicalize().map_err(failed)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(&canonical, flags, Mode::empty()).map_err(|cause| failed(cause.into()))?;
    let keeps_modes = statat(&directory, ".git", AtFlags::SYMLINK_NOFOLLOW).is_ok();
    let disk = LinksOnDisk { canonical: &canonical, root: directory.as_fd() };
    let absent = Absent::in_directory(disk);
    let links = WithAbsent { source: disk, absent: &absent };
    let tree = follow::read(rules, &links, |place| {
        let reader = DirectoryReader { directory: directory.as_fd(), rules, found: Mutex::default() };
        rayon::scope(|scope| reader.list(scope, BString::default(), &place));
        // A panicking job ends the whole program through the scope, so the result is never incomplete.
        let found = reader.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut tree = found.into_tree(keeps_modes, rules.knows_owners());
        absent.note(&mut tree, rules, place);
        Ok(tree)
    })?;
    tree.count(&span);
    Ok(tree)
}

struct DirectoryReader<'a> {
    directory: BorrowedFd<'a>,
    rules: &'a Rules,
    found: Mutex<Found>,
}

/// What the jobs have found so far.
#[derive(Default)]
struct Found {
    files: usize,
    entries: Vec<Vec<TreeEntry>>,
    unreadable: Vec<Unreadable>,
    unowned: Vec<BString>,
    links: Vec<FoundLink>,
}

/// A file that is an input and has not been read yet.
struct FoundFile {
    name: CString,
    verdict: Arc<Verdict>,
}

impl DirectoryReader<'_> {
    /// Lists a directory and leaves the rest to further jobs.
    fn list<'scope>(&'scope self, scope: &Scope<'scope>, path: BString, place: &RulePosition) {
        let mut found = Found::default();
        let listed = open_directory(self.directory, &path).and_then(Dir::new).and_then(|mut directory| {
            let mut listing = Listing { reader: self, path: &path, place, found: &mut found, batch: Vec::new() };
            while let Some(entry) = directory.read() {
                let entry = entry?;
                listing.visit(scope, directory.fd()?, entry.file_name(), entry.file_type());
            }
            listing.flush(scope);
            Ok(())
        });
        if let Err(error) = listed {
            let services = self.rules.reach(place).services.clone();
            found.unreadable.push(Unreadable::new(&path, format!("cannot be listed: {error}"), services));
        }
        self.keep(found);
    }

    /// Hashes files of one directory; a large file among several is left to a job of its own.
    fn hash<'scope>(&'scope self, scope: &Scope<'scope>, path: BString, batch: Vec<FoundFile>) {
        let mut found = Found::default();
        let alone = batch.len() == 1;
        let mut entries = Vec::with_capacity(batch.len());
        let directory = open_directory(self.directory, &path);
        for candidate in batch {
            let read = directory.as_ref().map_err(|&error| error.into());
            match read.and_then(|directory| hash_file(directory.as_fd(), &candidate.name, alone)) {
                Ok(Some((id, kind))) => {
                    let path = join(&path, candidate.name.to_bytes());
                    entries.push(TreeEntry { path, id, kind, verdict: candidate.verdict });
                }
                Ok(None) => self.spawn_hash(scope, &path, vec![candidate]),
                Err(error) => {
                    let path = join(&path, candidate.name.to_bytes());
                    found.unreadable.push(Unreadable::file(&path, error, &candidate.verdict));
                }
            }
        }
        found.entries.push(entries);
        self.keep(found);
    }

    fn spawn_hash<'scope>(&'scope self, scope: &Scope<'scope>, path: &BString, batch: Vec<FoundFile>) {
        let path = path.clone();
        scope.spawn(move |scope| self.hash(scope, path, batch));
    }

    fn keep(&self, found: Found) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).merge(found);
    }
}

/// A directory being listed.
struct Listing<'a, 'scope> {
    reader: &'scope DirectoryReader<'scope>,
    path: &'a BString,
    place: &'a RulePosition,
    found: &'a mut Found,
    batch: Vec<FoundFile>,
}

impl<'scope> Listing<'_, 'scope> {
    /// Handles one name in the directory.
    fn visit(&mut self, scope: &Scope<'scope>, directory: BorrowedFd<'_>, name: &CStr, listed_as: FileType) {
        let component = name.to_bytes();
        if matches!(component, b"." | b"..") || never_input(component) {
            return;
        }
        let rules = self.reader.rules;
        let place = rules.enter(self.place, component);
        let file_type = match listed_as {
            // Some file systems do not include the type in the listing.
            FileType::Unknown => match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                // It may have been a directory, so whatever could be below it is in doubt too.
                Err(error) => return self.doubt(component, ReadError::from(error), &place),
            },
            known => known,
        };
        if file_type == FileType::Directory {
            let reach = rules.reach(&place);
            if !reach.services.is_empty() || (rules.knows_owners() && reach.unowned) {
                let (reader, path) = (self.reader, join(self.path, component));
                scope.spawn(move |scope| reader.list(scope, path, &place));
            }
            return;
        }
        self.found.files += 1;
        let verdict = rules.verdict(&place);
        if let Some(special) = blob::special(file_type).filter(|_| file_type != FileType::Symlink) {
            if !verdict.claims.is_empty() {
                let path = join(self.path, component);
                self.found.unreadable.push(Unreadable::file(&path, ReadError::Special(special), &verdict));
            }
            return;
        }
        if rules.knows_owners() && !verdict.owned {
            self.found.unowned.push(join(self.path, component));
        }
        if file_type == FileType::Symlink {
            return self.link(directory, name, &place, verdict);
        }
        if !verdict.claims.is_empty() {
            self.batch.push(FoundFile { name: name.to_owned(), verdict });
            if self.batch.len() == BATCH {
                self.flush(scope);
            }
        }
    }

    /// A link counts as its target's text; what it leads to is read later.
    fn link(&mut self, directory: BorrowedFd<'_>, name: &CStr, place: &RulePosition, verdict: Arc<Verdict>) {
        let path = join(self.path, name.to_bytes());
        if !self.reader.rules.reach(place).services.is_empty() {
            self.found.links.push(FoundLink { path: path.clone(), place: place.clone() });
        }
        if verdict.claims.is_empty() {
            return;
        }
        match readlinkat(directory, name, Vec::new()) {
            Ok(target) => {
                let id = blob::of_bytes(target.as_bytes());
                self.found.entries.push(vec![TreeEntry { path, id, kind: FileKind::Symlink, verdict }]);
            }
            Err(error) => self.found.unreadable.push(Unreadable::file(&path, ReadError::from(error), &verdict)),
        }
    }

    /// Marks everything that may be at or below this position as in doubt.
    fn doubt(&mut self, component: &[u8], cause: impl ToString, place: &RulePosition) {
        let services = self.reader.rules.reach(place).services.clone();
        if !services.is_empty() {
            self.found.unreadable.push(Unreadable::new(&join(self.path, component), cause, services));
        }
    }

    /// Leaves the files collected so far to a job.
    fn flush(&mut self, scope: &Scope<'scope>) {
        if !self.batch.is_empty() {
            self.reader.spawn_hash(scope, self.path, std::mem::take(&mut self.batch));
        }
    }
}

/// The blob id and kind of a file in an open directory; `None` for a large one unless it is `alone`.
fn hash_file(directory: BorrowedFd<'_>, name: &CStr, alone: bool) -> Result<Option<(BlobId, FileKind)>, ReadError> {
    // If a named pipe has replaced the file since the listing, NONBLOCK keeps the open from waiting for a writer that
    // may never come.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::io::retry_on_intr(|| openat(directory, name, flags, Mode::empty())).map_err(|error| {
        // With NOFOLLOW, LOOP means a link, but the listing saw a file.
        if error == Errno::LOOP { ReadError::Changed } else { error.into() }
    })?;
    let file = OpenFile::new(file.as_fd())?;
    if file.length() > LARGE && !alone {
        return Ok(None);
    }
    let kind = if file.is_executable() { FileKind::Executable } else { FileKind::File };
    Ok(Some((file.blob_id()?, kind)))
}

impl Found {
    fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.entries.extend(other.entries);
        self.unreadable.extend(other.unreadable);
        self.unowned.extend(other.unowned);
        self.links.extend(other.links);
    }

    fn into_tree(self, keeps_modes: bool, knows_owners: bool) -> Tree {
        let mut tree = Tree::new(SourceKind::Directory, keeps_modes, knows_owners);
        tree.files = self.files;
        tree.entries.reserve_exact(self.entries.iter().map(Vec::len).sum());
        tree.entries.extend(self.entries.into_iter().flatten());
        tree.unreadable = self.unreadable;
        tree.links = self.links;
        tree.unowned = knows_owners.then_some(self.unowned);
        tree.sort();
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::rules;
    use super::*;

    /// The result of hashing `names` that were listed as files in `root`.
    fn hashed(root: &Path, names: &[&CStr]) -> Tree {
        let rules = rules(&[("a", &["**"])], false);
        let directory = std::fs::File::open(root).unwrap();
        let reader = DirectoryReader { directory: directory.as_fd(), rules: &rules, found: Mutex::default() };
        let verdict = |name: &CStr| rules.path(name.to_bytes());
        let batch = names.iter().map(|&name| FoundFile { name: name.to_owned(), verdict: verdict(name) }).collect();
        rayon::scope(|scope| reader.hash(scope, BString::default(), batch));
        reader.found.into_inner().unwrap().into_tree(false, false)
    }

    #[test]
    fn what_is_no_longer_the_file_that_was_listed_is_doubt() {
        let source = tempfile::tempdir().unwrap();
        std::fs::File::create(source.path().join("file")).unwrap();
        std::os::unix::fs::symlink("file", source.path().join("link")).unwrap();
        let pipe = source.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let tree = hashed(source.path(), &[c"file", c"gone", c"link", c"pipe"]);
        assert_eq!(tree.entries.iter().map(|entry| entry.path.to_string()).collect::<Vec<_>>(), ["file"]);
        let doubts = tree.unreadable.iter().map(|doubt| format!("{} {} {:?}", doubt.path, doubt.cause, doubt.services));
        assert_eq!(
            doubts.collect::<Vec<_>>(),
            [
                "gone cannot be read: No such file or directory (os error 2) [0]",
                "link changed while it was read [0]",
                "pipe is a named pipe, not a file [0]",
            ]
        );
    }

    #[test]
    fn a_directory_that_vanished_is_doubt_for_whatever_it_may_hold() {
        let source = tempfile::tempdir().unwrap();
        let rules = rules(&[("a", &["d/x"]), ("b", &["e/x"])], false);
        let directory = std::fs::File::open(source.path()).unwrap();
        let reader = DirectoryReader { directory: directory.as_fd(), rules: &rules, found: Mutex::default() };
        rayon::scope(|scope| reader.list(scope, "d".into(), &rules.enter(&rules.root(), b"d")));
        let found = reader.found.into_inner().unwrap();
        assert_eq!(found.unreadable[0].services, [0]);
        assert!(found.unreadable[0].cause.starts_with("cannot be listed: No such file"));
    }
}
