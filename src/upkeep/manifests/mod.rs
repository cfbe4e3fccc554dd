//! What the manifests of a source say: which directories are projects, and which paths each pulls in from outside its
//! own.
//!
//! Scanners are pure and tolerant: a manifest that is not understood still shows that there is a project, but nothing
//! more. Nothing here decides which files are inputs: that is up to the map, which `init` drafts and `check` compares
//! with these facts.

mod bake;
mod bases;
mod brought;
mod cargo;
mod cdk;
mod compose;
mod context;
pub mod cover;
pub mod dockerfile;
pub mod dockerignore;
mod dotnet;
mod files;
pub mod gitattributes;
mod go;
mod images;
mod jvm;
mod ko;
mod node;
mod paths;
mod python;
mod reach;
mod references;
mod said;
mod scripts;
mod sources;
mod stacks;
mod swift;
mod terraform;
mod terragrunt;
mod words;
pub(super) mod yaml;

pub use bake::is_bake;
pub use compose::is_compose;
pub use context::{BuildContext, ignore_files};
pub use files::{Files, foreign};
pub use images::Image;
pub use paths::{above, base, below, child, join, parent, within};
pub use reach::PulledIn;
pub use references::Reference;
pub use stacks::{Function, Stack, is_named as is_template};

use std::collections::{BTreeMap, BTreeSet};

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
    /// Directories of programs that are packed into images without Dockerfiles, each with what says so.
    pub packed: BTreeMap<String, BTreeSet<String>>,
    /// Stacks of functions that CloudFormation deploys.
    pub stacks: Vec<Stack>,
    /// All Dockerfiles, each parsed once.
    pub dockerfiles: BTreeMap<String, dockerfile::Dockerfile>,
    /// Paths outside their own directories that files name, sorted.
    pub references: Vec<Reference>,
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

impl ProjectKind {
    /// Whether a project of this kind is built only where a manifest names it. Python imports whatever it finds.
    pub fn names_what_it_builds(self) -> bool {
        !matches!(self, Self::Python | Self::Serverless)
    }
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

impl Project {
    /// Whether it is in a directory of third parties, tests or documentation, and so not deployed by itself.
    pub fn is_foreign(&self) -> bool {
        foreign(&self.manifest) || foreign(&child(&self.directory, "file"))
    }
}

/// A path that something pulls in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pull {
    /// A directory or a file that exists.
    pub path: String,
    /// What it is pulled in as, for people: `the path dependency of Cargo.toml`.
    pub why: String,
    /// Whether it is a setting at the root of a workspace: it may affect any build of a member, but people often leave
    /// it out of a map on purpose.
    pub setting: bool,
}

impl Pull {
    /// Something that a build reads.
    pub fn new(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { path: path.into(), why: why.into(), setting: false }
    }

    /// A setting at the root of a workspace.
    pub fn setting(path: impl Into<String>, why: impl Into<String>) -> Self {
        Self { setting: true, ..Self::new(path, why) }
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
        ".hcl",
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
    /// Scans all manifests. `dockerfiles` are files that are Dockerfiles whatever their names are.
    pub fn scan(files: &Files<'_>, dockerfiles: &[String]) -> Self {
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
            terragrunt::scan,
            cdk::scan,
            stacks::serverless,
        ];
        for scan in scanners {
            projects.extend(scan(files));
        }
        projects.sort_by(|one, other| (&one.manifest, &one.directory).cmp(&(&other.manifest, &other.directory)));
        unknown(&mut projects);
        let mut references = references::scan(files);
        references.extend(brought::scan(files));
        references.sort_unstable();
        let dockerfiles = images::parse(files, dockerfiles);
        let said = compose::builds(files);
        let mut images = images::scan(files, &dockerfiles, &said);
        bases::link(&mut images, &dockerfiles, &said);
        Self { projects, images, packed: ko::programs(files), stacks: stacks::scan(files), dockerfiles, references }
    }
}

/// A project whose manifest was not understood may pull in any library of its kind and workspace.
fn unknown(projects: &mut [Project]) {
    let libraries: Vec<(ProjectKind, String, Pull)> = projects
        .iter()
        .filter(|project| project.role != ProjectRole::Program && !project.directory.is_empty())
        .map(|project| {
            let pull = Pull::new(&project.directory, "a manifest that was not understood may name it");
            (project.kind, project.workspace.clone(), pull)
        })
        .collect();
    for project in projects.iter_mut().filter(|project| !project.known) {
        let (kind, workspace, directory) = (project.kind, project.workspace.clone(), project.directory.clone());
        let alone = workspace == directory;
        let may = |(other, of, pull): &&(ProjectKind, String, Pull)| {
            *other == kind && (alone || *of == workspace) && !within(&directory, &pull.path)
        };
        project.pulls.extend(libraries.iter().filter(may).map(|(_, _, pull)| pull.clone()));
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

/// A path that begins at a build context, wherever it leads: nothing is above the root.
pub fn rooted(path: &str) -> String {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// A glob of Docker in the words of [`components`]: only `^` negates a class, and `{`, `}` and `$` need no escape.
fn docker_glob(glob: &str) -> String {
    let mut out = String::with_capacity(glob.len());
    let mut rest = glob.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some(plain @ ('{' | '}' | '$')) => out.push(plain),
                escaped => out.extend(std::iter::once(next).chain(escaped)),
            },
            '[' if rest.next_if_eq(&'!').is_some() => out.push_str("[\\!"),
            _ => out.push(next),
        }
    }
    out
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
        assert_eq!(rooted("/a/../../b/./c"), "b/c");
    }
}
