//! What the manifests of a source say: which directories are projects, and which paths each pulls in from outside its
//! own.
//!
//! Scanners are pure and tolerant: a manifest that is not understood still shows that there is a project, but nothing
//! more. Nothing here decides which files are inputs: that is up to the map, which `init` drafts and `check` compares
//! with these facts.

mod cargo;
mod cdk;
mod compose;
pub mod dockerfile;
pub mod dockerignore;
mod dotnet;
mod files;
pub mod gitattributes;
mod go;
mod images;
mod jvm;
mod node;
mod paths;
mod python;
mod stacks;
mod swift;
mod terraform;
mod words;
pub(super) mod yaml;

pub use compose::is_compose;
pub use files::{Files, foreign};
pub use images::Image;
pub use paths::{above, base, child, join, parent, within};
pub use stacks::{Function, Stack};

use crate::base::names::EnvironmentName;
use crate::pattern::Pattern;
use crate::pattern::component::Component;

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Manifests {
    /// Projects, in the order of their manifests.
    pub projects: Vec<Project>,
    /// Images that Dockerfiles build.
    pub images: Vec<Image>,
    /// Stacks of functions that CloudFormation deploys.
    pub stacks: Vec<Stack>,
}

/// The tool that a manifest belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProjectKind {
    /// Cargo.
    Cargo,
    /// npm, pnpm, yarn or bun.
    Node,
    /// A Swift package's target.
    Swift,
    /// A Go program.
    Go,
    /// Python.
    Python,
    /// Maven or Gradle.
    Jvm,
    /// .NET.
    DotNet,
    /// A Terraform root.
    Terraform,
    /// A CDK application.
    Cdk,
    /// The Serverless Framework.
    Serverless,
}

/// What a project is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProjectRole {
    /// Something that runs or is deployed, according to its manifest.
    Program,
    /// A library for other projects.
    Library,
    /// The manifest does not say.
    Unknown,
    /// It only holds other projects together.
    Workspace,
}

/// A directory with a manifest.
#[derive(Debug, Clone)]
pub struct Project {
    /// The tool that its manifest belongs to.
    pub kind: ProjectKind,
    /// What it is for.
    pub role: ProjectRole,
    /// Its name in the manifest, else the name of its directory.
    pub name: String,
    /// The directory of its own files; empty for the root.
    pub directory: String,
    /// The manifest.
    pub manifest: String,
    /// The directory of its workspace; its own directory if it is not a member of one.
    pub workspace: String,
    /// What it pulls in directly from outside its directory.
    pub pulls: Vec<Pull>,
    /// Whether the manifest was understood, so that nothing it does not name is pulled in.
    pub known: bool,
    /// The evidence for this, for people.
    pub why: String,
}

/// A path that something pulls in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pull {
    /// A directory or a file that exists.
    pub path: String,
    /// What it is pulled in as, for people: `the path dependency of Cargo.toml`.
    pub why: String,
}

impl Pull {
    fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into() }
    }
}

/// Whether project and stack scanners read files with that name.
pub fn is_read(name: &str) -> bool {
    let manifests = [
        "Cargo.toml",
        "package.json",
        "pnpm-workspace.yaml",
        "lerna.json",
        "Package.swift",
        "go.mod",
        "pyproject.toml",
        "requirements.txt",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "serverless.yml",
        "serverless.yaml",
        "template.yaml",
        "template.yml",
        "template.json",
        "sam.yaml",
    ];
    let ends = [
        ".tf",
        ".tf.json",
        ".go",
        ".csproj",
        ".fsproj",
        ".template",
        ".template.json",
        ".template.yaml",
        "-template.yaml",
    ];
    !foreign(name) && (manifests.contains(&base(name)) || ends.iter().any(|end| name.ends_with(end)))
}

impl Manifests {
    /// Scans all manifests.
    pub fn scan(files: &Files<'_>) -> Self {
        let mut projects = Vec::new();
        let scanners = [
            cargo::scan,
            node::scan,
            swift::scan,
            go::scan,
            python::scan,
            jvm::scan,
            dotnet::scan,
            terraform::scan,
            cdk::scan,
            stacks::serverless,
        ];
        for scan in scanners {
            projects.extend(scan(files));
        }
        projects.sort_by(|one, other| (&one.manifest, &one.directory).cmp(&(&other.manifest, &other.directory)));
        Self { projects, images: images::scan(files), stacks: stacks::scan(files) }
    }
}

/// A relative path without `.`, `..` and redundant slashes; `""` is the starting point. `None` if it leads out of that.
pub fn clean(path: &str) -> Option<String> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// Another tool's glob, in which braces and variables have no meaning, as components; empty if it cannot match any
/// path.
pub fn components(glob: &str) -> Vec<Vec<Component>> {
    let pattern = Pattern::foreign(&without_braces(glob));
    pattern.map(|pattern| pattern.resolve(&EnvironmentName::default())).unwrap_or_default()
}

/// The text as a pattern that matches only itself.
fn literal(text: &str) -> String {
    escape(text, "\\*?[]{}$")
}

/// The glob of a tool that gives braces and variables no meaning.
fn without_braces(glob: &str) -> String {
    escape(glob, "{}$")
}

fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [("./a//b/", Some("a/b")), (".", Some("")), ("a/../b", Some("b")), ("a/../..", None)] {
            assert_eq!(clean(path).as_deref(), expected, "{path}");
        }
    }
}
