//! From facts to units: what is built and deployed together, judged by the strongest evidence.

mod images;
mod weak;

use std::collections::BTreeSet;

use crate::upkeep::manifests::{Files, Manifests, ProjectKind, ProjectRole, Pull, above, base, child, parent, within};

use super::words;
pub(super) use images::named_directory;
use images::{from_image, suffix};
use weak::{add_weak, functions, weak};

/// What is built and deployed together.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftService {
    /// Candidates for its name, best first.
    pub(super) names: Vec<String>,
    /// The directory of its own files; empty for the root.
    pub(super) directory: String,
    /// Paths of its own outside its directory.
    pub(super) own: BTreeSet<String>,
    /// Whether there is evidence of how it is deployed, not just that it runs.
    pub(super) strong: bool,
    /// Whether it is infrastructure: applied, not built.
    pub(super) infra: bool,
    /// Why it is a unit, for people.
    pub(super) evidence: Vec<String>,
    /// Its Dockerfile and build context.
    pub(super) image: Option<(String, String)>,
    /// What its image copies.
    pub(super) copies: Vec<String>,
    /// Its projects, as indices into the facts.
    pub(super) projects: BTreeSet<usize>,
    /// What else it pulls in.
    pub(super) pulls: Vec<Pull>,
    /// The stack that deploys it, as an index into the facts.
    pub(super) stack: Option<usize>,
}

/// Folders that contain packaging but no code.
const PACKAGING: [&str; 10] =
    ["docker", ".docker", "dockerfiles", "build", "deploy", "deployment", "deployments", "ci", "container", "package"];

/// All units, sorted by directory and names.
pub(super) fn find(files: &Files<'_>, facts: &Manifests) -> Vec<DraftService> {
    let mut units: Vec<DraftService> = Vec::new();
    for image in &facts.images {
        let beside_terraform = files.inside(parent(&image.dockerfile)).iter().any(|name| name.ends_with(".tf"));
        let programs = facts.projects.iter().filter(|project| {
            let elsewhere = project.directory != parent(&image.dockerfile) || project.directory.is_empty();
            let program = project.role == ProjectRole::Program && project.kind < ProjectKind::Terraform;
            program && elsewhere && within(&project.directory, &image.context)
        });
        // A Dockerfile that can build any program is a file that the programs share.
        let any = image.any && programs.count() > 1;
        let aside = beside_terraform || any || (image.bare && words::is_development(files, image));
        if !aside {
            add(&mut units, from_image(files, facts, image));
        }
    }
    for (index, stack) in facts.stacks.iter().enumerate() {
        from_stack(facts, index, stack, &mut units);
    }
    for (index, project) in facts.projects.iter().enumerate() {
        if matches!(project.kind, ProjectKind::Serverless | ProjectKind::Cdk | ProjectKind::Terraform) {
            let why = project.why.clone();
            let names = vec![named_directory(&project.directory, &project.name)];
            let infra = project.kind != ProjectKind::Serverless;
            let projects = BTreeSet::from([index]);
            let directory = project.directory.clone();
            add_deployed(
                facts,
                &mut units,
                DraftService {
                    names,
                    directory,
                    strong: true,
                    infra,
                    evidence: vec![why],
                    projects,
                    ..DraftService::default()
                },
            );
        }
    }
    let weak = weak(facts, &units);
    for index in weak {
        add_weak(facts, index, &mut units);
    }
    functions(files, facts, &mut units);
    attach(facts, &mut units);
    shared_images(facts, &mut units);
    units.sort_by(|one, other| (&one.directory, &one.names).cmp(&(&other.directory, &other.names)));
    units
}

/// Adds a unit, merging it with an indistinguishable one of the same directory.
fn add(units: &mut Vec<DraftService>, unit: DraftService) {
    let suffix = |unit: &DraftService| unit.image.as_ref().and_then(|(dockerfile, _)| suffix(dockerfile));
    let same = |other: &&mut DraftService| {
        other.directory == unit.directory && (suffix(other) == suffix(&unit) || other.image.is_none())
    };
    match units.iter_mut().find(same) {
        Some(other) => merge(other, unit),
        None => units.push(unit),
    }
}

fn merge(unit: &mut DraftService, other: DraftService) {
    unit.names.extend(other.names);
    unit.own.extend(other.own);
    unit.strong |= other.strong;
    unit.infra &= other.infra;
    unit.evidence.extend(other.evidence);
    unit.image = unit.image.take().or(other.image);
    unit.copies.extend(other.copies);
    unit.projects.extend(other.projects);
    unit.pulls.extend(other.pulls);
    unit.stack = unit.stack.or(other.stack);
}

fn from_stack(facts: &Manifests, index: usize, stack: &crate::upkeep::manifests::Stack, units: &mut Vec<DraftService>) {
    let place = parent(&stack.template);
    if !stack.known {
        // SAM presumably deploys what is below its template.
        let below = units.iter_mut().filter(|unit| unit.image.is_some() && within(&unit.directory, place));
        below.for_each(|unit| unit.stack = Some(index));
        return;
    }
    for function in &stack.functions {
        let layers = function.layers.iter().map(|path| Pull { path: path.clone(), why: "a layer".to_owned() });
        let pulls: Vec<Pull> = layers.collect();
        let evidence = format!("the function {} of {}", function.name, stack.template);
        let built = function.image.as_ref().and_then(|(dockerfile, _)| {
            units.iter_mut().find(|unit| unit.image.as_ref().is_some_and(|(file, _)| file == dockerfile))
        });
        if let Some(unit) = built {
            unit.pulls.extend(pulls);
            unit.evidence.push(evidence);
            unit.stack = unit.stack.or(Some(index));
            continue;
        }
        let Some(code) = &function.code else { continue };
        let mut names = vec![named_directory(code, &function.name)];
        names.push(function.name.clone());
        let projects = facts
            .projects
            .iter()
            .enumerate()
            .filter(|(_, project)| project.directory == *code && project.kind < ProjectKind::Terraform);
        let projects = projects.map(|(index, _)| index).collect();
        add(
            units,
            DraftService {
                names,
                directory: code.clone(),
                strong: true,
                evidence: vec![evidence],
                projects,
                pulls,
                stack: Some(index),
                ..DraftService::default()
            },
        );
    }
}

/// Adds a unit that is deployed by a tool of its own. In the directory of a unit or a stack it becomes part of that.
fn add_deployed(facts: &Manifests, units: &mut Vec<DraftService>, unit: DraftService) {
    let in_stack = facts
        .stacks
        .iter()
        .any(|stack| !parent(&stack.template).is_empty() && within(&unit.directory, parent(&stack.template)));
    if unit.infra && in_stack {
        return;
    }
    let holds = |other: &&mut DraftService| {
        !other.directory.is_empty() && other.directory != unit.directory && within(&unit.directory, &other.directory)
    };
    match units.iter_mut().filter(|_| unit.infra).find(holds) {
        Some(other) => {
            other.projects.extend(unit.projects);
            other.evidence.extend(unit.evidence);
        }
        None => add(units, unit),
    }
}

/// A Dockerfile for any program is an input of each program that it may build.
fn shared_images(facts: &Manifests, units: &mut [DraftService]) {
    for image in facts.images.iter().filter(|image| image.any) {
        let is_of =
            |unit: &DraftService| unit.image.as_ref().is_some_and(|(dockerfile, _)| *dockerfile == image.dockerfile);
        let taken = units.iter().any(is_of);
        let may_build = |unit: &&mut DraftService| {
            let mut kinds = unit.projects.iter().map(|index| facts.projects[*index].kind);
            let kind = kinds.any(|kind| image.builds.is_none_or(|builds| builds == kind));
            let program = !unit.infra && unit.image.is_none() && kind;
            !taken && program && within(&unit.directory, &image.context)
        };
        for unit in units.iter_mut().filter(may_build) {
            let paths = [image.dockerfile.clone(), child(&image.context, ".dockerignore")];
            unit.pulls.extend(paths.map(|path| Pull { path, why: "the Dockerfile of any of them".to_owned() }));
        }
    }
}

/// Attaches each project to the units of its directory and to the nearest unit around it; their inputs are then known.
fn attach(facts: &Manifests, units: &mut [DraftService]) {
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
    for unit in units {
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
                unit.pulls.extend(manifests.map(|path| Pull { path, why: "its package".to_owned() }));
                unit.pulls.extend(project.pulls.iter().cloned());
            }
        }
        unit.evidence.dedup();
    }
}
