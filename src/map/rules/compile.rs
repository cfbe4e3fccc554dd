//! From the service map to rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::owners::{Member, Owners};
use super::{Role, RuleInfo};
use crate::base::names::EnvironmentName;
use crate::map::{ServiceMap, Unowned};
use crate::pattern::component::Component;
use crate::pattern::trie::{PatternId, Trie};
use crate::pattern::{Pattern, Position};

/// Where the map itself may be. It is never unowned, and nor are the saved observations of its services.
const MAP_FILES: [&str; 2] = ["shipmark.toml", "config/shipmark.toml"];

/// Compiles the rules of the asked services and all their dependencies, and adds their patterns to the trie.
pub(super) fn owners(
    map: &ServiceMap,
    environment: &EnvironmentName,
    asked: &[usize],
    find_unowned: bool,
    trie: &mut Trie,
) -> Owners {
    let build_all = map.defaults.unowned == Unowned::BuildAll;
    let knows_owners = find_unowned || build_all;
    let mut asked = asked.to_vec();
    asked.sort_unstable();
    asked.dedup();
    let compiled = match knows_owners {
        true => (0..map.services.len()).collect(),
        false => map.with_dependencies(&asked),
    };
    let members = map.services.iter().map(|service| Member::new(service.name.clone(), service.depends_on.clone()));
    let mut owners = Owners::new(asked, members.collect());
    owners.knows_owners = knows_owners;
    let somewhere = Position { file: 0, line: 1, column: 1 };
    owners.build_all = build_all.then_some(map.defaults.unowned_position.unwrap_or(somewhere));
    let mut compiler = Compiler { environment, trie, owners };
    // These come first; `digest` relies on it.
    compiler.add_all(&map.defaults.exclude, &Role::DefaultExclude);
    compiler.add_groups(map, &compiled);
    for index in compiled {
        compiler.add_all(&map.services[index].include, &Role::Include(index));
        compiler.add_all(&map.services[index].exclude, &Role::Exclude(index));
    }
    if knows_owners {
        let observed: Vec<String> = map.services.iter().map(|service| map.observed_file(&service.name)).collect();
        let maps = std::iter::once(&map.file).chain(&map.included);
        compiler.add_map_files(maps.chain(&observed).map(String::as_str));
    }
    compiler.owners
}

struct Compiler<'a> {
    environment: &'a EnvironmentName,
    trie: &'a mut Trie,
    owners: Owners,
}

impl Compiler<'_> {
    fn add_all(&mut self, patterns: &[Pattern], role: &Role) {
        for pattern in patterns {
            let resolved = pattern.resolve(self.environment).into_iter();
            let ids: Vec<PatternId> = resolved.map(|components| self.trie.insert(components)).collect();
            let text = Arc::from(pattern.text.as_str());
            self.owners.add(RuleInfo { text, position: pattern.position, role: role.clone() }, ids);
        }
    }

    /// Adds each group once, however many services use it.
    fn add_groups(&mut self, map: &ServiceMap, compiled: &[usize]) {
        let mut users = BTreeMap::<&str, Vec<(usize, usize)>>::new();
        for service in compiled {
            for (order, group) in map.services[*service].groups.iter().enumerate() {
                users.entry(group).or_default().push((*service, order));
            }
        }
        for (name, users) in users {
            let patterns = map.groups.get(name).map_or(&[][..], Vec::as_slice);
            self.add_all(patterns, &Role::Group { name: name.to_owned(), users });
        }
    }

    fn add_map_files<'m>(&mut self, files: impl Iterator<Item = &'m str>) {
        for path in MAP_FILES.into_iter().chain(files) {
            let names: Vec<&str> = path.split('/').filter(|name| *name != ".").collect();
            if names.iter().any(|name| matches!(*name, "" | "..")) {
                // An absolute path, or one outside the source: it cannot match a file in the tree.
                continue;
            }
            let literal = |name: &str| Component::Literal(name.as_bytes().to_vec());
            let pattern = self.trie.insert(names.into_iter().map(literal).collect());
            self.owners.map_files.push(pattern);
        }
    }
}
