//! Go: modules, their programs, and the packages in the source that each imports, directly or indirectly.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{above, base, child, join, parent, plain_prefix, within};
use super::words::without_comments;
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

struct Module {
    directory: String,
    /// The prefix of its imports; `None` if `go.mod` was not understood.
    name: Option<String>,
    /// Directories of the source that `go.mod` puts in place of other modules.
    replaced: Vec<String>,
}

#[derive(Default)]
struct GoPackage {
    is_main: bool,
    understood: bool,
    /// The patterns of files that it embeds.
    embeds: BTreeSet<String>,
    imports: BTreeSet<String>,
}

/// One project for each directory with a `package main`.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let modules: Vec<Module> =
        files.own().filter(|name| base(name) == "go.mod").map(|name| module(files, name)).collect();
    if modules.is_empty() {
        return Vec::new();
    }
    let mut packages: BTreeMap<&str, GoPackage> = BTreeMap::new();
    for file in files.own().filter(|name| name.ends_with(".go") && !name.ends_with("_test.go")) {
        read(files, file, packages.entry(parent(file)).or_default());
    }
    let mains: Vec<&str> = packages.iter().filter(|(_, package)| package.is_main).map(|(place, _)| *place).collect();
    mains.iter().filter_map(|main| program(files, main, home(main, &mains), &modules, &packages)).collect()
}

fn module(files: &Files<'_>, manifest: &str) -> Module {
    let text = files.text(manifest).unwrap_or_default();
    let name =
        text.lines().find_map(|line| line.trim().strip_prefix("module ")).map(|name| name.trim().trim_matches('"'));
    let local = |line: &str| join(parent(manifest), line.split_once("=> ")?.1.split_whitespace().next()?);
    let replaced = text.lines().filter(|line| line.contains("=> .")).filter_map(local).collect();
    Module { directory: parent(manifest).to_owned(), name: name.map(str::to_owned), replaced }
}

/// Adds what the modules that a `go.work` uses require.
fn used(files: &Files<'_>, work: &str, parts: &mut Vec<String>) {
    let text = without_comments(&files.text(work).unwrap_or_default(), false);
    let words = text.split_whitespace().map(|word| word.trim_matches('"'));
    for place in words.filter(|word| word.starts_with('.')).filter_map(|word| join(parent(work), word)) {
        parts.extend(files.present(&place, &["go.mod", "go.sum"]));
    }
}

fn read(files: &Files<'_>, file: &str, package: &mut GoPackage) {
    let text = files.text(file).unwrap_or_default();
    for patterns in text.lines().filter_map(|line| line.trim().strip_prefix("//go:embed ")) {
        let words = patterns.split_whitespace().map(|word| word.trim_matches(['"', '`']));
        package.embeds.extend(words.map(|word| word.trim_start_matches("all:").to_owned()));
    }
    let text = without_comments(&text, false);
    let clause = text.lines().map(str::trim).find_map(|line| line.strip_prefix("package "));
    package.understood |= clause.is_some();
    // If the text is not understood, the file name identifies a program.
    package.is_main |= clause.map_or(base(file) == "main.go", |name| name.trim() == "main");
    let mut listed = false;
    for line in text.lines().map(str::trim) {
        let import = line.strip_prefix("import").map(str::trim_start);
        listed = match import {
            Some(rest) if rest.starts_with('(') => true,
            _ => listed && !line.starts_with(')'),
        };
        if import.is_some() || listed {
            package.imports.extend(super::words::quoted(line).into_iter().map(str::to_owned));
        }
    }
}

/// The directory of a program: if it is the only one below `a/cmd`, all of `a`.
fn home<'m>(main: &'m str, mains: &[&str]) -> &'m str {
    let around = std::iter::once(main).chain(above(main)).take(2).find(|place| base(place) == "cmd").map(parent);
    let alone = |place: &&str| !place.is_empty() && mains.iter().filter(|other| within(other, place)).count() == 1;
    around.filter(alone).unwrap_or(main)
}

fn program(
    files: &Files<'_>,
    main: &str,
    directory: &str,
    modules: &[Module],
    packages: &BTreeMap<&str, GoPackage>,
) -> Option<Project> {
    let holding = |place: &str| modules.iter().find(|module| module.directory == place);
    let module = std::iter::once(main).chain(above(main)).find_map(holding)?;
    let mut pulls = Vec::new();
    for path in files.present(&module.directory, &["go.mod", "go.sum", "vendor"]) {
        pulls.push(Pull::setting(path, "its Go module"));
    }
    let works = std::iter::once(module.directory.as_str()).chain(above(&module.directory));
    for place in works {
        let mut parts = files.present(place, &["go.work", "go.work.sum"]);
        // The versions of a workspace are chosen from what all of its modules require.
        used(files, &child(place, "go.work"), &mut parts);
        pulls.extend(parts.into_iter().map(|path| Pull::setting(path, "the Go workspace")));
    }
    let known = packages.get(main).is_some_and(|package| package.understood) && module.name.is_some();
    if known {
        let (imported, used) = imported(main, modules, packages);
        let outside = imported.into_iter().filter(|path| !within(path, directory));
        let parts = outside.flat_map(|path| match path == module.directory {
            true => own_files(files, &path, packages),
            false => parts(files, &path, packages),
        });
        pulls.extend(parts.map(|path| Pull::new(path, "an imported package")));
        for replaced in module.replaced.iter().filter(|path| files.has_directory(path)) {
            pulls.push(Pull::new(replaced, "what go.mod replaces"));
        }
        for other in used.into_iter().filter(|other| *other != module.directory) {
            pulls.extend(
                files
                    .present(other, &["go.mod", "go.sum"])
                    .into_iter()
                    .map(|path| Pull::setting(path, "an imported module")),
            );
        }
    } else {
        let usual = files.present(&module.directory, &["internal", "pkg", "lib", "common"]);
        pulls.extend(usual.into_iter().map(|path| Pull::new(path, "the packages of its module")));
    }
    pulls.retain(|pull| !within(&pull.path, directory));
    Some(Project {
        kind: ProjectKind::Go,
        role: ProjectRole::Program,
        name: base(if directory.is_empty() { module.name.as_deref().unwrap_or("") } else { directory }).to_owned(),
        directory: directory.to_owned(),
        manifest: child(&module.directory, "go.mod"),
        workspace: module.directory.clone(),
        pulls,
        known,
        why: "a Go program".to_owned(),
    })
}

/// What a package consists of: its directory; where other packages are below it, its own files, and the directories
/// without a package, which it may embed.
fn parts(files: &Files<'_>, place: &str, packages: &BTreeMap<&str, GoPackage>) -> Vec<String> {
    let inside = |other: &str| other != place && within(other, place);
    if !packages.keys().any(|other| inside(other)) {
        return vec![place.to_owned()];
    }
    let with_package = |path: &str| packages.keys().any(|other| within(other, path));
    files.children(place).into_iter().filter(|path| !with_package(path)).map(str::to_owned).collect()
}

/// What the package in a module's own directory consists of: the files there, and what it embeds. All the rest of the
/// module is below it, and Go builds none of that with it.
fn own_files(files: &Files<'_>, place: &str, packages: &BTreeMap<&str, GoPackage>) -> Vec<String> {
    let embeds = packages.get(place).into_iter().flat_map(|package| &package.embeds);
    let embedded = embeds.filter_map(|pattern| join(place, plain_prefix(pattern))).filter(|path| files.exists(path));
    let embedded: Vec<String> = embedded.collect();
    if embedded.iter().any(|path| path == place) {
        return parts(files, place, packages);
    }
    let built = |name: &&str| {
        [".go", ".s", ".c", ".h", ".cc", ".cpp", ".hpp", ".m", ".syso"].iter().any(|end| name.ends_with(end))
    };
    files.inside(place).into_iter().filter(built).map(str::to_owned).chain(embedded).collect()
}

/// The directories of all packages that one imports, and their modules.
fn imported<'m>(
    directory: &str,
    modules: &'m [Module],
    packages: &BTreeMap<&str, GoPackage>,
) -> (BTreeSet<String>, BTreeSet<&'m str>) {
    let mut found = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut open = vec![directory.to_owned()];
    while let Some(here) = open.pop() {
        let imports = packages.get(here.as_str()).into_iter().flat_map(|package| &package.imports);
        for import in imports {
            let within_module = |module: &&Module| module.name.as_deref().is_some_and(|name| within(import, name));
            let length = |module: &&Module| module.name.as_ref().map(String::len);
            let Some(module) = modules.iter().filter(within_module).max_by_key(length) else { continue };
            let below = module.name.as_deref().and_then(|name| import.strip_prefix(name)).unwrap_or_default();
            let place = match below.trim_start_matches('/') {
                "" => module.directory.clone(),
                below => child(&module.directory, below),
            };
            used.insert(module.directory.as_str());
            if packages.contains_key(place.as_str()) && found.insert(place.clone()) {
                open.push(place);
            }
        }
    }
    (found, used)
}
