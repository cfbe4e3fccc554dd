//! Looks links up in a commit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};

use bstr::{BString, ByteSlice as _};
use gix::ObjectId;

use super::{Repository, What};
use crate::source::tree::FileKind;
use crate::source::tree::follow::{At, BLIND, LinkSource, Outside};

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

    fn is_empty(&self, _: &[u8]) -> bool {
        false
    }

    /// What is outside is no part of a commit, and is looked for on this machine, around the repository.
    fn outside(&self, _: &[u8], target: &[u8]) -> Result<Outside, String> {
        let (Ok(root), Ok(target)) = (Path::new(&self.repository.root).canonicalize(), target.to_path()) else {
            return Ok(Outside::Hides(BLIND.to_owned()));
        };
        let target = lexical(&root.join(target));
        Ok(match target.strip_prefix(&root) {
            Ok(inside) => Outside::Inside(BString::from(inside.as_os_str().as_encoded_bytes())),
            Err(_) => match target.symlink_metadata() {
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    Outside::HidesNothing
                }
                _ => Outside::Hides(BLIND.to_owned()),
            },
        })
    }
}

/// The path without `..`, as if no directory were a link.
fn lexical(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(found.pop()),
            component => found.push(component),
        }
    }
    found
}
