//! Terraform: roots, their modules, and what they read from elsewhere in the source.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{above, base, join, parent, within};
use super::words::{quoted, without_comments};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

#[derive(Default)]
struct Directory {
    /// Whether it keeps a state or configures a provider itself.
    root: bool,
    understood: bool,
    modules: BTreeSet<String>,
    reads: BTreeSet<String>,
    /// What it reads relative to the root that uses it.
    root_reads: BTreeSet<String>,
}

/// One project per directory that is applied.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let mut directories: BTreeMap<&str, Directory> = BTreeMap::new();
    for file in files.own().filter(|name| name.ends_with(".tf") || name.ends_with(".tf.json")) {
        read(files, file, directories.entry(parent(file)).or_default());
    }
    let used: BTreeSet<&str> = directories.values().flat_map(|found| &found.modules).map(String::as_str).collect();
    let is_root = |place: &str, found: &Directory| {
        let lock = !files.present(place, &[".terraform.lock.hcl", "backend.tf", "terraform.tfvars"]).is_empty();
        let nested = above(place).any(|above| directories.contains_key(above));
        let module = place.split('/').any(|part| part == "modules" || part == "module");
        !used.contains(place) && !module && (found.root || lock || !nested)
    };
    let roots = directories.iter().filter(|(place, found)| is_root(place, found));
    roots.map(|(place, found)| project(files, place, found, &directories)).collect()
}

fn read(files: &Files<'_>, file: &str, found: &mut Directory) {
    let place = parent(file);
    let text = without_comments(&files.text(file).unwrap_or_default(), true);
    found.understood |= text.contains('{');
    let mut in_module = false;
    for line in text.lines() {
        let begins = |word: &str| line.trim_start().starts_with(word);
        found.root |= begins("backend ") || begins("provider ") || begins("cloud {");
        in_module = if line.starts_with('}') { false } else { in_module || line.starts_with("module ") };
        for text in quoted(line) {
            found.root_reads.extend(text.strip_prefix("${path.root}/").map(str::to_owned));
            let local = text.trim_start_matches("${path.module}/").trim_start_matches("${path.root}/");
            let local = if local.starts_with("${path.") { "" } else { local };
            let Some(path) = join(place, local).filter(|path| files.exists(path)) else { continue };
            if in_module && begins("source") && local.starts_with('.') {
                found.modules.insert(path);
            } else if local.contains("..") && !within(&path, place) && !path.is_empty() {
                found.reads.insert(path);
            }
        }
    }
}

fn project(files: &Files<'_>, place: &str, found: &Directory, all: &BTreeMap<&str, Directory>) -> Project {
    let mut pulls: BTreeSet<Pull> = found.reads.iter().map(|path| Pull::new(path, "read by Terraform")).collect();
    let mut open: Vec<&str> = found.modules.iter().map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(module) = open.pop() {
        if !seen.insert(module) {
            continue;
        }
        if !within(module, place) {
            pulls.insert(Pull::new(module, "a Terraform module"));
        }
        if let Some(found) = all.get(module) {
            open.extend(found.modules.iter().map(String::as_str));
            let of_root = found.root_reads.iter().filter_map(|path| join(place, path));
            let of_root = of_root.filter(|path| !path.is_empty() && files.exists(path));
            let reads = found.reads.iter().cloned().chain(of_root);
            pulls.extend(reads.map(|path| Pull::new(path, "read by a Terraform module")));
        }
    }
    let version = above(place)
        .find_map(|above| files.present(above, &[".terraform-version", ".opentofu-version"]).into_iter().next());
    pulls.extend(version.map(|path| Pull::setting(path, "the version of Terraform")));
    pulls.retain(|pull| !within(&pull.path, place) && !within(place, &pull.path));
    let manifest = files
        .inside(place)
        .into_iter()
        .find(|name| name.ends_with(".tf") || name.ends_with(".tf.json"))
        .unwrap_or(place);
    applied(place, manifest, pulls, found.understood, "a Terraform root")
}

/// What is applied as one.
pub(super) fn applied(place: &str, manifest: &str, pulls: BTreeSet<Pull>, known: bool, why: &str) -> Project {
    Project {
        kind: ProjectKind::Terraform,
        role: ProjectRole::Program,
        name: base(place).to_owned(),
        directory: place.to_owned(),
        manifest: manifest.to_owned(),
        workspace: place.to_owned(),
        pulls: pulls.into_iter().collect(),
        known,
        why: why.to_owned(),
    }
}
