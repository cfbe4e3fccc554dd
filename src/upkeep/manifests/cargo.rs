//! Cargo: packages, their path dependencies, and the workspace that holds them.

use toml::{Table, Value};

use super::paths::{above, base, child, join, parent, within};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// All packages and workspaces.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let manifests = files.own().filter(|name| base(name) == "Cargo.toml");
    manifests.map(|manifest| project(files, manifest)).collect()
}

fn project(files: &Files<'_>, manifest: &str) -> Project {
    let directory = parent(manifest);
    let table = files.toml(manifest);
    let package = table.as_ref().and_then(|table| table.get("package")?.as_table());
    let name = package.and_then(|package| package.get("name")?.as_str()).unwrap_or(base(directory));
    let (workspace, root) = workspace(files, directory);
    let mut pulls = Vec::new();
    if let Some(table) = &table {
        let inherited = root.as_ref().and_then(|root| root.get("workspace")?.get("dependencies")?.as_table());
        dependencies(table, directory, inherited.map(|inherited| (inherited, workspace.as_str())), &mut pulls);
        replaced(root.as_ref().unwrap_or(table), &workspace, &mut pulls);
        targets(table, directory, &mut pulls);
    }
    pulls.retain(|pull| pull.path != directory && files.exists(&pull.path));
    for path in
        files.present(&workspace, &["Cargo.toml", "Cargo.lock", ".cargo", "rust-toolchain.toml", "rust-toolchain"])
    {
        pulls.push(Pull::setting(path, "the Cargo workspace"));
    }
    let member = table.is_none() || package.is_some();
    let (role, why) = match bins(files, directory, table.as_ref()) {
        _ if !member => (ProjectRole::Workspace, "a Cargo workspace"),
        true => (ProjectRole::Program, "a Cargo package with a binary"),
        false => (ProjectRole::Library, "a Cargo library"),
    };
    Project {
        kind: ProjectKind::Cargo,
        role,
        name: name.to_owned(),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace,
        pulls,
        known: table.is_some(),
        why: why.to_owned(),
    }
}

/// The directory of a package's workspace, and the workspace's manifest.
fn workspace(files: &Files<'_>, directory: &str) -> (String, Option<Table>) {
    let above = std::iter::once(directory).chain(above(directory));
    for place in above {
        let root = files.toml(&child(place, "Cargo.toml"));
        if root.as_ref().is_some_and(|root| root.contains_key("workspace")) {
            return (place.to_owned(), root);
        }
    }
    (directory.to_owned(), None)
}

/// Whether `cargo build` builds a program from it.
fn bins(files: &Files<'_>, directory: &str, table: Option<&Table>) -> bool {
    table.is_some_and(|table| table.contains_key("bin"))
        || !files.present(directory, &["src/main.rs", "src/bin"]).is_empty()
}

/// Copies of other people's crates that a workspace builds instead of theirs.
fn replaced(root: &Table, place: &str, pulls: &mut Vec<Pull>) {
    let tables = root.get("patch").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = tables.chain(root.get("replace")).filter_map(Value::as_table);
    for (name, value) in tables.flatten() {
        let path = value.get("path").and_then(Value::as_str).and_then(|path| join(place, path));
        pulls.extend(path.map(|path| Pull::new(path, format!("the patched crate `{name}`"))));
    }
}

/// Targets and build scripts outside the package's own directory.
fn targets(table: &Table, directory: &str, pulls: &mut Vec<Pull>) {
    let listed = table.get("bin").and_then(Value::as_array).into_iter().flatten();
    let paths = listed.chain(table.get("lib")).filter_map(|target| target.get("path")?.as_str());
    let script = table.get("package").and_then(|package| package.get("build")?.as_str());
    let outside = paths.chain(script).filter_map(|path| join(directory, path)).filter(|path| !within(path, directory));
    pulls.extend(outside.map(|path| Pull::new(path, "a target of the package")));
}

/// The path dependencies of a table and its `target` tables; those only for tests and benches do not ship.
fn dependencies(table: &Table, directory: &str, inherited: Option<(&Table, &str)>, pulls: &mut Vec<Pull>) {
    for section in ["dependencies", "build-dependencies"] {
        for (name, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
            let is_inherited = value.get("workspace").is_some();
            let (value, from) = match inherited.filter(|_| is_inherited) {
                Some((workspace, root)) => (workspace.get(name), root),
                None => (Some(value), directory),
            };
            let path = value.and_then(|value| value.get("path")?.as_str()).and_then(|path| join(from, path));
            pulls.extend(path.map(|path| Pull::new(path, format!("the path dependency `{name}`"))));
        }
    }
    for (_, target) in table.get("target").and_then(Value::as_table).into_iter().flatten() {
        target.as_table().into_iter().for_each(|target| dependencies(target, directory, inherited, pulls));
    }
}
