//! The first-parent history of a commit: the successive states of its branch.
//!
//! A merge is one step from its first parent; the commits of the merged branch are part of that step.

use std::collections::HashSet;

use bstr::BString;
use gix::ObjectId;
use tracing::field::Empty;

use super::{Repository, TreeError};

/// A commit and its first parent.
#[derive(Debug, Clone)]
pub struct CommitStep {
    /// The commit.
    pub commit: String,
    /// Its first parent.
    pub parent: String,
    /// How many parents it has: a merge has more than one.
    pub parents: usize,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// The first line of its message.
    pub subject: BString,
    pub(in crate::source::tree) trees: (ObjectId, ObjectId),
}

/// Which part of a history to read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range<'a> {
    /// The newest commit; `HEAD` if not given.
    pub revision: Option<&'a str>,
    /// Excludes this commit and its ancestors.
    pub since: Option<&'a str>,
    /// At most this many steps, the newest.
    pub last: Option<usize>,
}

/// Why a history starts where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beginning {
    /// This is the first commit of all, so there is nothing to compare it with.
    Root(String),
    /// The clone is shallow: it lacks the parents of this commit.
    Shallow(String),
    /// The repository should contain the previous commit, but it is missing or cannot be read.
    Missing {
        /// The commit whose parent is missing.
        commit: String,
        /// Git's error message.
        cause: String,
    },
    /// The requested range starts here; older commits were not requested.
    Asked,
}

/// A first-parent history.
#[derive(Debug)]
pub struct History {
    /// The newest commit.
    pub revision: String,
    /// Its steps, oldest first.
    pub steps: Vec<CommitStep>,
    /// Why it starts there.
    pub beginning: Beginning,
    /// How many commits in the range are not steps because they belong to merged branches. `None` if some of them are
    /// missing, so that they cannot be counted.
    pub merged: Option<usize>,
}

/// The contents of a commit object.
struct HistoryCommit {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    time: i64,
    subject: BString,
}

impl Repository {
    /// The first-parent history in a range. Only commit objects are read.
    ///
    /// # Errors
    /// The repository does not have one of the given commits or, with `since`, not everything in between.
    pub fn history(&self, range: Range<'_>) -> Result<History, TreeError> {
        let walk = tracing::debug_span!("git walk", walk = "history", steps = Empty);
        let tip = self.commit(range.revision.unwrap_or("HEAD"))?;
        let since = range.since.map(|since| self.commit(since)).transpose()?;
        let span = since.map(|since| self.span(tip, Some(since)).map_err(|cause| self.lacking(&cause))).transpose()?;
        let wanted = |id: &ObjectId| span.as_ref().is_none_or(|span| span.contains(id));
        let shallow = self.git.shallow_commits().map_err(|cause| self.lacking(&cause.to_string()))?;
        let is_shallow = |id: &ObjectId| shallow.as_ref().is_some_and(|ids| ids.binary_search(id).is_ok());

        let mut steps = Vec::new();
        let mut at = (tip, self.decode(tip).map_err(|cause| self.lacking(&cause))?);
        let beginning = loop {
            let (id, commit) = &at;
            if !wanted(id) || range.last.is_some_and(|last| steps.len() >= last) {
                break Beginning::Asked;
            }
            let Some(parent) = commit.parents.first().copied() else { break Beginning::Root(id.to_string()) };
            if is_shallow(id) {
                break Beginning::Shallow(id.to_string());
            }
            let before = match self.decode(parent) {
                Ok(before) => before,
                Err(cause) => break Beginning::Missing { commit: id.to_string(), cause },
            };
            steps.push(CommitStep {
                commit: id.to_string(),
                parent: parent.to_string(),
                parents: commit.parents.len(),
                time: commit.time,
                subject: commit.subject.clone(),
                trees: (before.tree, commit.tree),
            });
            at = (parent, before);
        };
        steps.reverse();
        let merged = match span {
            // The first commit of the range may be a root, or precede a gap: it is neither a step nor a merged commit.
            Some(span) if beginning == Beginning::Asked => Some(span.len().saturating_sub(steps.len())),
            Some(span) => Some(span.len().saturating_sub(steps.len() + 1)),
            None if beginning == Beginning::Asked => self.span(tip, Some(at.0)).ok().map(|ids| ids.len() - steps.len()),
            None => self.span(tip, None).ok().map(|ids| ids.len().saturating_sub(steps.len() + 1)),
        };
        walk.record("steps", steps.len());
        Ok(History { revision: tip.to_string(), steps, beginning, merged })
    }

    /// The commits that are `tip` or its ancestors, except `hidden` and its ancestors.
    fn span(&self, tip: ObjectId, hidden: Option<ObjectId>) -> Result<HashSet<ObjectId>, String> {
        let walk = self.git.rev_walk([tip]).with_hidden(hidden).all().map_err(|cause| cause.to_string())?;
        walk.map(|found| found.map(|found| found.id).map_err(|cause| cause.to_string())).collect()
    }

    fn decode(&self, id: ObjectId) -> Result<HistoryCommit, String> {
        let commit = self.git.find_commit(id).map_err(|cause| cause.to_string())?;
        let decoded = commit.decode().map_err(|cause| format!("the commit `{id}` is damaged: {cause}"))?;
        let time = decoded.committer().ok().and_then(|who| who.time().ok()).map_or(0, |time| time.seconds);
        Ok(HistoryCommit {
            tree: decoded.tree(),
            parents: decoded.parents().collect(),
            time,
            subject: decoded.message().summary().into_owned(),
        })
    }

    fn lacking(&self, cause: &str) -> TreeError {
        TreeError::Git(format!("the history in `{}` cannot be read: {cause}", self.root))
    }
}
