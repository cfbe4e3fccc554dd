//! What manifests pull in from the source, compared with the inputs of the services that contain their projects.

use std::collections::BTreeSet;

use bstr::BString;

use super::directories;

use super::context::{EnvironmentView, LintContext, across};
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::{PatternSet, Role as Rule};
use crate::upkeep::manifests::{Files, Manifests, Project, ProjectRole, Pull, within};

/// The manifests to read.
pub(super) fn wanted(names: &[BString]) -> impl Iterator<Item = String> {
    let names = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
    names.filter(|name| crate::upkeep::manifests::is_read(name)).map(str::to_owned)
}

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let read = |name: &str| facts.contents.get(name)?.as_ref().ok()?.clone();
    let files = Files::new(facts.names, &read);
    let manifests = Manifests::scan(&files);
    across(facts, |view| {
        let services = 0..facts.map.services.len();
        let checks = services.map(|service| PullCheck::new(facts, view, service));
        let mut found: Vec<Finding> = checks.flat_map(|check| check.projects(&manifests)).collect();
        found.extend(functions(facts, view, &manifests));
        found
    })
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

    /// Checks what the service's projects pull in.
    fn projects(&self, manifests: &Manifests) -> Vec<Finding> {
        let mut told = BTreeSet::new();
        let mut found = Vec::new();
        for project in manifests.projects.iter().filter(|project| self.is_part(project)) {
            // Files that affect how a whole workspace is built are just as often meant for people, so only directories
            // count.
            let directories = project.pulls.iter().filter(|pull| self.facts.file(pull.path.as_bytes()).is_none());
            for pull in directories {
                if told.insert(&pull.path) {
                    found.extend(self.pull(&project.manifest, pull));
                }
            }
        }
        found
    }

    /// Whether a project was understood, and its manifest and at least one other of its files are inputs.
    fn is_part(&self, project: &Project) -> bool {
        let manifest = project.manifest.as_bytes();
        let counts = project.known && project.role != ProjectRole::Workspace;
        counts && self.facts.file(manifest).is_some_and(|file| self.is_input(file)) && {
            let mut own = self.facts.range(project.directory.as_bytes());
            own.any(|file| self.facts.names[file] != manifest && self.is_input(file))
        }
    }

    fn is_input(&self, file: usize) -> bool {
        self.view.kind(file).verdict.claim(self.service).is_some()
    }

    /// The files below a path that are neither inputs nor intentionally left out.
    fn pull(&self, manifest: &str, pull: &Pull) -> Option<Finding> {
        let lacking = |file: &usize| {
            let kind = self.view.kind(*file);
            let name = &self.facts.names[*file];
            let cut = |rule: &usize| {
                matches!(self.view.rules.patterns()[*rule].role, Rule::Exclude(_) | Rule::DefaultExclude)
            };
            !self.is_input(*file) && !kind.hits.iter().any(cut) && !self.not_inputs.covers(name)
        };
        let lacking: Vec<BString> =
            self.facts.range(pull.path.as_bytes()).filter(lacking).map(|file| self.facts.names[file].clone()).collect();
        if lacking.is_empty() {
            return None;
        }
        let name = self.facts.service(self.service);
        let manifest = text::printable(manifest.as_bytes());
        let path = text::printable(pull.path.as_bytes());
        let message = format!(
            "`{manifest}` of `{name}` pulls in `{path}` ({}), of which {} no input of it",
            pull.why,
            if lacking.len() == 1 { "1 file is".to_owned() } else { format!("{} files are", lacking.len()) }
        );
        let notes = directories::lines(self.facts.names, &lacking);
        let place = FindingPlace::Map(self.facts.map.services[self.service].position);
        let finding = Finding::new(Code::PulledIn, place, message).notes(notes).paths(lacking);
        Some(finding.hint(format!("add \"{path}/**\" to its `include`, or list it in `not_inputs` on purpose")))
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
            let paths = files.iter().map(|file| facts.names[*file].clone());
            let finding = Finding::new(Code::PulledIn, place, message).paths(paths);
            found.push(
                finding.hint(format!("add \"{code}/**\" to the `include` of the service that is deployed with it")),
            );
        }
    }
    found
}
