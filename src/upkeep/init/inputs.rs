//! The inputs of each unit: its own directory, what its manifests pull in, and what its image copies.

use std::collections::{BTreeMap, BTreeSet};

use crate::upkeep::manifests::{Files, Manifests, Project, ProjectKind, Pull, base, child, parent, within};

use super::cover::cover;
use super::units::DraftService;

/// Paths and why they are inputs; an empty reason means that they are the unit's own.
pub(super) type Paths = BTreeMap<String, String>;

/// The shared context for all units.
pub(super) struct Ground<'a, 'f> {
    pub(super) files: &'a Files<'f>,
    pub(super) facts: &'a Manifests,
    pub(super) units: &'a [DraftService],
    /// Files that are not inputs of anything.
    pub(super) excluded: &'a dyn Fn(&str) -> bool,
}

impl Ground<'_, '_> {
    /// The inputs of a unit.
    pub(super) fn paths(&self, index: usize) -> Paths {
        let unit = &self.units[index];
        let mut paths = Paths::new();
        if unit.directory.is_empty() {
            let alone = self.units.len() == 1;
            let own = if alone { vec![String::new()] } else { self.not_others(index, "") };
            paths.extend(own.into_iter().map(|path| (path, String::new())));
        } else {
            paths.insert(unit.directory.clone(), String::new());
        }
        paths.extend(unit.own.iter().map(|path| (path.clone(), String::new())));
        self.pulled(unit, &mut paths);
        self.copied(index, &mut paths);
        paths.retain(|path, _| self.files.exists(path));
        let all: Vec<String> = paths.keys().cloned().collect();
        paths.retain(|path, _| !all.iter().any(|other| other != path && within(path, other)));
        paths
    }

    /// The part of a directory that belongs to no other unit, as paths.
    fn not_others(&self, index: usize, top: &str) -> Vec<String> {
        let here = &self.units[index];
        let others: Vec<&DraftService> =
            self.units.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, unit)| unit).collect();
        let theirs = |name: &str| {
            others.iter().any(|other| {
                let holds = !other.directory.is_empty()
                    && within(name, &other.directory)
                    && !within(&here.directory, &other.directory);
                holds || other.own.iter().any(|own| within(name, own) && !here.own.contains(own))
            })
        };
        let infra = self.infra();
        let judge = |name: &str| {
            if (self.excluded)(name) {
                return None;
            }
            let aside = name.starts_with(".github/")
                || infra.iter().any(|place| within(name, place) && !within(&here.directory, place));
            Some(!aside && !theirs(name) && !is_pipeline(name))
        };
        cover(self.files, top, &judge)
    }

    /// Directories of infrastructure and the files of stacks.
    fn infra(&self) -> BTreeSet<String> {
        let projects = self.facts.projects.iter().filter(|project| {
            matches!(project.kind, ProjectKind::Terraform | ProjectKind::Cdk) && !project.directory.is_empty()
        });
        let mut places: BTreeSet<String> = projects.map(|project| project.directory.clone()).collect();
        for stack in &self.facts.stacks {
            places.insert(stack.template.clone());
            places.extend(stack.parts.iter().map(|part| part.path.clone()));
        }
        places
    }

    /// What a unit's manifests pull in, followed transitively.
    fn pulled(&self, unit: &DraftService, paths: &mut Paths) {
        let mut open: Vec<&Project> = unit.projects.iter().map(|index| &self.facts.projects[*index]).collect();
        let mut pulls: Vec<&Pull> = unit.pulls.iter().collect();
        let mut seen = BTreeSet::new();
        loop {
            while let Some(pull) = pulls.pop() {
                if !within(&pull.path, &unit.directory) || unit.directory.is_empty() {
                    paths.entry(pull.path.clone()).or_insert_with(|| pull.why.clone());
                }
                // A project that is pulled in brings its own pulls along. Nothing pulls in the root.
                let brought = |project: &&Project| project.directory == pull.path && !pull.path.is_empty();
                open.extend(self.facts.projects.iter().filter(brought));
            }
            let Some(project) = open.pop() else { return };
            if seen.insert((&project.manifest, &project.directory)) {
                pulls.extend(&project.pulls);
            }
        }
    }

    /// What the unit's image copies from outside its directory, unless a manifest says more precisely what the image
    /// needs of it.
    fn copied(&self, index: usize, paths: &mut Paths) {
        let unit = &self.units[index];
        let Some((dockerfile, context)) = &unit.image else { return };
        let ignore = [child(context, ".dockerignore"), format!("{dockerfile}.dockerignore")];
        paths.extend(ignore.into_iter().map(|path| (path, "what the image's build sees".to_owned())));
        let trusted = unit.projects.iter().map(|index| &self.facts.projects[*index]).any(says_all);
        let outside = within(&unit.directory, context) && unit.directory != *context;
        let unread = unit.copies.is_empty() && outside;
        for copy in unit.copies.iter().chain(unread.then_some(context)) {
            let own = within(copy, &unit.directory) && !unit.directory.is_empty();
            if own || unit.directory.is_empty() {
                continue;
            }
            let why = format!("copied by {dockerfile}");
            if self.files.has(copy) {
                paths.entry(copy.clone()).or_insert(why);
                continue;
            }
            let projects = self
                .facts
                .projects
                .iter()
                .any(|project| within(&project.directory, copy) && project.directory != unit.directory);
            let whole = copy == context || within(&unit.directory, copy);
            if trusted && (projects || whole) {
                continue;
            }
            for path in self.not_others(index, copy) {
                paths.entry(path).or_insert(why.clone());
            }
        }
    }
}

/// Whether a project's image needs nothing beyond what the project pulls in.
fn says_all(project: &Project) -> bool {
    project.known
        && match project.kind {
            ProjectKind::Cargo | ProjectKind::Swift | ProjectKind::Go | ProjectKind::Jvm | ProjectKind::DotNet => true,
            ProjectKind::Node | ProjectKind::Python => project.workspace != project.directory,
            ProjectKind::Terraform | ProjectKind::Cdk | ProjectKind::Serverless => false,
        }
}

/// Whether a file configures a pipeline.
pub(super) fn is_pipeline(name: &str) -> bool {
    let file = base(name);
    let yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    let place = parent(name);
    yaml && (file.contains("buildspec")
        || file.contains("appspec")
        || place.ends_with(".github/workflows")
        || place.ends_with("buildspecs"))
        || matches!(
            file,
            "Jenkinsfile"
                | ".gitlab-ci.yml"
                | "bitbucket-pipelines.yml"
                | "azure-pipelines.yml"
                | "cloudbuild.yaml"
                | "skaffold.yaml"
        )
        || place.ends_with(".circleci")
}
