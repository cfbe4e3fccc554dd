//! Swift packages: their targets, where they are, and which of them an executable is made of.

use std::collections::BTreeMap;

use super::paths::{base, child, join, parent};
use super::words::{enclosed, labelled, quoted, without_comments};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// A package's targets.
struct Target {
    name: String,
    directory: String,
    executable: bool,
    dependencies: Vec<String>,
    /// Whether the manifest computes its name, so that its dependencies are not known either.
    computed: bool,
}

/// One project for each target that is not a test.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let manifests = files.own().filter(|name| base(name) == "Package.swift");
    manifests.flat_map(|manifest| package(files, manifest)).collect()
}

fn package(files: &Files<'_>, manifest: &str) -> Vec<Project> {
    let root = parent(manifest);
    let text = without_comments(&files.text(manifest).unwrap_or_default(), false);
    let targets = targets(files, root, &text);
    let places: BTreeMap<&str, &str> =
        targets.iter().map(|target| (target.name.as_str(), target.directory.as_str())).collect();
    let mut shared: Vec<Pull> = files
        .present(root, &["Package.swift", "Package.resolved", ".swift-version", "Public", "Resources"])
        .into_iter()
        .map(|path| Pull::setting(path, "the Swift package"))
        .collect();
    for dependency in enclosed(&text, ".package(") {
        let path = labelled(dependency, "path:").and_then(|path| join(root, path));
        let path = path.filter(|path| path != root && files.has_directory(path));
        shared.extend(path.map(|path| Pull::new(path, "a local Swift package")));
    }
    if targets.is_empty() {
        let known = text.contains("Package(");
        let role = if known { ProjectRole::Library } else { ProjectRole::Unknown };
        return Vec::from([project(root, manifest, base(root), root, role, shared, known)]);
    }
    let one = |target: &Target| {
        let mut pulls = shared.clone();
        for name in &target.dependencies {
            let place = places.get(name.as_str()).filter(|place| **place != target.directory);
            pulls.extend(place.map(|place| Pull::new(*place, format!("the target `{name}`"))));
        }
        if target.computed {
            let libraries = targets.iter().filter(|other| !other.executable);
            pulls.extend(libraries.map(|other| Pull::new(&other.directory, format!("the target `{}`", other.name))));
        }
        let role = if target.executable { ProjectRole::Program } else { ProjectRole::Library };
        project(root, manifest, &target.name, &target.directory, role, pulls, !target.computed)
    };
    targets.iter().map(one).collect()
}

fn project(
    root: &str,
    manifest: &str,
    name: &str,
    directory: &str,
    role: ProjectRole,
    pulls: Vec<Pull>,
    known: bool,
) -> Project {
    let why = match role {
        ProjectRole::Program => format!("an executable target of {manifest}"),
        ProjectRole::Library => format!("a target of {manifest}"),
        _ => "a Swift package".to_owned(),
    };
    Project {
        kind: ProjectKind::Swift,
        role,
        name: name.to_owned(),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: root.to_owned(),
        pulls,
        known,
        why,
    }
}

fn targets(files: &Files<'_>, root: &str, text: &str) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut computed = Vec::new();
    for (opening, executable) in
        [(".executableTarget(", true), (".target(", false), (".macro(", false), (".plugin(", false)]
    {
        for body in enclosed(text, opening) {
            // A dependency on a target, inside another target's list, is also written `.target(name: …)`.
            let Some(name) = labelled(body, "name:") else { continue };
            if name.contains("\\(") {
                computed.extend(labelled(body, "path:").map(|path| (path, executable)));
                continue;
            }
            let path = labelled(body, "path:").and_then(|path| join(root, path));
            let folder = if opening == ".plugin(" { "Plugins" } else { "Sources" };
            let directory = path.unwrap_or_else(|| child(root, &format!("{folder}/{name}")));
            let dependencies = enclosed(body, "dependencies: [").first().map_or(Vec::new(), |list| names(list));
            let target = Target { name: name.to_owned(), directory, executable, dependencies, computed: false };
            if files.has_directory(&target.directory) && !targets.iter().any(|other: &Target| other.name == target.name)
            {
                targets.push(target);
            }
        }
    }
    for (path, executable) in computed {
        let Some(place) = path.split_once("\\(").and_then(|(place, _)| join(root, place)) else { continue };
        for directory in files.children(&place).into_iter().filter(|path| files.has_directory(path)) {
            if !targets.iter().any(|other| other.directory == directory) {
                let (name, directory) = (base(directory).to_owned(), directory.to_owned());
                targets.push(Target { name, directory, executable, dependencies: Vec::new(), computed: true });
            }
        }
    }
    targets
}

/// The targets in a list of dependencies: plain names and labelled ones.
fn names(list: &str) -> Vec<String> {
    quoted(list).into_iter().map(str::to_owned).collect()
}
