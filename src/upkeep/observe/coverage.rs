//! What the rules say about the files that a build read.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::observation::Observation;
use super::suggest::{Additions, Lacking, suggest};
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;
use crate::map::rules::{PatternSet, Role, Rules};

/// The rules of one service in one environment.
pub struct Coverage<'a> {
    map: &'a ServiceMap,
    service: usize,
    /// The rules of all services.
    rules: &'a Rules,
    not_inputs: PatternSet,
}

/// What a file is to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covered {
    /// An input, or not one on purpose, or the map itself.
    Yes,
    /// An exclude cuts it.
    Cut {
        /// The exclude.
        rule: String,
        /// Its place in the map.
        at: String,
    },
    /// No rule makes it an input.
    No,
}

/// What the rules and an observation do not agree on.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Read and not an input, with the program that read it.
    pub read: BTreeMap<BString, String>,
    /// Read, and cut by an exclude: the program, the exclude and its place.
    pub excluded: BTreeMap<BString, (String, String, String)>,
    /// Only looked at, and not an input.
    pub looked_at: BTreeMap<BString, String>,
    /// Inputs that no build has read or looked at; empty unless all builds saw everything.
    pub never_read: Vec<BString>,
    /// What to add to the service.
    pub suggestion: Additions,
}

impl<'a> Coverage<'a> {
    /// `rules` are those of all services of the map in that environment.
    pub fn new(map: &'a ServiceMap, service: usize, environment: &EnvironmentName, rules: &'a Rules) -> Self {
        Self { map, service, rules, not_inputs: map.services[service].not_inputs_in(environment) }
    }

    /// Whether a file that is read is an input of the service.
    pub fn of(&self, path: &[u8]) -> Covered {
        let verdict = self.rules.path(path);
        if verdict.claim(self.service).is_some() || self.not_inputs.covers(path) {
            return Covered::Yes;
        }
        let hits = self.rules.explain(path);
        // The map and its observations are owned without a rule.
        if hits.is_empty() && verdict.owned {
            return Covered::Yes;
        }
        let cuts = |role: &Role| matches!(role, Role::DefaultExclude) || *role == Role::Exclude(self.service);
        match hits.iter().find(|hit| cuts(&hit.rule.role)) {
            Some(hit) => Covered::Cut { rule: hit.rule.text.to_string(), at: self.map.line(hit.rule.position) },
            None => Covered::No,
        }
    }

    /// Compares an observation with the rules. `names` are all files of the source, sorted; `seen_before` are the files
    /// that earlier builds read or looked at, if all of them, and this one, saw everything.
    pub fn gaps(&self, seen: &Observation, names: &[BString], seen_before: Option<&BTreeSet<BString>>) -> Gaps {
        let mut gaps = Gaps::default();
        for (path, program) in &seen.read {
            match self.of(path) {
                Covered::Yes => {}
                Covered::No => drop(gaps.read.insert(path.clone(), program.clone())),
                Covered::Cut { rule, at } => {
                    gaps.excluded.insert(path.clone(), (program.clone(), rule, at));
                }
            }
        }
        let looked_at = seen.looked_at.iter().filter(|(path, _)| self.of(path) == Covered::No);
        gaps.looked_at = looked_at.map(|(path, program)| (path.clone(), program.clone())).collect();
        if let Some(before) = seen_before {
            let is_input = |path: &&BString| self.rules.path(path).claim(self.service).is_some();
            let seen = |path: &BString| {
                before.contains(path) || seen.read.contains_key(path) || seen.looked_at.contains_key(path)
            };
            gaps.never_read = names.iter().filter(is_input).filter(|path| !seen(path)).cloned().collect();
        }
        let lacking = Lacking { map: self.map, service: self.service, rules: self.rules };
        gaps.suggestion = suggest(&lacking, &gaps.read, &seen.read, names);
        gaps
    }
}

impl Gaps {
    /// Whether something that was read is not covered.
    pub fn is_denied(&self) -> bool {
        !self.read.is_empty() || !self.excluded.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn gaps(read: &[&str], names: &[&str], before: Option<&BTreeSet<BString>>) -> Gaps {
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

    fn suggested(read: &[&str], names: &[&str]) -> Additions {
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
