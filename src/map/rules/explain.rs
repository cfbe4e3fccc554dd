//! Why a path is or is not an input: all the details of the match, for people. It does not decide anything itself.

use std::collections::HashMap;

use bstr::BString;

use super::{Chain, Miss, Role, RuleInfo, RulePosition, Rules, SelectedBy, Verdict, Via};
use crate::pattern::trie::PatternId;

/// A pattern that matched a path or a directory above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHit<'r> {
    /// The pattern and what it is for.
    pub rule: &'r RuleInfo,
    /// What it matched: the path, or a directory above it.
    pub matched: BString,
}

/// Everything the rules say about one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'r> {
    /// The services that it is an input of, or would be without an exclude, sorted by service.
    pub concerns: Vec<Concern<'r>>,
    /// The excludes of `[defaults]` that matched: they are subtracted from what every service selects itself.
    pub by_default: Vec<RuleHit<'r>>,
    /// Whether the path has an owner, see [`super::Verdict::owned`].
    pub owned: bool,
    /// The rule that nearly selects it, if nothing selects it and it has no owner.
    pub miss: Option<Miss<'r>>,
}

/// What the rules say about one path for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern<'r> {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// The claim that the decision uses; `None` if excludes remove everything that would make the path an input.
    pub claim: Option<SelectedBy>,
    /// From this service to the one that owns the claim's rule: only the service itself, or up to a dependency.
    pub chain: Chain,
    /// The group that contains the claim's rule, in the last service of the chain.
    pub group: Option<&'r str>,
    /// The service's own patterns that matched: includes, and those of its groups.
    pub selecting: Vec<RuleHit<'r>>,
    /// What removes them: its excludes, and those of `[defaults]`.
    pub excluding: Vec<RuleHit<'r>>,
}

impl Rules {
    /// Every pattern that matched the path or a directory above it, outermost directory first, then in the order of
    /// [`Rules::patterns`]. [`Rules::explanation`] says what follows from them.
    pub fn explain(&self, path: &[u8]) -> Vec<RuleHit<'_>> {
        self.follow(path).0
    }

    /// Everything the rules say about the path of a file, as in [`Rules::verdict`].
    pub fn explanation(&self, path: &[u8]) -> Explanation<'_> {
        let (hits, place) = self.follow(path);
        self.explained(path, hits, &place, &self.verdict(&place), &[])
    }

    /// The same for a submodule of which only the commit is known, as in [`Rules::gitlink`].
    pub fn explanation_of_submodule(&self, path: &[u8]) -> Explanation<'_> {
        let (hits, place) = self.follow(path);
        self.explained(path, hits, &place, &self.gitlink(&place), &self.trie.below(&place.nodes))
    }

    fn explained<'r>(
        &'r self,
        path: &[u8],
        hits: Vec<RuleHit<'r>>,
        place: &RulePosition,
        verdict: &Verdict,
        possible: &[PatternId],
    ) -> Explanation<'r> {
        let own = self.owners.own(&place.set.patterns, possible);
        let by_default: Vec<RuleHit<'_>> =
            hits.iter().filter(|hit| hit.rule.role == Role::DefaultExclude).cloned().collect();
        let mut concerned: Vec<usize> = verdict.claims.iter().map(|claim| claim.service).collect();
        concerned.extend(hits.iter().flat_map(|hit| selected_by(&hit.rule.role)));
        concerned.retain(|service| self.asked().binary_search(service).is_ok());
        concerned.sort_unstable();
        concerned.dedup();
        let ways = self.owners.ways(&own);
        // By service, so that hits that very many services have are not searched once for each.
        let mut all_selecting = HashMap::<usize, Vec<RuleHit<'_>>>::new();
        let mut all_excluding = HashMap::<usize, Vec<RuleHit<'_>>>::new();
        for hit in &hits {
            match hit.rule.role {
                Role::Exclude(service) => all_excluding.entry(service).or_default().push(hit.clone()),
                _ => selected_by(&hit.rule.role)
                    .for_each(|service| all_selecting.entry(service).or_default().push(hit.clone())),
            }
        }
        let concern = |service: usize| {
            let selecting = all_selecting.remove(&service).unwrap_or_default();
            let mut excluding = Vec::new();
            // Without a selection, there is nothing to exclude.
            if !selecting.is_empty() {
                excluding = all_excluding.remove(&service).unwrap_or_default();
                excluding.extend(by_default.iter().cloned());
            }
            let source = ways.of(service);
            let group = source.as_ref().and_then(|(_, rule)| match &self.owners.rules[*rule].role {
                Role::Group { name, .. } => Some(name.as_str()),
                _ => None,
            });
            let chain = source.map_or_else(Chain::default, |(chain, _)| chain);
            Concern { service, claim: verdict.claim(service).cloned(), chain, group, selecting, excluding }
        };
        let concerns: Vec<Concern<'_>> = concerned.into_iter().map(concern).collect();
        let unclaimed = concerns.is_empty() && !verdict.owned;
        Explanation {
            miss: unclaimed.then(|| self.nearest_miss(path)).flatten(),
            owned: verdict.owned,
            concerns,
            by_default,
        }
    }

    /// Walks down to a path and collects the matches on the way.
    fn follow(&self, path: &[u8]) -> (Vec<RuleHit<'_>>, RulePosition) {
        let mut hits = Vec::new();
        let mut place = self.root();
        let mut matched = BString::default();
        for component in path.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            if !matched.is_empty() {
                matched.push(b'/');
            }
            matched.extend_from_slice(component);
            let next = self.enter(&place, component);
            let old = &place.set.patterns;
            let new: Vec<PatternId> =
                next.set.patterns.iter().copied().filter(|pattern| old.binary_search(pattern).is_err()).collect();
            let rules = self.owners.rules_of(&new).into_iter();
            hits.extend(rules.map(|rule| RuleHit { rule: &self.owners.rules[rule], matched: matched.clone() }));
            place = next;
        }
        (hits, place)
    }
}

impl Explanation<'_> {
    /// Adds what the path is to services that reach it only through links of a source, as read there.
    pub fn add_linked(&mut self, verdict: &Verdict) {
        for claim in verdict.claims.iter().filter(|claim| matches!(claim.via, Via::Link(_))) {
            let service = claim.service;
            let at = match self.concerns.binary_search_by_key(&service, |concern| concern.service) {
                Ok(at) => at,
                Err(at) => {
                    let (selecting, excluding) = (Vec::new(), Vec::new());
                    let concern =
                        Concern { service, claim: None, chain: Chain::default(), group: None, selecting, excluding };
                    self.concerns.insert(at, concern);
                    at
                }
            };
            let concern = &mut self.concerns[at];
            if concern.claim.is_none() {
                (concern.claim, concern.chain) = (Some(claim.clone()), Chain { services: vec![service], left_out: 0 });
                self.miss = None;
            }
        }
    }

    /// What the rules say for one service.
    pub fn concern(&self, service: usize) -> Option<&Concern<'_>> {
        let found = self.concerns.binary_search_by_key(&service, |concern| concern.service).ok();
        found.map(|index| &self.concerns[index])
    }
}

/// The services that a rule selects paths for.
fn selected_by(role: &Role) -> impl Iterator<Item = usize> {
    let (one, users) = match role {
        Role::Include(service) => (Some(*service), &[][..]),
        Role::Group { users, .. } => (None, users.as_slice()),
        Role::Exclude(_) | Role::DefaultExclude => (None, &[][..]),
    };
    one.into_iter().chain(users.iter().map(|(service, _)| *service))
}
