//! Python: projects with a `pyproject.toml`, `requirements.txt` or `setup.py`, and their local dependencies.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::paths::{above, base, child, join, parent};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// Files that identify a program.
const STARTS: [&str; 17] = [
    "main.py",
    "app.py",
    "manage.py",
    "wsgi.py",
    "asgi.py",
    "handler.py",
    "lambda_function.py",
    "lambda_handler.py",
    "server.py",
    "run.py",
    "worker.py",
    "function_app.py",
    "app/main.py",
    "src/main.py",
    "src/app.py",
    "src/handler.py",
    "app/__init__.py",
];

/// All projects, one per directory.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let marks = |name: &&str| {
        matches!(base(name), "pyproject.toml" | "requirements.txt" | "setup.py" | "Pipfile" | "lambda_function.py")
    };
    let directories: BTreeSet<&str> = files.own().filter(marks).map(parent).collect();
    let tables: BTreeMap<&str, Option<Table>> =
        directories.iter().map(|place| (*place, files.toml(&child(place, "pyproject.toml")))).collect();
    let by_name: BTreeMap<String, &str> =
        tables.iter().filter_map(|(place, table)| Some((normal(&name(table.as_ref()?)?), *place))).collect();
    directories.iter().filter_map(|place| project(files, place, &tables, &by_name)).collect()
}

fn name(table: &Table) -> Option<String> {
    let poetry = || table.get("tool")?.get("poetry")?.get("name");
    let name = table.get("project").and_then(|project| project.get("name")).or_else(poetry)?;
    name.as_str().map(str::to_owned)
}

/// Distribution names are compared case-insensitively, with all kinds of dashes equal.
fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

fn is_workspace(table: &Table) -> bool {
    let uv = |table: &Table| Some(table.get("tool")?.get("uv")?.get("workspace")?.is_table());
    uv(table).unwrap_or(false)
}

fn project(
    files: &Files<'_>,
    directory: &str,
    tables: &BTreeMap<&str, Option<Table>>,
    by_name: &BTreeMap<String, &str>,
) -> Option<Project> {
    let table = tables.get(directory)?.as_ref();
    let names = ["pyproject.toml", "setup.py", "requirements.txt", "Pipfile", "lambda_function.py"];
    let manifest = files.present(directory, &names).into_iter().next()?;
    let mut pulls = Vec::new();
    if let Some(table) = table {
        tables_pulls(table, directory, by_name, &mut pulls);
    }
    for file in files.inside(directory).into_iter().filter(|file| is_requirements(base(file))) {
        requirements(files, file, &mut pulls, 0);
    }
    pipfile(files, directory, &mut pulls);
    let root = |place: &&str| tables.get(*place).and_then(Option::as_ref).is_some_and(is_workspace);
    let workspace = above(directory).find(root);
    if let Some(root) = workspace {
        let shared = files.present(root, &["pyproject.toml", "uv.lock", ".python-version"]);
        pulls.extend(shared.into_iter().map(|path| Pull::setting(path, "the uv workspace")));
    }
    pulls.retain(|pull| pull.path != directory && files.exists(&pull.path));
    let start = files.present(directory, &STARTS).into_iter().next();
    let scripts =
        table.is_some_and(|table| table.get("project").is_some_and(|project| project.get("scripts").is_some()));
    let (role, why) = match start {
        _ if table.is_some_and(|table| is_workspace(table) && !table.contains_key("project")) => {
            (ProjectRole::Workspace, base(&manifest).to_owned())
        }
        Some(start) if base(&start) == base(&manifest) => (ProjectRole::Program, base(&manifest).to_owned()),
        Some(start) => (ProjectRole::Program, format!("{} and {}", base(&manifest), base(&start))),
        None if scripts => (ProjectRole::Program, "pyproject.toml has a script".to_owned()),
        None if matches!(base(&manifest), "pyproject.toml" | "setup.py") => {
            (ProjectRole::Library, format!("a Python library: {}", base(&manifest)))
        }
        None => (ProjectRole::Unknown, base(&manifest).to_owned()),
    };
    Some(Project {
        kind: ProjectKind::Python,
        role,
        name: table.and_then(name).unwrap_or_else(|| base(directory).to_owned()),
        directory: directory.to_owned(),
        known: base(&manifest) != "pyproject.toml" || table.is_some(),
        workspace: workspace.unwrap_or(directory).to_owned(),
        manifest,
        pulls,
        why,
    })
}

/// uv sources, Poetry path dependencies, and names of other projects in the source.
fn tables_pulls(table: &Table, directory: &str, by_name: &BTreeMap<String, &str>, pulls: &mut Vec<Pull>) {
    let tool =
        |path: &[&str]| path.iter().try_fold(table.get("tool")?, |value, key| value.get(key)).and_then(Value::as_table);
    let local = |value: &Value| join(directory, value.get("path")?.as_str()?);
    let mut add = |name: &str, path: Option<String>| {
        pulls.extend(path.map(|path| Pull::new(path, format!("the package `{name}`"))));
    };
    for (name, value) in tool(&["uv", "sources"]).into_iter().flatten() {
        let member =
            value.get("workspace").is_some().then(|| by_name.get(&normal(name)).map(|place| (*place).to_owned()));
        add(name, local(value).or(member.flatten()));
    }
    let groups = tool(&["poetry", "group"]).into_iter().flat_map(Table::values);
    let groups = groups.filter_map(|group| group.get("dependencies")?.as_table());
    for (name, value) in tool(&["poetry", "dependencies"]).into_iter().chain(groups).flatten() {
        add(name, local(value));
    }
    // `lib @ file:../lib`, with whatever a tool writes for the project's own directory.
    let listed = table.get("project").and_then(|project| project.get("dependencies")?.as_array());
    for text in listed.into_iter().flatten().filter_map(Value::as_str) {
        let Some((name, path)) =
            text.split_once('@').and_then(|(name, rest)| Some((name, rest.split_once("file:")?.1)))
        else {
            continue;
        };
        let path = path.trim_start_matches('/').trim_start_matches("${PROJECT_ROOT}/");
        add(name.trim(), join(directory, path));
    }
}

fn is_requirements(name: &str) -> bool {
    name.starts_with("requirements") && name.ends_with(".txt")
}

/// The local paths of a `Pipfile`.
fn pipfile(files: &Files<'_>, directory: &str, pulls: &mut Vec<Pull>) {
    let table = files.toml(&child(directory, "Pipfile"));
    let packages = table.as_ref().and_then(|table| table.get("packages")?.as_table());
    for (name, value) in packages.into_iter().flatten() {
        let path = value.get("path").and_then(Value::as_str).and_then(|path| join(directory, path));
        pulls.extend(path.map(|path| Pull::new(path, format!("the package `{name}`"))));
    }
}

/// Local paths in a requirements file, and the files that it includes.
fn requirements(files: &Files<'_>, file: &str, pulls: &mut Vec<Pull>, depth: usize) {
    let Some(text) = files.text(file).filter(|_| depth < 5) else { return };
    for line in text.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
        let flagged = |flags: &[&str]| {
            flags.iter().find_map(|flag| line.strip_prefix(flag)).map(|rest| rest.trim_start_matches(['=', ' ']))
        };
        if let Some(other) = flagged(&["-r ", "--requirement", "-c ", "--constraint"]) {
            let Some(other) = join(parent(file), other).filter(|other| files.has(other)) else { continue };
            pulls.push(Pull::new(other.clone(), format!("included by {}", base(file))));
            requirements(files, &other, pulls, depth + 1);
            continue;
        }
        let path = flagged(&["-e ", "--editable"]).unwrap_or(line);
        let path = path.rsplit_once("file:").map_or(path, |(_, path)| path);
        let plain = path.split('[').next().unwrap_or(path);
        let local = || join(parent(file), plain).is_some_and(|path| files.has_directory(&path));
        if path.starts_with('.') || (plain.contains('/') && local()) {
            let path = join(parent(file), plain);
            pulls.extend(path.map(|path| Pull::new(path, format!("required by {}", base(file)))));
        }
    }
}
