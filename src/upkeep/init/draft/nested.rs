//! What is inside a unit's directory, but of other units.

use std::collections::BTreeSet;

use super::{DraftService, Sketch};
use crate::upkeep::manifests::{ProjectKind, ProjectRole, above, within};

impl Sketch<'_, '_> {
    /// Other units' directories and Dockerfiles inside this unit's directory, as far as its build cannot reach them.
    pub(super) fn nested(&self, index: usize) -> BTreeSet<String> {
        let (unit, found) = (&self.units[index], &self.found[index]);
        if !self.builds_only_what_it_names(index) {
            return BTreeSet::new();
        }
        let others = self.units.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| other);
        // An image that no file is said to build may be a tool of the unit around it, and one root of Terraform may read
        // what another below it wrote.
        let apart = |other: &&DraftService| match other.image {
            Some(_) => other.said || self.runs(other),
            None => !(other.infra && unit.infra),
        };
        let others = || others.clone().filter(apart);
        let directories = others().map(|other| &other.directory).filter(|other| {
            **other != unit.directory && found.paths.iter().any(|(path, why)| why.is_empty() && within(other, path))
        });
        let dockerfiles = others().filter_map(|other| other.image.as_ref()).map(|(dockerfile, _)| dockerfile);
        let beside = dockerfiles.filter(|file| within(file, &unit.directory) && !unit.own.contains(*file));
        let needed = |path: &String| {
            let copied = found.copied.iter().any(|copied| within(path, copied) || within(copied, path));
            copied || path.is_empty() || found.paths.keys().any(|other| within(other, path))
        };
        let mut nested: BTreeSet<String> = directories.chain(beside).filter(|path| !needed(path)).cloned().collect();
        let all = nested.clone();
        nested.retain(|path| !above(path).any(|place| all.contains(place)));
        nested
    }

    /// Whether a manifest says that a unit is a program.
    fn runs(&self, unit: &DraftService) -> bool {
        unit.projects.iter().any(|project| self.facts.projects[*project].role == ProjectRole::Program)
    }

    /// Whether everything that a unit is built from is named: by its Dockerfile, or by tools that never build what is
    /// in another project's directory.
    fn builds_only_what_it_names(&self, index: usize) -> bool {
        let unit = &self.units[index];
        let strict =
            [ProjectKind::Cargo, ProjectKind::Go, ProjectKind::Jvm, ProjectKind::Swift, ProjectKind::Terraform];
        let projects = || unit.projects.iter().map(|project| &self.facts.projects[*project]);
        let named = projects().all(|project| project.known && strict.contains(&project.kind));
        let known = self.found[index].doubts.is_empty() && !unit.prebuilt;
        known && (unit.image.is_some() || (named && projects().next().is_some()))
    }
}
