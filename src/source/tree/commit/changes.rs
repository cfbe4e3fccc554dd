//! How two commits differ. Both trees are walked at once, and only where their ids differ.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use bstr::{BStr, BString};
use gix::ObjectId;
use tracing::field::Empty;

use super::{Items, Repository, What, is_sought, verdict};
use crate::base::fingerprint::BlobId;
use crate::base::quick::QuickMap;
use crate::map::rules::{RulePosition, Rules, Verdict};
use crate::source::tree::{FileKind, TreeError, Unreadable, join};

/// A path that differs between two commits. A renamed file counts as two: one deleted, one added.
#[derive(Debug, Clone)]
pub struct CommitChange {
    /// The path.
    pub path: BString,
    /// What it was in the base.
    pub old: Option<(BlobId, FileKind)>,
    /// What it is in the revision.
    pub new: Option<(BlobId, FileKind)>,
    /// Which services it is an input of, or was, if it is gone.
    pub verdict: Arc<Verdict>,
}

/// How two commits differ, for the asked services.
#[derive(Debug)]
pub struct CommitDifference {
    /// The id of the base.
    pub base: String,
    /// The id of the revision.
    pub revision: String,
    /// The paths that differ and are inputs of an asked service, sorted bytewise.
    pub changes: Vec<CommitChange>,
    /// Paths that differ, exist in the revision and are not covered by any service, sorted bytewise; `None` if not
    /// requested.
    pub unowned: Option<Vec<BString>>,
    /// The asked services without an input of their own in the revision, sorted.
    pub without_inputs: Vec<usize>,
    /// Links whose targets cannot be known.
    pub unreadable: Vec<Unreadable>,
}

/// One directory in both commits.
struct Pair {
    path: BString,
    place: RulePosition,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
}

impl Repository {
    /// Walks two trees at once from this position of the root, and adds how the second differs from the first.
    pub(super) fn compare(
        &self,
        difference: &mut CommitDifference,
        (old, new): (ObjectId, ObjectId),
        rules: &Rules,
        root: RulePosition,
        listings: &mut Listings,
    ) -> Result<(), TreeError> {
        let span = tracing::debug_span!("git walk", walk = "compare", directories = Empty, changes = Empty);
        let mut directories = 0_usize;
        let mut open = vec![Pair { path: BString::default(), place: root, old: Some(old), new: Some(new) }];
        while let Some(pair) = open.pop() {
            if pair.old == pair.new || !is_sought(rules, &pair.place) {
                continue;
            }
            directories += 1;
            let (old, new) = (self.items(&pair.path, pair.old, listings)?, self.items(&pair.path, pair.new, listings)?);
            for (name, old, new) in differing(&old, &new) {
                let place = rules.enter(&pair.place, name);
                let path = join(&pair.path, name);
                difference.add(rules, &place, &path, old, new);
                open.push(Pair { path, place, old: directory(old), new: directory(new) });
            }
        }
        difference.changes.sort_by(|one, other| one.path.cmp(&other.path));
        difference.unowned.iter_mut().for_each(|paths| paths.sort());
        span.record("directories", directories);
        span.record("changes", difference.changes.len());
        Ok(())
    }

    /// The entries of a directory, sorted bytewise by name; empty if it does not exist.
    fn items(&self, path: &BString, id: Option<ObjectId>, listings: &mut Listings) -> Result<Rc<Items>, TreeError> {
        let Some(id) = id else { return Ok(Rc::default()) };
        if let Some(known) = listings.get(id) {
            return Ok(known);
        }
        let listed = self.list(id, &mut listings.buffer);
        let mut items = listed.map_err(|cause| TreeError::Git(format!("`{path}` {cause}")))?;
        items.sort();
        Ok(listings.keep(id, items))
    }
}

/// A cache of listed directories: the version of a directory that one commit produced is needed again when a later
/// commit changes it.
#[derive(Default)]
pub(super) struct Listings {
    old: QuickMap<ObjectId, Rc<Items>>,
    young: QuickMap<ObjectId, Rc<Items>>,
    /// The number of entries in the young generation.
    entries: usize,
    /// A buffer for the bytes of a directory.
    buffer: Vec<u8>,
}

impl Listings {
    /// How many entries are kept at least; at most twice as many, about 20 MB.
    const ENOUGH: usize = 200_000;

    pub(super) fn get(&mut self, id: ObjectId) -> Option<Rc<Items>> {
        if let Some(known) = self.young.get(&id) {
            return Some(Rc::clone(known));
        }
        let known = self.old.remove(&id)?;
        Some(self.insert(id, known))
    }

    fn keep(&mut self, id: ObjectId, items: Items) -> Rc<Items> {
        self.insert(id, Rc::new(items))
    }

    fn insert(&mut self, id: ObjectId, items: Rc<Items>) -> Rc<Items> {
        if self.entries > Self::ENOUGH {
            self.old = std::mem::take(&mut self.young);
            self.entries = 0;
        }
        self.entries += items.items.len();
        self.young.insert(id, Rc::clone(&items));
        items
    }
}

/// The changed files that still exist: their verdicts are known at no extra cost.
pub(super) fn still_there(changes: &[CommitChange]) -> impl Iterator<Item = &Verdict> {
    changes.iter().filter(|change| change.new.is_some()).map(|change| change.verdict.as_ref())
}

impl CommitDifference {
    /// What cannot be known about a service, if anything.
    pub fn doubt(&self, service: usize) -> Option<&Unreadable> {
        self.unreadable.iter().find(|unreadable| unreadable.services.contains(&service))
    }

    /// An empty difference.
    pub(super) fn new(base: String, revision: String, rules: &Rules) -> Self {
        let unowned = rules.knows_owners().then(Vec::new);
        Self { base, revision, changes: Vec::new(), unowned, without_inputs: Vec::new(), unreadable: Vec::new() }
    }

    /// Keeps a path whose leaves differ; a directory in place of a file counts as no file.
    fn add(&mut self, rules: &Rules, place: &RulePosition, path: &BString, old: Option<What>, new: Option<What>) {
        let (old, new) = (leaf(old), leaf(new));
        let verdict_of = |leaf: Option<(BlobId, FileKind)>| leaf.map(|(_, kind)| verdict(rules, place, kind));
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
            // When a submodule replaces a file, or the reverse, the two may be inputs of different services.
            keep(old, None, before);
            keep(None, new, now);
        } else {
            keep(old, new, now.or(before));
        }
    }
}

/// The entries that differ between the two sides, by name; each list is sorted by name.
fn differing<'a>(old: &'a Items, new: &'a Items) -> Vec<(&'a BStr, Option<What>, Option<What>)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut differing = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return differing,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((before, _)), Some((now, _))) => before.cmp(now),
        };
        let before = old.next_if(|_| order.is_le());
        let now = new.next_if(|_| order.is_ge());
        let (before_is, now_is) = (before.map(|(_, what)| what), now.map(|(_, what)| what));
        if before_is != now_is {
            differing.extend(before.or(now).map(|(name, _)| (name, before_is, now_is)));
        }
    }
}

fn leaf(what: Option<What>) -> Option<(BlobId, FileKind)> {
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
