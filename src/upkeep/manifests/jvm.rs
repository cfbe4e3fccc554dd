//! Maven and Gradle: modules, and the modules of the source that each is built with.

mod pom;

use std::collections::BTreeMap;

use super::paths::{above, base, child, join, parent, within};
use super::words::{quoted, without_comments};
use super::{Files, Project, ProjectKind, ProjectRole, Pull, clean};

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
    /// A Maven module's `groupId`, of its own or of its parent.
    group: Option<String>,
    /// The modules that it is built with, as the file names them, with the `groupId` where Maven wants one.
    modules: Vec<(Option<String>, String)>,
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
    let mut artifacts: Artifacts<'_> = BTreeMap::new();
    for (name, build) in &builds {
        let Some(artifact) = build.artifact.as_deref() else { continue };
        artifacts.entry(artifact).or_default().push((build.group.as_deref(), parent(name)));
    }
    builds.iter().map(|(name, build)| module(files, name, build, &builds, &artifacts)).collect()
}

/// Maven modules by `artifactId`, which those of several groups may share: the group and the directory of each.
type Artifacts<'b> = BTreeMap<&'b str, Vec<(Option<&'b str>, &'b str)>>;

/// The directories of the modules that a dependency may mean: those of its group, else all of that name.
fn meant<'b>(artifacts: &Artifacts<'b>, group: Option<&str>, name: &str) -> Vec<&'b str> {
    let named = artifacts.get(name).map_or(&[][..], Vec::as_slice);
    let exactly: Vec<&str> =
        named.iter().filter(|(of, _)| of.is_some() && *of == group).map(|(_, place)| *place).collect();
    if exactly.is_empty() { named.iter().map(|(_, place)| *place).collect() } else { exactly }
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
    artifacts: &Artifacts<'_>,
) -> Project {
    let directory = parent(manifest);
    let is_build = |place: &&str| builds.keys().any(|other| parent(other) == *place);
    let root = above(directory).filter(is_build).last().or_else(|| {
        above(directory).find(|place| !files.present(place, &["settings.gradle", "settings.gradle.kts"]).is_empty())
    });
    let mut pulls = Vec::new();
    for (group, name) in &build.modules {
        if base(manifest) == "pom.xml" {
            let others = meant(artifacts, group.as_deref(), name).into_iter();
            let others = others.filter(|other| *other != directory && !within(directory, other));
            pulls.extend(others.map(|other| Pull::new(other, format!("the module `{name}`"))));
        } else {
            let place = root.and_then(|root| join(root, &name.trim_matches(':').replace(':', "/")));
            let place = place.filter(|place| place != directory && files.has_directory(place));
            pulls.extend(place.map(|place| Pull::new(place, format!("the project `{name}`"))));
        }
    }
    // What is in the directory of another project, that project makes or publishes.
    let read = build
        .reads
        .iter()
        .filter(|path| !path.starts_with('$'))
        .filter_map(|path| join(directory, path))
        .filter(|path| files.exists(path));
    for path in read {
        let of = std::iter::once(path.as_str()).chain(above(&path)).find(|place| is_build(place) && !place.is_empty());
        let of = of.filter(|place| !within(directory, place) && !within(place, directory));
        pulls.extend(of.map(|place| Pull::new(place, "read by the build file")));
    }
    for place in above(directory).take_while(|place| root.is_none_or(|root| within(place, root))) {
        let builds = files.present(place, &["pom.xml", "build.gradle", "build.gradle.kts"]);
        pulls.extend(builds.into_iter().map(|path| Pull::setting(path, "the build around it")));
    }
    // What the poms around it configure, each module does.
    let around = above(directory).filter_map(|place| builds.get(child(place, "pom.xml").as_str()));
    for path in std::iter::once(build).chain(around).flat_map(|build| &build.reads) {
        pulls.extend(of_property(files, directory, path).map(|path| Pull::new(path, "read by its Maven build")));
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

/// What a path after a property means to a module: `${basedir}/../x` begins at its directory, and `${main.dir}/packaging/x`
/// is in the nearest directory above that has `packaging`. What is made there is made of all that it has.
fn of_property(files: &Files<'_>, directory: &str, path: &str) -> Option<String> {
    let (property, path) = path.strip_prefix("${")?.split_once("}/")?;
    let written = path.split(['$', '*']).next()?;
    let full = match property {
        "basedir" | "project.basedir" | "pom.basedir" => join(directory, written)?,
        _ if property.starts_with("project.build") => return None,
        _ => {
            let plain = clean(written)?;
            let first = plain.split('/').next().filter(|first| !first.is_empty())?;
            let has = |place: &&str| files.exists(&child(place, first));
            child(std::iter::once(directory).chain(above(directory)).find(has)?, &plain)
        }
    };
    let found = std::iter::once(full.as_str()).chain(above(&full)).find(|path| files.exists(path))?;
    (!within(found, directory) && !within(directory, found) && !found.is_empty()).then(|| found.to_owned())
}

/// What a Gradle file says.
fn gradle(text: &str) -> BuildFile {
    let plain = without_comments(text, false);
    let lines: Vec<&str> = plain.lines().filter(|line| !line.contains("apply false")).map(str::trim).collect();
    let applied = format!("\n{}", lines.join("\n"))
        .replace("\nid 'application'", "\napplication")
        .replace("\nid(\"application\")", "\napplication");
    let known = text.contains('{') || text.contains("plugins");
    let reads = plain.lines().flat_map(quoted).filter(|text| text.starts_with("../")).map(str::to_owned).collect();
    let modules = projects(&plain).into_iter().map(|name| (None, name)).collect();
    BuildFile { modules, applied, reads, known, ..BuildFile::default() }
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
