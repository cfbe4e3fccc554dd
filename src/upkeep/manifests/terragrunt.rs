//! Terragrunt: units, the settings above them that they include, and what they name.

use std::collections::BTreeSet;

use super::paths::{above, base, below, join, parent, within};
use super::terraform::applied;
use super::words::{quoted, without_comments};
use super::{Files, Project, Pull, clean};

/// The file that makes a directory a unit, unless units below it include it.
const MANIFEST: &str = "terragrunt.hcl";

/// One project per unit.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let manifests: Vec<&str> = files.own().filter(|name| base(name) == MANIFEST).collect();
    let includes = |manifest: &str| {
        let inside = |other: &&str| *other != manifest && within(other, parent(manifest));
        manifests.iter().any(inside)
    };
    manifests.iter().filter(|manifest| !includes(manifest)).map(|manifest| unit(files, manifest)).collect()
}

fn unit(files: &Files<'_>, manifest: &str) -> Project {
    let place = parent(manifest);
    let mut pulls: BTreeSet<Pull> = BTreeSet::new();
    let mut open = vec![manifest.to_owned()];
    for directory in above(place) {
        let settings = files.inside(directory).into_iter().filter(|name| name.ends_with(".hcl") && !is_lock(name));
        open.extend(settings.map(str::to_owned));
    }
    pulls.extend(open[1..].iter().map(|path| Pull::new(path, "Terragrunt's settings above it")));
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut understood = false;
    while let Some(file) = open.pop() {
        let text = without_comments(&files.text(&file).unwrap_or_default(), true);
        understood |= file == manifest && (text.trim().is_empty() || text.contains('{'));
        for path in text.lines().flat_map(quoted).filter_map(|text| named(files, place, &file, text)) {
            if path.ends_with(".hcl") && seen.insert(path.clone()) {
                open.push(path.clone());
            }
            pulls.insert(Pull::new(path, "named by Terragrunt"));
        }
    }
    pulls.retain(|pull| !within(&pull.path, place) && !within(place, &pull.path));
    applied(place, manifest, pulls, understood, "a Terragrunt unit")
}

fn is_lock(name: &str) -> bool {
    base(name) == ".terraform.lock.hcl"
}

/// What a quoted text names: a path from the unit or the file, or the end of one that a function begins; the name of a
/// file in a directory above.
fn named(files: &Files<'_>, place: &str, file: &str, text: &str) -> Option<String> {
    if text.contains("::") || text.contains("://") {
        return None;
    }
    let text = text.split('?').next().unwrap_or_default();
    // What is before the two slashes is copied whole.
    let text = text.trim_end_matches('/').split_once("//").map_or(text, |(front, _)| front);
    let found = |path: String| (!path.is_empty() && files.exists(&path)).then_some(path);
    let around = || std::iter::once(place).chain(above(place));
    if let Some((_, end)) = text.rsplit_once('}') {
        let end = end.strip_prefix('/')?;
        return match clean(end) {
            Some(end) if !end.is_empty() => around().find_map(|directory| found(below(directory, &end))),
            Some(_) => None,
            None => join(place, end).and_then(found),
        };
    }
    match text.contains('/') {
        true => [place, parent(file)].into_iter().filter_map(|from| join(from, text)).find_map(found),
        false if text.contains('.') => around().find_map(|directory| found(below(directory, text))),
        false => None,
    }
}
