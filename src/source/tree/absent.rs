//! What belongs to a source and is not there: submodules that are not checked out, and what a sparse checkout leaves out.
//! Nothing of it can be read, so it is doubt for whoever might have it as an input. Any other absence is a deletion.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::entry::{Flags, Mode};

use super::follow::{At, LinkSource, Outside};
use super::on_disk::LinksOnDisk;
use super::{Tree, Unreadable, format, gitmodules, join, never_input};
use crate::base::plain_file;
use crate::map::rules::{PathCursor, RulePosition, Rules};

/// The cause given for a submodule that is not checked out.
pub(super) const SUBMODULE: &str = "is a submodule that is not checked out here: check it out before \
     (`git submodule update --init --recursive`; a pipeline's zip has none, so use a full clone), or exclude it";

/// The cause given for an input that a sparse checkout leaves out.
const SPARSE: &str = "is left out by the sparse checkout: add it with `git sparse-checkout add`, or exclude it";

/// The longest `.gitmodules` that is read.
const MOST: u64 = 4 << 20;

/// The name of the file in which git names submodules.
const MODULES: &str = ".gitmodules";

/// What is not there.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// Submodules that are not checked out.
    pub(super) submodules: BTreeSet<BString>,
    /// Files that the index leaves out.
    files: BTreeSet<BString>,
    /// Directories that a sparse index lists only as trees.
    directories: BTreeSet<BString>,
    /// Files that would tell what is absent and could not be read, each with the cause.
    unknown: Vec<(BString, String)>,
}

impl Absent {
    /// What is absent in an artifact with this `.gitmodules`, given what holds a file.
    pub(super) fn in_artifact(modules: Option<&[u8]>, holds_a_file: impl Fn(&[u8]) -> bool) -> Self {
        let named = gitmodules::submodules(modules.unwrap_or_default()).into_iter().map(|(_, path)| path);
        Self { submodules: named.filter(|path| !holds_a_file(path)).collect(), ..Self::default() }
    }

    /// What is absent in a directory, as its `.gitmodules` and git's index say.
    pub(super) fn in_directory(disk: LinksOnDisk<'_>) -> Self {
        let mut absent = Self::default();
        let mut open = vec![BString::default()];
        let mut seen = BTreeSet::new();
        absent.read_index(disk, &mut open);
        // What git has checked out has a `.git` of its own. What else is there may be of a cache, or of another build.
        let of_git: BTreeSet<BString> = open.iter().skip(1).cloned().collect();
        let is_stray =
            |path: &BString| of_git.contains(path) && matches!(disk.at(&join(path, b".git")), Ok(At::Missing) | Err(_));
        while let Some(path) = open.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            if !path.is_empty() && (!disk.holds_a_file(&path) || is_stray(&path)) {
                absent.submodules.insert(path);
                continue;
            }
            // A submodule may have submodules of its own.
            let modules = join(&path, MODULES.as_bytes());
            match plain_file::read_below(disk.canonical, &modules.to_path_lossy(), MOST) {
                Ok(None) => {}
                Ok(Some(bytes)) => {
                    open.extend(gitmodules::submodules(&bytes).into_iter().map(|(_, below)| join(&path, &below)));
                }
                Err(cause) => {
                    absent.unknown.push((modules, format!("names the submodules and cannot be read: {cause}")))
                }
            }
        }
        absent
    }

    /// Reads the index: adds what it leaves out, and its submodules to `submodules`.
    fn read_index(&mut self, disk: LinksOnDisk<'_>, submodules: &mut Vec<BString>) {
        let Some(path) = index_of(disk.canonical) else { return };
        let unknown = |cause: &dyn std::fmt::Display| {
            let cause = format!("says what is left out of the checkout and cannot be read: {cause}");
            (b".git/index".into(), cause)
        };
        // Read as one of SHA-1, its entries would be others.
        if let Some(cause) = format::of_ids(&disk.canonical.join(".git")) {
            return self.unknown.push(unknown(&cause));
        }
        // As in git, only `git fsck` verifies the checksum.
        let index = match gix::index::File::at(&path, gix::hash::Kind::Sha1, true, Default::default()) {
            Ok(index) => index,
            Err(_) if path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) => {
                return;
            }
            Err(cause) => return self.unknown.push(unknown(&cause)),
        };
        for entry in index.entries() {
            let path = entry.path(&index);
            if entry.mode == Mode::COMMIT {
                submodules.push(path.into());
            } else if entry.flags.contains(Flags::SKIP_WORKTREE) && is_input(path) {
                let name = path.strip_suffix(b"/").unwrap_or(path);
                if matches!(disk.at(name), Ok(At::Missing) | Err(_)) {
                    let list = if entry.mode.is_sparse() { &mut self.directories } else { &mut self.files };
                    list.insert(name.into());
                }
            }
        }
    }

    /// Adds what is absent at or below this position of the root to what could not be read.
    pub(super) fn note(&self, tree: &mut Tree, rules: &Rules, root: RulePosition) {
        let mut cursor = PathCursor::from(rules, root);
        let mut doubts = Vec::new();
        for (paths, cause) in [(&self.submodules, SUBMODULE), (&self.directories, SPARSE)] {
            for path in paths.iter().filter(|path| is_input(path.as_bstr())) {
                let services = rules.reach(cursor.place(path)).services.clone();
                doubts.push(Unreadable::new(path, cause, services));
            }
        }
        for path in &self.files {
            doubts.push(Unreadable::file(path, SPARSE, &cursor.verdict(path)));
        }
        doubts.extend(self.unknown.iter().map(|(path, cause)| Unreadable::new(path, cause, rules.asked().to_vec())));
        tree.doubt(doubts);
    }

    /// What would be at a path that is not there.
    fn at(&self, path: &[u8]) -> At {
        let is_in = |paths: &BTreeSet<BString>| {
            let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
            slashes.chain([path.len()]).any(|end| paths.contains(path[..end].as_bstr()))
        };
        let is_above = |paths: &BTreeSet<BString>| {
            let below = join(path, b"");
            paths.range(below.clone()..).next().is_some_and(|first| first.starts_with(&below))
        };
        match () {
            () if is_in(&self.submodules) => At::Submodule,
            () if is_in(&self.directories) => At::Directory,
            () if [&self.submodules, &self.directories, &self.files].into_iter().any(is_above) => At::Directory,
            () if self.files.contains(path.as_bstr()) => At::File,
            () => At::Missing,
        }
    }
}

/// A source whose links may lead to what is absent.
pub(super) struct WithAbsent<'a, S> {
    pub(super) source: S,
    pub(super) absent: &'a Absent,
}

impl<S: LinkSource> LinkSource for WithAbsent<'_, S> {
    fn at(&self, path: &[u8]) -> Result<At, String> {
        match self.source.at(path)? {
            At::Missing => Ok(self.absent.at(path)),
            At::Directory if self.absent.submodules.contains(path.as_bstr()) => Ok(At::Submodule),
            found => Ok(found),
        }
    }

    fn outside(&self, link: &[u8], target: &[u8]) -> Result<Outside, String> {
        self.source.outside(link, target)
    }

    fn is_empty(&self, directory: &[u8]) -> bool {
        self.source.is_empty(directory) && matches!(self.absent.at(directory), At::Missing)
    }
}

fn is_input(path: &BStr) -> bool {
    !path.split(|byte| *byte == b'/').any(never_input)
}

/// The index of a working tree. `.git` may be a file that names the directory; no other index can leave anything out of it.
fn index_of(root: &Path) -> Option<PathBuf> {
    let dot_git = root.join(".git");
    match plain_file::read_below(root, Path::new(".git"), MOST) {
        Ok(Some(text)) => {
            let path = text.strip_prefix(b"gitdir:")?.trim();
            Some(root.join(path.to_path_lossy()).join("index"))
        }
        _ => Some(dot_git.join("index")),
    }
}
