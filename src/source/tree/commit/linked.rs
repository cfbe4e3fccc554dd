//! What links make of the difference of two commits: a path that differs is also an input of whoever has a link to it.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError, RwLock};

use bstr::{BStr, BString};
use gix::ObjectId;

use super::changes::{CommitChange, CommitDifference, Listings};
use super::links::LinksInCommit;
use super::without_inputs::Missing;
use super::{Repository, What};
use crate::base::quick::QuickSet;
use crate::map::rules::{PositionKey, Rules, SelectedBy, Verdict, Via};
use crate::source::tree::follow::{self, Followed, FoundLink};
use crate::source::tree::{FileKind, TreeEntry, TreeError, Unreadable, both, join, parents};

/// How many directories are remembered at most, about 30 MB.
const MOST: usize = 400_000;

/// The directories in which the rules reach no link: by their ids, and by what the rules say there. Shared by threads.
#[derive(Default)]
pub(super) struct WithoutLinks(RwLock<QuickSet<(ObjectId, PositionKey)>>);

impl WithoutLinks {
    fn has(&self, directory: &(ObjectId, PositionKey)) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(directory)
    }

    fn add(&self, directories: impl Iterator<Item = (ObjectId, PositionKey)>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST {
            known.clear();
        }
        known.extend(directories);
    }
}

/// Follows the links of commits, one after the other.
pub(super) struct CommitLinks<'a> {
    repository: &'a Repository,
    rules: &'a Rules,
    without: &'a WithoutLinks,
    /// The last commit, by its root directory, since it is often compared with the next one.
    last: Option<(ObjectId, Arc<Followed>)>,
}

impl<'a> CommitLinks<'a> {
    pub(super) fn new(repository: &'a Repository, rules: &'a Rules, without: &'a WithoutLinks) -> Self {
        Self { repository, rules, without, last: None }
    }

    /// Adds what differs where links lead, and what cannot be known. Returns the links of the newer commit.
    pub(super) fn add_to(
        &mut self,
        difference: &mut CommitDifference,
        (old, new): (ObjectId, ObjectId),
        listings: &mut Listings,
    ) -> Result<Arc<Followed>, TreeError> {
        let before = self.followed(old, listings)?;
        let now = self.followed(new, listings)?;
        let unreadable = before.unreadable.iter().chain(&now.unreadable);
        difference.unreadable.extend(unreadable.cloned());
        if !before.leads_where(&now) {
            difference.changes = self.whole(old, new)?;
        } else if !now.links.is_empty() {
            let mut linked = CommitDifference::new(String::new(), String::new(), self.rules);
            let root = self.rules.root_of_links(&now.links);
            self.repository.compare(&mut linked, (old, new), self.rules, root, listings)?;
            merge(&mut difference.changes, linked.changes);
        }
        if !now.links.is_empty()
            && let Some(unowned) = &mut difference.unowned
        {
            // A rule covers them after all, through a link.
            let linked = difference.changes.iter().filter(|change| change.new.is_some() && is_linked(&change.verdict));
            let linked: HashSet<&BString> = linked.map(|change| &change.path).collect();
            unowned.retain(|path| !linked.contains(path));
        }
        Ok(now)
    }

    /// Which of the services have no input in a commit, not even through its links.
    pub(super) fn without_inputs(
        &self,
        tree: ObjectId,
        links: &Followed,
        services: Vec<usize>,
    ) -> Result<Vec<usize>, TreeError> {
        if services.is_empty() || links.links.is_empty() {
            return Ok(services);
        }
        let root = self.rules.root_of_links(&links.links);
        self.repository.without_inputs(tree, self.rules, root, Missing::all(&services))
    }

    fn followed(&mut self, root: ObjectId, listings: &mut Listings) -> Result<Arc<Followed>, TreeError> {
        if let Some((known, followed)) = &self.last
            && *known == root
        {
            return Ok(Arc::clone(followed));
        }
        let source = LinksInCommit::new(self.repository, root);
        let mut unreadable = Vec::new();
        let found = self.find(root, listings, &mut unreadable);
        let mut followed = follow::follow(self.rules, &source, found, |place| {
            let more = self.repository.read_from(root, place, self.rules);
            unreadable.extend(more.unreadable);
            Ok(more.links)
        })?;
        followed.unreadable.extend(unreadable);
        let followed = Arc::new(followed);
        self.last = Some((root, Arc::clone(&followed)));
        Ok(followed)
    }

    /// The links that a rule selects or may pass through. In a directory that cannot be read there may be others.
    fn find(&self, root: ObjectId, listings: &mut Listings, unreadable: &mut Vec<Unreadable>) -> Vec<FoundLink> {
        let (mut found, mut visited, mut buffer) = (Vec::new(), Vec::new(), Vec::new());
        let mut open = vec![(root, BString::default(), self.rules.root())];
        while let Some((id, path, place)) = open.pop() {
            let directory = (id, place.key());
            let reach = self.rules.reach(&place);
            let is_known = self.repository.checked_out().is_without_links(id) || self.without.has(&directory);
            if reach.services.is_empty() || is_known {
                continue;
            }
            let mut visit = |name: &BStr, what| {
                let is_link = matches!(what, What::Leaf(_, FileKind::Symlink));
                if is_link || matches!(what, What::Directory(_)) {
                    let (path, place) = (join(&path, name), self.rules.enter(&place, name));
                    match what {
                        What::Directory(id) => open.push((id, path, place)),
                        What::Leaf(..) if self.rules.reach(&place).services.is_empty() => {}
                        What::Leaf(..) => found.push(FoundLink { path, place }),
                    }
                }
                ControlFlow::Continue(())
            };
            let listed = match listings.get(id) {
                Some(items) => {
                    let _ = items.iter().try_for_each(|(name, what)| visit(name, what));
                    Ok(())
                }
                None => self.repository.visit(id, &mut buffer, visit),
            };
            match listed {
                Ok(()) => visited.push((path, directory)),
                Err(cause) => unreadable.push(Unreadable::new(&path, cause, reach.services.clone())),
            }
        }
        let paths = found.iter().map(|link| &link.path).chain(unreadable.iter().map(|directory| &directory.path));
        let above: HashSet<&[u8]> = paths.flat_map(|path| parents(path)).collect();
        let without = visited.into_iter().filter(|(path, _)| !above.contains(&path[..]));
        self.without.add(without.map(|(_, directory)| directory));
        found
    }

    /// How the inputs of two commits whose links lead to different places differ: both are read whole.
    fn whole(&self, old: ObjectId, new: ObjectId) -> Result<Vec<CommitChange>, TreeError> {
        let read = |root| Ok(self.repository.read_root(root, self.rules)?.entries);
        let (before, now) = (read(old)?, read(new)?);
        let mut changes = Vec::new();
        let (mut before, mut now) = (before.into_iter().peekable(), now.into_iter().peekable());
        loop {
            let first = match (before.peek(), now.peek()) {
                (None, None) => return Ok(changes),
                (Some(one), None) | (None, Some(one)) => one.path.clone(),
                (Some(one), Some(other)) => one.path.clone().min(other.path.clone()),
            };
            let is_first = |entry: &TreeEntry| entry.path == first;
            compare_entries(&mut changes, before.next_if(is_first), now.next_if(is_first));
        }
    }
}

/// Whether a path is an input through a link.
fn is_linked(verdict: &Verdict) -> bool {
    verdict.claims.iter().any(|claim| matches!(claim.via, Via::Link(_)))
}

/// Adds how one path differs. For a service that has it on one side only, it was added or is gone.
fn compare_entries(changes: &mut Vec<CommitChange>, before: Option<TreeEntry>, now: Option<TreeEntry>) {
    let Some(path) = before.as_ref().or(now.as_ref()).map(|entry| entry.path.clone()) else { return };
    let state = |entry: &Option<TreeEntry>| entry.as_ref().map(|entry| (entry.id, entry.kind));
    let (old, new) = (state(&before), state(&now));
    let claims = |entry: Option<TreeEntry>| entry.map_or_else(Vec::new, |entry| entry.verdict.claims.clone());
    let (before, now) = (claims(before), claims(now));
    let has = |claims: &[SelectedBy], service| claims.iter().any(|claim| claim.service == service);
    let gone = before.iter().filter(|claim| !has(&now, claim.service)).cloned().collect();
    let (both, added) = now.into_iter().partition(|claim| has(&before, claim.service));
    for (old, new, claims) in [(old, new, both), (old, None, gone), (None, new, added)] {
        if old != new && !Vec::is_empty(&claims) {
            changes.push(CommitChange {
                path: path.clone(),
                old,
                new,
                verdict: Arc::new(Verdict { claims, owned: true }),
            });
        }
    }
}

/// Adds changes that were found through links. The result is sorted.
fn merge(changes: &mut Vec<CommitChange>, linked: Vec<CommitChange>) {
    changes.extend(linked);
    // The sort is stable: what a rule selects comes before what a link leads to.
    changes.sort_by(|one, other| {
        let sides = |change: &CommitChange| (change.new.is_some(), change.old.is_some());
        one.path.cmp(&other.path).then_with(|| sides(one).cmp(&sides(other)))
    });
    changes.dedup_by(|later, first| {
        let same = (&later.path, later.old, later.new) == (&first.path, first.old, first.new);
        if same {
            first.verdict = Arc::new(both(&first.verdict, &later.verdict));
        }
        same
    });
}
