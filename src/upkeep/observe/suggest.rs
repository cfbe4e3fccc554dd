//! What to add to a service so that it covers what its build reads.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice as _};

use crate::map::ServiceMap;
use crate::map::rules::{Explanation, Role, Rules, Via};
use crate::pattern::literal;
use crate::source::tree::listing::below;

/// Keys to add to a service.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Additions {
    /// Patterns for `include`.
    pub include: Vec<String>,
    /// Groups that have some of the files.
    pub groups: Vec<String>,
    /// Services whose inputs some of the files are.
    pub depends_on: Vec<String>,
}

impl Additions {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.groups.is_empty() && self.depends_on.is_empty()
    }
}

/// The service that lacks something.
pub(super) struct Lacking<'a> {
    pub(super) map: &'a ServiceMap,
    pub(super) service: usize,
    /// The rules of all services.
    pub(super) rules: &'a Rules,
}

/// For the files that are `lacking`, of all that were `read`. `names` are all files of the source.
pub(super) fn suggest(
    of: &Lacking<'_>,
    lacking: &BTreeMap<BString, String>,
    read: &BTreeMap<BString, String>,
    names: &[BString],
) -> Additions {
    let (mut groups, mut services, mut files) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for path in lacking.keys() {
        let explanation = of.rules.explanation(path);
        match (group(of, path), owner(of, &explanation)) {
            (Some(group), _) => drop(groups.insert(group)),
            (None, Some(service)) => drop(services.insert(of.map.services[service].name.to_string())),
            (None, None) => files.push(path),
        }
    }
    Additions {
        include: includes(&files, read, names),
        groups: groups.into_iter().collect(),
        depends_on: services.into_iter().collect(),
    }
}

/// A group that has the file.
fn group(of: &Lacking<'_>, path: &[u8]) -> Option<String> {
    let group = |role: &Role| match role {
        Role::Group { name, .. } => Some(name.clone()),
        _ => None,
    };
    of.rules.explain(path).into_iter().find_map(|hit| group(&hit.rule.role))
}

/// The one service whose own input the file is, unless it depends on this one.
fn owner(of: &Lacking<'_>, explanation: &Explanation<'_>) -> Option<usize> {
    let own = explanation
        .concerns
        .iter()
        .filter(|concern| concern.claim.as_ref().is_some_and(|claim| claim.via == Via::Own && !claim.by_policy));
    let own: Vec<usize> = own.map(|concern| concern.service).collect();
    match own[..] {
        [one] if !of.map.with_dependencies(&[one]).contains(&of.service) => Some(one),
        _ => None,
    }
}

/// Patterns for files: a directory of which every file was read, else the file.
fn includes(files: &[&BString], read: &BTreeMap<BString, String>, names: &[BString]) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut covered: Option<Vec<u8>> = None;
    for file in files {
        if covered.as_ref().is_some_and(|prefix| file.starts_with(prefix)) {
            continue;
        }
        let slashes = file.find_iter("/").map(|end| &file[..end]);
        let whole = slashes.into_iter().find(|directory| {
            let all = &names[below(names, directory)];
            all.len() > 1 && all.iter().all(|name| read.contains_key(name))
        });
        match whole {
            Some(directory) => {
                patterns.push(format!("{}/**", literal(directory)));
                covered = Some([directory, b"/"].concat());
            }
            None => patterns.push(literal(file)),
        }
    }
    patterns
}
