//! From the patterns that matched a path to the services that it is an input of.

use std::collections::{BTreeMap, HashMap, HashSet};
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
    /// Whether it only depends on others.
    fn has_no_rules(&self) -> bool {
        self.selecting.is_empty() && self.excluding.is_empty()
    }
}

impl Member {
    pub(super) fn new(name: ServiceName, depends_on: Vec<usize>) -> Self {
        Self { name, depends_on, dependents: vec![], selecting: vec![], excluding: vec![], asked: false }
    }
}

/// A rule's rank among those that select a path for one service, and the rule: includes first, then groups in order.
type Ranked = (usize, usize);

/// The rule that makes a path an input of a service: one of its own, or else one of the nearest dependency that has one.
#[derive(Debug, Clone, Copy)]
struct Source {
    /// How many dependencies away its owner is.
    away: usize,
    owner: usize,
    rule: usize,
    /// The dependency that leads there; the service itself if it is the owner.
    next: usize,
}

/// How many services of a chain are named. Chains of very many services would together be quadratic.
const MOST_IN_CHAIN: usize = 20;

/// The services that a rule passes through, from the one that inherits it to its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// The services, at most 20: of a longer chain the first ones, and the owner.
    pub services: Vec<usize>,
    /// How many are left out before the owner.
    pub left_out: usize,
}

/// The sources of all services that a path is an input of.
pub(super) struct Ways(HashMap<usize, Source>);

impl Ways {
    /// The chain of services from this one to the owner of the rule, and the rule.
    pub(super) fn of(&self, service: usize) -> Option<(Chain, usize)> {
        let source = self.0.get(&service)?;
        let next = |at: &usize| self.0.get(at).map(|source| source.next).filter(|next| next != at);
        let mut services: Vec<usize> = std::iter::successors(Some(service), next).take(MOST_IN_CHAIN).collect();
        let left_out = (source.away + 1).saturating_sub(services.len());
        if let Some(last) = services.last_mut().filter(|_| left_out > 0) {
            *last = source.owner;
        }
        Some((Chain { services, left_out }, source.rule))
    }
}

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

    /// For each service, the first one that has the same rules, its dependencies' included: many that only depend on
    /// others have.
    pub(super) fn alike(&self) -> Vec<usize> {
        let mut alike: Vec<usize> = Vec::with_capacity(self.members.len());
        for (index, member) in self.members.iter().enumerate() {
            let mut dependencies = member.depends_on.iter().map(|dependency| alike[*dependency]);
            let first =
                dependencies.next().filter(|first| member.has_no_rules() && self.members[*first].has_no_rules());
            alike.push(first.filter(|first| dependencies.all(|other| other == *first)).unwrap_or(index));
        }
        alike
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
        let reached = self.reached(own);
        let sources = self.sources(&reached, own);
        let claims = reached.iter().filter(|service| self.members[**service].asked);
        claims.filter_map(|service| Some(self.claim(*service, sources.get(service)?))).collect()
    }

    /// The asked services that are among these or depend on them, sorted.
    fn concerned(&self, own: &BTreeMap<usize, Ranked>) -> Vec<usize> {
        let mut concerned = self.reached(own);
        concerned.retain(|service| self.members[*service].asked);
        concerned
    }

    /// The services, asked or not, that are among these or depend on them, sorted.
    fn reached(&self, own: &BTreeMap<usize, Ranked>) -> Vec<usize> {
        let mut reached: Vec<usize> = own.keys().copied().collect();
        if reached.iter().any(|service| !self.members[*service].dependents.is_empty()) {
            let mut seen: HashSet<usize> = own.keys().copied().collect();
            let mut at = 0;
            while let Some(service) = reached.get(at) {
                let dependents = self.members[*service].dependents.iter().copied();
                let unseen: Vec<usize> = dependents.filter(|dependent| seen.insert(*dependent)).collect();
                reached.extend(unseen);
                at += 1;
            }
            reached.sort_unstable();
        }
        reached
    }

    /// The source of each of these services, which are all that [`Owners::reached`] gives.
    fn sources(&self, reached: &[usize], own: &BTreeMap<usize, Ranked>) -> HashMap<usize, Source> {
        let mut sources: HashMap<usize, Source> = HashMap::with_capacity(reached.len());
        for &service in reached {
            let source = match own.get(&service) {
                Some((_, rule)) => Some(Source { away: 0, owner: service, rule: *rule, next: service }),
                // Services are in dependency order, so the dependencies have their sources already. The first of the
                // nearest ones is where a search breadth-first would end.
                None => {
                    let dependencies = self.members[service].depends_on.iter();
                    let known = dependencies.filter_map(|next| Some((*next, *sources.get(next)?)));
                    let nearest = known.min_by_key(|(_, source)| source.away);
                    nearest.map(|(next, source)| Source { away: source.away + 1, next, ..source })
                }
            };
            sources.extend(source.map(|source| (service, source)));
        }
        sources
    }

    /// The claim of a service with this source.
    fn claim(&self, service: usize, source: &Source) -> SelectedBy {
        let RuleInfo { text, position, role } = &self.rules[source.rule];
        let via = match role {
            _ if source.owner != service => Via::Dependency(self.members[source.owner].name.clone()),
            Role::Group { name, .. } => Via::Group(name.clone()),
            _ => Via::Own,
        };
        SelectedBy { service, rule: Arc::clone(text), via, position: *position, by_policy: false }
    }

    /// The ways by which the path is an input of services, to look up one after the other.
    pub(super) fn ways(&self, own: &BTreeMap<usize, Ranked>) -> Ways {
        Ways(self.sources(&self.reached(own), own))
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
