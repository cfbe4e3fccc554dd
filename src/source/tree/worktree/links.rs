//! Looks links up in a working tree: those on disk, and those that a sparse checkout leaves to the index.

use bstr::{BStr, ByteSlice as _};
use gix::index::State;
use gix::index::entry::{Flags, Mode};

use crate::source::tree::follow::{At, LinkSource, Outside};
use crate::source::tree::on_disk::LinksOnDisk;

/// The links in a working tree.
pub(super) struct LinksInWorktree<'a> {
    pub(super) disk: LinksOnDisk<'a>,
    pub(super) git: &'a gix::Repository,
    pub(super) index: &'a State,
}

impl LinksInWorktree<'_> {
    /// What the index has at a path that is not on disk.
    fn in_index(&self, path: &BStr) -> Result<At, String> {
        let is_left_out = |entry: &gix::index::Entry| entry.flags.contains(Flags::SKIP_WORKTREE);
        if let Some(entry) = self.index.entry_by_path(path) {
            return Ok(match entry.mode {
                _ if !is_left_out(entry) => At::Missing,
                Mode::SYMLINK => {
                    let found = self.git.find_blob(entry.id);
                    At::Link(
                        found.map_err(|cause| format!("is a link that cannot be read: {cause}"))?.take_data().into(),
                    )
                }
                Mode::COMMIT => At::Submodule,
                _ => At::File,
            });
        }
        let directory = [path.as_bytes(), b"/"].concat();
        // A sparse index lists a directory as one entry, whose name ends in a slash.
        let is_above = |entry: &&gix::index::Entry| directory.starts_with(entry.path(self.index));
        if self.index.is_sparse()
            && self.index.entries().iter().filter(|entry| entry.mode.is_sparse()).any(|e| is_above(&e))
        {
            return Ok(At::Directory);
        }
        Ok(if self.below(path).iter().any(is_left_out) { At::Directory } else { At::Missing })
    }

    /// The entries of the index below a path.
    fn below(&self, path: &BStr) -> &[gix::index::Entry] {
        let directory = if path.is_empty() { Vec::new() } else { [path.as_bytes(), b"/"].concat() };
        self.index.prefixed_entries(directory.as_bstr()).unwrap_or_default()
    }
}

impl LinkSource for LinksInWorktree<'_> {
    fn at(&self, path: &[u8]) -> Result<At, String> {
        match self.disk.at(path)? {
            At::Missing => self.in_index(path.as_bstr()),
            // Its files are not those of this repository.
            At::Directory
                if self.index.entry_by_path(path.as_bstr()).is_some_and(|entry| entry.mode == Mode::COMMIT) =>
            {
                Ok(At::Submodule)
            }
            found => Ok(found),
        }
    }

    fn outside(&self, link: &[u8], target: &[u8]) -> Result<Outside, String> {
        self.disk.outside(link, target)
    }

    fn is_empty(&self, directory: &[u8]) -> bool {
        // A submodule that is not checked out leaves an empty directory, and counts as its commit.
        let is_submodule = |entry: &gix::index::Entry| entry.mode == Mode::COMMIT;
        self.disk.is_empty(directory)
            && !self.below(directory.as_bstr()).iter().any(is_submodule)
            && matches!(self.in_index(directory.as_bstr()), Ok(At::Missing))
    }
}
