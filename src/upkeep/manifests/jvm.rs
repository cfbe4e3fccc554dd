//! Maven and Gradle: modules, and the modules of the source that each is built with.

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

/// All modules.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let build = |name: &&str| matches!(base(name), "pom.xml" | "build.gradle" | "build.gradle.kts");
    let manifests: Vec<&str> = files.own().filter(build).collect();
    let texts: Vec<(&str, String)> =
        manifests.iter().map(|name| (*name, files.text(name).unwrap_or_default())).collect();
    let artifacts: BTreeMap<String, &str> =
        texts.iter().filter_map(|(name, text)| Some((artifact(text)?, parent(name)))).collect();
    texts.iter().map(|(name, text)| module(files, name, text, &manifests, &artifacts)).collect()
}

fn module(
    files: &Files<'_>,
    manifest: &str,
    text: &str,
    manifests: &[&str],
    artifacts: &BTreeMap<String, &str>,
) -> Project {
    let directory = parent(manifest);
    let is_build = |place: &&str| manifests.iter().any(|other| parent(other) == *place);
    let root = above(directory).filter(is_build).last().or_else(|| {
        above(directory).find(|place| !files.present(place, &["settings.gradle", "settings.gradle.kts"]).is_empty())
    });
    let maven = base(manifest) == "pom.xml";
    let mut pulls = Vec::new();
    if maven {
        for name in dependencies(text) {
            let other = artifacts.get(name).filter(|other| **other != directory && !within(directory, other));
            pulls.extend(other.map(|other| Pull::new(*other, format!("the module `{name}`"))));
        }
    } else {
        for name in projects(text) {
            let place = root.and_then(|root| join(root, &name.trim_matches(':').replace(':', "/")));
            let place = place.filter(|place| place != directory && files.has_directory(place));
            pulls.extend(place.map(|place| Pull::new(place, format!("the project `{name}`"))));
        }
    }
    if let Some(root) = root {
        pulls.extend(files.present(root, &ROOT).into_iter().map(|path| Pull::new(path, "the build's root")));
    }
    let starts = ["Application.java", "Application.kt", "Main.java", "Main.kt", "App.java", "App.kt"];
    let main = child(directory, "src/main");
    let start = files.below(&main).into_iter().find(|name| starts.iter().any(|end| name.ends_with(end)));
    let has_sources = files.has_directory(&child(directory, "src/main"));
    let applied = without_lines(text, "apply false");
    let known = text.contains(if maven { "<project" } else { "{" }) || text.contains("plugins");
    let (role, why) = match PROGRAMS.iter().find(|word| applied.contains(*word)) {
        _ if !has_sources => (ProjectRole::Workspace, base(manifest).to_owned()),
        Some(word) => (ProjectRole::Program, format!("{} has {}", base(manifest), word.trim())),
        None if start.is_some() => (ProjectRole::Program, format!("{} and {}", base(manifest), start.map_or("", base))),
        None if known => (ProjectRole::Library, base(manifest).to_owned()),
        None => (ProjectRole::Unknown, base(manifest).to_owned()),
    };
    Project {
        kind: ProjectKind::Jvm,
        role,
        name: artifact(text).unwrap_or_else(|| base(directory).to_owned()),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: root.unwrap_or(directory).to_owned(),
        pulls,
        known,
        why,
    }
}

fn without_lines(text: &str, word: &str) -> String {
    let clean = without_comments(text, false);
    let lines: Vec<&str> = clean.lines().filter(|line| !line.contains(word)).map(str::trim).collect();
    format!("\n{}", lines.join("\n"))
        .replace("\nid 'application'", "\napplication")
        .replace("\nid(\"application\")", "\napplication")
}

/// What stands between the tags of the first element of that name.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.trim())
}

/// A module's own `artifactId`: the first outside of `<parent>`.
fn artifact(text: &str) -> Option<String> {
    let (before, after) = match (text.split_once("<parent>"), text.split_once("</parent>")) {
        (Some((before, _)), Some((_, after))) => (before, after),
        _ => ("", text),
    };
    let own = |text: &str| {
        let ends = ["<dependencies>", "<dependencyManagement>", "<build>", "<profiles>"];
        let end = ends.iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
        element(&text[..end], "artifactId").map(str::to_owned)
    };
    own(before).or_else(|| own(after))
}

/// The artifacts that a module depends on, but for its tests.
fn dependencies(text: &str) -> Vec<&str> {
    let blocks = text.split("<dependency>").skip(1).filter_map(|rest| rest.split_once("</dependency>"));
    let shipped = blocks.filter(|(block, _)| element(block, "scope") != Some("test"));
    shipped.filter_map(|(block, _)| element(block, "artifactId")).collect()
}

/// The projects that a Gradle file names: `project(":a:b")` and `projects.a.b`.
fn projects(text: &str) -> Vec<String> {
    let clean = without_comments(text, false);
    let mut found = Vec::new();
    for line in clean.lines().filter(|line| !line.trim_start().starts_with("test")) {
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
