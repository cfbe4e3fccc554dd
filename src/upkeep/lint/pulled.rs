//! What manifests and files pull in from the source, compared with the inputs of the services that they are part of.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::context::{EnvironmentView, LintContext, across};
use super::directories;
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::PatternSet;
use crate::pattern::literal;
use crate::upkeep::manifests::{Manifests, Project, ProjectRole, PulledIn, within};

/// The manifests to read.
pub(super) fn wanted(names: &[BString]) -> impl Iterator<Item = String> {
    let names = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
    names.filter(|name| crate::upkeep::manifests::is_read(name)).map(str::to_owned)
}

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let mut found = not_understood(facts);
    found.extend(across(facts, |view| {
        let services = 0..facts.map.services.len();
        let checks = services.map(|service| PullCheck::new(facts, view, service));
        let mut found: Vec<Finding> = checks.flat_map(|check| check.all()).collect();
        found.extend(functions(facts, view, facts.manifests));
        found
    }));
    found
}

/// Manifests of services that are broken, too large or of an unknown syntax, so that nobody knows what they pull in.
fn not_understood(facts: &LintContext<'_>) -> Vec<Finding> {
    let unknown = facts.manifests.projects.iter().filter(|project| !project.known);
    let manifests: BTreeSet<&str> = unknown.map(|project| project.manifest.as_str()).collect();
    let of_service = manifests.into_iter().filter(|name| !facts.services_of(name.as_bytes()).is_empty());
    let finding = |name: &str| {
        let shown = text::printable(name.as_bytes());
        let message = format!("`{shown}` was not understood, so what it pulls in was not checked");
        let place = FindingPlace::File { path: name.to_owned(), line: 0 };
        let hint = "correct it, or check by eye that what it needs is an input, and allow this";
        Finding::new(Code::Unreadable, place, message).hint(hint)
    };
    of_service.map(finding).collect()
}

/// One service in one environment.
struct PullCheck<'f, 'a> {
    facts: &'f LintContext<'a>,
    view: &'f EnvironmentView,
    service: usize,
    not_inputs: PatternSet,
}

impl<'f, 'a> PullCheck<'f, 'a> {
    fn new(facts: &'f LintContext<'a>, view: &'f EnvironmentView, service: usize) -> Self {
        let not_inputs = facts.map.services[service].not_inputs_in(&view.environment);
        Self { facts, view, service, not_inputs }
    }

    /// Checks what the service's projects pull in, and what its files name.
    fn all(&self) -> Vec<Finding> {
        let manifests = self.facts.manifests;
        let parts = manifests.projects.iter().filter(|project| self.is_part(project));
        let mut pulled: BTreeMap<String, PulledIn> = BTreeMap::new();
        for reached in manifests.reach(parts, &[]) {
            pulled.insert(reached.pull.path.clone(), reached);
        }
        for reference in &manifests.references {
            if !pulled.contains_key(&reference.target) && self.is_input_named(&reference.file) {
                pulled.insert(reference.target.clone(), PulledIn::named(reference));
            }
        }
        // Settings of a whole workspace are just as often meant for people.
        let builds = pulled.values().filter(|reached| !reached.pull.setting);
        // What is inside another path is reported with that.
        let outermost = builds.filter(|reached| {
            !crate::upkeep::manifests::above(&reached.pull.path)
                .any(|place| pulled.get(place).is_some_and(|outer| !outer.pull.setting))
        });
        outermost.filter_map(|reached| self.pull(reached)).collect()
    }

    /// Whether a project was understood, and its manifest and at least one other of its files are inputs.
    fn is_part(&self, project: &Project) -> bool {
        let manifest = project.manifest.as_bytes();
        let counts = project.known && project.role != ProjectRole::Workspace;
        counts && self.is_input_named(&project.manifest) && {
            let mut own = self.facts.range(project.directory.as_bytes());
            own.any(|file| self.facts.names[file] != manifest && self.is_input(file))
        }
    }

    fn is_input(&self, file: usize) -> bool {
        self.view.kind(file).verdict.claim(self.service).is_some()
    }

    fn is_input_named(&self, name: &str) -> bool {
        self.facts.file(name.as_bytes()).is_some_and(|file| self.is_input(file))
    }

    /// The files at or below a path that are neither inputs nor intentionally left out.
    fn pull(&self, PulledIn { by, pull }: &PulledIn) -> Option<Finding> {
        let lacking = |file: &usize| {
            let kind = self.view.kind(*file);
            let name = &self.facts.names[*file];
            let cut = !self.view.cutting(&kind.hits, self.service).is_empty();
            // The map itself cannot be an input.
            let map = kind.hits.is_empty() && kind.verdict.owned;
            !self.is_input(*file) && !map && !cut && !self.not_inputs.covers(name)
        };
        let itself = self.facts.file(pull.path.as_bytes());
        let files = itself.into_iter().chain(self.facts.range(pull.path.as_bytes()));
        let lacking: Vec<BString> = files.filter(lacking).map(|file| self.facts.names[file].clone()).collect();
        if lacking.is_empty() {
            return None;
        }
        let name = self.facts.service(self.service);
        let by = text::printable(by.as_bytes());
        let path = text::printable(pull.path.as_bytes());
        let (message, pattern) = match itself {
            Some(_) => (
                format!("`{by}` of `{name}` pulls in `{path}` ({}), which is not an input of it", pull.why),
                path.clone(),
            ),
            None => (
                format!(
                    "`{by}` of `{name}` pulls in `{path}` ({}), of which {} no input of it",
                    pull.why,
                    if lacking.len() == 1 { "1 file is".to_owned() } else { format!("{} files are", lacking.len()) }
                ),
                format!("{path}/**"),
            ),
        };
        let notes = if itself.is_some() { Vec::new() } else { directories::lines(self.facts.names, &lacking) };
        let whole = literal(pull.path.as_bytes());
        let include = vec![if itself.is_some() { whole } else { format!("{whole}/**") }];
        let place = FindingPlace::Map(self.facts.map.services[self.service].position);
        let finding = Finding::new(Code::PulledIn, place, message).notes(notes).paths(lacking);
        let hint = format!("add \"{pattern}\" to its `include`, or list it in `not_inputs` on purpose");
        Some(finding.hint(hint).fix(self.service, include))
    }
}

/// Functions whose stack is an input of some service but whose code is not an input of any.
fn functions(facts: &LintContext<'_>, view: &EnvironmentView, manifests: &Manifests) -> Vec<Finding> {
    let mut found = Vec::new();
    for stack in manifests.stacks.iter().filter(|stack| stack.known) {
        let template = facts.file(stack.template.as_bytes()).map(|file| &view.kind(file).verdict.claims);
        let Some(first) = template.and_then(|claims| claims.first()) else { continue };
        for function in &stack.functions {
            let Some(code) = function.code.as_ref().filter(|code| !within(&stack.template, code)) else { continue };
            let files: Vec<usize> = facts.range(code.as_bytes()).collect();
            if files.is_empty() || files.iter().any(|file| view.kind(*file).verdict.owned) {
                continue;
            }
            let (template, code) = (text::printable(stack.template.as_bytes()), text::printable(code.as_bytes()));
            let message = format!(
                "the code of the function {} of `{template}`, `{code}`, is an input of no service",
                function.name
            );
            let place = FindingPlace::Map(facts.map.services[first.service].position);
            let paths: Vec<BString> = files.iter().map(|file| facts.names[*file].clone()).collect();
            let include = facts.patterns_for(&paths, |_| false);
            let finding = Finding::new(Code::PulledIn, place, message).paths(paths).fix(first.service, include);
            found.push(
                finding.hint(format!("add \"{code}/**\" to the `include` of the service that is deployed with it")),
            );
        }
    }
    found
}
