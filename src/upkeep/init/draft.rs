//! The draft: units and their paths, as briefly as a map can express them.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::text;
use crate::upkeep::manifests::{Files, Manifests, base, parent, within};

use super::cover::{cover, pattern, patterns};
use super::inputs::{Ground, Paths};
use super::units::{self, DraftService};
use super::{excludes, leftovers};
use names::unique;

/// How many paths from elsewhere a service's comment explains.
const MOST_REASONS: usize = 4;

/// A first map.
#[derive(Debug, Default)]
pub struct FirstDraft {
    /// Patterns that are subtracted from every service, with what they match.
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
    /// What the image copies but does not need, as patterns.
    pub not_inputs: Vec<String>,
}

/// Drafts a map. `project` is the name for a unit that is the whole source.
pub fn draft(files: &Files<'_>, facts: &Manifests, project: &str) -> FirstDraft {
    let mut units = units::find(files, facts);
    let directories: Vec<String> = units.iter().map(|unit| unit.directory.clone()).collect();
    let excludes = excludes::find(files, facts, &directories);
    let excluded = |name: &str| excludes.iter().any(|exclude| exclude.hits(name));
    let ground = Ground { files, facts, units: &units, excluded: &excluded };
    let mut paths: Vec<Paths> = (0..units.len()).map(|index| ground.paths(index)).collect();
    let stacks = stacks(files, facts, &units);
    let claimed = |name: &str| {
        excluded(name)
            || paths
                .iter()
                .flat_map(BTreeMap::keys)
                .chain(stacks.iter().flat_map(|(paths, _)| paths))
                .any(|path| within(name, path))
    };
    let claims = leftovers::claim(files, facts, &units, &claimed, &excluded);
    for claim in claims {
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
                paths.push(claim.paths.into_keys().map(|path| (path, String::new())).collect());
            }
            None => claim.users.iter().for_each(|user| paths[*user].extend(claim.paths.clone())),
        }
    }
    Sketch { files, units, paths, stacks, excluded: &excluded }.draft(project, &excludes)
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
    units: Vec<DraftService>,
    paths: Vec<Paths>,
    stacks: Vec<(Vec<String>, BTreeSet<usize>)>,
    excluded: &'a dyn Fn(&str) -> bool,
}

impl Sketch<'_, '_> {
    fn draft(&self, project: &str, excludes: &[excludes::Exclude]) -> FirstDraft {
        let mut draft = FirstDraft::default();
        for exclude in excludes {
            draft.excludes.push((exclude.why.to_owned(), exclude.patterns.clone()));
        }
        let names = self.names(project);
        let depends = self.depends();
        let mut users: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, paths) in self.paths.iter().enumerate() {
            for path in paths.keys().filter(|path| !depends[index].iter().any(|other| self.is_of(path, *other))) {
                users.entry(path.clone()).or_default().insert(index);
            }
        }
        // Build inputs and deploy inputs are separate groups, even if the same services use them.
        let mut groups: BTreeMap<(BTreeSet<usize>, bool), BTreeSet<String>> = BTreeMap::new();
        for (path, users) in users.iter().filter(|(_, users)| users.len() > 1) {
            let first = users.first().and_then(|user| self.paths[*user].get(path));
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
            let own: Vec<&String> = self.paths[index]
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
                not_inputs: self.not_inputs(index),
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
        draft.unowned = self.unowned();
        draft
    }

    /// The evidence for a unit, and why paths outside its directory are its inputs.
    fn evidence(&self, index: usize, own: &[&String]) -> Vec<String> {
        let unit = &self.units[index];
        let place = if unit.directory.is_empty() { "the whole source" } else { &unit.directory };
        let mut why = vec![format!("{place}: {}", text::list(&unit.evidence))];
        let reason = |path: &&&String| self.paths[index].get(**path).filter(|why| !why.is_empty());
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
                *other != index
                    && self.units[*other].directory != self.units[index].directory
                    && self.paths[index].keys().any(|path| self.is_of(path, *other))
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

    /// Other units' directories inside this unit's, which are not its inputs.
    fn nested(&self, index: usize) -> BTreeSet<String> {
        let unit = &self.units[index];
        let others = self.units.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| &other.directory);
        let inside = |other: &&String| {
            let here = !other.is_empty()
                && **other != unit.directory
                && self.paths[index].iter().any(|(path, why)| why.is_empty() && within(other, path) && path != *other);
            here && !self.paths[index].contains_key(*other)
        };
        let mut found: BTreeSet<String> = others.filter(inside).cloned().collect();
        let own = |other: &DraftService| {
            other
                .own
                .iter()
                .filter(|path| within(path, &unit.directory) && !unit.directory.is_empty())
                .cloned()
                .collect::<Vec<_>>()
        };
        // Other units' Dockerfiles in the same directory.
        for (at, other) in self.units.iter().enumerate().filter(|(at, _)| *at != index) {
            let _ = at;
            found.extend(own(other).into_iter().filter(|path| {
                self.files.has(path)
                    && !unit.own.contains(path)
                    && other.image.as_ref().is_some_and(|(dockerfile, _)| dockerfile == path)
            }));
        }
        let all = found.clone();
        let covered = |path: &String| all.iter().any(|other| other != path && within(path, other));
        found.retain(|path| !self.paths[index].contains_key(path) && !covered(path));
        found
    }

    /// What the image copies that is not an input of the service: other services' files and excluded files.
    fn not_inputs(&self, index: usize) -> Vec<String> {
        let unit = &self.units[index];
        if unit.image.is_none() {
            return Vec::new();
        }
        let nested = self.nested(index);
        let is_input = |name: &str| {
            self.paths[index].keys().any(|path| within(name, path)) && !nested.iter().any(|path| within(name, path))
        };
        let tops = unit.copies.iter().filter(|copy| !self.files.has(copy));
        let judge = |name: &str| if (self.excluded)(name) { None } else { Some(!is_input(name)) };
        let mut found: Vec<String> = tops.flat_map(|top| cover(self.files, top, &judge)).collect();
        found.sort_unstable();
        found.dedup();
        found.iter().map(|path| pattern(self.files, path)).collect()
    }

    /// A unit and a file that is an input of that unit alone, where no stack redeploys it.
    fn example(&self, names: &[String]) -> Option<(String, String)> {
        let alone = |index: usize, name: &str| {
            let inputs = |at: usize| self.paths[at].keys().any(|path| within(name, path));
            !(self.excluded)(name) && (0..self.units.len()).all(|at| (at == index) == inputs(at))
        };
        (0..self.units.len()).filter(|index| self.units[*index].stack.is_none()).find_map(|index| {
            let files = self.files.below(&self.units[index].directory);
            let name = files.into_iter().find(|name| alone(index, name))?;
            Some((names[index].clone(), name.to_owned()))
        })
    }

    /// Files that are neither inputs nor excluded, as patterns.
    fn unowned(&self) -> Vec<String> {
        let owned = |name: &str| {
            self.paths
                .iter()
                .flat_map(BTreeMap::keys)
                .chain(self.stacks.iter().flat_map(|(paths, _)| paths))
                .any(|path| within(name, path))
        };
        let is_map = |name: &str| matches!(name, "shipmark.toml" | "config/shipmark.toml");
        let judge = |name: &str| if (self.excluded)(name) || is_map(name) { None } else { Some(!owned(name)) };
        cover(self.files, "", &judge).iter().map(|path| pattern(self.files, path)).collect()
    }
}

fn reaches(all: &[BTreeSet<usize>], from: usize, to: usize) -> bool {
    from == to || all[from].iter().any(|next| reaches(all, *next, to))
}
