//! What named services need of the map, so that a mistake in somebody else's table does not stop them.

use std::collections::BTreeSet;

use super::problem::{Problem, Table};
use super::raw::{RawMap, RawService};
use super::{Environments, Service, Unowned};

/// The tables that some services need: their own, those of their dependencies and of what they redeploy, and the groups
/// of all of these.
pub(super) struct Needed<'a> {
    services: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
}

impl<'a> Needed<'a> {
    /// `None` if they need the whole map: none or an unknown one is named, or a file is an input of every service unless
    /// a rule of any service covers it.
    pub(super) fn of(asked: &[String], raw: &'a RawMap, unowned: Unowned) -> Option<Self> {
        let find = |name: &str| raw.services.binary_search_by(|service| service.name.text.as_str().cmp(name)).ok();
        if asked.is_empty() || unowned == Unowned::BuildAll {
            return None;
        }
        let asked: Vec<&RawService> =
            asked.iter().map(|name| find(name).map(|at| &raw.services[at])).collect::<Option<_>>()?;
        let mut needed = Self { services: BTreeSet::new(), groups: BTreeSet::new() };
        for other in asked.iter().flat_map(|service| &service.keys.redeploys.items) {
            needed.services.insert(&other.text);
        }
        let mut open = asked;
        let mut seen = BTreeSet::new();
        while let Some(service) = open.pop() {
            if !seen.insert(service.name.text.as_str()) {
                continue;
            }
            needed.services.insert(&service.name.text);
            needed.groups.extend(service.keys.groups.items.iter().map(|group| group.text.as_str()));
            for dependency in &service.keys.depends_on.items {
                needed.services.insert(&dependency.text);
                open.extend(find(&dependency.text).map(|at| &raw.services[at]));
            }
        }
        Some(needed)
    }

    /// Whether a problem lies wholly in tables that are not needed.
    pub(super) fn spares(&self, problem: &Problem) -> bool {
        let needs = |table: &Table| match table {
            Table::Service(name) => self.services.contains(name.as_str()),
            Table::Group(name) => self.groups.contains(name.as_str()),
            Table::Expect | Table::Lints => false,
        };
        !problem.tables.is_empty() && !problem.tables.iter().any(needs)
    }
}

/// Leaves of services with mistakes, and of those that use a group with one, only that they exist: they are not decided,
/// and must not be taken for services that have left the map.
pub(super) fn set_aside(problems: &[Problem], services: &mut [Option<Service>], environments: Option<&Environments>) {
    let tables: BTreeSet<&Table> = problems.iter().flat_map(|problem| &problem.tables).collect();
    let declared: BTreeSet<&str> =
        environments.iter().flat_map(|all| all.declared()).map(super::DeclaredEnvironment::text).collect();
    for service in services.iter_mut().flatten() {
        let group = |group: &String| tables.contains(&Table::Group(group.clone()));
        if !tables.contains(&Table::Service(service.name.to_string())) && !service.groups.iter().any(group) {
            continue;
        }
        service.include.clear();
        service.groups.clear();
        service.depends_on.clear();
        service.redeploys.clear();
        // A typo here would make it exist nowhere.
        let known = |listed: &Vec<String>| {
            !listed.is_empty() && listed.iter().all(|environment| declared.contains(environment.as_str()))
        };
        service.environments = service.environments.take().filter(known);
    }
}
