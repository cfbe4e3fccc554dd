//! Formats of repositories that are not supported, so that a message names the format and not what it leads to.

use std::path::Path;

use gix::config::{File, Source};

use super::TreeError;

/// The error for a repository that cannot be opened, if the reason is that its ids are those of SHA-256.
pub(super) fn of_ids(dot_git: &Path) -> Option<TreeError> {
    let directory = match dot_git.is_file() {
        true => gix::discover::path::from_gitdir_file(dot_git).ok()?,
        false => dot_git.to_owned(),
    };
    // A working tree beside others shares their configuration.
    let common = std::fs::read_to_string(directory.join("commondir"));
    let common = common.map_or_else(|_| directory.clone(), |common| directory.join(common.trim_end()));
    let config = File::from_path_no_includes(common.join("config"), Source::Local).ok()?;
    config.string("extensions.objectFormat").filter(|format| format.eq_ignore_ascii_case(b"sha256"))?;
    let shown = dot_git.parent().unwrap_or(dot_git).display();
    Some(TreeError::Git(format!(
        "the git repository `{shown}` has SHA-256 ids, which are not supported: only SHA-1 is"
    )))
}

/// Checks that a repository's references are in files.
///
/// # Errors
/// They are not.
pub(super) fn of_references(git: &gix::Repository, shown: &str) -> Result<(), TreeError> {
    match git.config_snapshot().string("extensions.refStorage") {
        Some(format) if format.eq_ignore_ascii_case(b"reftable") => {
            let text =
                format!("the git repository `{shown}` keeps its references as `reftable`, which is not supported");
            Err(TreeError::Git(format!("{text}: read a clone that `git clone --ref-format=files` makes")))
        }
        _ => Ok(()),
    }
}
