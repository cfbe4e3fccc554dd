//! What a unit pulls in from the source: directly, and through whatever it pulls in.
//!
//! `init` drafts a service's inputs from this, and `check` compares a map with the same, so that the two cannot
//! disagree.

use std::collections::{BTreeMap, BTreeSet};

use super::{Manifests, Project, Pull, Reference, above, within};

/// A path that is pulled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledIn {
    /// The manifest or file that names it.
    pub by: String,
    /// The path, and what it is pulled in as.
    pub pull: Pull,
}

impl PulledIn {
    /// What a file names.
    pub fn named(reference: &Reference) -> Self {
        let (by, why) = match &reference.by {
            Some(script) => (script, format!("copied to it by {script}")),
            None => (&reference.file, format!("named in {}", reference.file)),
        };
        Self { by: by.clone(), pull: Pull::new(&reference.target, why) }
    }
}

/// What is still to be followed.
#[derive(Default)]
struct Open<'m> {
    projects: Vec<&'m Project>,
    places: Vec<String>,
    found: BTreeMap<String, PulledIn>,
    followed: BTreeSet<(&'m str, &'m str)>,
}

impl Manifests {
    /// Everything that these projects and the files at these paths pull in, sorted by path. What is inside one of the
    /// paths is not listed, and neither is the root, which would be everything.
    pub fn reach<'m>(&'m self, projects: impl IntoIterator<Item = &'m Project>, places: &[String]) -> Vec<PulledIn> {
        let mut open = Open { projects: projects.into_iter().collect(), ..Open::default() };
        open.places.extend(places.iter().filter(|place| !place.is_empty()).cloned());
        loop {
            if let Some(project) = open.projects.pop() {
                if open.followed.insert((&project.manifest, &project.directory)) {
                    for pull in &project.pulls {
                        let pull = PulledIn { by: project.manifest.clone(), pull: pull.clone() };
                        self.follow(pull, places, &mut open);
                    }
                }
            } else if let Some(place) = open.places.pop() {
                for reference in self.references_of(&place) {
                    self.follow(PulledIn::named(reference), places, &mut open);
                }
            } else {
                return outermost(open.found);
            }
        }
    }

    fn follow<'m>(&'m self, reached: PulledIn, places: &[String], open: &mut Open<'m>) {
        let pull = reached.pull.clone();
        let inside = places.iter().any(|place| !place.is_empty() && within(&pull.path, place));
        if pull.path.is_empty() || open.found.contains_key(&pull.path) {
            return;
        }
        if !inside {
            open.found.insert(pull.path.clone(), reached);
            open.places.push(pull.path.clone());
        }
        let brought = |project: &&Project| !project.directory.is_empty() && within(&project.directory, &pull.path);
        open.projects.extend(self.projects.iter().filter(brought));
    }

    /// The references in the files at or below a path.
    pub fn references_of(&self, path: &str) -> impl Iterator<Item = &Reference> {
        let start = self.references.partition_point(|reference| reference.file.as_str() < path);
        self.references[start..]
            .iter()
            .take_while(move |reference| reference.file.starts_with(path))
            .filter(move |reference| within(&reference.file, path))
    }
}

/// Those paths that are not inside another one, unless the other is only a setting.
fn outermost(found: BTreeMap<String, PulledIn>) -> Vec<PulledIn> {
    let inside = |reached: &PulledIn| {
        let around = |place: &str| found.get(place).is_some_and(|outer| !outer.pull.setting || reached.pull.setting);
        above(&reached.pull.path).any(around)
    };
    found.values().filter(|reached| !inside(reached)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::super::Files;
    use super::*;

    fn reached(all: &[(&str, &str)], directory: &str) -> Vec<String> {
        let names: Vec<BString> = all.iter().map(|(name, _)| BString::from(*name)).collect();
        let read = |name: &str| Some(all.iter().find(|(other, _)| *other == name)?.1.as_bytes().to_vec());
        let manifests = Manifests::scan(&Files::new(&names, &read), &[]);
        let projects = manifests.projects.iter().filter(|project| project.directory == directory);
        manifests.reach(projects, &[directory.to_owned()]).into_iter().map(|reached| reached.pull.path).collect()
    }

    #[test]
    fn what_is_pulled_in_is_followed_even_in_a_circle() {
        let all = [
            ("a/Cargo.toml", "[package]\nname='a'\n[dependencies]\nb={path='../b'}"),
            ("a/src/main.rs", ""),
            ("b/Cargo.toml", "[package]\nname='b'\n[dependencies]\na={path='../a'}"),
            ("b/src/lib.rs", "include_str!(\"../../c/x.txt\")"),
            ("c/x.txt", ""),
            ("d/y", ""),
        ];
        assert_eq!(reached(&all, "a"), ["b", "c/x.txt"]);
        assert_eq!(reached(&all, "b"), ["a", "c/x.txt"]);
    }

    #[test]
    fn references_are_those_of_a_directory_and_not_of_a_longer_name() {
        let all = [
            ("a-b/x.js", "require('../d/y')"),
            ("a/x.js", "require('../c/y')"),
            ("a/package.json", "{}"),
            ("c/y.js", ""),
            ("d/y.js", ""),
        ];
        assert_eq!(reached(&all, "a"), ["c/y.js"]);
    }
}
