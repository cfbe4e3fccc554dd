//! Names of services and groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::upkeep::manifests::{base, parent};

use super::super::units::{DraftService, named_directory};
use super::super::words;
use super::Sketch;

impl Sketch<'_, '_> {
    /// Names of the services: valid, one each, and all distinguishable as shell variables.
    pub(super) fn names(&self, project: &str) -> Vec<String> {
        let firsts: Vec<String> = self.units.iter().map(|unit| self.first(unit, project)).collect();
        let mut namesakes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        firsts.iter().enumerate().for_each(|(index, name)| namesakes.entry(name).or_default().push(index));
        let told_apart: BTreeMap<usize, &str> = namesakes.values().flat_map(|units| self.telling(units)).collect();
        let mut taken = BTreeSet::new();
        let one = |(index, unit): (usize, &DraftService)| {
            let name = firsts[index].clone();
            let mut choices = vec![name.clone()];
            if namesakes[name.as_str()].len() > 1 {
                let kind = if unit.infra { Some(format!("terraform-{name}")) } else { None };
                let longer = told_apart.get(&index).map(|folder| words::service_name(&format!("{folder}-{name}")));
                // Images in the same directory need their other names to differ.
                let others =
                    unit.names.iter().filter(|other| !words::says_nothing(other)).map(|name| words::service_name(name));
                let others: Vec<String> = others.filter(|other| !namesakes.contains_key(other.as_str())).collect();
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
        self.units.iter().enumerate().map(one).collect()
    }

    /// For units of one name the folder that tells each from the others: the nearest above it that none of them is in,
    /// or that is at least not above all of them, else the nearest.
    fn telling(&self, namesakes: &[usize]) -> Vec<(usize, &str)> {
        let folders = |unit: usize| parent(&self.units[unit].directory).rsplit('/').filter(|folder| !folder.is_empty());
        let mut users: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for unit in namesakes {
            folders(*unit).for_each(|folder| users.entry(folder).or_default().extend([*unit]));
        }
        let of = |unit: &usize| {
            let within = |most: usize| folders(*unit).find(|folder| users[folder].len() <= most);
            let folder = within(1).or_else(|| within(namesakes.len() - 1)).or_else(|| folders(*unit).next())?;
            Some((*unit, folder))
        };
        namesakes.iter().filter_map(of).collect()
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
        let whys = self.found.iter().flat_map(|found| paths.iter().filter_map(|path| found.paths.get(path)));
        let whys: BTreeSet<&String> = whys.filter(|why| !why.is_empty()).collect();
        whys.into_iter().take(4).cloned().collect()
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
