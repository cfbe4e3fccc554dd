//! Which services a path is an input of, and by which rule: one pure matcher for every command.
//!
//! The patterns of the asked services are compiled into one trie over path components. A walker carries a
//! [`RulePosition`] down the directories, so a directory that no pattern can reach is never entered, and the cost of a
//! path does not grow with the number of services.

mod compile;
mod digest;
mod explain;
mod links;
mod literally;
mod near_miss;
mod owners;
mod position;
#[cfg(test)]
mod tests;
mod path_cursor;

use std::sync::{Arc, RwLock};

use bstr::BString;

use crate::base::fingerprint::Fingerprint;
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::quick::QuickMap;
use crate::map::ServiceMap;
use crate::pattern::Position;

use crate::pattern::glob_index::NodeId;
use crate::pattern::trie::Trie;
use owners::Owners;
use position::Sets;

pub use crate::pattern::finder::{Finder, FinderState};
pub use crate::pattern::pattern_set::PatternSet;
pub use explain::{Concern, Explanation, RuleHit};
pub use links::Links;
pub use literally::{Meant, meant_literally};
pub use near_miss::{Miss, Slip};
pub use owners::Chain;
pub use path_cursor::PathCursor;
pub use position::{LinkPosition, PositionKey, RulePosition};

/// What a path is to the asked services.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The services that it is an input of, sorted by service. Each has one claim, the first that applies of: the
    /// service's own includes, then its groups in order, then its dependencies.
    pub claims: Vec<SelectedBy>,
    /// Whether a service covers it, an exclude subtracts it, or it is the map. Only meaningful if
    /// [`Rules::knows_owners`].
    pub owned: bool,
}

/// How a rule applies to a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// The service's own `include`.
    Own,
    /// A group of the service.
    Group(String),
    /// A dependency of the service, direct or indirect.
    Dependency(ServiceName),
    /// A link that one of these rules selects or passes through: the path is what it leads to.
    Link(BString),
}

impl Verdict {
    /// The claim of a service, if the path is an input of it.
    pub fn claim(&self, service: usize) -> Option<&SelectedBy> {
        self.claims.binary_search_by_key(&service, |claim| claim.service).ok().map(|index| &self.claims[index])
    }
}

/// Why a path is an input of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedBy {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// The pattern that covers it, as written in the map.
    pub rule: Arc<str>,
    /// How the rule applies to the service.
    pub via: Via,
    /// The position of the pattern in the map.
    pub position: Position,
    /// Whether it is an input only because of `unowned = "build-all"`; such a file does not count as an input of the
    /// service's own.
    pub by_policy: bool,
}

/// What may be found at or below a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct ReachableServices {
    /// The asked services that may have an input there, sorted.
    pub services: Vec<usize>,
    /// Whether there may be a file that no service covers. Always false unless [`Rules::knows_owners`].
    pub unowned: bool,
}

/// A pattern of the map and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// The pattern as written in the map.
    pub text: Arc<str>,
    /// Its position in the map.
    pub position: Position,
    /// What it is for.
    pub role: Role,
}

/// What a pattern is for. Services are indices into the map's services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// An include of a service.
    Include(usize),
    /// An exclude of a service.
    Exclude(usize),
    /// A pattern of a group.
    Group {
        /// The group.
        name: String,
        /// The compiled services that use it, sorted, each with the index of the group in its list.
        users: Vec<(usize, usize)>,
    },
    /// An exclude of `[defaults]`.
    DefaultExclude,
}

type Reaches = QuickMap<(Arc<[NodeId]>, usize), Arc<ReachableServices>>;

/// The compiled rules of the asked services. Threads may share them: what is cached from path to path is behind locks
/// that are rarely taken.
#[derive(Debug)]
pub struct Rules {
    trie: Trie,
    owners: Owners,
    sets: Sets,
    /// Keyed by the nodes and the set of a position.
    reaches: RwLock<Reaches>,
    digests: digest::Digests,
    /// See [`Rules::alike`].
    alike: Vec<usize>,
}

impl Rules {
    /// Compiles the rules of `asked` (indices into the map's services; dependencies are followed) for one environment.
    /// With `find_unowned`, or if the map has `unowned = "build-all"`, the rules of all services are compiled, so that
    /// files without an owner can be recognized.
    pub fn compile(map: &ServiceMap, environment: &EnvironmentName, asked: &[usize], find_unowned: bool) -> Self {
        let mut trie = Trie::new();
        let owners = compile::owners(map, environment, asked, find_unowned, &mut trie);
        let digests = digest::Digests::new(map.services.len());
        let alike = owners.alike();
        Self { trie, owners, sets: Sets::default(), reaches: RwLock::default(), digests, alike }
    }

    /// The services that were asked for, sorted.
    pub fn asked(&self) -> &[usize] {
        &self.owners.asked
    }

    /// A service with the same rules, those of dependencies included; the same one for all that are alike.
    pub fn alike(&self, service: usize) -> usize {
        self.alike[service]
    }

    /// Whether [`Verdict::owned`] and [`ReachableServices::unowned`] are meaningful.
    pub fn knows_owners(&self) -> bool {
        self.owners.knows_owners
    }

    /// All patterns of the compiled services. [`Rules::hits`] returns indices into it.
    pub fn patterns(&self) -> &[RuleInfo] {
        &self.owners.rules
    }

    /// The root directory.
    pub fn root(&self) -> RulePosition {
        RulePosition { nodes: self.trie.start().into(), set: self.sets.empty(), links: None }
    }

    /// Goes one component down, into a directory or to a file.
    pub fn enter(&self, place: &RulePosition, component: &[u8]) -> RulePosition {
        let mut entered = self.enter_without_links(place, component);
        if let Some(links) = &place.links {
            entered.links = Some(Arc::new(self.enter_through(links, &entered, component)));
        }
        entered
    }

    fn enter_without_links(&self, place: &RulePosition, component: &[u8]) -> RulePosition {
        if place.nodes.is_empty() {
            return RulePosition { nodes: Arc::clone(&place.nodes), set: Arc::clone(&place.set), links: None };
        }
        let (nodes, matched) = self.trie.enter(&place.nodes, component);
        let nodes = if *nodes == *place.nodes { Arc::clone(&place.nodes) } else { nodes.into() };
        RulePosition { nodes, set: self.sets.with(&place.set, &matched), links: None }
    }

    /// The verdict on a file at this position. Positions share one value if and only if the same patterns match them.
    pub fn verdict(&self, place: &RulePosition) -> Arc<Verdict> {
        if let Some(links) = &place.links {
            return Arc::new(self.verdict_through(links, false));
        }
        let verdict = || Arc::new(self.owners.verdict(&place.set.patterns, &[]));
        Arc::clone(place.set.verdict.get_or_init(verdict))
    }

    /// The verdict on a submodule at this position whose commit is known but not its contents: it is an input of every
    /// service that could select anything at or below it. The rule given is the first that reaches there.
    pub fn gitlink(&self, place: &RulePosition) -> Arc<Verdict> {
        Arc::new(match &place.links {
            Some(links) => self.verdict_through(links, true),
            None => self.owners.verdict(&place.set.patterns, &self.trie.below(&place.nodes)),
        })
    }

    /// What a directory at this position may contain, including the directory itself. The answer may name too many
    /// services, but never too few.
    pub fn reach(&self, place: &RulePosition) -> Arc<ReachableServices> {
        if let Some(links) = &place.links {
            return Arc::new(self.reach_through(links));
        }
        let key = place.key();
        if let Some(reach) = position::read(&self.reaches).get(&key) {
            return Arc::clone(reach);
        }
        let services = self.owners.services(&place.set.patterns, &self.trie.below(&place.nodes));
        debug_assert!(services.iter().eq(self.gitlink(place).claims.iter().map(|claim| &claim.service)));
        let unowned = self.owners.knows_owners && !self.owners.owned(&place.set.patterns);
        let reach = Arc::new(ReachableServices { services, unowned });
        Arc::clone(position::write(&self.reaches).entry(key).or_insert(reach))
    }

    /// [`Rules::verdict`] of a whole path.
    pub fn path(&self, path: &[u8]) -> Arc<Verdict> {
        PathCursor::new(self).verdict(path)
    }

    /// The patterns that match this path or a directory above it, as indices into [`Rules::patterns`], sorted.
    pub fn hits(&self, place: &RulePosition) -> Vec<usize> {
        self.owners.rules_of(&place.set.patterns)
    }

    /// SHA-256 over the resolved rules of a service, including those of its groups, defaults and dependencies. It
    /// differs if the rules differ in any way that could select other files.
    pub fn digest(&self, service: usize) -> Fingerprint {
        self.digests.of(self.alike(service), &self.owners, &self.trie)
    }
}
