//! .NET: projects and the projects that they reference.

use super::paths::{above, base, join, parent, plain_prefix, within};
use super::words::quoted;
use super::{Files, Project, ProjectKind, ProjectRole, Pull};

/// Files above a project that affect how it is built.
const ROOT: [&str; 5] =
    ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "NuGet.config"];

/// All projects except tests.
pub(super) fn scan(files: &Files<'_>) -> Vec<Project> {
    let is_project = |name: &&str| [".csproj", ".fsproj"].iter().any(|end| name.ends_with(end));
    files.own().filter(is_project).filter_map(|manifest| project(files, manifest)).collect()
}

fn project(files: &Files<'_>, manifest: &str) -> Option<Project> {
    let directory = parent(manifest);
    let text = files.text(manifest).unwrap_or_default();
    let name = base(manifest).rsplit_once('.').map_or("", |(name, _)| name);
    if name.to_lowercase().contains("test") || text.contains("Microsoft.NET.Test.Sdk") {
        return None;
    }
    let mut pulls = Vec::new();
    for line in text.split("<ProjectReference").skip(1) {
        let path = quoted(line).first().and_then(|path| join(directory, &path.replace('\\', "/")));
        let path = path.filter(|path| files.has(path));
        pulls.extend(path.map(|path| Pull::new(parent(&path), format!("the project {}", base(&path)))));
    }
    for line in text.split("<Compile").skip(1) {
        let path = quoted(line).first().and_then(|path| join(directory, plain_prefix(&path.replace('\\', "/"))));
        let path = path.filter(|path| files.exists(path) && !within(path, directory) && !path.is_empty());
        pulls.extend(path.map(|path| Pull::new(path, "compiled into it")));
    }
    for place in above(directory) {
        pulls.extend(files.present(place, &ROOT).into_iter().map(|path| Pull::new(path, "the build's root")));
    }
    let runs = ["Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Worker", "<OutputType>Exe", "<AWSProjectType>"];
    let role = match runs.iter().any(|word| text.contains(word)) {
        true => ProjectRole::Program,
        false if text.contains("<Project") => ProjectRole::Library,
        false => ProjectRole::Unknown,
    };
    let kind = if role == ProjectRole::Program { "a .NET program" } else { "a .NET project" };
    Some(Project {
        kind: ProjectKind::DotNet,
        role,
        name: name.to_owned(),
        directory: directory.to_owned(),
        manifest: manifest.to_owned(),
        workspace: directory.to_owned(),
        pulls,
        known: text.contains("<Project"),
        why: kind.to_owned(),
    })
}
