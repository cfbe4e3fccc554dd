//! What the rules say about the files that a build read.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::observation::Observation;
use super::suggest::{Suggestion, suggest};
use crate::base::names::EnvironmentName;
use crate::map::ServiceMap;
use crate::map::rules::{PatternSet, Role, Rules};

/// The rules of one service in one environment.
pub struct Coverage<'a> {
    pub(super) map: &'a ServiceMap,
    pub(super) service: usize,
    /// The rules of all services.
    pub(super) rules: &'a Rules,
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
    pub suggestion: Suggestion,
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
        gaps.suggestion = suggest(self, &gaps.read, &seen.read, names);
        gaps
    }
}

impl Gaps {
    /// Whether something that was read is not covered.
    pub fn is_denied(&self) -> bool {
        !self.read.is_empty() || !self.excluded.is_empty()
    }
}
