//! Answers the map's questions to a working tree, as `git add -A` would store it.

use std::ffi::OsStr;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::BStr;
use rustix::fs::{Mode, OFlags};

use super::{SPARSE, TreeError, is_there, open, unreadable, untracked};
use crate::base::text;
use crate::map::MapQuery;
use crate::source::tree::absent::Absent;
use crate::source::tree::below::OUTSIDE;
use crate::source::tree::find::{Found, FoundGitFile};
use crate::source::tree::on_disk::LinksOnDisk;

/// The files and directories that match each question, sorted. A submodule, and a repository that git would add as one,
/// counts as a directory. The index answers for most directories, so few are searched.
///
/// # Errors
/// Git's index cannot be read, or the working tree cannot be searched.
pub fn find(root: &Path, questions: &[MapQuery]) -> Result<Found, TreeError> {
    let git = open(root, &[])?;
    let index = git.index_or_empty().map_err(|cause| unreadable(root, cause))?;
    let failed = |cause: std::io::Error| TreeError::Root { path: root.display().to_string(), cause };
    let canonical = root.canonicalize().map_err(failed)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(root, flags, Mode::empty()).map_err(|cause| failed(cause.into()))?;
    let absent = Absent::in_directory(LinksOnDisk { canonical: &canonical, root: directory.as_fd() });
    let mut found = FoundGitFile::new(questions);
    // A directory that cannot change any answer any more, with a trailing slash.
    let mut closed: Option<&BStr> = None;
    for entry in index.entries() {
        let path = entry.path(&index);
        if entry.mode.is_sparse() {
            let path = path.strip_suffix(b"/").unwrap_or(path);
            if found.goes_on_below(path) {
                return Err(TreeError::Git(format!("`{}` {SPARSE}", text::printable(path))));
            }
            found.directory(path);
            continue;
        }
        if closed.is_some_and(|closed| path.starts_with(closed)) {
            continue;
        }
        if !found.is_open(path) {
            closed = above(path).find(|above| !found.is_open(above)).map(|above| &path[..=above.len()]);
            continue;
        }
        if !is_there(root, entry, path)? || is_behind_a_link(root, path)? {
            continue;
        }
        match entry.mode.is_submodule() {
            true if absent.submodules.contains(path) => {}
            true => found.directory(path),
            false => {
                found.file(path);
                found.link(path, || is_link_to_directory(root, path));
            }
        }
    }
    let searched = untracked::list(&git, &index, |directory| found.is_open(directory));
    for path in searched.map_err(|cause| unreadable(root, cause))? {
        if root.join(OsStr::from_bytes(&path)).symlink_metadata().is_ok_and(|it| it.is_dir()) {
            found.directory(&path);
        } else {
            found.file(&path);
            found.link(&path, || is_link_to_directory(root, &path));
        }
    }
    found.must_not_need(&absent)?;
    Ok(found.into_found())
}

fn is_link_to_directory(root: &Path, path: &[u8]) -> bool {
    let full = root.join(OsStr::from_bytes(path));
    full.symlink_metadata().is_ok_and(|found| found.is_symlink()) && full.is_dir()
}

/// The directories above a path, outermost first.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

/// Whether a file or link has replaced a directory of the index: what was in that is gone.
///
/// # Errors
/// It is a link that leads out of the source: then it is unknown what a build would find.
fn is_behind_a_link(root: &Path, path: &[u8]) -> Result<bool, TreeError> {
    for above in above(path) {
        let full = root.join(OsStr::from_bytes(above));
        if full.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
            let outside = || Some(!full.canonicalize().ok()?.starts_with(root.canonicalize().ok()?));
            if full.is_dir() && outside().unwrap_or(true) {
                return Err(TreeError::Git(format!("`{}` {OUTSIDE}", text::printable(above))));
            }
            return Ok(true);
        }
    }
    Ok(false)
}
