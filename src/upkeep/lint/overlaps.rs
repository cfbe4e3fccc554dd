//! Patterns that are redundant within the same service.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::context::{LintContext, users};
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::Role;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let twice = twice(facts);
    let covered = covered(facts, &twice);
    facts.of_patterns(|rule, info| {
        let place = FindingPlace::Map(info.position);
        if let Some(first) = twice.get(&rule) {
            let message =
                format!("`{}` stands in {} already", info.text, facts.map.line(facts.patterns()[*first].position));
            return Some(Finding::new(Code::DuplicatePattern, place, message));
        }
        let wider = facts.rule(*covered.get(&rule)?);
        let files = facts.views.iter().map(|view| view.matched(rule)).max().unwrap_or_default();
        let message = format!("`{}` selects {}, which {wider} selects too", info.text, text::count(files, "file"));
        Some(Finding::new(Code::CoveredPattern, place, message))
    })
}

/// What a pattern is for: within one list, equal texts mean the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Selects(usize),
    Group(String),
    Excludes(usize),
    Defaults,
}

/// Patterns that appear twice in a list, or in both a service's includes and one of its groups; each with the first.
fn twice(facts: &LintContext<'_>) -> BTreeMap<usize, usize> {
    let mut seen: BTreeMap<(List, &str), usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (rule, info) in facts.patterns().iter().enumerate() {
        let (list, also) = match &info.role {
            Role::Include(service) => (List::Selects(*service), Vec::new()),
            Role::Exclude(service) => (List::Excludes(*service), Vec::new()),
            Role::DefaultExclude => (List::Defaults, Vec::new()),
            Role::Group { name, users } => {
                let users = users.iter().map(|(service, _)| List::Selects(*service));
                (List::Group(name.clone()), users.collect())
            }
        };
        match seen.entry((list, &info.text)) {
            Entry::Occupied(first) => drop(found.insert(rule, *first.get())),
            Entry::Vacant(free) => drop(free.insert(rule)),
        }
        for list in also {
            seen.entry((list, &info.text)).or_insert(rule);
        }
    }
    found
}

/// Includes and groups' patterns that select nothing on their own, each with a pattern that selects all of it. Of two
/// that select the same, the first is kept.
fn covered(facts: &LintContext<'_>, told: &BTreeMap<usize, usize>) -> BTreeMap<usize, usize> {
    let wider: BTreeMap<usize, BTreeSet<usize>> = (0..facts.patterns().len())
        .filter(|rule| !told.contains_key(rule))
        .filter_map(|rule| Some((rule, covering(facts, rule)?)))
        .collect();
    let same = |one: usize, other: usize| wider.get(&other).is_some_and(|of_other| of_other.contains(&one));
    let stays = |rule: usize, other: &usize| !told.contains_key(other) && (*other < rule || !same(rule, *other));
    let first =
        |(rule, others): (&usize, &BTreeSet<usize>)| Some((*rule, *others.iter().find(|other| stays(*rule, other))?));
    wider.iter().filter_map(first).collect()
}

/// The patterns that each select everything that this one does.
fn covering(facts: &LintContext<'_>, rule: usize) -> Option<BTreeSet<usize>> {
    let mut common: Option<BTreeSet<usize>> = None;
    for view in &facts.views {
        for kind in view.kinds_of(rule) {
            let peers = kind.hits.iter().copied().filter(|other| *other != rule && peers(facts, rule, *other));
            let peers: BTreeSet<usize> = match &facts.patterns()[rule].role {
                Role::Include(service) if !view.cutting(&kind.hits, *service).is_empty() => continue,
                Role::Include(_) | Role::Group { .. } => peers.collect(),
                Role::Exclude(_) | Role::DefaultExclude => return None,
            };
            common = Some(common.map_or_else(|| peers.clone(), |common| &common & &peers));
            if common.as_ref().is_some_and(BTreeSet::is_empty) {
                return None;
            }
        }
    }
    common
}

/// Whether the other pattern selects for every service that this one does.
fn peers(facts: &LintContext<'_>, rule: usize, other: usize) -> bool {
    match (&facts.patterns()[rule].role, &facts.patterns()[other].role) {
        (Role::Include(service), of) => users(of).contains(service),
        (Role::Group { name, .. }, Role::Group { name: of, .. }) => name == of,
        _ => false,
    }
}
