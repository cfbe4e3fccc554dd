//! Answers the map's questions to the source: the files and directories that match a pattern. It lists no more than the
//! patterns need, and an error is never read as absence.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice as _};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, statat};
use rustix::io::Errno;

use super::absent::{Absent, SUBMODULE};
use super::below::{OUTSIDE, holds_a_file, leads_outside, open_directory};
use super::listing::below;
use super::on_disk::LinksOnDisk;
use super::{TreeError, join, never_input};
use crate::base::text;
use crate::map::rules::{Finder, FinderState};
use crate::map::{MapQuery, Sought};

/// What a source has for each question of a map.
#[derive(Debug, Default)]
pub struct Found {
    /// The matches for each question, in the order of the questions, sorted.
    pub paths: Vec<Vec<BString>>,
    /// The links to directories where a directory is sought, or above one, sorted.
    pub links: Vec<BString>,
}

/// The matches for each question, in the order of the questions.
pub(super) struct FoundGitFile<'q> {
    questions: &'q [MapQuery],
    pub(super) finder: Finder,
    paths: Vec<BTreeSet<BString>>,
    links: BTreeSet<BString>,
}

impl<'q> FoundGitFile<'q> {
    pub(super) fn new(questions: &'q [MapQuery]) -> Self {
        let finder = Finder::new(questions.iter().map(|question| &question.pattern));
        Self { questions, finder, paths: vec![BTreeSet::new(); questions.len()], links: BTreeSet::new() }
    }

    /// Whether one of the numbered questions is about this kind of thing.
    fn asks(&self, numbers: &[usize], sought: Sought) -> bool {
        numbers.iter().any(|number| self.questions[*number].sought == sought)
    }

    /// Whether a file with this path, or one below it, could still change an answer.
    pub(super) fn is_open(&self, path: &[u8]) -> bool {
        let mut standing = self.finder.root();
        let mut end = 0;
        for component in path.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            if standing.is_dead() {
                return false;
            }
            end += component.len();
            let (next, numbers) = self.finder.enter(&standing, component);
            let open = |number: &usize| !self.paths[*number].contains(path[..end].as_bstr());
            if numbers.iter().any(open) {
                return true;
            }
            standing = next;
            end += 1;
        }
        !standing.is_dead()
    }

    /// Adds the path to the answers of those numbered questions that are about this kind of thing.
    fn add(&mut self, numbers: &[usize], sought: Sought, path: &[u8]) {
        for number in numbers.iter().filter(|number| self.questions[**number].sought == sought) {
            if !self.paths[*number].contains(path.as_bstr()) {
                self.paths[*number].insert(path.into());
            }
        }
    }

    /// Whether there may be matches below this directory.
    pub(super) fn goes_on_below(&self, path: &[u8]) -> bool {
        let enter = |at: FinderState, name: &[u8]| self.finder.enter(&at, name).0;
        !path.split(|byte| *byte == b'/').fold(self.finder.root(), enter).is_dead()
    }

    /// Adds a file of the source: the file and its parent directories are matched against the questions.
    pub(super) fn file(&mut self, path: &[u8]) {
        self.walk(path, Sought::Files);
    }

    /// Adds a directory that is known to belong to the source.
    pub(super) fn directory(&mut self, path: &[u8]) {
        self.walk(path, Sought::Directories);
    }

    /// Notes what may be a link to a directory, where a directory is sought or above one.
    pub(super) fn link(&mut self, path: &[u8], leads_to_directory: impl FnOnce() -> bool) {
        let mut standing = self.finder.root();
        let mut matched = Vec::new();
        for component in path.split(|byte| *byte == b'/') {
            (standing, matched) = self.finder.enter(&standing, component);
        }
        let sought = self.asks(&matched, Sought::Directories) || !standing.is_dead();
        if sought && leads_to_directory() {
            self.links.insert(path.into());
        }
    }

    fn walk(&mut self, path: &[u8], last: Sought) {
        let mut standing = self.finder.root();
        let mut end = 0;
        for component in path.split(|byte| *byte == b'/') {
            if standing.is_dead() || matches!(component, b"" | b"." | b"..") || never_input(component) {
                return;
            }
            end += component.len();
            let (next, numbers) = self.finder.enter(&standing, component);
            let sought = if end == path.len() { last } else { Sought::Directories };
            self.add(&numbers, sought, &path[..end]);
            standing = next;
            end += 1;
        }
    }

    /// Whether every answer is complete, although this is absent.
    ///
    /// # Errors
    /// A submodule that is not there could have an answer in it.
    pub(super) fn must_not_need(&self, absent: &Absent) -> Result<(), TreeError> {
        match absent.submodules.iter().find(|path| self.is_open(path)) {
            None => Ok(()),
            Some(path) => Err(TreeError::Submodule { path: text::printable(path), cause: SUBMODULE }),
        }
    }

    /// The answers, sorted.
    pub(super) fn into_found(self) -> Found {
        let paths = self.paths.into_iter().map(|paths| paths.into_iter().collect()).collect();
        Found { paths, links: self.links.into_iter().collect() }
    }
}

/// Answers the questions from the names of all files of an artifact, its `.gitmodules` and its links.
///
/// # Errors
/// An answer could be in a submodule, which an artifact does not have.
pub fn among(
    names: &[BString],
    modules: Option<&[u8]>,
    leads_to_directory: impl Fn(&BString) -> bool,
    questions: &[MapQuery],
) -> Result<Found, TreeError> {
    let mut found = FoundGitFile::new(questions);
    for name in names {
        found.file(name);
        found.link(name, || leads_to_directory(name));
    }
    found.must_not_need(&Absent::in_artifact(modules, |path| !below(names, path).is_empty()))?;
    Ok(found.into_found())
}

/// Answers the questions from a directory as it is. A directory in which something cannot be examined counts as one
/// that contains files, because decisions read it again and then doubt.
///
/// # Errors
/// Something needed for the answer cannot be listed, or is hidden behind a link that leads out of the source.
pub fn directory(root: &Path, questions: &[MapQuery]) -> Result<Found, TreeError> {
    let failed = |cause| TreeError::Root { path: root.display().to_string(), cause };
    let canonical = root.canonicalize().map_err(failed)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(&canonical, flags, Mode::empty()).map_err(|cause| failed(cause.into()))?;
    let mut search = Search { canonical, root: directory, found: FoundGitFile::new(questions), open: Vec::new() };
    search.open.push((BString::default(), search.found.finder.root()));
    while let Some((path, standing)) = search.open.pop() {
        search.enter(&path, &standing).map_err(|cause| {
            let full = search.canonical.join(path.to_path_lossy());
            TreeError::Root { path: text::printable(full.as_os_str().as_encoded_bytes()), cause }
        })?;
    }
    let disk = LinksOnDisk { canonical: &search.canonical, root: search.root.as_fd() };
    search.found.must_not_need(&Absent::in_directory(disk))?;
    Ok(search.found.into_found())
}

struct Search<'q> {
    canonical: PathBuf,
    root: OwnedFd,
    found: FoundGitFile<'q>,
    /// Directories still to be entered.
    open: Vec<(BString, FinderState)>,
}

impl Search<'_> {
    /// Examines the relevant names in a directory.
    fn enter(&mut self, path: &BString, standing: &FinderState) -> io::Result<()> {
        let directory = open_directory(self.root.as_fd(), path)?;
        let only = self.found.finder.only(standing);
        let names: Option<Vec<Vec<u8>>> = only.map(|names| names.into_iter().map(<[u8]>::to_vec).collect());
        let Some(names) = names else {
            let mut listing = Dir::read_from(&directory)?;
            while let Some(entry) = listing.read() {
                let entry = entry?;
                let kind = entry.file_type();
                let known = (kind != FileType::Unknown).then_some(kind);
                self.visit(&directory, path, standing, entry.file_name(), known)?;
            }
            return Ok(());
        };
        for name in names {
            let name = std::ffi::CString::new(name)?;
            self.visit(&directory, path, standing, &name, None)?;
        }
        Ok(())
    }

    /// Examines one name in a directory; `kind` is its type according to the listing.
    fn visit(
        &mut self,
        directory: &OwnedFd,
        path: &BString,
        standing: &FinderState,
        name: &CStr,
        kind: Option<FileType>,
    ) -> io::Result<()> {
        let component = name.to_bytes();
        if matches!(component, b"." | b"..") || never_input(component) {
            return Ok(());
        }
        let (next, numbers) = self.found.finder.enter(standing, component);
        if numbers.is_empty() && next.is_dead() {
            return Ok(());
        }
        let kind = match kind {
            Some(kind) => kind,
            None => match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                Err(Errno::NOENT) => return Ok(()),
                Err(error) => return Err(error.into()),
            },
        };
        let path = join(path, component);
        let asked = self.found.asks(&numbers, Sought::Directories);
        match kind {
            FileType::Directory => {
                if asked && holds_a_file(self.root.as_fd(), &path) {
                    self.found.add(&numbers, Sought::Directories, &path);
                }
                if !next.is_dead() {
                    self.open.push((path, next));
                }
            }
            FileType::Symlink => {
                // What is behind the link was meant to belong to the source, but cannot be seen.
                if (asked || !next.is_dead()) && leads_outside(&self.canonical, directory.as_fd(), name, &path)? {
                    return Err(io::Error::other(format!("`{}` {OUTSIDE}", text::printable(&path))));
                }
                self.found.add(&numbers, Sought::Files, &path);
                let full = self.canonical.join(path.to_path_lossy());
                self.found.link(&path, || full.is_dir());
            }
            FileType::RegularFile => self.found.add(&numbers, Sought::Files, &path),
            _ => {}
        }
        Ok(())
    }
}
