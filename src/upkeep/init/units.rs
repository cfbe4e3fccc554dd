//! From facts to units: what is built and deployed together, judged by the strongest evidence.

mod around;
mod images;
mod weak;

use std::collections::BTreeSet;

use crate::upkeep::manifests::{
    Files, Function, Image, Manifests, ProjectKind, ProjectRole, Pull, above, base, is_bake, is_compose, is_template,
    parent, within,
};

use super::words;
use around::{attach, complete};
pub(super) use images::named_directory;
use images::{from_image, suffix};
use weak::{add_weak, functions, specs, weak};

/// What is built and deployed together.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftService {
    /// Candidates for its name, best first.
    pub(super) names: Vec<String>,
    /// The directory of its own files; empty for the root. Where that has nothing of it but its Dockerfile, the Dockerfile.
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
    /// All Dockerfiles that may build its image, with their contexts.
    pub(super) builds: BTreeSet<(String, String)>,
    /// Whether a file says that the image is built.
    pub(super) said: bool,
    /// Whether an image copies what an earlier build makes, of what nobody says.
    pub(super) prebuilt: bool,
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
        let programs = facts.projects.iter().filter(|project| {
            let elsewhere = project.directory != parent(&image.dockerfile) || project.directory.is_empty();
            let program = project.role == ProjectRole::Program && project.kind < ProjectKind::Terraform;
            program && elsewhere && within(&project.directory, &image.context)
        });
        // A Dockerfile that can build any program is a file that the programs share.
        let any = image.programs.any && programs.count() > 1;
        if !any && is_deployed(files, facts, image) {
            add(&mut units, from_image(facts, image));
        }
    }
    for (index, stack) in facts.stacks.iter().enumerate() {
        from_stack(facts, index, stack, &mut units);
    }
    for (index, project) in facts.projects.iter().enumerate().filter(|(_, project)| !project.is_foreign()) {
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
    specs(files, &mut units);
    attach(facts, &mut units);
    shared_images(files, facts, &mut units);
    units.sort_by(|one, other| (&one.directory, &one.names).cmp(&(&other.directory, &other.names)));
    units
}

/// Whether an image is one by itself: not a part of a root of Terraform, and no environment to develop in.
fn is_deployed(files: &Files<'_>, facts: &Manifests, image: &Image) -> bool {
    let beside_terraform = files.inside(parent(&image.dockerfile)).iter().any(|name| name.ends_with(".tf"));
    // What a compose file runs beside the others, a Bake file builds or others are made from is more than an environment.
    let said = image.said_by.as_deref().map(base).is_some_and(|file| is_compose(file) || is_bake(file));
    let is_it = |(dockerfile, _): &(String, String)| *dockerfile == image.dockerfile;
    let said = said || facts.images.iter().any(|other| other.bases.iter().any(is_it));
    !beside_terraform && (said || !image.bare || !words::is_development(files, image))
}

/// Adds a unit, merging it with an indistinguishable one of the same directory.
fn add(units: &mut Vec<DraftService>, unit: DraftService) {
    let suffix = |unit: &DraftService| unit.image.as_ref().and_then(|(dockerfile, _)| suffix(dockerfile));
    // Two Dockerfiles of a directory may be variants of one image, unless something builds both of them.
    let one_image = |other: &DraftService| {
        other.image.is_none() || unit.image.is_none() || (suffix(other) == suffix(&unit) && !(other.said && unit.said))
    };
    let same = |other: &&mut DraftService| other.directory == unit.directory && one_image(other);
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
    // What something builds goes before a variant that nothing names.
    let first = unit.image.take();
    unit.image = if other.said && !unit.said { other.image.or(first) } else { first.or(other.image) };
    unit.said |= other.said;
    unit.prebuilt |= other.prebuilt;
    unit.builds.extend(other.builds);
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
        let layers: Vec<Pull> = function.layers.iter().map(|path| Pull::new(path, "a layer")).collect();
        let built = function.image.as_ref().and_then(|(dockerfile, _)| {
            units.iter_mut().find(|unit| unit.image.as_ref().is_some_and(|(file, _)| file == dockerfile))
        });
        if let Some(unit) = built {
            unit.pulls.extend(layers);
            unit.evidence.push(format!("the function {} of {}", function.name, stack.template));
            unit.stack = unit.stack.or(Some(index));
        }
    }
    let zipped: Vec<&Function> = stack.functions.iter().filter(|function| function.code.is_some()).collect();
    let nested = facts.stacks.iter().any(|other| other.parts.iter().any(|part| part.path == stack.template));
    if !zipped.is_empty() {
        units.push(of_functions(facts, index, &zipped));
    } else if stack.functions.is_empty() && is_template(&stack.template) && !place.is_empty() && !nested {
        let unit = DraftService {
            names: vec![named_directory(place, "")],
            directory: place.to_owned(),
            strong: true,
            evidence: vec![stack.template.clone()],
            stack: Some(index),
            ..DraftService::default()
        };
        add(units, unit);
    }
}

/// The unit of a template's functions: one command deploys them all, so they are one unit.
fn of_functions(facts: &Manifests, index: usize, functions: &[&Function]) -> DraftService {
    let template = &facts.stacks[index].template;
    let place = parent(template);
    let codes: BTreeSet<String> = functions.iter().filter_map(|function| function.code.clone()).collect();
    let pulls = functions.iter().flat_map(|function| &function.layers).map(|path| Pull::new(path, "a layer"));
    let common = codes.iter().fold(None, |common: Option<String>, code| match common {
        None => Some(code.clone()),
        Some(common) => Some(shared(&common, code).to_owned()),
    });
    let directory = match (place, common) {
        ("", Some(common)) if !common.is_empty() || codes.contains("") => common,
        ("", _) => codes.first().cloned().unwrap_or_default(),
        (place, _) => place.to_owned(),
    };
    let names =
        if place.is_empty() && functions.len() > 1 { Vec::new() } else { vec![named_directory(&directory, "")] };
    let of_code = |project: &&(usize, &crate::upkeep::manifests::Project)| {
        project.1.kind < ProjectKind::Terraform && codes.iter().any(|code| within(&project.1.directory, code))
    };
    let projects = facts.projects.iter().enumerate().filter(|project| of_code(&project)).map(|(index, _)| index);
    let functions: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    DraftService {
        names,
        directory,
        projects: projects.collect(),
        own: codes.iter().filter(|code| !code.is_empty()).cloned().collect(),
        strong: true,
        evidence: vec![match functions.as_slice() {
            [one] => format!("the function {one} of {template}"),
            more => format!("the {} functions of {template}", more.len()),
        }],
        pulls: pulls.collect(),
        stack: Some(index),
        ..DraftService::default()
    }
}

/// The directory that two paths share.
pub(super) fn shared<'p>(one: &'p str, other: &str) -> &'p str {
    std::iter::once(one).chain(above(one)).find(|place| within(other, place)).unwrap_or_default()
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
    let kind = |unit: &DraftService| unit.projects.iter().map(|project| facts.projects[*project].kind).next();
    let holds = |other: &&mut DraftService| {
        // Each root of Terraform is applied on its own, wherever it is.
        let applied = [kind(other), kind(&unit)].iter().all(|kind| *kind == Some(ProjectKind::Terraform));
        let inside = other.directory != unit.directory && within(&unit.directory, &other.directory);
        !other.directory.is_empty() && inside && !(applied && other.infra)
    };
    match units.iter_mut().filter(|_| unit.infra).find(holds) {
        Some(other) => {
            other.projects.extend(unit.projects);
            other.evidence.extend(unit.evidence);
        }
        None => add(units, unit),
    }
}

/// A Dockerfile for any program is an input of each program that it may build. One that builds none of those found is a
/// unit of its own.
fn shared_images(files: &Files<'_>, facts: &Manifests, units: &mut Vec<DraftService>) {
    for image in facts.images.iter().filter(|image| image.programs.any) {
        let is_of =
            |unit: &DraftService| unit.image.as_ref().is_some_and(|(dockerfile, _)| *dockerfile == image.dockerfile);
        if units.iter().any(is_of) {
            continue;
        }
        let may_build = |unit: &&mut DraftService| {
            let mut kinds = unit.projects.iter().map(|index| facts.projects[*index].kind);
            let kind = kinds.any(|kind| image.programs.can_build(kind));
            let program = !unit.infra && unit.image.is_none() && kind;
            program && within(&unit.directory, &image.context)
        };
        let mut built = false;
        for unit in units.iter_mut().filter(may_build) {
            unit.pulls.push(Pull::new(&image.dockerfile, "the Dockerfile of any of them"));
            built = true;
            if image.programs.packs {
                continue;
            }
            unit.image = Some((image.dockerfile.clone(), image.context.clone()));
            unit.builds.insert((image.dockerfile.clone(), image.context.clone()));
            unit.builds.extend(image.bases.iter().cloned());
        }
        if !built && is_deployed(files, facts, image) {
            let mut unit = from_image(facts, image);
            complete(facts, &mut unit);
            units.push(unit);
        }
    }
}
