//! Looks links up in a commit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;

use bstr::BString;
use gix::ObjectId;

use super::{Repository, What};
use crate::source::tree::FileKind;
use crate::source::tree::follow::{At, LinkSource, Outside};

/// The links in a commit.
pub(super) struct LinksInCommit<'a> {
    repository: &'a Repository,
    root: ObjectId,
    /// The directories that were looked at.
    directories: RefCell<HashMap<BString, Option<What>>>,
}

impl<'a> LinksInCommit<'a> {
    pub(super) fn new(repository: &'a Repository, root: ObjectId) -> Self {
        Self { repository, root, directories: RefCell::default() }
    }

    /// What is at a path; `None` if there is nothing.
    fn find(&self, path: &[u8]) -> Result<Option<What>, String> {
        if path.is_empty() {
            return Ok(Some(What::Directory(self.root)));
        }
        if let Some(known) = self.directories.borrow().get(path) {
            return Ok(*known);
        }
        let slash = path.iter().rposition(|byte| *byte == b'/');
        let (above, name) = slash.map_or((&b""[..], path), |slash| (&path[..slash], &path[slash + 1..]));
        let mut found = None;
        if let Some(What::Directory(id)) = self.find(above)? {
            self.repository.visit(id, &mut Vec::new(), |entry, what| {
                if entry == name {
                    found = Some(what);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
        }
        self.directories.borrow_mut().insert(path.into(), found);
        Ok(found)
    }
}

impl LinkSource for LinksInCommit<'_> {
    fn at(&self, path: &[u8]) -> Result<At, String> {
        Ok(match self.find(path)? {
            None => At::Missing,
            Some(What::Directory(_)) => At::Directory,
            Some(What::Leaf(id, FileKind::Symlink)) => {
                let id = ObjectId::from_bytes_or_panic(&id.0);
                let found = self.repository.git.find_blob(id);
                let mut blob = found.map_err(|cause| format!("is a link that cannot be read: {cause}"))?;
                At::Link(blob.take_data().into())
            }
            Some(What::Leaf(_, FileKind::Submodule)) => At::Submodule,
            Some(What::Leaf(..)) => At::File,
        })
    }

    /// Nobody knows what was there when the commit was made: the link counts as its text.
    fn outside(&self, _: &[u8]) -> Result<Outside, String> {
        Ok(Outside::HidesNothing)
    }
}
