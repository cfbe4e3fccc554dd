//! How two sets of inputs differ, path by path, with the rule that makes each path an input. Pure.

use std::cmp::Ordering;

use bstr::BString;

use crate::base::fingerprint::BlobId;
use crate::map::rules::SelectedBy;
use crate::map::rules::Via;
use crate::source::snapshot::{Snapshot, SnapshotEntry};
use crate::source::tree::commit::{CommitChange, CommitDifference};
use crate::source::tree::{FileKind, Tree};

/// How a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is an input now and was not before.
    Added,
    /// Its contents differ.
    Modified,
    /// It was an input and no longer is.
    Deleted,
    /// Only its mode differs.
    Mode,
}

impl ChangeKind {
    /// The stable word for it in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Mode => "mode",
        }
    }
}

/// One changed path and the rule that makes it an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path.
    pub path: BString,
    /// How it differs.
    pub kind: ChangeKind,
    /// The pattern that covers or covered it, as written in the map.
    pub rule: String,
    /// How the rule applies to the service.
    pub via: Via,
}

/// The result for a service of comparing two sources alone, without any record of a deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// What a link of its inputs leads to cannot be known.
    Unreadable,
    /// The rules select no files in the newer source.
    NoInputs,
    /// An input differs.
    Changed,
    /// No input differs.
    Unchanged,
}

impl Compared {
    /// The stable word for it in every output, the same as for the decision's reason.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "source-unreadable",
            Self::NoInputs => "no-inputs",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The result for one service, given how two commits differ.
pub fn compared(commits: &CommitDifference, service: usize) -> Compared {
    let differs = || commits.changes.iter().any(|change| change.verdict.claim(service).is_some());
    match commits.without_inputs.binary_search(&service) {
        _ if commits.doubt(service).is_some() => Compared::Unreadable,
        Ok(_) => Compared::NoInputs,
        Err(_) if differs() => Compared::Changed,
        Err(_) => Compared::Unchanged,
    }
}

/// The changes from a snapshot to the inputs of `service` in a tree, sorted bytewise by path. A deletion names the rule
/// that covered the path then, any other change the rule that covers it now.
pub fn since(old: &Snapshot, new: &Tree, service: usize) -> Vec<Change> {
    let modes = old.keeps_modes && new.keeps_modes;
    let mut changes = Vec::new();
    let mut gone = old.entries.iter().peekable();
    let mut current = new.entries.iter().filter_map(|entry| Some((entry, entry.verdict.claim(service)?))).peekable();
    loop {
        let order = match (gone.peek(), current.peek()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some((now, _))) => before.path.cmp(&now.path),
        };
        let before = gone.next_if(|_| order.is_le());
        let now = current.next_if(|_| order.is_ge());
        let states = (before.map(|before| (before.id, before.kind)), now.map(|(now, _)| (now.id, now.kind)));
        let Some(kind) = kind(states.0, states.1, modes) else { continue };
        match (before, now) {
            (_, Some((entry, claim))) => changes.push(claimed(&entry.path, claim, kind)),
            (Some(entry), None) => changes.push(deleted(old, entry)),
            (None, None) => {}
        }
    }
}

/// The changes of one service between two commits, sorted bytewise by path.
pub fn between(commits: &CommitDifference, service: usize) -> Vec<Change> {
    let changes = commits.changes.iter().filter_map(|change| {
        let claim = change.verdict.claim(service)?;
        Some(claimed(&change.path, claim, kind_of(change)?))
    });
    changes.collect()
}

/// How a path differs between two commits; `None` if it does not.
pub fn kind_of(change: &CommitChange) -> Option<ChangeKind> {
    kind(change.old, change.new, true)
}

/// How a path differs, given what it is on each side, if it exists there; `None` if it does not differ. Modes count
/// only if both sides keep them.
fn kind(old: Option<(BlobId, FileKind)>, new: Option<(BlobId, FileKind)>, modes: bool) -> Option<ChangeKind> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(ChangeKind::Added),
        (Some(_), None) => Some(ChangeKind::Deleted),
        (Some(old), Some(new)) if old.0 != new.0 => Some(ChangeKind::Modified),
        (Some(old), Some(new)) => (modes && old.1 != new.1).then_some(ChangeKind::Mode),
    }
}

fn claimed(path: &BString, claim: &SelectedBy, kind: ChangeKind) -> Change {
    Change { path: path.clone(), kind, rule: claim.rule.to_string(), via: claim.via.clone() }
}

fn deleted(old: &Snapshot, entry: &SnapshotEntry) -> Change {
    // A decoded snapshot has a rule for every entry. If one were missing, the change must still be reported.
    let (rule, via) = old.rules.get(entry.rule as usize).cloned().unwrap_or((String::new(), Via::Own));
    Change { path: entry.path.clone(), kind: ChangeKind::Deleted, rule, via }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::extras::Extras;
    use crate::source::tree::TreeEntry;
    use crate::source::tree::fixtures::{claim, entry, tree};

    fn shown(old: &Tree, new: &Tree) -> Vec<String> {
        let old = Snapshot::of(old, 0, &Extras::default());
        since(&old, new, 0).iter().map(|c| format!("{} {} {}", c.kind.word(), c.path, c.rule)).collect()
    }

    fn one(path: &str, id: u8, kind: FileKind, rule: &str) -> TreeEntry {
        entry(path, id, kind, vec![claim(0, rule, Via::Own)])
    }

    #[test]
    fn each_path_differs_in_one_way_and_names_its_rule() {
        let old = vec![
            one("a", 1, FileKind::File, "old"),
            one("b", 1, FileKind::File, "old"),
            one("b-", 1, FileKind::File, "old"),
            one("c", 1, FileKind::File, "old"),
            one("d", 1, FileKind::Symlink, "old"),
        ];
        let new = vec![
            one("b", 1, FileKind::File, "new"),
            one("b-", 2, FileKind::Executable, "new"),
            one("b/1", 1, FileKind::File, "new"),
            one("c", 1, FileKind::Executable, "new"),
            one("d", 1, FileKind::File, "new"),
        ];
        let with_modes = ["deleted a old", "modified b- new", "added b/1 new", "mode c new", "mode d new"];
        assert_eq!(shown(&tree(true, old.clone()), &tree(true, new.clone())), with_modes);
        for (before, now) in [(true, false), (false, true), (false, false)] {
            assert_eq!(shown(&tree(before, old.clone()), &tree(now, new.clone())), with_modes[..3], "{before} {now}");
        }
    }

    #[test]
    fn an_empty_file_and_a_missing_one_differ() {
        let empty = tree(false, vec![one("empty", 0, FileKind::File, "r")]);
        assert_eq!(shown(&empty, &tree(false, vec![])), ["deleted empty r"]);
        assert_eq!(shown(&tree(false, vec![]), &empty), ["added empty r"]);
    }

    #[test]
    fn a_file_that_moves_to_another_service_is_gone_from_this_one() {
        let old = tree(false, vec![one("a", 1, FileKind::File, "r")]);
        let moved = tree(false, vec![entry("a", 1, FileKind::File, vec![claim(1, "r", Via::Own)])]);
        assert_eq!(shown(&old, &moved), ["deleted a r"]);
    }
}
