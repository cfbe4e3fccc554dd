//! From the patterns that matched a path to the services that it is an input of.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::{Role, RuleInfo, SelectedBy, Verdict};
use crate::base::names::ServiceName;
use crate::map::rules::Via;
use crate::pattern::Position;
use crate::pattern::trie::PatternId;

/// The rule text of a file that no service covers, if the map says that every service then builds.
const BUILD_ALL: &str = "unowned = \"build-all\"";

/// The rules, and the services that each affects.
#[derive(Debug)]
pub(super) struct Owners {
    /// All rules.
    pub(super) rules: Vec<RuleInfo>,
    /// The asked services, sorted.
    pub(super) asked: Vec<usize>,
    /// All services of the map, compiled or not.
    pub(super) members: Vec<Member>,
    /// Whether the rules of all services are included.
    pub(super) knows_owners: bool,
    /// The position of the setting that makes a file without an owner an input of every service, if set.
    pub(super) build_all: Option<Position>,
    /// The patterns of each rule, one for each alternative of its braces.
    pub(super) patterns: Vec<Vec<PatternId>>,
    /// The patterns of the map's own file.
    pub(super) map_files: Vec<PatternId>,
    /// What each pattern is used for.
    uses: Vec<Use>,
}

/// The rules that contain a pattern.
#[derive(Debug, Default)]
struct Use {
    /// Includes, and patterns of groups.
    selecting: Vec<usize>,
    /// Excludes of services. A common one may appear in every service, so verdicts do not iterate over them.
    excluding: Vec<usize>,
    /// Excludes of `[defaults]`.
    by_default: Vec<usize>,
}

/// One service of the map.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: ServiceName,
    /// Direct dependencies, in the order of the map.
    pub(super) depends_on: Vec<usize>,
    /// The services that directly depend on this one.
    dependents: Vec<usize>,
    /// The rules that make a path its own input: includes, and patterns of its groups.
    pub(super) selecting: Vec<usize>,
    /// Its excludes.
    pub(super) excluding: Vec<usize>,
    asked: bool,
}

impl Member {
    pub(super) fn new(name: ServiceName, depends_on: Vec<usize>) -> Self {
        Self { name, depends_on, dependents: vec![], selecting: vec![], excluding: vec![], asked: false }
    }
}

/// A rule's rank among those that select a path for one service, and the rule: includes first, then groups in order.
type Ranked = (usize, usize);

impl Owners {
    pub(super) fn new(asked: Vec<usize>, mut members: Vec<Member>) -> Self {
        for index in 0..members.len() {
            for dependency in members[index].depends_on.clone() {
                members[dependency].dependents.push(index);
            }
        }
        asked.iter().for_each(|service| members[*service].asked = true);
        Self {
            rules: vec![],
            asked,
            members,
            knows_owners: false,
            build_all: None,
            patterns: vec![],
            map_files: vec![],
            uses: vec![],
        }
    }

    pub(super) fn add(&mut self, rule: RuleInfo, patterns: Vec<PatternId>) {
        let id = self.rules.len();
        match &rule.role {
            Role::Include(service) => self.members[*service].selecting.push(id),
            Role::Exclude(service) => self.members[*service].excluding.push(id),
            Role::Group { users, .. } => {
                users.iter().for_each(|(service, _)| self.members[*service].selecting.push(id));
            }
            Role::DefaultExclude => {}
        }
        for pattern in &patterns {
            let known = self.uses.len().max(*pattern as usize + 1);
            self.uses.resize_with(known, Use::default);
            let uses = &mut self.uses[*pattern as usize];
            match rule.role {
                Role::Include(_) | Role::Group { .. } => uses.selecting.push(id),
                Role::Exclude(_) => uses.excluding.push(id),
                Role::DefaultExclude => uses.by_default.push(id),
            }
        }
        self.rules.push(rule);
        self.patterns.push(patterns);
    }

    /// The rules that contain one of the patterns, sorted.
    pub(super) fn rules_of(&self, patterns: &[PatternId]) -> Vec<usize> {
        let uses = self.uses(patterns);
        let mut rules: Vec<usize> =
            uses.flat_map(|uses| [&uses.selecting, &uses.excluding, &uses.by_default]).flatten().copied().collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The patterns of the map's own file may have no use.
    fn uses(&self, patterns: &[PatternId]) -> impl Iterator<Item = &Use> {
        patterns.iter().filter_map(|pattern| self.uses.get(*pattern as usize))
    }

    /// Whether a path that these patterns matched has an owner, including everything below it. A service's exclude owns
    /// a path only if the service also selects it, and then the selecting rule already owns it.
    pub(super) fn owned(&self, patterns: &[PatternId]) -> bool {
        let owns = |uses: &Use| !uses.selecting.is_empty() || !uses.by_default.is_empty();
        self.uses(patterns).any(owns) || patterns.iter().any(|pattern| self.map_files.contains(pattern))
    }

    /// The verdict on a path that `matched` covers. `possible` patterns may match something below it: they count as
    /// selecting, never as excluding.
    pub(super) fn verdict(&self, matched: &[PatternId], possible: &[PatternId]) -> Verdict {
        let mut claims = self.claims(&self.own(matched, possible));
        let owned = self.owned(matched);
        if let (Some(position), false) = (self.build_all, owned) {
            self.claim_for_all(position, &mut claims);
        }
        Verdict { claims, owned: owned || self.owned(possible) }
    }

    /// The services whose own rules select the path, each with the first such rule.
    pub(super) fn own(&self, matched: &[PatternId], possible: &[PatternId]) -> BTreeMap<usize, Ranked> {
        if self.uses(matched).any(|uses| !uses.by_default.is_empty()) {
            return BTreeMap::new();
        }
        let mut own = BTreeMap::<usize, Ranked>::new();
        let mut select = |service: usize, ranked: Ranked| {
            let first = own.entry(service).or_insert(ranked);
            *first = ranked.min(*first);
        };
        for rule in self.uses(matched).chain(self.uses(possible)).flat_map(|uses| &uses.selecting) {
            match &self.rules[*rule].role {
                Role::Include(service) => select(*service, (0, *rule)),
                Role::Group { users, .. } => {
                    users.iter().for_each(|(service, order)| select(*service, (order + 1, *rule)));
                }
                Role::Exclude(_) | Role::DefaultExclude => {}
            }
        }
        let cuts = |rule: &usize| self.patterns[*rule].iter().any(|pattern| matched.binary_search(pattern).is_ok());
        own.retain(|service, _| !self.members[*service].excluding.iter().any(cuts));
        own
    }

    /// The asked services affected by a path that `matched` covers, or below which `possible` may match something;
    /// sorted. They are the services in the claims of [`Owners::verdict`].
    pub(super) fn services(&self, matched: &[PatternId], possible: &[PatternId]) -> Vec<usize> {
        match self.build_all {
            Some(_) if !self.owned(matched) => self.asked.clone(),
            _ => self.selecting(matched, possible),
        }
    }

    /// The asked services that select the path themselves or through a dependency, whatever has no owner; sorted.
    pub(super) fn selecting(&self, matched: &[PatternId], possible: &[PatternId]) -> Vec<usize> {
        self.concerned(&self.own(matched, possible))
    }

    /// The claims of the asked services, given the services whose own rules select the path.
    fn claims(&self, own: &BTreeMap<usize, Ranked>) -> Vec<SelectedBy> {
        self.concerned(own).into_iter().filter_map(|service| self.claim(service, own)).collect()
    }

    /// The asked services that are among these or depend on them, sorted.
    fn concerned(&self, own: &BTreeMap<usize, Ranked>) -> Vec<usize> {
        let mut concerned: Vec<usize> = own.keys().copied().collect();
        if concerned.iter().any(|service| !self.members[*service].dependents.is_empty()) {
            let mut seen: HashSet<usize> = own.keys().copied().collect();
            let mut at = 0;
            while let Some(service) = concerned.get(at) {
                let dependents = self.members[*service].dependents.iter().copied();
                let unseen: Vec<usize> = dependents.filter(|dependent| seen.insert(*dependent)).collect();
                concerned.extend(unseen);
                at += 1;
            }
            concerned.sort_unstable();
        }
        concerned.retain(|service| self.members[*service].asked);
        concerned
    }

    /// The claim of a service.
    fn claim(&self, service: usize, own: &BTreeMap<usize, Ranked>) -> Option<SelectedBy> {
        let (chain, rule) = self.source(service, own)?;
        let RuleInfo { text, position, role } = &self.rules[rule];
        let via = match (chain.last(), role) {
            (Some(last), _) if *last != service => Via::Dependency(self.members[*last].name.clone()),
            (_, Role::Group { name, .. }) => Via::Group(name.clone()),
            _ => Via::Own,
        };
        Some(SelectedBy { service, rule: Arc::clone(text), via, position: *position, by_policy: false })
    }

    /// The rule that makes the path an input of a service: one of its own, or else one of the first dependency that has
    /// one, breadth-first. Also returns the chain of services from this one to the owner of the rule.
    pub(super) fn source(&self, service: usize, own: &BTreeMap<usize, Ranked>) -> Option<(Vec<usize>, usize)> {
        // Maps each service to the one that led to it.
        let mut seen = HashMap::from([(service, service)]);
        let mut open = VecDeque::from([service]);
        while let Some(next) = open.pop_front() {
            if let Some((_, rule)) = own.get(&next) {
                let before = |at: &usize| seen.get(at).copied().filter(|_| *at != service);
                let mut chain: Vec<usize> = std::iter::successors(Some(next), before).collect();
                chain.reverse();
                return Some((chain, *rule));
            }
            for dependency in &self.members[next].depends_on {
                if let Entry::Vacant(unseen) = seen.entry(*dependency) {
                    unseen.insert(next);
                    open.push_back(*dependency);
                }
            }
        }
        None
    }

    fn claim_for_all(&self, position: Position, claims: &mut Vec<SelectedBy>) {
        let claimed: HashSet<usize> = claims.iter().map(|claim| claim.service).collect();
        let rule: Arc<str> = BUILD_ALL.into();
        let others = self.asked.iter().filter(|service| !claimed.contains(service));
        claims.extend(others.map(|service| SelectedBy {
            service: *service,
            rule: Arc::clone(&rule),
            via: Via::Own,
            position,
            by_policy: true,
        }));
        claims.sort_by_key(|claim| claim.service);
    }
}
