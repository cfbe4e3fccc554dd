//! What the surroundings of a unit say of it: its projects, and what an earlier build makes for its image.

use std::collections::BTreeSet;

use crate::upkeep::manifests::{Manifests, Project, ProjectKind, Pull, above, base, child, within};

use super::DraftService;

/// What an image is built elsewhere from: all programs of the nearest workspace or module around its context.
fn made_of(facts: &Manifests, unit: &mut DraftService) {
    let Some((dockerfile, context)) = &unit.image else { return };
    // A module of Maven or Gradle packs what it depends on, and nothing else.
    let module = above(dockerfile).filter(|place| !place.is_empty()).find_map(|place| {
        facts.projects.iter().position(|project| project.kind == ProjectKind::Jvm && project.directory == place)
    });
    let leaf = |index: &usize| {
        let place = &facts.projects[*index].directory;
        let mut below = facts.projects.iter().filter(|project| within(&project.directory, place));
        facts.projects[*index].known && below.all(|project| project.directory == *place)
    };
    if let Some(index) = module.filter(leaf) {
        unit.own.insert(facts.projects[index].directory.clone());
        unit.projects.insert(index);
        return;
    }
    let programs = |place: &str| -> Vec<usize> {
        let of = |project: &Project| {
            project.workspace == place && project.kind < ProjectKind::Terraform && !project.is_foreign()
        };
        facts.projects.iter().enumerate().filter(|(_, project)| of(project)).map(|(index, _)| index).collect()
    };
    let around = std::iter::once(context.as_str()).chain(above(context));
    let Some(mut found) = around.map(programs).find(|found| !found.is_empty()) else { return };
    // Two tools may build what is in one directory.
    let places: BTreeSet<&str> = found.iter().map(|index| facts.projects[*index].directory.as_str()).collect();
    let beside = |project: &Project| {
        project.kind < ProjectKind::Terraform && !project.is_foreign() && places.contains(project.directory.as_str())
    };
    let all = facts.projects.iter().enumerate();
    let beside: Vec<usize> = all.filter(|(_, project)| beside(project)).map(|(index, _)| index).collect();
    found.extend(beside);
    let directories = found.iter().map(|index| facts.projects[*index].directory.clone());
    unit.own.extend(directories.filter(|directory| !directory.is_empty()));
    unit.projects.extend(found);
}

/// Attaches each project to the units of its directory and to the nearest unit around it; their inputs are then known.
pub(super) fn attach(facts: &Manifests, units: &mut [DraftService]) {
    for (index, project) in facts.projects.iter().enumerate() {
        let here: Vec<usize> = (0..units.len()).filter(|at| units[*at].directory == project.directory).collect();
        for at in here {
            if project.kind < ProjectKind::Terraform && !units[at].infra {
                units[at].projects.insert(index);
            }
        }
        let nearest = (0..units.len())
            .filter(|at| !units[*at].directory.is_empty() && within(&project.directory, &units[*at].directory))
            .max_by_key(|at| units[*at].directory.len());
        if let Some(at) = nearest.filter(|at| !units[*at].infra && project.kind < ProjectKind::Terraform) {
            units[at].projects.insert(index);
        }
    }
    units.iter_mut().for_each(|unit| complete(facts, unit));
}

/// Adds what only the surroundings of a unit without a project say.
pub(super) fn complete(facts: &Manifests, unit: &mut DraftService) {
    if unit.prebuilt && unit.projects.is_empty() {
        made_of(facts, unit);
    }
    // A function's code is in a package, whose manifest builds it.
    if unit.projects.is_empty() && unit.stack.is_some() {
        let names = ["package.json", "requirements.txt", "pyproject.toml", "go.mod", "pom.xml", "Cargo.toml"];
        let holding = above(&unit.directory).find_map(|place| {
            facts.projects.iter().find(|project| {
                project.directory == place
                    && project.kind < ProjectKind::Terraform
                    && names.contains(&base(&project.manifest))
            })
        });
        if let Some(project) = holding {
            let locks = ["package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "tsconfig.json"]
                .map(|name| child(&project.directory, name));
            let manifests = std::iter::once(project.manifest.clone()).chain(locks);
            unit.pulls.extend(manifests.map(|path| Pull::new(path, "its package")));
            unit.pulls.extend(project.pulls.iter().cloned());
        }
    }
    unit.evidence.dedup();
}
