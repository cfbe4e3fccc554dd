//! How two commits differ. Both trees are walked at once, and only where their ids differ.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::Arc;

use bstr::BString;
use gix::ObjectId;

use super::{Item, Repository, What, is_sought, verdict};
use crate::content::BlobId;
use crate::rules::{Place, Rules, Verdict};
use crate::tree::{Kind, TreeError, join};

/// A path that differs between two commits. A renamed file is two: one deleted, one added.
#[derive(Debug, Clone)]
pub struct CommitChange {
    /// The path.
    pub path: BString,
    /// What it was in the base.
    pub old: Option<(BlobId, Kind)>,
    /// What it is in the revision.
    pub new: Option<(BlobId, Kind)>,
    /// Which services it is an input of, or was if it is gone.
    pub verdict: Arc<Verdict>,
}

/// How two commits differ, for the asked services.
#[derive(Debug)]
pub struct CommitDifference {
    /// The id of the base.
    pub base: String,
    /// The id of the revision.
    pub revision: String,
    /// The paths that are inputs of an asked service and differ, sorted bytewise.
    pub changes: Vec<CommitChange>,
    /// Paths that differ, exist in the revision and that no service covers, sorted bytewise; `None` where nobody asked.
    pub unowned: Option<Vec<BString>>,
    /// The asked services without an input of their own in the revision, sorted.
    pub without_inputs: Vec<usize>,
}

/// One directory as it is in both commits.
struct Pair {
    path: BString,
    place: Place,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
}

impl Repository {
    /// How `revision` differs from `base`. No file is read, no directory that is the same on both sides, and none that
    /// the rules cannot reach.
    ///
    /// # Errors
    /// When the repository does not hold one of the commits, or one of their directories that is needed.
    pub fn changes(&self, base: &str, revision: &str, rules: &Rules) -> Result<CommitDifference, TreeError> {
        let (base_tree, tree) = (self.root_tree(base)?, self.root_tree(revision)?);
        let mut difference = CommitDifference {
            base: self.resolve(base)?,
            revision: self.resolve(revision)?,
            changes: Vec::new(),
            unowned: rules.knows_owners().then(Vec::new),
            without_inputs: Vec::new(),
        };
        let root = Pair { path: BString::default(), place: rules.root(), old: Some(base_tree), new: Some(tree) };
        let mut open = vec![root];
        while let Some(pair) = open.pop() {
            if pair.old == pair.new || !is_sought(rules, &pair.place) {
                continue;
            }
            let (old, new) = (self.items(&pair.path, pair.old)?, self.items(&pair.path, pair.new)?);
            for (name, old, new) in merge(old, new).into_iter().filter(|(_, old, new)| old != new) {
                let place = rules.enter(&pair.place, &name);
                let path = join(&pair.path, &name);
                difference.add(rules, &place, &path, old, new);
                open.push(Pair { path, place, old: directory(old), new: directory(new) });
            }
        }
        difference.changes.sort_by(|one, other| one.path.cmp(&other.path));
        difference.unowned.iter_mut().for_each(|paths| paths.sort());
        difference.without_inputs = self.without_inputs(tree, rules, &difference.changes)?;
        Ok(difference)
    }

    /// The asked services that have no input of their own in a tree: a search that ends at the first of each.
    fn without_inputs(&self, tree: ObjectId, rules: &Rules, changes: &[CommitChange]) -> Result<Vec<usize>, TreeError> {
        let mut missing = Missing(rules.asked().to_vec());
        // A changed file that exists is an input, found at no cost.
        for change in changes.iter().filter(|change| change.new.is_some()) {
            missing.see(&change.verdict);
        }
        let mut open = vec![(tree, rules.root())];
        let mut buffer = Vec::new();
        while let Some((id, place)) = open.pop() {
            let reach = rules.reach(&place);
            if !missing.any(&reach.services) {
                continue;
            }
            let visited = self.visit(id, &mut buffer, |name, what| {
                let place = rules.enter(&place, name);
                match what {
                    What::Directory(id) => open.push((id, place)),
                    What::Leaf(_, kind) => missing.see(&verdict(rules, &place, kind)),
                }
                if missing.any(&reach.services) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            visited.map_err(|cause| TreeError::Git(format!("a directory of the revision {cause}")))?;
        }
        Ok(missing.0)
    }

    /// The entries of a directory, sorted bytewise by name; none where it does not exist.
    fn items(&self, path: &BString, id: Option<ObjectId>) -> Result<Vec<Item>, TreeError> {
        let Some(id) = id else { return Ok(Vec::new()) };
        let mut items = self.list(id).map_err(|cause| TreeError::Git(format!("`{path}` {cause}")))?;
        // Git sorts a directory as if its name ended in a slash.
        items.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(items)
    }
}

/// The services of which no input was seen yet, sorted.
struct Missing(Vec<usize>);

impl Missing {
    fn see(&mut self, verdict: &Verdict) {
        for claim in verdict.claims.iter().filter(|claim| !claim.by_policy) {
            if let Ok(index) = self.0.binary_search(&claim.service) {
                self.0.remove(index);
            }
        }
    }

    fn any(&self, services: &[usize]) -> bool {
        self.0.iter().any(|service| services.binary_search(service).is_ok())
    }
}

impl CommitDifference {
    /// Keeps a path whose leaves differ: a directory in the place of a file counts as no file.
    fn add(&mut self, rules: &Rules, place: &Place, path: &BString, old: Option<What>, new: Option<What>) {
        let (old, new) = (leaf(old), leaf(new));
        let verdict_of = |leaf: Option<(BlobId, Kind)>| leaf.map(|(_, kind)| verdict(rules, place, kind));
        let (before, now) = (verdict_of(old), verdict_of(new));
        if let (Some(unowned), Some(now)) = (&mut self.unowned, &now)
            && !now.owned
        {
            unowned.push(path.clone());
        }
        let mut keep = |old, new, verdict: Option<Arc<Verdict>>| {
            if let Some(verdict) = verdict.filter(|verdict| !verdict.claims.is_empty()) {
                self.changes.push(CommitChange { path: path.clone(), old, new, verdict });
            }
        };
        if before.is_some() && now.is_some() && before != now {
            // A submodule in the place of a file, or the reverse, need not be the same services' input.
            keep(old, None, before);
            keep(None, new, now);
        } else {
            keep(old, new, now.or(before));
        }
    }
}

/// The entries of both sides by name, each list sorted by name.
fn merge(old: Vec<Item>, new: Vec<Item>) -> Vec<(BString, Option<What>, Option<What>)> {
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    let mut merged = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return merged,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(now)) => before.name.cmp(&now.name),
        };
        let before = old.next_if(|_| order.is_le());
        let now = new.next_if(|_| order.is_ge());
        let (before_is, now_is) = (before.as_ref().map(|item| item.what), now.as_ref().map(|item| item.what));
        merged.extend(before.or(now).map(|item| (item.name, before_is, now_is)));
    }
}

fn leaf(what: Option<What>) -> Option<(BlobId, Kind)> {
    match what {
        Some(What::Leaf(id, kind)) => Some((id, kind)),
        Some(What::Directory(_)) | None => None,
    }
}

fn directory(what: Option<What>) -> Option<ObjectId> {
    match what {
        Some(What::Directory(id)) => Some(id),
        Some(What::Leaf(..)) | None => None,
    }
}
