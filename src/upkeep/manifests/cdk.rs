//! CDK: applications, and the directories that they package as assets.

use std::collections::BTreeSet;

use super::paths::{base, join, parent, within};
use super::words::{enclosed, quoted, without_comments};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// All applications.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    files.own().filter(|name| base(name) == "cdk.json").map(|manifest| project(files, manifest)).collect()
}

fn project(files: &Files<'_>, manifest: &str) -> Project {
    let directory = parent(manifest);
    let code = |name: &&str| [".ts", ".js", ".py", ".go", ".java", ".cs"].iter().any(|end| name.ends_with(end));
    let mut assets = BTreeSet::new();
    for file in files.below(directory).into_iter().filter(|name| !super::foreign(name)).filter(code) {
        let text = without_comments(&files.text(file).unwrap_or_default(), file.ends_with(".py"));
        let texts = quoted(&text);
        let mut paths: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        // `path.join(__dirname, '..', '..', 'services', 'api')`
        paths.extend(
            ["path.join(", "path.resolve(", "os.path.join("]
                .iter()
                .flat_map(|call| enclosed(&text, call))
                .map(|call| quoted(call).join("/")),
        );
        for path in paths.iter().filter(|path| path.starts_with("..") || path.starts_with("./")) {
            // An asset's path is relative to where `cdk` runs or to the file.
            let places = [join(directory, path), join(parent(file), path)];
            assets.extend(
                places
                    .into_iter()
                    .flatten()
                    .filter(|place| !within(place, directory) && !within(directory, place) && files.exists(place)),
            );
        }
    }
    Project {
        kind: ProjectKind::Cdk,
        role: ProjectRole::Program,
        name: base(directory).to_owned(),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: directory.to_owned(),
        pulls: assets.into_iter().map(|path| Pull::new(path, "an asset of the CDK application")).collect(),
        known: true,
        why: "cdk.json".to_owned(),
    }
}
