//! Reads a commit: what `plan`, `--from-git` and explanations compare. Never the evidence of a decision to skip.
//!
//! Only objects, references and the repository's own configuration are read; nothing in the repository is ever run.

mod ahead;
mod between;
mod changes;
mod checked_out;
mod elsewhere;
mod history;
mod index;
mod linked;
mod links;
mod steps;
mod without_inputs;

use std::ops::{self, ControlFlow};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bstr::{BStr, BString, ByteSlice as _};
use gix::ObjectId;
use gix::objs::tree::EntryKind;
use gix::objs::{FindExt as _, TreeRefIter};

use ahead::Ahead;
pub use between::CommitPair;
pub use changes::{CommitChange, CommitDifference};
use checked_out::CheckedOut;
pub use elsewhere::CommitOrigin;
pub use history::{Beginning, CommitStep, History, Range};

use super::{
    FileKind, LARGEST_OBJECT, SourceKind, Tree, TreeEntry, TreeError, Unreadable, follow, format, join, never_input,
    owner, reading,
};
use crate::base::fingerprint::BlobId;
use crate::map::rules::{RulePosition, Rules, Verdict};

/// A git repository at the root of the source. A thread needs a clone of its own; clones share what was read of the packs'
/// indices.
#[derive(Clone)]
pub struct Repository {
    git: gix::Repository,
    root: String,
    /// Directories that have been read already.
    ahead: Arc<Ahead>,
    /// What the index says, once somebody has asked.
    checked_out: Arc<OnceLock<CheckedOut>>,
}

/// The entries of a git tree. Their names share one piece of memory: a comparison lists tens of thousands.
#[derive(Default)]
struct Items {
    names: Vec<u8>,
    /// Where each name begins and ends, and what it names.
    items: Vec<(ops::Range<usize>, What)>,
}

impl Items {
    fn push(&mut self, name: &BStr, what: What) {
        let begins = self.names.len();
        self.names.extend_from_slice(name);
        self.items.push((begins..self.names.len(), what));
    }

    fn iter(&self) -> impl Iterator<Item = (&BStr, What)> {
        self.items.iter().map(|(name, what)| (self.names[name.clone()].as_bstr(), *what))
    }

    /// Sorts them bytewise by name. Git sorts directories as if their names ended in a slash.
    fn sort(&mut self) {
        let names = &self.names;
        self.items.sort_by(|(one, _), (other, _)| names[one.clone()].cmp(&names[other.clone()]));
    }
}

/// What an entry of a git tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Directory(ObjectId),
    Leaf(BlobId, FileKind),
}

impl Repository {
    /// Opens the repository whose `.git`, a directory or a file that points to one, is directly in `root`. Parent
    /// directories are never searched: a repository around the source says nothing about this source.
    ///
    /// # Errors
    /// There is no repository, it belongs to another user, or it cannot be opened.
    pub fn open(root: &Path) -> Result<Self, TreeError> {
        let shown = root.display().to_string();
        let dot_git = owner::dot_git(root)?;
        Self::at(dot_git, shown)
    }

    /// Opens the repository with this `.git`, whose owner has been checked.
    fn at(dot_git: PathBuf, shown: String) -> Result<Self, TreeError> {
        // Full trust lets the repository's own settings say how its objects are stored. Settings that name programs
        // only affect operations that are not used here.
        let options = gix::open::Options::isolated().with(gix::sec::Trust::Full).config_overrides([LARGEST_OBJECT]);
        let git = gix::open_opts(&dot_git, options).map_err(|cause| {
            let other = || TreeError::Git(format!("cannot open the git repository `{shown}`: {cause}"));
            format::of_ids(&dot_git).unwrap_or_else(other)
        })?;
        format::of_references(&git, &shown)?;
        Ok(Self { git, root: shown, ahead: Arc::default(), checked_out: Arc::default() })
    }

    /// The id of the commit that a revision names, in hexadecimal.
    ///
    /// # Errors
    /// The repository does not have it.
    pub fn resolve(&self, revision: &str) -> Result<String, TreeError> {
        Ok(self.commit(revision)?.to_string())
    }

    /// Reads what the rules select in a commit.
    ///
    /// # Errors
    /// The repository does not have the commit. A directory that it does not have is kept in [`Tree::unreadable`].
    pub fn read(&self, revision: &str, rules: &Rules) -> Result<Tree, TreeError> {
        let span = reading("commit");
        let tree = self.read_root(self.tree_of(self.commit(revision)?)?, rules)?;
        tree.count(&span);
        Ok(tree)
    }

    /// Reads what the rules select in a commit, given its root directory.
    fn read_root(&self, root: ObjectId, rules: &Rules) -> Result<Tree, TreeError> {
        let links = links::LinksInCommit::new(self, root);
        follow::read(rules, &links, |place| Ok(self.read_from(root, place, rules)))
    }

    fn read_from(&self, root: ObjectId, place: RulePosition, rules: &Rules) -> Tree {
        let mut tree = Tree::new(SourceKind::Commit, true, rules.knows_owners());
        let mut open = vec![(root, BString::default(), place)];
        let mut buffer = Vec::new();
        while let Some((id, directory, place)) = open.pop() {
            let items = match self.list(id, &mut buffer) {
                Ok(items) => items,
                Err(cause) => {
                    let services = rules.reach(&place).services.clone();
                    tree.unreadable.push(Unreadable::new(&directory, cause, services));
                    continue;
                }
            };
            for (name, what) in items.iter() {
                let place = rules.enter(&place, name);
                let path = join(&directory, name);
                match what {
                    What::Directory(id) if is_sought(rules, &place) => open.push((id, path, place)),
                    What::Directory(_) => {}
                    What::Leaf(id, kind) => {
                        if kind == FileKind::Symlink {
                            tree.link(rules, &path, &place);
                        }
                        tree.add(TreeEntry { path, id, kind, verdict: verdict(rules, &place, kind) })
                    }
                }
            }
        }
        tree.sort();
        tree
    }

    fn commit(&self, revision: &str) -> Result<ObjectId, TreeError> {
        // A whole id needs no search for ids that begin with it.
        if let Ok(id) = ObjectId::from_hex(revision.as_bytes())
            && let Ok(commit) = self.git.find_object(id).and_then(gix::Object::peel_to_commit)
        {
            return Ok(commit.id);
        }
        let commit = format!("{revision}^{{commit}}");
        self.git.rev_parse_single(commit.as_str()).map(gix::Id::detach).map_err(|_| {
            let root = &self.root;
            let mut text = format!("the commit `{revision}` is not in the repository `{root}`: ");
            text += &format!("fetch it, e.g. with `git fetch origin {revision}`");
            if self.git.is_shallow().unwrap_or(false) {
                text += "; the clone is shallow: `git fetch --unshallow` gets the whole history";
            }
            TreeError::Git(text)
        })
    }

    fn tree_of(&self, commit: ObjectId) -> Result<ObjectId, TreeError> {
        let tree = self.git.find_commit(commit).and_then(|commit| Ok(commit.tree_id()?.detach()));
        tree.map_err(|cause| TreeError::Git(format!("cannot read the commit `{commit}` of `{}`: {cause}", self.root)))
    }

    /// The entries of a tree, without those that are never inputs. An error says why it cannot be read. The buffer's
    /// contents do not matter.
    fn list(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Result<Items, String> {
        let mut items = Items::default();
        self.visit(id, buffer, |name, what| {
            items.push(name, what);
            ControlFlow::Continue(())
        })?;
        Ok(items)
    }

    /// Calls `visitor` for each entry of a tree, until it breaks. The buffer's contents do not matter.
    fn visit(
        &self,
        id: ObjectId,
        buffer: &mut Vec<u8>,
        visitor: impl FnMut(&BStr, What) -> ControlFlow<()>,
    ) -> Result<(), String> {
        if let Some(bytes) = self.ahead.get(&id) {
            return self.visit_bytes(id, bytes, visitor);
        }
        match self.git.objects.find_tree_iter(&id, buffer) {
            Ok(_) => self.visit_bytes(id, buffer, visitor),
            Err(cause) => Err(format!("cannot be read, git has no tree `{id}`: {cause}")),
        }
    }

    /// [`Repository::visit`] of a tree that has been read.
    fn visit_bytes(
        &self,
        id: ObjectId,
        bytes: &[u8],
        mut visitor: impl FnMut(&BStr, What) -> ControlFlow<()>,
    ) -> Result<(), String> {
        for entry in TreeRefIter::from_bytes(bytes, id.kind()) {
            let entry = entry.map_err(|cause| format!("cannot be read, the tree `{id}` is damaged: {cause}"))?;
            if never_input(entry.filename) {
                continue;
            }
            let what = match entry.mode.kind() {
                EntryKind::Tree => What::Directory(entry.oid.to_owned()),
                EntryKind::Blob => What::Leaf(blob_id(entry.oid), FileKind::File),
                EntryKind::BlobExecutable => What::Leaf(blob_id(entry.oid), FileKind::Executable),
                EntryKind::Link => What::Leaf(blob_id(entry.oid), FileKind::Symlink),
                EntryKind::Commit => What::Leaf(blob_id(entry.oid), FileKind::Submodule),
            };
            if visitor(entry.filename, what).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The commit that is checked out in `root`; `None` if it is not a repository, or has no commit.
pub fn head_revision(root: &Path) -> Option<String> {
    Repository::open(root).ok()?.resolve("HEAD").ok()
}

/// Converts git's id: shipmark only reads SHA-1 repositories, whose ids have 20 bytes.
pub(super) fn blob_id(id: &gix::oid) -> BlobId {
    let mut bytes = [0; 20];
    for (byte, theirs) in bytes.iter_mut().zip(id.as_bytes()) {
        *byte = *theirs;
    }
    BlobId(bytes)
}

/// The verdict on a leaf at this position; a submodule represents a whole directory.
pub(super) fn verdict(rules: &Rules, place: &RulePosition, kind: FileKind) -> Arc<Verdict> {
    if kind == FileKind::Submodule { rules.gitlink(place) } else { rules.verdict(place) }
}

/// Whether there may be anything relevant in a directory at this position.
pub(super) fn is_sought(rules: &Rules, place: &RulePosition) -> bool {
    let reach = rules.reach(place);
    !reach.services.is_empty() || (rules.knows_owners() && reach.unowned)
}
