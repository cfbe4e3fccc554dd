//! Which services a path is an input of, and by which rule: one pure matcher for every command.
//!
//! The patterns of the asked services are compiled into one trie over path components. A walker carries a [`Place`] down
//! the directories, so a directory that no pattern can reach is never entered, and the cost of a path does not grow with
//! the number of services.

use std::sync::Arc;

use crate::content::Fingerprint;
use crate::map::{Position, ServiceMap};
use crate::names::{EnvironmentName, ServiceName};

/// What a path is, for the asked services.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The services that it is an input of, sorted by service, one claim each: the first that holds of the service's own
    /// includes, then its groups in order, then its dependencies.
    pub claims: Vec<Claim>,
    /// Whether any service covers it, an exclude subtracts it, or it is the map. Meaningful only where
    /// [`Rules::knows_owners`].
    pub owned: bool,
}

/// Through what a rule reached a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// The service's own `include`.
    Own,
    /// A group of the service.
    Group(String),
    /// A service that it depends on, perhaps through others.
    Dependency(ServiceName),
}

/// Why a path is an input of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The service, as an index into the map's services.
    pub service: usize,
    /// The pattern that covers it, as it stands in the map.
    pub rule: Arc<str>,
    /// Through what.
    pub via: Via,
    /// Where the pattern stands in the map.
    pub position: Position,
    /// Whether it is an input only by `unowned = "build-all"`; such files do not make a service without files one with.
    pub by_policy: bool,
}

/// Where a walker stands in the tree of paths: what all components so far have matched, and what may match next.
#[derive(Debug, Clone)]
pub struct Place(());

/// What could still be found at or below a directory.
#[derive(Debug, PartialEq, Eq)]
pub struct Reach {
    /// The asked services that may have an input there, sorted.
    pub services: Vec<usize>,
    /// Whether a file may be there that no service covers. Always false unless [`Rules::knows_owners`].
    pub unowned: bool,
}

/// The compiled rules of the asked services.
#[derive(Debug)]
pub struct Rules;

impl Rules {
    /// Compiles the rules of `asked` (indices into the map's services; dependencies are followed) for one environment.
    /// With `find_unowned`, or where the map says `unowned = "build-all"`, the rules of all services are compiled, so
    /// that files without an owner are known.
    pub fn compile(_map: &ServiceMap, _environment: &EnvironmentName, _asked: &[usize], _find_unowned: bool) -> Self {
        unimplemented!()
    }

    /// The services that were asked for, sorted.
    pub fn asked(&self) -> &[usize] {
        unimplemented!()
    }

    /// Whether [`Verdict::owned`] and [`Reach::unowned`] mean something.
    pub fn knows_owners(&self) -> bool {
        unimplemented!()
    }

    /// The root directory.
    pub fn root(&self) -> Place {
        unimplemented!()
    }

    /// One component down, into a directory or onto a file.
    pub fn enter(&self, _place: &Place, _component: &[u8]) -> Place {
        unimplemented!()
    }

    /// What a file at this place is.
    pub fn verdict(&self, _place: &Place) -> Arc<Verdict> {
        unimplemented!()
    }

    /// What a directory at this place may hold, itself included.
    pub fn reach(&self, _place: &Place) -> Arc<Reach> {
        unimplemented!()
    }

    /// [`Rules::verdict`] of a whole path.
    pub fn path(&self, _path: &[u8]) -> Arc<Verdict> {
        unimplemented!()
    }

    /// SHA-256 over the resolved rules of a service, its groups', defaults' and dependencies' included: differs where
    /// they differ in any way that could select other files.
    pub fn digest(&self, _service: usize) -> Fingerprint {
        unimplemented!()
    }
}
