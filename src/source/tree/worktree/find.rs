//! What the map asks a working tree for, as `git add -A` would store it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use bstr::{BStr, BString};

use super::{SPARSE, TreeError, is_there, open, unreadable, untracked};
use crate::base::text;
use crate::map::MapQuery;
use crate::source::tree::below::OUTSIDE;
use crate::source::tree::find::FoundGitFile;

/// The files and directories that match each question, sorted. A submodule, and a repository that git would add as one, is
/// a directory. Most directories are answered by the index, so that few are searched.
///
/// # Errors
/// When git's index cannot be read, or the working tree not be searched.
pub fn find(root: &Path, questions: &[MapQuery]) -> Result<Vec<Vec<BString>>, TreeError> {
    let git = open(root)?;
    let index = git.index_or_empty().map_err(|cause| unreadable(root, cause))?;
    let mut found = FoundGitFile::new(questions);
    // The directory in which no answer is open any more, with a slash behind.
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
            true => found.directory(path),
            false => found.file(path),
        }
    }
    let searched = untracked::list(&git, &index, |directory| found.is_open(directory));
    for path in searched.map_err(|cause| unreadable(root, cause))? {
        if root.join(OsStr::from_bytes(&path)).symlink_metadata().is_ok_and(|it| it.is_dir()) {
            found.directory(&path);
        } else {
            found.file(&path);
        }
    }
    Ok(found.into_paths())
}

/// The directories above a path, outermost first.
fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| &path[..at])
}

/// Whether a file or link stands where the index knows a directory: what was in that is gone.
///
/// # Errors
/// When it is a link that leads out of the source: nobody knows then what a build would find.
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
