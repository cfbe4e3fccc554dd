//! The draft: units and their paths, as briefly as a map can express them.

mod names;
mod nested;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::text;
use crate::upkeep::manifests::{Files, Manifests, above, base, parent, within};

use super::inputs::{FoundInputs, Ground, ReachedPaths};
use super::observed::ObservedReads;
use super::units::{self, DraftService};
use super::{excludes, leftovers, pipelines};
use crate::upkeep::manifests::cover::{cover, pattern, patterns};
use names::unique;

/// How many paths from elsewhere a service's comment explains.
const MOST_REASONS: usize = 4;

/// A first map.
#[derive(Debug, Default)]
pub struct FirstDraft {
    /// Patterns that are subtracted from every service, with why nothing needs what they match.
    pub excludes: Vec<(String, Vec<String>)>,
    /// Shared patterns.
    pub groups: Vec<DraftedGroup>,
    /// Services, sorted by name.
    pub services: Vec<DraftedService>,
    /// Paths that nobody owns, as patterns.
    pub unowned: Vec<String>,
    /// A service and a file that is an input of that service alone.
    pub example: Option<(String, String)>,
}

/// Patterns that several services share.
#[derive(Debug)]
pub struct DraftedGroup {
    /// Its name.
    pub name: String,
    /// What it is.
    pub why: Vec<String>,
    /// Its patterns.
    pub patterns: Vec<String>,
}

/// A service.
#[derive(Debug, Default)]
pub struct DraftedService {
    /// Its name.
    pub name: String,
    /// The evidence for it.
    pub why: Vec<String>,
    /// Its own patterns.
    pub include: Vec<String>,
    /// What is excluded from them.
    pub exclude: Vec<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Services that it depends on.
    pub depends_on: Vec<String>,
    /// Its Dockerfile and build context.
    pub image: Option<(String, String)>,
    /// What is not known of it, so that more was taken in.
    pub doubts: Vec<String>,
}

/// Drafts a map. `project` is the name for a unit that is the whole source.
pub fn draft(files: &Files<'_>, facts: &Manifests, project: &str, observed: &ObservedReads) -> FirstDraft {
    let mut units = units::find(files, facts);
    let directories: Vec<String> = units.iter().map(|unit| unit.directory.clone()).collect();
    let named = pipelines::named(files, &units);
    let candidates = excludes::find(files, facts, &directories, &named.keys().map(String::as_str).collect());
    let ground = Ground { files, facts, units: &units };
    let mut found: Vec<FoundInputs> = (0..units.len()).map(|index| ground.find(index)).collect();
    let mut stacks = stacks(files, facts, &units);
    // What a single service deploys is its own.
    stacks.retain(|(paths, users)| {
        let alone = users.first().filter(|user| users.len() == 1 && units[**user].image.is_none());
        let own = paths.iter().map(|path| (path.clone(), "its stack".to_owned()));
        alone.map(|user| found[*user].add(own)).is_none()
    });
    let all: BTreeSet<String> = found.iter().flat_map(|found| found.paths.keys().cloned()).collect();
    let all: BTreeSet<String> = all.into_iter().chain(stacks.iter().flat_map(|(paths, _)| paths.clone())).collect();
    let claimed = |name: &str| std::iter::once(name).chain(above(name)).any(|path| all.contains(path));
    for claim in leftovers::claim(files, facts, &units, &named, &claimed, &|name| candidates.has(name)) {
        match claim.new {
            Some(name) => {
                let own: BTreeSet<String> = claim.paths.keys().cloned().collect();
                let directory = own.first().cloned().unwrap_or_default();
                let evidence = vec![format!("{directory}: found by its name alone")];
                units.push(DraftService {
                    names: vec![name],
                    directory,
                    own,
                    strong: true,
                    infra: true,
                    evidence,
                    ..DraftService::default()
                });
                let paths = claim.paths.into_keys().map(|path| (path, String::new())).collect();
                found.push(FoundInputs { paths, ..FoundInputs::default() });
            }
            None => claim.users.iter().for_each(|user| found[*user].add(claim.paths.clone())),
        }
    }
    let mut sketch = Sketch { files, facts, units, found, stacks };
    let names = sketch.names(project);
    observed.add_to(&mut sketch.found, &names, files);
    let reach = ReachedPaths::new(&sketch.found);
    let reached = |name: &str| reach.holds(name) || in_stack(&sketch.stacks, name) || observed.has(name);
    let excludes = candidates.excludes(files, &reached);
    let mut draft = sketch.draft(project, &|name| candidates.has(name) && !observed.has(name));
    draft.services.iter_mut().for_each(|service| observed.uncut(&service.name, &mut service.exclude));
    FirstDraft { excludes, ..draft }
}

fn in_stack(stacks: &[(Vec<String>, BTreeSet<usize>)], name: &str) -> bool {
    stacks.iter().flat_map(|(paths, _)| paths).any(|path| within(name, path))
}

/// What each stack consists of besides its functions, and the units that it deploys.
fn stacks(files: &Files<'_>, facts: &Manifests, units: &[DraftService]) -> Vec<(Vec<String>, BTreeSet<usize>)> {
    let one = |(index, stack): (usize, &crate::upkeep::manifests::Stack)| {
        let place = parent(&stack.template);
        let mut paths = vec![stack.template.clone()];
        paths.extend(stack.parts.iter().map(|part| part.path.clone()).filter(|path| files.has(path)));
        let beside = facts.projects.iter().filter(|project| {
            matches!(
                project.kind,
                crate::upkeep::manifests::ProjectKind::Terraform | crate::upkeep::manifests::ProjectKind::Cdk
            ) && !place.is_empty()
                && project.directory != place
                && within(&project.directory, place)
        });
        paths.extend(beside.map(|project| project.directory.clone()));
        let nested = |unit: &DraftService| {
            unit.stack.is_some_and(|at| at == index || paths.contains(&facts.stacks[at].template))
        };
        let users = (0..units.len()).filter(|at| nested(&units[*at])).collect();
        (paths, users)
    };
    facts
        .stacks
        .iter()
        .enumerate()
        .map(one)
        .filter(|(_, users): &(Vec<String>, BTreeSet<usize>)| !users.is_empty())
        .collect()
}

/// A draft in progress.
struct Sketch<'a, 'f> {
    files: &'a Files<'f>,
    facts: &'a Manifests,
    units: Vec<DraftService>,
    found: Vec<FoundInputs>,
    stacks: Vec<(Vec<String>, BTreeSet<usize>)>,
}

impl Sketch<'_, '_> {
    fn draft(&self, project: &str, excluded: &dyn Fn(&str) -> bool) -> FirstDraft {
        let mut draft = FirstDraft::default();
        let names = self.names(project);
        let depends = self.depends();
        let mut users: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, found) in self.found.iter().enumerate() {
            for path in found.paths.keys().filter(|path| !depends[index].iter().any(|other| self.is_of(path, *other))) {
                users.entry(path.clone()).or_default().insert(index);
            }
        }
        // Build inputs and deploy inputs are separate groups, even if the same services use them.
        let mut groups: BTreeMap<(BTreeSet<usize>, bool), BTreeSet<String>> = BTreeMap::new();
        for (path, users) in users.iter().filter(|(_, users)| users.len() > 1) {
            let first = users.first().and_then(|user| self.found[*user].paths.get(path));
            let deploys =
                first.is_some_and(|why| matches!(why.as_str(), "how it is deployed" | "what the pipelines do"));
            groups.entry((users.clone(), deploys)).or_default().insert(path.clone());
        }
        let mut of_group: Vec<Vec<String>> = vec![Vec::new(); self.units.len()];
        let mut taken = BTreeSet::new();
        for ((users, _), paths) in &groups {
            let name = unique(&self.group_name(users, paths), &mut taken);
            users.iter().for_each(|user| of_group[*user].push(name.clone()));
            let why = self.reasons(paths);
            draft.groups.push(DraftedGroup { name, why, patterns: patterns(self.files, paths) });
        }
        let mut deployed_by: Vec<Vec<String>> = vec![Vec::new(); self.units.len()];
        for (paths, users) in &self.stacks {
            let name = unique(if self.stacks.len() > 1 { base(parent(&paths[0])) } else { "stack" }, &mut taken);
            users.iter().for_each(|user| deployed_by[*user].push(name.clone()));
            let why = vec!["The stack that deploys them.".to_owned()];
            draft.groups.push(DraftedGroup { name, why, patterns: patterns(self.files, paths) });
        }
        for (index, unit) in self.units.iter().enumerate() {
            let own: Vec<&String> = self.found[index]
                .paths
                .keys()
                .filter(|path| users.get(*path).is_some_and(|users| users.len() == 1 && users.contains(&index)))
                .collect();
            let mut service = DraftedService {
                name: names[index].clone(),
                why: self.evidence(index, &own),
                include: patterns(self.files, &own),
                exclude: self.nested(index).iter().map(|path| pattern(self.files, path)).collect(),
                groups: of_group[index].clone(),
                depends_on: depends[index].iter().map(|other| names[*other].clone()).collect(),
                image: unit.image.clone(),
                doubts: self.found[index].doubts.clone(),
            };
            if deployed_by[index].is_empty() {
                draft.services.push(service);
                continue;
            }
            if unit.image.is_none() {
                service.groups.extend(deployed_by[index].clone());
                draft.services.push(service);
                continue;
            }
            // Deploying needs more inputs than building, so the image is separate from its deploy: changing a memory
            // size then compiles nothing.
            let image = format!("{}-image", service.name);
            let why = vec![format!("the stack deploys {image}")];
            draft.services.push(DraftedService {
                name: service.name.clone(),
                why,
                groups: deployed_by[index].clone(),
                depends_on: vec![image.clone()],
                ..DraftedService::default()
            });
            service.name = image;
            draft.services.push(service);
        }
        draft.services.sort_by(|one, other| one.name.cmp(&other.name));
        draft.example = self.example(&names);
        draft.unowned = self.unowned(excluded);
        draft
    }

    /// The evidence for a unit, and why paths outside its directory are its inputs.
    fn evidence(&self, index: usize, own: &[&String]) -> Vec<String> {
        let unit = &self.units[index];
        let place = if unit.directory.is_empty() { "the whole source" } else { &unit.directory };
        let mut why = vec![format!("{place}: {}", text::list(&unit.evidence))];
        let reason = |path: &&&String| self.found[index].paths.get(**path).filter(|why| !why.is_empty());
        let pulled = own.iter().filter_map(|path| Some(format!("{path}: {}", reason(&path)?)));
        why.extend(pulled.take(MOST_REASONS));
        why
    }

    fn is_of(&self, path: &str, unit: usize) -> bool {
        let directory = &self.units[unit].directory;
        !directory.is_empty() && path == directory
    }

    /// The units that each unit depends on: those whose whole directory it pulls in, without cycles.
    fn depends(&self) -> Vec<BTreeSet<usize>> {
        let count = self.units.len();
        let mut all = vec![BTreeSet::new(); count];
        for index in 0..count {
            let pulled = |other: &usize| {
                let directory = &self.units[*other].directory;
                *other != index
                    && *directory != self.units[index].directory
                    && !directory.is_empty()
                    && self.found[index].paths.contains_key(directory)
            };
            let wanted: Vec<usize> = (0..count).filter(pulled).collect();
            for other in wanted {
                if !reaches(&all, other, index) {
                    all[index].insert(other);
                }
            }
        }
        all
    }

    /// A unit and a file that is an input of that unit alone, where no stack redeploys it.
    fn example(&self, names: &[String]) -> Option<(String, String)> {
        let inputs = |at: usize, name: &str| self.found[at].paths.keys().any(|path| within(name, path));
        let alone = |index: usize, name: &str| (0..self.units.len()).all(|at| (at == index) == inputs(at, name));
        (0..self.units.len()).filter(|index| self.units[*index].stack.is_none()).find_map(|index| {
            let nested = self.nested(index);
            let files = self.files.below(&self.units[index].directory);
            let name =
                files.into_iter().find(|name| alone(index, name) && !nested.iter().any(|path| within(name, path)))?;
            Some((names[index].clone(), name.to_owned()))
        })
    }

    /// Files that are neither inputs nor excluded, as patterns.
    fn unowned(&self, excluded: &dyn Fn(&str) -> bool) -> Vec<String> {
        let all: BTreeSet<&str> = self.found.iter().flat_map(|found| found.paths.keys()).map(String::as_str).collect();
        let owned = |name: &str| std::iter::once(name).chain(above(name)).any(|path| all.contains(path));
        let is_map = |name: &str| matches!(name, "shipmark.toml" | "config/shipmark.toml");
        let judge = |name: &str| match excluded(name) || is_map(name) {
            true => None,
            false => Some(!owned(name) && !in_stack(&self.stacks, name)),
        };
        cover(self.files, "", &judge).iter().map(|path| pattern(self.files, path)).collect()
    }
}

/// Whether `to` is among what `from` depends on, itself included. Each unit is looked at once.
fn reaches(all: &[BTreeSet<usize>], from: usize, to: usize) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(unit) = next.pop() {
        next.extend(all[unit].iter().copied().filter(|other| seen.insert(*other)));
    }
    seen.contains(&to)
}
