//! Whose a repository is. As in git, one that belongs to another user is not read unless the user, the system or the
//! environment lists it as safe (<https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory>): its
//! configuration and its objects may be made for whoever reads them.

use std::io::ErrorKind::NotFound;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use gix::config::File;
use gix::sec::identity::is_path_owned_by_current_user;

use super::TreeError;
use crate::base::text;

/// Checks that the repository at `root` has a `.git`, and that the root, its `.git` and the directory that a `.git` file
/// names belong to the user. Gives the path of its `.git`.
///
/// # Errors
/// It does not have one, or the file names one that is not there, or it belongs to another user.
pub(super) fn dot_git(root: &Path) -> Result<PathBuf, TreeError> {
    let dot_git = root.join(".git");
    if dot_git.symlink_metadata().is_err() {
        let shown = root.display();
        return Err(TreeError::Git(format!("`{shown}` is not the root of a git repository: it has no `.git`")));
    }
    let elsewhere = if dot_git.is_file() { gix::discover::path::from_gitdir_file(&dot_git).ok() } else { None };
    if let Some(missing) =
        elsewhere.as_ref().filter(|path| path.metadata().is_err_and(|error| error.kind() == NotFound))
    {
        let (shown, missing) = (root.display(), text::printable(missing.as_os_str().as_bytes()));
        let text = format!("the repository of the working tree `{shown}` is not here: its `.git` names `{missing}`");
        return Err(TreeError::Git(format!("{text}; a container that has the working tree needs the repository, too")));
    }
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let owned = |path: &Path| is_path_owned_by_current_user(path).unwrap_or(false);
    let foreign = [Some(&real), Some(&dot_git), elsewhere.as_ref()].into_iter().flatten().find(|path| !owned(path));
    match foreign {
        Some(foreign) if !is_listed(&real) => {
            let foreign = text::printable(foreign.as_os_str().as_bytes());
            let command =
                format!("git config --global --add safe.directory {}", text::shell_word(&real.to_string_lossy()));
            let text = format!("`{foreign}` belongs to another user, so its git repository is not read; `{command}`");
            Err(TreeError::Git(format!("{text} says that you trust it")))
        }
        _ => Ok(dot_git),
    }
}

/// Whether `safe.directory` lists the path. Only configuration that a repository cannot write is asked.
fn is_listed(root: &Path) -> bool {
    let files = [File::from_globals().ok(), File::from_environment_overrides().ok()];
    let mut safe = false;
    for value in files.iter().flatten().flat_map(|file| file.strings("safe.directory").unwrap_or_default()) {
        let path = Path::new(std::ffi::OsStr::from_bytes(&value));
        let is_real = |path: &Path| path.canonicalize().is_ok_and(|path| path == root);
        safe = match &value[..] {
            // An empty value takes back all before it.
            b"" => false,
            b"*" => true,
            pattern => {
                let parent = pattern.strip_suffix(b"/*").map(|parent| Path::new(std::ffi::OsStr::from_bytes(parent)));
                safe || is_real(path) || parent.is_some_and(|parent| parent.is_absolute() && root.starts_with(parent))
            }
        };
    }
    safe
}
