//! Commits that a clone does not have: where they can be fetched from, and how objects that were fetched into another place
//! are read together with the repository's own. Nothing is fetched here, and nothing is written into the repository.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;

use super::{Repository, TreeError, What, blob_id};
use crate::base::fingerprint::BlobId;
use crate::source::tree::{FileKind, join};

/// A place to fetch a commit from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitOrigin {
    /// The remote's name.
    pub remote: String,
    /// The address, as the repository's configuration has it; a path is absolute.
    pub url: String,
    /// What to ask for there: a whole id, or a reference as a remote resolves it.
    pub reference: String,
}

impl Repository {
    /// The id of the commit that a revision names, if the commit and its root directory are here. What is not here under
    /// the name of a branch is looked for among the branches of the default remote, as they were fetched last.
    pub fn find(&self, revision: &str) -> Option<String> {
        let of_remote = || {
            let branch = revision.strip_prefix("refs/heads/").unwrap_or(revision);
            self.commit(&format!("refs/remotes/{}/{branch}", self.default_remote()?)).ok()
        };
        let commit = self.commit(revision).ok().or_else(of_remote)?;
        let tree = self.tree_of(commit).ok()?;
        self.git.has_object(tree).then(|| commit.to_string())
    }

    /// The best common ancestor of two commits; `None` if they have none.
    ///
    /// # Errors
    /// One of the commits, or of their ancestors that are needed, is not here.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, TreeError> {
        let (first, second) = (self.commit(one)?, self.commit(other)?);
        let found = self.git.merge_base(first, second);
        let found = found.map_err(|cause| {
            TreeError::Git(format!("cannot find the merge base of `{one}` and `{other}` in `{}`: {cause}", self.root))
        })?;
        Ok(found.map(|id| id.to_string()))
    }

    /// Whether the history of this clone is cut off somewhere.
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow().unwrap_or(true)
    }

    /// The first commits of this clone, where its history is cut off.
    pub fn cut_off(&self) -> Vec<String> {
        let commits = self.git.shallow_commits().ok().flatten();
        commits.iter().flat_map(|commits| commits.iter()).map(ToString::to_string).collect()
    }

    /// Where a revision can be fetched from. `None` if it is not a whole id and not the name of a branch or tag, or if the
    /// repository has no remote for it.
    pub fn origin(&self, revision: &str) -> Option<CommitOrigin> {
        let (remote, reference) = if is_id(revision) {
            (self.default_remote()?, revision)
        } else {
            let tracked = revision.strip_prefix("refs/remotes/").unwrap_or(revision);
            let of = |remote: &String| tracked.strip_prefix(remote.as_str())?.strip_prefix('/');
            match self.remotes().into_iter().find_map(|remote| of(&remote).map(|branch| (remote.clone(), branch))) {
                Some((remote, branch)) => {
                    let reference = format!("refs/heads/{branch}");
                    return is_reference(branch).then(|| self.address(&remote, reference))?;
                }
                None => (self.default_remote()?, revision),
            }
        };
        is_reference(reference).then(|| self.address(&remote, reference.to_owned()))?
    }

    fn address(&self, remote: &str, reference: String) -> Option<CommitOrigin> {
        let url = self.git.config_snapshot().string(format!("remote.{remote}.url").as_str())?.to_string();
        // As in git, what has a colon before the first slash is not a path.
        let is_path = !url.split('/').next().unwrap_or_default().contains(':');
        let url = if is_path { Path::new(&self.root).join(url).display().to_string() } else { url };
        Some(CommitOrigin { remote: remote.to_owned(), url, reference })
    }

    fn remotes(&self) -> Vec<String> {
        self.git.remote_names().into_iter().map(|name| name.to_string()).collect()
    }

    /// `origin`, or the only remote.
    fn default_remote(&self) -> Option<String> {
        let remotes = self.remotes();
        let origin = remotes.iter().find(|name| *name == "origin").cloned();
        origin.or_else(|| (remotes.len() == 1).then(|| remotes.into_iter().next()).flatten())
    }

    /// Opens a repository that this program has made. Messages name it as they name this one.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn beside(&self, git_directory: &Path) -> Result<Self, TreeError> {
        Self::at(git_directory.to_owned(), self.root.clone())
    }

    /// The directory that has this repository's objects.
    pub fn objects(&self) -> PathBuf {
        self.git.objects.store_ref().path().to_owned()
    }

    /// The links of a commit whose targets are not here: a fetch without file contents leaves them out.
    pub fn links_without_text(&self, commit: &str) -> Vec<BlobId> {
        let mut missing = Vec::new();
        // What cannot be read is doubt when the commit is read.
        let _ = self.leaves(commit, |_, id, kind| {
            if kind == FileKind::Symlink && !self.has(id) {
                missing.push(id);
            }
        });
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The paths of all files of a commit, links included and submodules not, sorted bytewise.
    ///
    /// # Errors
    /// The commit or one of its directories cannot be read.
    pub fn files(&self, commit: &str) -> Result<Vec<BString>, TreeError> {
        let mut files = Vec::new();
        self.leaves(commit, |path, _, kind| {
            if kind != FileKind::Submodule {
                files.push(path.clone());
            }
        })?;
        files.sort();
        Ok(files)
    }

    /// Visits everything in a commit that is not a directory.
    fn leaves(&self, commit: &str, mut visitor: impl FnMut(&BString, BlobId, FileKind)) -> Result<(), TreeError> {
        let mut buffer = Vec::new();
        let mut open = vec![(self.tree_of(self.commit(commit)?)?, BString::default())];
        while let Some((id, directory)) = open.pop() {
            let visited = self.visit(id, &mut buffer, |name, what| {
                let path = join(&directory, name);
                match what {
                    What::Directory(id) => open.push((id, path)),
                    What::Leaf(id, kind) => visitor(&path, id, kind),
                }
                ControlFlow::Continue(())
            });
            visited.map_err(|cause| TreeError::Git(format!("`{directory}` of the commit `{commit}` {cause}")))?;
        }
        Ok(())
    }

    /// The blob at a path of a commit, if there is a plain file.
    ///
    /// # Errors
    /// The commit or one of its directories cannot be read.
    pub fn blob_at(&self, commit: &str, path: &BStr) -> Result<Option<BlobId>, TreeError> {
        let tree = self.git.find_tree(self.tree_of(self.commit(commit)?)?);
        let found = tree.and_then(|tree| tree.lookup_entry_by_path(path.to_path_lossy()));
        let failed = |cause| TreeError::Git(format!("cannot read `{path}` of the commit `{commit}`: {cause}"));
        let entry = found.map_err(failed)?.filter(|entry| entry.mode().is_blob());
        Ok(entry.map(|entry| blob_id(&entry.object_id())))
    }

    /// Whether a blob is here.
    pub fn has(&self, id: BlobId) -> bool {
        self.git.has_object(ObjectId::from_bytes_or_panic(&id.0))
    }

    /// The bytes of a blob; `None` if it is not here.
    pub fn blob(&self, id: BlobId) -> Option<Vec<u8>> {
        let mut blob = self.git.find_blob(ObjectId::from_bytes_or_panic(&id.0)).ok()?;
        Some(blob.take_data())
    }
}

/// Whether this is a whole id of an object.
fn is_id(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a remote may be asked for this: a plain name that is neither an expression nor a pattern.
fn is_reference(name: &str) -> bool {
    let plain = |byte: u8| byte > b' ' && byte != 0x7f && !b"~^:?*[\\".contains(&byte);
    !name.is_empty()
        && !name.starts_with(['-', '+'])
        && !name.contains("..")
        && !name.contains("@{")
        && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_whole_ids_are_asked_for() {
        for name in ["main", "refs/heads/main", "feature/x", "v1.2", &"0a".repeat(20)] {
            assert!(is_reference(name), "{name}");
        }
        for name in ["", "-x", "+x", "HEAD~1", "a..b", "x^", "refs/heads/*", "@{-1}", "a b", "a:b", "a\nb"] {
            assert!(!is_reference(name), "{name}");
        }
    }
}
