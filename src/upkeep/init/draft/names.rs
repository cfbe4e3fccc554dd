//! Names of services and groups.

use std::collections::BTreeSet;

use crate::upkeep::manifests::{base, parent};

use super::super::units::{DraftService, named_directory};
use super::super::words;
use super::Sketch;

impl Sketch<'_, '_> {
    /// Names of the services: valid, one each, and all distinguishable as shell variables.
    pub(super) fn names(&self, project: &str) -> Vec<String> {
        let mut taken = BTreeSet::new();
        let counts = |name: &str| self.units.iter().filter(|unit| self.first(unit, project) == name).count();
        let one = |unit: &DraftService| {
            let name = self.first(unit, project);
            let mut choices = vec![name.clone()];
            if counts(&name) > 1 {
                let kind = if unit.infra { Some(format!("terraform-{name}")) } else { None };
                let above = base(parent(&unit.directory));
                let longer = (!above.is_empty()).then(|| words::service_name(&format!("{above}-{name}")));
                // Images in the same directory need their other names to differ.
                let others =
                    unit.names.iter().filter(|other| !words::says_nothing(other)).map(|name| words::service_name(name));
                let others: Vec<String> = others.filter(|other| counts(other) == 0).collect();
                choices = longer.into_iter().chain(kind).chain(others).chain([name]).collect();
            }
            let free = choices.iter().find(|choice| !taken.contains(&variable(choice))).cloned();
            let name = free.unwrap_or_else(|| {
                unique(
                    &choices[0],
                    &mut BTreeSet::from_iter(taken.iter().map(|name: &String| name.to_lowercase().replace('_', "-"))),
                )
            });
            taken.insert(variable(&name));
            taken.insert(variable(&format!("{name}-image")));
            name
        };
        self.units.iter().map(one).collect()
    }

    fn first(&self, unit: &DraftService, project: &str) -> String {
        let name = unit.names.iter().find(|name| !words::says_nothing(name));
        let fallback = unit.names.first().filter(|name| !name.is_empty() && !unit.directory.is_empty());
        words::service_name(name.or(fallback).map_or(project, String::as_str))
    }

    /// A group is named after its path if it has only one, else after what its paths are.
    pub(super) fn group_name(&self, users: &BTreeSet<usize>, paths: &BTreeSet<String>) -> String {
        let whys: BTreeSet<String> = self.reasons(paths).into_iter().collect();
        let all = |why: &str| !whys.is_empty() && whys.iter().all(|other| other == why);
        for (why, name) in
            [("how it is deployed", "rollout"), ("what the pipelines do", "pipeline"), ("shared by its name", "shared")]
        {
            if all(why) {
                return name.to_owned();
            }
        }
        if paths.contains("") {
            return "everything".to_owned();
        }
        if let (Some(only), 1) = (paths.first().filter(|path| self.files.has(path)), paths.len()) {
            let file = base(only).trim_start_matches('.');
            return words::service_name(file.split_once('.').map_or(file, |(stem, _)| stem));
        }
        let folders: Vec<&str> = paths.iter().filter(|path| !self.files.has(path)).map(|path| base(path)).collect();
        match folders.as_slice() {
            [] => "package".to_owned(),
            [_] => words::service_name(
                &paths
                    .iter()
                    .find(|path| !self.files.has(path))
                    .map_or(String::new(), |path| named_directory(path, path)),
            ),
            _ if users.len() == self.units.len() => "shared".to_owned(),
            _ => {
                let names: Vec<String> = folders.iter().take(2).map(|folder| words::service_name(folder)).collect();
                if folders.len() == 2 && names.concat().len() < 24 { names.join("-and-") } else { "shared".to_owned() }
            }
        }
    }

    pub(super) fn reasons(&self, paths: &BTreeSet<String>) -> Vec<String> {
        let whys = self.found.iter().flat_map(|found| {
            found
                .paths
                .iter()
                .filter(|(path, why)| paths.contains(*path) && !why.is_empty())
                .map(|(_, why)| why.clone())
        });
        let whys: BTreeSet<String> = whys.collect();
        whys.into_iter().take(4).collect()
    }
}

/// A name as it appears in shell variables.
fn variable(name: &str) -> String {
    name.to_uppercase().replace(['-', '.'], "_")
}

pub(super) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let name = words::service_name(name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or(name);
    taken.insert(free.clone());
    free
}
