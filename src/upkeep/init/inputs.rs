//! The inputs of each unit: its own directory, what its manifests and files pull in, and what its images copy. Nothing
//! is left out because of its name.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::base::text;
use crate::upkeep::manifests::dockerfile::Unclear;
use crate::upkeep::manifests::{
    BuildContext, Files, Manifests, Project, ProjectKind, below, child, clean, cover, ignore_files, parent, rooted,
    within,
};

use super::units::{DraftService, shared};
use super::words::is_pipeline;

/// Paths and why they are inputs; an empty reason means that they are the unit's own.
pub(super) type Paths = BTreeMap<String, String>;

/// What was found of a unit.
#[derive(Debug, Default)]
pub(super) struct FoundInputs {
    /// Its inputs.
    pub(super) paths: Paths,
    /// Those that its images copy.
    pub(super) copied: BTreeSet<String>,
    /// What is not known, so that more was taken in; for people.
    pub(super) doubts: Vec<String>,
}

impl FoundInputs {
    /// Adds inputs that are not covered yet.
    pub(super) fn add(&mut self, paths: impl IntoIterator<Item = (String, String)>) {
        for (path, why) in paths {
            if !crate::upkeep::manifests::above(&path).any(|place| self.paths.contains_key(place)) {
                self.paths.entry(path).or_insert(why);
            }
        }
    }
}

/// What all units have as inputs.
pub(super) struct ReachedPaths<'f>(HashSet<&'f str>);

impl<'f> ReachedPaths<'f> {
    pub(super) fn new(found: &'f [FoundInputs]) -> Self {
        Self(found.iter().flat_map(|found| found.paths.keys()).map(String::as_str).collect())
    }

    /// Whether something that a unit builds can reach a file. A .dockerignore proves nothing: what builds an image may
    /// read another one, or the file before that.
    pub(super) fn holds(&self, name: &str) -> bool {
        std::iter::once(name).chain(crate::upkeep::manifests::above(name)).any(|path| self.0.contains(path))
    }
}

/// The shared context for all units.
pub(super) struct Ground<'a, 'f> {
    pub(super) files: &'a Files<'f>,
    pub(super) facts: &'a Manifests,
    pub(super) units: &'a [DraftService],
}

impl Ground<'_, '_> {
    /// What is known of a unit.
    pub(super) fn find(&self, index: usize) -> FoundInputs {
        let unit = &self.units[index];
        let mut found = FoundInputs::default();
        if unit.directory.is_empty() {
            let alone = self.units.len() == 1;
            let own = if alone { vec![String::new()] } else { self.not_others(index) };
            found.paths.extend(own.into_iter().map(|path| (path, String::new())));
        } else {
            found.paths.insert(unit.directory.clone(), String::new());
        }
        found.paths.extend(unit.own.iter().map(|path| (path.clone(), String::new())));
        found.paths.extend(unit.pulls.iter().map(|pull| (pull.path.clone(), pull.why.clone())));
        for (dockerfile, context) in &unit.builds {
            self.copied(unit, dockerfile, context, &mut found);
        }
        self.pulled(unit, &mut found);
        found.paths.retain(|path, _| self.files.exists(path));
        let all: BTreeSet<String> = found.paths.keys().cloned().collect();
        let covered = |path: &str| crate::upkeep::manifests::above(path).any(|above| all.contains(above));
        found.paths.retain(|path, _| !covered(path));
        found
    }

    /// The part of the source that belongs to no other unit, as paths.
    fn not_others(&self, index: usize) -> Vec<String> {
        let here = &self.units[index];
        let others: Vec<&DraftService> =
            self.units.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, unit)| unit).collect();
        let projects = || here.projects.iter().map(|project| &self.facts.projects[*project]);
        let packages = projects().any(|project| matches!(project.kind, ProjectKind::Cdk | ProjectKind::Serverless));
        let imports = projects().any(|project| matches!(project.kind, ProjectKind::Node | ProjectKind::Python));
        let theirs = |name: &str| {
            // Such a unit deploys or imports whatever its code names.
            let apart = |other: &&&DraftService| !packages && (!imports || other.infra || other.image.is_some());
            others.iter().filter(apart).any(|other| {
                let holds = !other.directory.is_empty() && within(name, &other.directory);
                holds || other.own.iter().any(|own| within(name, own) && !here.own.contains(own))
            })
        };
        let infra = self.infra();
        let judge = |name: &str| {
            let aside = name.starts_with(".github/")
                || !packages && infra.iter().any(|place| within(name, place) && !within(&here.directory, place));
            Some(!aside && !theirs(name) && !is_pipeline(name))
        };
        cover::cover(self.files, "", &judge)
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

    /// What a unit's manifests and files pull in, and whatever that pulls in.
    fn pulled(&self, unit: &DraftService, found: &mut FoundInputs) {
        let projects: Vec<&Project> = unit.projects.iter().map(|index| &self.facts.projects[*index]).collect();
        let places: Vec<String> = found.paths.keys().cloned().collect();
        // What a script copies there is used unchanged.
        let brought = places.iter().filter(|place| !place.is_empty()).flat_map(|place| self.facts.references_of(place));
        found.copied.extend(brought.filter(|one| one.by.is_some()).map(|one| one.target.clone()));
        let unknown = projects.iter().filter(|project| !project.known).map(|project| {
            format!("`{}` was not understood: every library that it may name is taken in", project.manifest)
        });
        found.doubts.extend(unknown);
        if unit.prebuilt && unit.image.is_some() {
            found
                .doubts
                .push("its image copies what an earlier build makes; what that is made of must be here".to_owned());
        }
        for reached in self.facts.reach(projects, &places) {
            found.paths.entry(reached.pull.path).or_insert(reached.pull.why);
        }
    }

    /// What an image copies.
    fn copied(&self, unit: &DraftService, dockerfile: &str, context: &str, found: &mut FoundInputs) {
        let ignores = ignore_files(dockerfile, context);
        found.paths.extend(ignores.iter().map(|path| (path.clone(), "what the image's build sees".to_owned())));
        found.paths.entry(dockerfile.to_owned()).or_insert_with(|| "its Dockerfile".to_owned());
        let ignore = ignores.iter().find_map(|name| self.files.text(name));
        let build = BuildContext::new(context, ignore.as_deref());
        if unit.image.as_ref().is_some_and(|(own, _)| own != dockerfile) {
            // The image that it makes is copied, as it were.
            found.copied.insert(dockerfile.to_owned());
        }
        let parsed = self.facts.dockerfiles.get(dockerfile).filter(|parsed| parsed.builds);
        let mut copied: BTreeSet<String> = BTreeSet::new();
        // An earlier build made part of this image, and no manifest says from what: it may hold anything.
        let told = unit.projects.iter().any(|index| self.facts.projects[*index].kind.names_what_it_builds());
        let mut whole = unit.prebuilt && !told;
        if whole && let Some(place) = self.built_by(context) {
            found.doubts.push(format!("`{place}` was not understood: everything beside it is taken in"));
            found.paths.insert(parent(&place).to_owned(), format!("built by {place}"));
        }
        match parsed {
            None => {
                whole = true;
                found.doubts.push(format!("`{dockerfile}` was not understood: its whole context is taken in"));
            }
            Some(parsed) => {
                for unclear in parsed.unclear.iter().filter(|unclear| unclear.copies) {
                    // `config/${STAGE}.json` is in `config`.
                    let plain = unclear.word.split('$').next().and_then(|plain| plain.rsplit_once('/'));
                    let place = plain.and_then(|(plain, _)| clean(plain)).filter(|plain| !plain.is_empty());
                    let place = place.map(|plain| child(context, &plain)).filter(|place| self.files.exists(place));
                    let word = &unclear.word;
                    let doubt = |taken| format!("`{dockerfile}` copies `{word}`, which only its build knows: {taken}");
                    if let Some(place) = place {
                        found.doubts.push(doubt(format!("all of `{place}` is taken in")));
                        copied.insert(place);
                        continue;
                    }
                    let possible = self.possible(context, unclear);
                    if possible.len() * 2 > self.files.below(context).len() {
                        whole = true;
                        found.doubts.push(doubt("its whole context is taken in".to_owned()));
                    } else {
                        let taken = match possible.len() {
                            0 => "no file here can be meant, so an earlier build makes it".to_owned(),
                            count => format!("{} that can be meant are taken in", text::count(count, "file")),
                        };
                        found.doubts.push(doubt(taken));
                        if possible.is_empty() {
                            // Who makes it is not said; the folder of the program and its Dockerfile may hold that.
                            let around = shared(parent(dockerfile), &unit.directory).to_owned();
                            if !around.is_empty() {
                                let why = "what an earlier build may need".to_owned();
                                found.paths.entry(around).or_insert(why);
                            }
                        }
                        copied.extend(possible);
                    }
                }
            }
        }
        for instruction in parsed.into_iter().flat_map(|parsed| &parsed.copies) {
            for source in &instruction.sources {
                let path = below(context, &rooted(source));
                whole |= path == context;
                copied.extend(self.files.exists(&path).then_some(path));
            }
            // A pattern is what it matches today; `check` reports what it matches later.
            let (files, _) = build.copied(self.files.sorted(), instruction);
            let names = files.into_iter().map(|file| self.files.sorted()[file].to_owned());
            let missing: Vec<String> = names.filter(|name| !covered(&copied, name)).collect();
            copied.extend(missing);
        }
        if whole {
            copied.insert(context.to_owned());
        }
        let why = format!("copied by {dockerfile}");
        for path in &copied {
            found.paths.entry(path.clone()).or_insert_with(|| why.clone());
        }
        found.copied.extend(copied);
    }
}

/// What tools build by that are not understood here.
const FOREIGN_BUILDS: [&str; 14] = [
    "BUCK",
    "CMakeLists.txt",
    "MODULE.bazel",
    "WORKSPACE",
    "WORKSPACE.bazel",
    "build.sbt",
    "build.sc",
    "build.xml",
    "cabal.project",
    "deps.edn",
    "dune-project",
    "pants.toml",
    "project.clj",
    "stack.yaml",
];

impl Ground<'_, '_> {
    /// The outermost of those that build what is in a directory.
    fn built_by(&self, place: &str) -> Option<String> {
        let places = std::iter::once(place).chain(crate::upkeep::manifests::above(place));
        places.filter_map(|place| self.files.present(place, &FOREIGN_BUILDS).into_iter().next()).last()
    }

    /// The files of a context that an unclear word can mean.
    fn possible(&self, context: &str, unclear: &Unclear) -> Vec<String> {
        let inside = |name: &str| name[context.len()..].trim_start_matches('/').to_owned();
        let all = self.files.below(context).into_iter();
        all.filter(|name| unclear.may_mean(&inside(name))).map(str::to_owned).collect()
    }
}

fn covered(paths: &BTreeSet<String>, name: &str) -> bool {
    std::iter::once(name).chain(crate::upkeep::manifests::above(name)).any(|path| paths.contains(path))
}
