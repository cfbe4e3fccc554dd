//! Links: a path that a link leads to is matched as if it were the link's own path, or one below it.
//!
//! Where links lead is a tree of its own beside the rules, because two sources with the same rules have different links.
//! A position that was entered from [`Rules::root_of_links`] only says what is selected through links.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;

use super::position::{LinkNode, LinkPosition, ThroughLinks};
use super::{PositionKey, ReachableServices, RulePosition, Rules, SelectedBy, Verdict, Via};

/// Where links lead.
#[derive(Debug, Default)]
pub struct Links {
    root: Arc<LinkNode>,
}

impl LinkPosition {
    /// Whether a path at this position is matched by the rules in the same way without any link.
    pub fn is_at(&self, place: &RulePosition) -> bool {
        self.nodes == place.nodes && self.set.id == place.set.id
    }

    /// The same for two positions that are equal, whichever link they belong to.
    pub fn key(&self) -> PositionKey {
        (Arc::clone(&self.nodes), self.set.id)
    }

    fn is_dead(&self) -> bool {
        self.nodes.is_empty() && self.set.patterns.is_empty()
    }
}

impl Links {
    /// Whether no link leads anywhere.
    pub fn is_empty(&self) -> bool {
        self.root.reach.is_empty()
    }

    /// Matches a path, and everything below it, with the position of a link that leads there.
    pub fn lead_to(&mut self, target: &[u8], rules: &Rules, position: &LinkPosition) {
        let claims = rules.claims_through(position, true);
        if !claims.is_empty() {
            self.node(target, &claims).targets.push(position.clone());
        }
    }

    /// Makes a link on the way to the target of another one, or to something that a rule names below it, an input.
    pub fn lead_through(&mut self, link: &[u8], rules: &Rules, position: &LinkPosition) {
        let mut claims = rules.claims_through(position, true);
        for claim in &mut claims {
            // A rule that selects nothing but a link on its way selects no file.
            claim.by_policy = true;
        }
        if !claims.is_empty() {
            self.node(link, &claims).on_the_way.extend(claims);
        }
    }

    /// The node of a path; adds the claims to its reach and that of everything above it.
    fn node(&mut self, path: &[u8], claims: &[SelectedBy]) -> &mut LinkNode {
        let mut node = Arc::make_mut(&mut self.root);
        node.reaches(claims);
        for component in path.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            node = Arc::make_mut(node.below.entry(component.to_vec()).or_default());
            node.reaches(claims);
        }
        node
    }
}

impl LinkNode {
    fn reaches(&mut self, claims: &[SelectedBy]) {
        for claim in claims {
            self.reach.entry(claim.service).or_insert_with(|| claim.clone());
        }
    }
}

impl Rules {
    /// The root directory, for what is selected through these links and nothing else.
    pub fn root_of_links(&self, links: &Links) -> RulePosition {
        let mut root = self.root();
        root.links = Some(Arc::new(self.through_links(&root, Vec::new(), Some(Arc::clone(&links.root)))));
        root
    }

    /// The positions with which the target of a link is matched.
    pub fn link_positions(&self, path: &BString, place: &RulePosition) -> Vec<LinkPosition> {
        match &place.links {
            Some(links) => links.through.clone(),
            None => {
                let (nodes, set) = (Arc::clone(&place.nodes), Arc::clone(&place.set));
                vec![LinkPosition { link: Arc::new(path.clone()), nodes, set }]
            }
        }
    }

    /// The services that select something at this position; with `below`, or that may select something below it.
    pub fn services_through(&self, position: &LinkPosition, below: bool) -> Vec<usize> {
        let possible = if below { self.trie.below(&position.nodes) } else { Vec::new() };
        self.owners.selecting(&position.set.patterns, &possible)
    }

    /// The claims on what the link leads to, or on the link on the way there.
    fn claims_through(&self, position: &LinkPosition, below: bool) -> Vec<SelectedBy> {
        let possible = if below { self.trie.below(&position.nodes) } else { Vec::new() };
        let mut claims = self.owners.verdict(&position.set.patterns, &possible).claims;
        claims.retain(|claim| !claim.by_policy);
        claims.iter_mut().for_each(|claim| claim.via = Via::Link(BString::clone(&position.link)));
        claims
    }

    /// Goes one component down from a position with links; `place` is the position without them.
    pub(super) fn enter_through(&self, links: &ThroughLinks, place: &RulePosition, component: &[u8]) -> ThroughLinks {
        let through = links.through.iter().map(|position| {
            let above =
                RulePosition { nodes: Arc::clone(&position.nodes), set: Arc::clone(&position.set), links: None };
            let RulePosition { nodes, set, .. } = self.enter(&above, component);
            LinkPosition { link: Arc::clone(&position.link), nodes, set }
        });
        let node = links.node.as_ref().and_then(|node| node.below.get(component)).cloned();
        self.through_links(place, through.collect(), node)
    }

    fn through_links(
        &self,
        place: &RulePosition,
        mut through: Vec<LinkPosition>,
        node: Option<Arc<LinkNode>>,
    ) -> ThroughLinks {
        if let Some(node) = &node {
            through.extend(node.targets.iter().cloned());
        }
        // What is matched in the same way without a link, or through another one, adds nothing. Links in a circle end here.
        let mut known = BTreeSet::new();
        through.retain(|position| !position.is_dead() && !position.is_at(place) && known.insert(position.key()));
        ThroughLinks { node, through }
    }

    /// The verdict on what is at a position with links; with `below`, on a submodule.
    pub(super) fn verdict_through(&self, links: &ThroughLinks, below: bool) -> Verdict {
        let mut claims = BTreeMap::new();
        let node = links.node.iter();
        let on_the_way = node.clone().flat_map(|node| node.on_the_way.iter().cloned());
        let reached = node.filter(|_| below).flat_map(|node| node.reach.values().cloned());
        let through = links.through.iter().flat_map(|position| self.claims_through(position, below));
        for claim in through.chain(on_the_way).chain(reached) {
            claims.entry(claim.service).or_insert(claim);
        }
        Verdict { claims: claims.into_values().collect(), owned: true }
    }

    /// What a directory at a position with links may contain.
    pub(super) fn reach_through(&self, links: &ThroughLinks) -> ReachableServices {
        let mut services: BTreeSet<usize> = links.node.iter().flat_map(|node| node.reach.keys().copied()).collect();
        services.extend(links.through.iter().flat_map(|position| self.services_through(position, true)));
        ReachableServices { services: services.into_iter().collect(), unowned: false }
    }
}
