//! What to add to a service so that it covers what its build reads.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice as _};

use super::coverage::Coverage;
use crate::map::rules::{Explanation, Role, Via};
use crate::pattern::literal;
use crate::source::tree::listing::below;

/// Keys to add to a service.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Patterns for `include`.
    pub include: Vec<String>,
    /// Groups that have some of the files.
    pub groups: Vec<String>,
    /// Services whose inputs some of the files are.
    pub depends_on: Vec<String>,
}

impl Suggestion {
    /// Whether there is nothing to add.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.groups.is_empty() && self.depends_on.is_empty()
    }
}

/// For the files that are `lacking`, of all that were `read`. `names` are all files of the source.
pub(super) fn suggest(
    coverage: &Coverage<'_>,
    lacking: &BTreeMap<BString, String>,
    read: &BTreeMap<BString, String>,
    names: &[BString],
) -> Suggestion {
    let (mut groups, mut services, mut files) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for path in lacking.keys() {
        let explanation = coverage.rules.explanation(path);
        match (group(coverage, path), owner(coverage, &explanation)) {
            (Some(group), _) => drop(groups.insert(group)),
            (None, Some(service)) => drop(services.insert(coverage.map.services[service].name.to_string())),
            (None, None) => files.push(path),
        }
    }
    Suggestion {
        include: includes(&files, read, names),
        groups: groups.into_iter().collect(),
        depends_on: services.into_iter().collect(),
    }
}

/// A group that has the file.
fn group(coverage: &Coverage<'_>, path: &[u8]) -> Option<String> {
    let group = |role: &Role| match role {
        Role::Group { name, .. } => Some(name.clone()),
        _ => None,
    };
    coverage.rules.explain(path).into_iter().find_map(|hit| group(&hit.rule.role))
}

/// The one service whose own input the file is, unless it depends on this one.
fn owner(coverage: &Coverage<'_>, explanation: &Explanation<'_>) -> Option<usize> {
    let own = explanation
        .concerns
        .iter()
        .filter(|concern| concern.claim.as_ref().is_some_and(|claim| claim.via == Via::Own && !claim.by_policy));
    let own: Vec<usize> = own.map(|concern| concern.service).collect();
    match own[..] {
        [one] if !coverage.map.with_dependencies(&[one]).contains(&coverage.service) => Some(one),
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

#[cfg(test)]
mod tests {
    use super::super::observation::Observation;
    use super::super::{Coverage, Covered};
    use super::*;
    use crate::base::names::EnvironmentName;
    use crate::map::ServiceMap;
    use crate::map::rules::Rules;

    const MAP: &str = "
[defaults]
exclude = ['**/*.md']
[groups]
infra = ['infra/**']
[services.api]
include = ['api/**']
exclude = ['api/old']
not_inputs = ['LICENSE']
[services.web]
include = ['web/**', 'shared/**']
groups = ['infra']
[services.lib]
include = ['lib/**', 'shared/**']
[services.above]
include = ['above/**']
depends_on = ['api']
";

    fn gaps(read: &[&str], names: &[&str], before: Option<&BTreeSet<BString>>) -> super::super::Gaps {
        let map = ServiceMap::parse("shipmark.toml", MAP.as_bytes()).unwrap();
        let environment = EnvironmentName::new("prod").unwrap();
        let all: Vec<usize> = (0..map.services.len()).collect();
        let rules = Rules::compile(&map, &environment, &all, true);
        let service = map.services.iter().position(|service| service.name.as_str() == "api").unwrap();
        let coverage = Coverage::new(&map, service, &environment, &rules);
        assert_eq!(coverage.of(b"shipmark.toml"), Covered::Yes);
        let mut names: Vec<BString> = names.iter().chain(read).map(|name| BString::from(*name)).collect();
        names.sort();
        names.dedup();
        let read = read.iter().map(|path| (BString::from(*path), "cc".to_owned())).collect();
        coverage.gaps(&Observation { read, ..Observation::default() }, &names, before)
    }

    fn suggested(read: &[&str], names: &[&str]) -> Suggestion {
        gaps(read, names, None).suggestion
    }

    #[test]
    fn what_is_read_and_not_an_input_is_told_from_what_is_cut_and_what_is_on_purpose() {
        let gaps = gaps(&["api/x", "schema.json", "README.md", "api/old/y", "LICENSE"], &[], None);
        assert_eq!(gaps.read.keys().collect::<Vec<_>>(), ["schema.json"]);
        let cut: Vec<_> = gaps.excluded.iter().map(|(path, (_, rule, at))| format!("{path} {rule} {at}")).collect();
        assert_eq!(cut, ["README.md **/*.md shipmark.toml:3", "api/old/y api/old shipmark.toml:8"]);
        assert!(gaps.is_denied());
    }

    #[test]
    fn groups_come_before_services_and_services_before_files() {
        let read = ["infra/a", "lib/a", "web/x", "shared/x", "above/x", "single"];
        let found = suggested(&read, &["shared/y", "above/y"]);
        assert_eq!(
            (found.groups, found.depends_on),
            (vec!["infra".to_owned()], vec!["lib".to_owned(), "web".to_owned()])
        );
        assert_eq!(found.include, ["above/x", "shared/x", "single"], "two own `shared`; `above` depends on `api`");
    }

    #[test]
    fn a_directory_of_which_all_was_read_is_included_whole() {
        let found = suggested(&["d/a/1", "d/a/2", "d/b", "e/a/1", "e/a/2", "f/[x]"], &["e/b"]);
        assert_eq!(found.include, ["d/**", "e/a/**", "f/\\[x\\]"]);
    }

    #[test]
    fn inputs_that_no_build_has_read_are_known_only_after_whole_builds() {
        assert!(gaps(&["api/x"], &["api/y"], None).never_read.is_empty());
        let before = BTreeSet::from([BString::from("api/z")]);
        assert_eq!(gaps(&["api/x"], &["api/y", "api/z", "other"], Some(&before)).never_read, ["api/y"]);
    }
}
