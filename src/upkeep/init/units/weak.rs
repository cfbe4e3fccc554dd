//! Units with only a manifest or a name as evidence.

use std::collections::{BTreeMap, BTreeSet};

use crate::upkeep::manifests::{
    Files, Image, Manifests, Project, ProjectKind, ProjectRole, Pull, base, parent, within,
};

use super::images::named_directory;
use super::{DraftService, words};

/// Programs with nothing but their manifests as evidence, and no evidence against them.
pub(super) fn weak(facts: &Manifests, units: &[DraftService]) -> Vec<usize> {
    let pulled: BTreeSet<&str> = facts
        .projects
        .iter()
        .filter(|project| project.kind < ProjectKind::Terraform)
        .flat_map(|project| &project.pulls)
        .map(|pull| pull.path.as_str())
        .collect();
    let mut strong: BTreeMap<(ProjectKind, &str), usize> = BTreeMap::new();
    for index in units.iter().flat_map(|unit| &unit.projects) {
        let project = &facts.projects[*index];
        *strong.entry((project.kind, &project.workspace)).or_default() += 1;
    }
    let counts = |(index, project): (usize, &Project)| {
        let directory = project.directory.as_str();
        let frontend = project.kind == ProjectKind::Node
            && project.role == ProjectRole::Program
            && project.why.starts_with("package.json and");
        let among = words::among_services(directory);
        let runs = project.role == ProjectRole::Program
            || (project.role == ProjectRole::Unknown && (among || (!project.known && !words::is_shared(directory))));
        // If other units have images, a program without one deeper in the source is a helper.
        let images = units.iter().filter(|unit| unit.image.is_some()).count();
        let helper = images > 1 && directory.contains('/') && project.kind == ProjectKind::Node;
        let beaten = helper || strong.contains_key(&(project.kind, project.workspace.as_str()));
        let overruled = beaten && !frontend && !among && !taken(facts, project);
        let may_be_library =
            matches!(project.kind, ProjectKind::Node | ProjectKind::Python | ProjectKind::Cargo | ProjectKind::Jvm);
        let library = may_be_library && pulled.contains(directory) && !among && !directory.is_empty();
        let tool = packed(facts, project).is_none() && (words::is_tool(directory) || words::is_tool(&project.name));
        let builds = !matches!(project.kind, ProjectKind::Serverless | ProjectKind::Cdk | ProjectKind::Terraform);
        // If images are each built from a part of it, it is their package and not a program.
        let package = !project.known
            && units.iter().any(|unit| {
                let inside = unit.directory != directory && within(&unit.directory, directory);
                inside && unit.image.as_ref().is_some_and(|(_, context)| context == directory)
            });
        let shared = words::is_shared(directory) && !frontend && project.kind != ProjectKind::Cargo;
        (builds && runs && !overruled && !library && !tool && !shared && !package).then_some(index)
    };
    facts.projects.iter().enumerate().filter(|(_, project)| !project.is_foreign()).filter_map(counts).collect()
}

/// What says that a program is packed into an image without a Dockerfile.
fn packed<'m>(facts: &'m Manifests, project: &Project) -> Option<&'m BTreeSet<String>> {
    let mut all = facts.packed.iter().filter(|_| project.kind == ProjectKind::Go);
    all.find(|(place, _)| within(place, &project.directory)).map(|(_, file)| file)
}

/// Whether an image of several programs can be that of this one, or it is one that is packed without a Dockerfile.
fn taken(facts: &Manifests, project: &Project) -> bool {
    if packed(facts, project).is_some() {
        return true;
    }
    let takes = |image: &Image| image.programs.takes(&project.directory) && within(&project.directory, &image.context);
    facts.images.iter().any(|image| takes(image) && image.programs.can_build(project.kind))
}

/// Adds the unit of such a program, or attaches it to an existing one.
pub(super) fn add_weak(facts: &Manifests, index: usize, units: &mut Vec<DraftService>) {
    let project = &facts.projects[index];
    let frontend = project.why.starts_with("package.json and");
    let apart = taken(facts, project);
    let holds = |other: &&mut DraftService| {
        let copied = other.directory.is_empty()
            && other.image.is_some()
            && (!frontend || other.copies.iter().any(|copy| !copy.is_empty() && within(&project.directory, copy)));
        within(&project.directory, &other.directory)
            && (!other.directory.is_empty() || (copied && !apart) || project.directory.is_empty())
    };
    if let Some(other) = units.iter_mut().find(holds) {
        other.projects.insert(index);
        other.evidence.push(project.why.clone());
        return;
    }
    let names = vec![named_directory(&project.directory, &project.name), project.name.clone()];
    let evidence = vec![project.why.clone()];
    units.push(DraftService {
        names,
        directory: project.directory.clone(),
        evidence,
        pulls: packed(facts, project).into_iter().flatten().map(|file| Pull::new(file, "how it is packed")).collect(),
        projects: BTreeSet::from([index]),
        ..DraftService::default()
    });
}

/// Folders with a buildspec of their own and no other evidence.
pub(super) fn specs(files: &Files<'_>, units: &mut Vec<DraftService>) {
    let is_spec = |name: &&str| {
        let yaml = [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
        yaml && base(name).starts_with("buildspec") && !crate::upkeep::manifests::foreign(name)
    };
    for spec in files.own().filter(is_spec) {
        let place = parent(spec);
        let packaging = super::PACKAGING.contains(&base(place)) || base(place).starts_with("buildspec");
        let known = units.iter().any(|unit| within(&unit.directory, place) || within(place, &unit.directory));
        let alone = files.below(place).iter().all(is_spec);
        if !place.is_empty() && !packaging && !known && !alone {
            let names = vec![named_directory(place, base(place))];
            let evidence = vec![spec.to_owned()];
            units.push(DraftService { names, evidence, directory: place.to_owned(), ..DraftService::default() });
        }
    }
}

/// Code without a manifest, in a folder beside similar ones.
pub(super) fn functions(files: &Files<'_>, facts: &Manifests, units: &mut Vec<DraftService>) {
    let own = files.own().filter(|name| !crate::upkeep::manifests::foreign(name));
    let starting = own.filter(|name| words::starts(base(name))).map(|name| {
        let place = parent(name);
        if base(place) == "src" { parent(place) } else { place }
    });
    let of_project = |place: &str| {
        facts.projects.iter().any(|project| {
            let languages = project.kind < ProjectKind::Terraform && project.role != ProjectRole::Workspace;
            languages && !project.directory.is_empty() && within(place, &project.directory)
        })
    };
    let free = |place: &&str| words::among_services(place) && !of_project(place);
    let places: BTreeSet<&str> = starting.filter(free).collect();
    for place in places {
        let covered = units.iter().any(|unit| {
            let inside = within(place, &unit.directory) && (!unit.directory.is_empty() || unit.image.is_some());
            inside || within(&unit.directory, place)
        });
        let library = words::is_tool(place) || words::is_shared(base(place));
        if !covered && !library {
            let evidence = vec!["code without a manifest".to_owned()];
            let names = vec![base(place).to_owned()];
            units.push(DraftService { names, evidence, directory: place.to_owned(), ..DraftService::default() });
        }
    }
}
