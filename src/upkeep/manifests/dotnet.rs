//! .NET: projects and the projects that they reference.

use super::paths::{above, base, join, parent, plain_prefix, within};
use super::words::quoted;
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// Files above a project that affect how it is built.
const ROOT: [&str; 7] = [
    "Directory.Build.props",
    "Directory.Build.targets",
    "Directory.Build.rsp",
    "Directory.Packages.props",
    "global.json",
    "NuGet.config",
    "nuget.config",
];

/// All projects.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let is_project = |name: &&str| [".csproj", ".fsproj"].iter().any(|end| name.ends_with(end));
    files.own().filter(is_project).map(|manifest| project(files, manifest)).collect()
}

/// What a build file names outside a directory: projects, imported properties, linked files.
fn named(files: &Files<'_>, file: &str, text: &str, directory: &str) -> Vec<Pull> {
    let mut pulls = Vec::new();
    for word in quoted(text) {
        let word = word.replace('\\', "/");
        let word =
            word.trim_start_matches("$(MSBuildThisFileDirectory)").trim_start_matches("$(MSBuildProjectDirectory)/");
        let Some(path) = join(parent(file), plain_prefix(word)).filter(|path| files.exists(path)) else { continue };
        if within(&path, directory) || within(file, &path) || path.is_empty() {
            continue;
        }
        let project = [".csproj", ".fsproj", ".vbproj", ".shproj", ".projitems"].iter().any(|end| path.ends_with(end));
        match project {
            true => pulls.push(Pull::new(parent(&path), format!("the project {}", base(&path)))),
            false => pulls.push(Pull::new(path, format!("named in {}", base(file)))),
        }
    }
    pulls
}

fn project(files: &Files<'_>, manifest: &str) -> Project {
    let directory = parent(manifest);
    let text = files.text(manifest).unwrap_or_default();
    let name = base(manifest).rsplit_once('.').map_or("", |(name, _)| name);
    let mut pulls = named(files, manifest, &text, directory);
    for place in above(directory) {
        for path in files.present(place, &ROOT) {
            pulls.extend(named(files, &path, &files.text(&path).unwrap_or_default(), directory));
            pulls.push(Pull::setting(path, "the build's root"));
        }
    }
    let runs = ["Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Worker", "<OutputType>Exe", "<AWSProjectType>"];
    let tests = text.contains("Microsoft.NET.Test.Sdk");
    let role = match runs.iter().any(|word| text.contains(word)) {
        true if !tests => ProjectRole::Program,
        _ if tests => ProjectRole::Library,
        _ if text.contains("<Project") => ProjectRole::Library,
        _ => ProjectRole::Unknown,
    };
    let kind = if role == ProjectRole::Program { "a .NET program" } else { "a .NET project" };
    Project {
        kind: ProjectKind::DotNet,
        role,
        name: name.to_owned(),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: directory.to_owned(),
        pulls,
        known: text.contains("<Project"),
        why: kind.to_owned(),
    }
}
