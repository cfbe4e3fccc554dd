//! npm, pnpm, yarn and bun: packages, their dependencies on other packages of the source, and their workspaces.

use std::collections::BTreeMap;

use serde_json::Value;

use super::paths::{above, base, child, join, matches, parent, within};
use super::{Files, Project, ProjectKind, ProjectRole, Pull, yaml};

/// Files at a workspace's root that affect how its members are built.
const ROOT: [&str; 22] = [
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    ".npmrc",
    ".yarnrc.yml",
    ".yarnrc",
    ".yarn",
    ".pnpmfile.cjs",
    "patches",
    "turbo.json",
    "nx.json",
    "lerna.json",
    "tsconfig.json",
    "tsconfig.base.json",
    "babel.config.js",
    ".nvmrc",
    ".node-version",
    ".swcrc",
];

/// Configuration files of a frontend's tool, or of a platform that runs what is beside them.
const FRONTENDS: [&str; 19] = [
    "next.config.",
    "vite.config.",
    "nuxt.config.",
    "astro.config.",
    "svelte.config.",
    "angular.json",
    "gatsby-config.",
    "remix.config.",
    "react-router.config.",
    "vue.config.",
    "docusaurus.config.",
    "index.html",
    "host.json",
    "wrangler.toml",
    "vercel.json",
    "netlify.toml",
    "fly.toml",
    "apprunner.yaml",
    "Procfile",
];

/// Packages that only a program depends on.
const RUNS: [&str; 25] = [
    "next",
    "nuxt",
    "react-scripts",
    "gatsby",
    "astro",
    "express",
    "fastify",
    "koa",
    "@nestjs/core",
    "@hapi/hapi",
    "hono",
    "@hono/node-server",
    "@remix-run/serve",
    "@apollo/server",
    "apollo-server",
    "restify",
    "@feathersjs/feathers",
    "elysia",
    "@sveltejs/kit",
    "@docusaurus/core",
    "@moleculer/core",
    "moleculer",
    "bullmq",
    "kafkajs",
    "probot",
];

struct NodePackage {
    directory: String,
    manifest: String,
    value: Option<Value>,
    name: String,
}

/// All packages.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let manifests = files.own().filter(|name| base(name) == "package.json");
    let packages: Vec<NodePackage> = manifests.map(|manifest| package(files, manifest)).collect();
    let roots: Vec<(String, Vec<String>)> = packages.iter().filter_map(|package| members(files, package)).collect();
    // A fixture may have the name of a real package.
    let (copies, real): (Vec<_>, Vec<_>) = packages.iter().partition(|package| super::foreign(&package.manifest));
    let by_name: BTreeMap<&str, &NodePackage> =
        copies.into_iter().chain(real).map(|package| (package.name.as_str(), package)).collect();
    packages.iter().map(|package| project(files, package, &roots, &by_name)).collect()
}

fn package(files: &Files<'_>, manifest: &str) -> NodePackage {
    let directory = parent(manifest);
    let value = files.json(manifest).filter(Value::is_object);
    let name = value.as_ref().and_then(|value| value["name"].as_str()).unwrap_or(base(directory)).to_owned();
    NodePackage { directory: directory.to_owned(), manifest: manifest.to_owned(), value, name }
}

/// The member patterns of a workspace, if the package is the root of one.
fn members(files: &Files<'_>, package: &NodePackage) -> Option<(String, Vec<String>)> {
    let listed = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
    };
    let workspaces = package.value.as_ref().map(|value| &value["workspaces"]);
    let mut patterns = workspaces.map(|value| [listed(value), listed(&value["packages"])].concat()).unwrap_or_default();
    let pnpm = files.text(&child(&package.directory, "pnpm-workspace.yaml"));
    patterns
        .extend(pnpm.and_then(|text| yaml::parse(&text)).map(|value| listed(&value["packages"])).unwrap_or_default());
    let lerna = files.json(&child(&package.directory, "lerna.json"));
    patterns.extend(lerna.map(|value| listed(&value["packages"])).unwrap_or_default());
    (!patterns.is_empty()).then(|| (package.directory.clone(), patterns))
}

/// The root of a package's workspace.
fn workspace(package: &NodePackage, roots: &[(String, Vec<String>)]) -> Option<String> {
    let is_member = |root: &str, patterns: &[String]| {
        let below = package.directory.strip_prefix(root).map(|rest| rest.trim_start_matches('/')).unwrap_or_default();
        let hit = |pattern: &str| matches(pattern, below);
        let (out, listed): (Vec<_>, Vec<_>) = patterns.iter().partition(|pattern| pattern.starts_with('!'));
        !below.is_empty() && listed.iter().any(|pattern| hit(pattern)) && !out.iter().any(|pattern| hit(&pattern[1..]))
    };
    let found = |place: &str| roots.iter().find(|(root, patterns)| root == place && is_member(root, patterns));
    above(&package.directory).find_map(found).map(|(root, _)| root.clone())
}

fn project(
    files: &Files<'_>,
    package: &NodePackage,
    roots: &[(String, Vec<String>)],
    by_name: &BTreeMap<&str, &NodePackage>,
) -> Project {
    let is_root = roots.iter().any(|(root, _)| *root == package.directory);
    let root = workspace(package, roots);
    let mut pulls = dependencies(files, package, root.as_deref(), by_name);
    if let Some(root) = root.as_deref().or_else(|| lock_above(files, &package.directory)) {
        pulls.extend(files.present(root, &ROOT).into_iter().map(|path| Pull::setting(path, "the workspace's root")));
    }
    let (role, why) = if is_root { (ProjectRole::Workspace, "a workspace".to_owned()) } else { role(files, package) };
    Project {
        kind: ProjectKind::Node,
        role,
        name: package.name.clone(),
        directory: package.directory.clone(),
        manifest: package.manifest.clone(),
        workspace: root.unwrap_or_else(|| package.directory.clone()),
        pulls,
        known: package.value.is_some(),
        why,
    }
}

/// For a package without its own lock file, the directory above with one: a workspace in all but name.
fn lock_above<'d>(files: &Files<'_>, directory: &'d str) -> Option<&'d str> {
    let locks = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];
    let locked = |place: &&str| !files.present(place, &locks).is_empty();
    if locked(&directory) { None } else { above(directory).find(locked) }
}

/// The packages of the source that one depends on, including those it is built with.
fn dependencies(
    files: &Files<'_>,
    package: &NodePackage,
    root: Option<&str>,
    by_name: &BTreeMap<&str, &NodePackage>,
) -> Vec<Pull> {
    let mut pulls = Vec::new();
    let Some(value) = &package.value else { return pulls };
    for section in ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] {
        for (name, version) in value[section].as_object().into_iter().flatten() {
            let version = version.as_str().unwrap_or_default();
            let local = ["file:", "link:", "portal:"].iter().find_map(|scheme| version.strip_prefix(scheme));
            let path = match local {
                Some(path) => join(&package.directory, path),
                None => by_name
                    .get(name.as_str())
                    .filter(|other| root.is_some_and(|root| within(&other.directory, root)))
                    .map(|other| other.directory.clone()),
            };
            let path = path.filter(|path| *path != package.directory && files.exists(path));
            pulls.extend(path.map(|path| Pull::new(path, format!("the package `{name}`"))));
        }
    }
    pulls
}

fn role(files: &Files<'_>, package: &NodePackage) -> (ProjectRole, String) {
    let settings = |name: &str| {
        let starts = |start: &&&str| name.starts_with(**start);
        FRONTENDS.iter().find(starts).map(|start| start.trim_end_matches('.').to_owned())
    };
    let frontend = files.inside(&package.directory).into_iter().find_map(|path| settings(base(path)));
    let frontend = frontend.filter(|found| {
        // Libraries may be bundled by Vite too; one with a page is a program.
        *found != "vite.config" || files.has(&child(&package.directory, "index.html"))
    });
    let Some(value) = &package.value else {
        return match frontend {
            Some(found) => (ProjectRole::Program, format!("package.json and {found}")),
            None => (ProjectRole::Unknown, "package.json".to_owned()),
        };
    };
    if let Some(found) = frontend {
        return (ProjectRole::Program, format!("package.json and {found}"));
    }
    let depends = |name: &str| value["dependencies"].get(name).is_some();
    if let Some(found) = RUNS.iter().find(|name| depends(name)) {
        return (ProjectRole::Program, format!("package.json depends on {found}"));
    }
    let scripts = ["start", "serve", "deploy", "start:prod"];
    if let Some(script) = scripts.iter().find(|script| value["scripts"].get(**script).is_some()) {
        return (ProjectRole::Program, format!("package.json has the script `{script}`"));
    }
    let exports = ["exports", "types", "typings", "module", "bin", "files"];
    match exports.iter().any(|key| value.get(*key).is_some()) {
        true => (ProjectRole::Library, "a package that exports".to_owned()),
        false => (ProjectRole::Unknown, "package.json".to_owned()),
    }
}
