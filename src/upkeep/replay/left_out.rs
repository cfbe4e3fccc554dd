//! The commits that a replay leaves out, and why.

use super::Replay;
use crate::base::text::{count, short_revision};
use crate::source::tree::commit::{Beginning, History};

/// Commits that are left out for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The stable word for the reason.
    pub why: &'static str,
    /// How many; `None` if they cannot be counted.
    pub commits: Option<usize>,
    /// The commit, if it concerns a single one.
    pub commit: Option<String>,
    /// One sentence for people.
    pub detail: String,
}

/// All reasons why commits of a history were not replayed.
pub fn left_out(history: &History, replay: &Replay) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    let mut one = |why, commit: &str, detail: String| {
        left_out.push(LeftOut { why, commits: Some(1), commit: Some(commit.to_owned()), detail });
    };
    match &history.beginning {
        Beginning::Asked => {}
        Beginning::Root(id) => {
            one("root", id, format!("the root commit {}: nothing was before it", short_revision(id)));
        }
        Beginning::Shallow(id) => one(
            "shallow",
            id,
            format!(
                "the commit {} and all before it: the clone is shallow (git fetch --unshallow)",
                short_revision(id)
            ),
        ),
        Beginning::Missing { commit, cause } => one(
            "missing-objects",
            commit,
            format!("the commit {} and all before it: its parent cannot be read: {cause}", short_revision(commit)),
        ),
    }
    for (commit, cause) in &replay.unreadable {
        one("missing-objects", commit, format!("the commit {}: {cause}", short_revision(commit)));
    }
    let merged = |commits, detail| LeftOut { why: "other-parents", commits, commit: None, detail };
    match history.merged {
        Some(0) => {}
        Some(1) => left_out.push(merged(Some(1), "1 commit of a merged branch: it is in its merge".to_owned())),
        Some(commits) => {
            let text = format!("{} of merged branches: they are in their merges", count(commits, "commit"));
            left_out.push(merged(Some(commits), text));
        }
        None => left_out
            .push(merged(None, "commits of merged branches, which cannot be counted: some are missing".to_owned())),
    }
    left_out
}
