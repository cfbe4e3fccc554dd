//! Maven and Gradle: modules, and the modules of the source that each is built with.

mod pom;

use std::collections::BTreeMap;

use super::paths::{above, base, child, join, parent, within};
use super::words::{quoted, without_comments};
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// What in a build file makes a program.
const PROGRAMS: [&str; 11] = [
    "spring-boot-maven-plugin",
    "org.springframework.boot",
    "quarkus-maven-plugin",
    "io.quarkus",
    "jib",
    "maven-shade-plugin",
    "io.micronaut",
    "com.github.johnrengelman.shadow",
    "com.gradleup.shadow",
    "\napplication",
    "aws-lambda-java-core",
];

/// What at the root decides how all modules are built.
const ROOT: [&str; 13] = [
    "pom.xml",
    "mvnw",
    ".mvn",
    "settings.gradle",
    "settings.gradle.kts",
    "build.gradle",
    "build.gradle.kts",
    "gradle.properties",
    "gradle",
    "gradlew",
    "buildSrc",
    "build-logic",
    "gradle.lockfile",
];

/// What a build file says.
#[derive(Default)]
struct BuildFile {
    /// A Maven module's own `artifactId`.
    artifact: Option<String>,
    /// The modules that it is built with, as the file names them.
    modules: Vec<String>,
    /// The texts that may name a plugin.
    applied: String,
    /// Where its Maven parent is, if that is in the source.
    parent: Option<String>,
    /// Paths that lead out of its directory.
    reads: Vec<String>,
    /// Whether it was understood.
    known: bool,
}

/// All modules.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let build = |name: &&str| matches!(base(name), "pom.xml" | "build.gradle" | "build.gradle.kts");
    let builds: BTreeMap<&str, BuildFile> = files.own().filter(build).map(|name| (name, read(files, name))).collect();
    let artifacts: BTreeMap<&str, &str> =
        builds.iter().filter_map(|(name, build)| Some((build.artifact.as_deref()?, parent(name)))).collect();
    builds.iter().map(|(name, build)| module(files, name, build, &builds, &artifacts)).collect()
}

fn read(files: &Files<'_>, manifest: &str) -> BuildFile {
    let text = files.text(manifest).unwrap_or_default();
    if base(manifest) == "pom.xml" { pom::read(&text) } else { gradle(&text) }
}

fn module(
    files: &Files<'_>,
    manifest: &str,
    build: &BuildFile,
    builds: &BTreeMap<&str, BuildFile>,
    artifacts: &BTreeMap<&str, &str>,
) -> Project {
    let directory = parent(manifest);
    let is_build = |place: &&str| builds.keys().any(|other| parent(other) == *place);
    let root = above(directory).filter(is_build).last().or_else(|| {
        above(directory).find(|place| !files.present(place, &["settings.gradle", "settings.gradle.kts"]).is_empty())
    });
    let mut pulls = Vec::new();
    for name in &build.modules {
        if base(manifest) == "pom.xml" {
            let other = artifacts.get(&**name).filter(|other| **other != directory && !within(directory, other));
            pulls.extend(other.map(|other| Pull::new(*other, format!("the module `{name}`"))));
        } else {
            let place = root.and_then(|root| join(root, &name.trim_matches(':').replace(':', "/")));
            let place = place.filter(|place| place != directory && files.has_directory(place));
            pulls.extend(place.map(|place| Pull::new(place, format!("the project `{name}`"))));
        }
    }
    // What is in the directory of another project, that project makes or publishes.
    let read = build.reads.iter().filter_map(|path| join(directory, path)).filter(|path| files.exists(path));
    for path in read {
        let of = std::iter::once(path.as_str()).chain(above(&path)).find(|place| is_build(place) && !place.is_empty());
        let of = of.filter(|place| !within(directory, place) && !within(place, directory));
        pulls.extend(of.map(|place| Pull::new(place, "read by the build file")));
    }
    for place in above(directory).take_while(|place| root.is_none_or(|root| within(place, root))) {
        let builds = files.present(place, &["pom.xml", "build.gradle", "build.gradle.kts"]);
        pulls.extend(builds.into_iter().map(|path| Pull::setting(path, "the build around it")));
    }
    let parent_pom = build.parent.as_ref().and_then(|path| join(directory, path));
    pulls.extend(parent_pom.filter(|path| files.exists(path)).map(|path| Pull::new(path, "its parent")));
    if let Some(root) = root {
        pulls.extend(files.present(root, &ROOT).into_iter().map(|path| Pull::setting(path, "the build's root")));
    }
    let starts = ["Application.java", "Application.kt", "Main.java", "Main.kt", "App.java", "App.kt"];
    let main = child(directory, "src/main");
    let start = files.below(&main).into_iter().find(|name| starts.iter().any(|end| name.ends_with(end)));
    let (role, why) = match PROGRAMS.iter().find(|word| build.applied.contains(*word)) {
        _ if !files.has_directory(&main) => (ProjectRole::Workspace, base(manifest).to_owned()),
        Some(word) => (ProjectRole::Program, format!("{} has {}", base(manifest), word.trim())),
        None if start.is_some() => (ProjectRole::Program, format!("{} and {}", base(manifest), start.map_or("", base))),
        None if build.known => (ProjectRole::Library, base(manifest).to_owned()),
        None => (ProjectRole::Unknown, base(manifest).to_owned()),
    };
    Project {
        kind: ProjectKind::Jvm,
        role,
        name: build.artifact.clone().unwrap_or_else(|| base(directory).to_owned()),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: root.unwrap_or(directory).to_owned(),
        pulls,
        known: build.known,
        why,
    }
}

/// What a Gradle file says.
fn gradle(text: &str) -> BuildFile {
    let clean = without_comments(text, false);
    let lines: Vec<&str> = clean.lines().filter(|line| !line.contains("apply false")).map(str::trim).collect();
    let applied = format!("\n{}", lines.join("\n"))
        .replace("\nid 'application'", "\napplication")
        .replace("\nid(\"application\")", "\napplication");
    let known = text.contains('{') || text.contains("plugins");
    let reads = clean.lines().flat_map(quoted).filter(|text| text.starts_with("../")).map(str::to_owned).collect();
    BuildFile { modules: projects(&clean), applied, reads, known, ..BuildFile::default() }
}

/// The projects that a Gradle file without comments names: `project(":a:b")` and `projects.a.b`.
fn projects(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Those of tests too: what they are run with decides whether a build succeeds.
    for line in text.lines() {
        for (at, _) in line.match_indices("project(") {
            let call = line[at..].split(')').next().unwrap_or_default();
            found.extend(quoted(call).first().map(|name| (*name).to_owned()));
        }
        for (at, _) in line.match_indices("(projects.") {
            let name: String = line[at + "(projects.".len()..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
                .collect();
            found.push(name.replace('.', ":"));
        }
    }
    found
}
