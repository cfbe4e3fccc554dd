//! Services and folders that were renamed, and what that costs.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice as _};

use crate::base::key::Key;
use crate::base::text::count;
use crate::map::rules::Via;
use crate::output::Suggestion;
use crate::protocol::engine::decide::{Decided, ServiceDecision};
use crate::protocol::engine::evidence::Evidence;
use crate::protocol::engine::mark::Deploy;
use crate::protocol::engine::marks::{Known, Marks};
use crate::source::renamed::{self, NamedBlob, Renamed};
use crate::source::snapshot::Snapshot;
use crate::source::tree::{TreeEntry, blob};

use super::context::Context;
use super::gather::Seen;

/// How many services without a place in the map are compared with a new one.
const MOST_ORPHANS: usize = 20;

/// How many files are read to find out where a folder went.
const MOST_FILES: usize = 5_000;

/// Warns of new services that look like one that left the map, and of folders that the rules no longer find.
pub(super) fn warn_of_renames(context: &Context<'_>, seen: &[Seen<'_>], decided: &Decided, marks: &Marks) {
    let mut stored = Stored { context, marks, read: BTreeMap::new() };
    for decision in &decided.services {
        match &decision.evidence {
            Evidence::NeverDeployed(_) => {
                let orphans = decided.orphans.iter().filter(|key| key.environment == decision.key.environment);
                let orphans: Vec<&Key> = orphans.take(MOST_ORPHANS).collect();
                if !orphans.is_empty() {
                    service(context, seen, decision, &orphans, &mut stored);
                }
            }
            // A pattern that matched something at the last deploy matches nothing now.
            _ if lost_a_pattern(decision) && has_no_own(seen, decision) => {
                if let Some(renamed) = moved(context, stored.own(&decision.key)) {
                    let cost = match decision.evidence {
                        Evidence::NoInputs => "it builds every time",
                        _ => "it is built without these files",
                    };
                    let (name, text) = (&decision.key.service, renamed.sentence());
                    context.reporter.warn(&format!("{name}: {text}: correct the map; until then {cost}"));
                }
            }
            _ => {}
        }
    }
}

fn lost_a_pattern(decision: &ServiceDecision) -> bool {
    let matched = decision.baseline.as_ref().map(|deploy| &deploy.release.matched);
    matched.is_some_and(|matched| !matched.is_disjoint(&decision.inputs.unmatched))
}

/// Whether the service's own patterns select nothing.
fn has_no_own(seen: &[Seen<'_>], decision: &ServiceDecision) -> bool {
    let seen = seen.iter().find(|seen| *seen.environment == decision.key.environment);
    seen.and_then(|seen| Some(own(seen, seen.index(&decision.key)?).next().is_none())).unwrap_or(false)
}

/// The files that a service's own patterns select. What services share says nothing about which is which.
fn own<'s>(seen: &'s Seen<'_>, service: usize) -> impl Iterator<Item = &'s TreeEntry> {
    let is_own = move |entry: &&TreeEntry| entry.verdict.claim(service).is_some_and(|claim| claim.via == Via::Own);
    seen.tree.entries.iter().filter(is_own)
}

/// A new service with the files of one that left the map.
fn service(
    context: &Context<'_>,
    seen: &[Seen<'_>],
    decision: &ServiceDecision,
    orphans: &[&Key],
    stored: &mut Stored<'_, '_>,
) {
    let Some(seen) = seen.iter().find(|seen| *seen.environment == decision.key.environment) else { return };
    let Some(index) = seen.index(&decision.key) else { return };
    let own: Vec<_> = own(seen, index).map(|entry| entry.id).collect();
    for orphan in orphans {
        let old = stored.own(orphan);
        let equal = renamed::equal_blobs(old.iter().map(|(_, id)| *id), own.iter().copied());
        if !renamed::alike(equal, old.len(), own.len()) {
            continue;
        }
        let (new, old_name) = (&decision.key.service, &orphan.service);
        let files = count(old.len().max(own.len()), "file");
        let command = context.hint(&orphan.environment).command(&Suggestion::StateRm(old_name.clone()));
        context.reporter.warn(&format!(
            "{new} looks like {old_name} under a new name ({equal} of {files} the same): it is built and deployed once, since nothing \
             says that it deploys to the same place; when {old_name} is gone: {command}"
        ));
        return;
    }
}

/// Where a folder has moved to in the source: its files were these.
pub(super) fn moved(context: &Context<'_>, gone: &[NamedBlob]) -> Option<Renamed> {
    if gone.is_empty() || gone.len() > MOST_FILES {
        return None;
    }
    let source = &context.settings.source;
    let names = source.names().ok()?;
    let read = |path: &BString| source.file(path.to_str().ok()?).ok()?.map(|bytes| blob::of_bytes(&bytes));
    renamed::candidates(gone, &names).iter().find_map(|folder| renamed::moved_to(gone, folder, read))
}

/// The inputs of last deploys, each read once.
struct Stored<'a, 'c> {
    context: &'a Context<'c>,
    marks: &'a Marks,
    read: BTreeMap<Key, Vec<NamedBlob>>,
}

impl Stored<'_, '_> {
    /// The files that the service's own patterns selected; none if that is unknown, since this only explains.
    fn own(&mut self, key: &Key) -> &[NamedBlob] {
        if !self.read.contains_key(key) {
            let own = self.load(key).unwrap_or_default();
            self.read.insert(key.clone(), own);
        }
        self.read.get(key).map_or(&[][..], Vec::as_slice)
    }

    fn load(&self, key: &Key) -> Option<Vec<NamedBlob>> {
        let Known::Mark(mark) = &self.marks.get(key)?.known else { return None };
        let Deploy { release, .. } = mark.deployed.as_ref()?;
        let hash = release.snapshot.as_deref()?;
        let bytes = self.context.store.snapshot(key, hash).ok()??;
        let Snapshot { entries, rules, .. } = Snapshot::decode(&bytes, hash).ok()?;
        let is_own = |rule: u32| rules.get(rule as usize).is_some_and(|(_, via)| *via == Via::Own);
        Some(entries.into_iter().filter(|entry| is_own(entry.rule)).map(|entry| (entry.path, entry.id)).collect())
    }
}
