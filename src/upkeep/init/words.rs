//! What names suggest when there is no other evidence.

use crate::upkeep::manifests::{Files, Image, base, parent};

/// Directories whose children are usually services.
const HOLDS_SERVICES: [&str; 17] = [
    "apps",
    "services",
    "functions",
    "lambdas",
    "lambda",
    "microservices",
    "servers",
    "workers",
    "sites",
    "runtimes",
    "backends",
    "frontends",
    "handlers",
    "jobs",
    "consumers",
    "svc",
    "src",
];

/// Directories that usually contain shared code.
const SHARED: [&str; 22] = [
    "shared",
    "common",
    "lib",
    "libs",
    "library",
    "libraries",
    "packages",
    "pkg",
    "core",
    "utils",
    "proto",
    "protos",
    "protobuf",
    "contracts",
    "schemas",
    "types",
    "models",
    "sdk",
    "internal",
    "layers",
    "crates",
    "graphql",
];

/// Programs that help developers and are not deployed.
const TOOLS: [&str; 23] = [
    "tools",
    "tool",
    "tooling",
    "scripts",
    "script",
    "hack",
    "xtask",
    "e2e",
    "bench",
    "benchmarks",
    "benches",
    "examples",
    "demo",
    "playground",
    "sandbox",
    "storybook",
    "cli",
    "codegen",
    "generator",
    "devtools",
    "loadtest",
    "load-test",
    "dev",
];

/// Whether a directory's parent suggests that it is a service.
pub(super) fn among_services(directory: &str) -> bool {
    let parent = directory.rsplit_once('/').map(|(parent, _)| base(parent).to_lowercase());
    parent.is_some_and(|parent| HOLDS_SERVICES[..HOLDS_SERVICES.len() - 1].contains(&parent.as_str()))
}

/// Whether a directory is shared code, by its own name or its parent's.
pub(super) fn is_shared(directory: &str) -> bool {
    let parent = directory.rsplit_once('/').map_or("", |(parent, _)| base(parent));
    let name = base(directory).to_lowercase();
    SHARED.contains(&name.as_str())
        || ["packages", "libs", "lib", "pkg", "crates", "shared", "common"].contains(&parent)
        || ["-common", "-shared", "-lib", "-utils", "-core", "common-", "shared-"]
            .iter()
            .any(|part| name.starts_with(part) || name.ends_with(part))
}

/// Whether a directory contains tools.
pub(super) fn is_tool(directory: &str) -> bool {
    let last = base(directory).to_lowercase();
    directory.split('/').any(|part| TOOLS.contains(&part.to_lowercase().as_str()))
        || [".apphost", "-cli", "ctl", "-gen", "-tool", "-e2e", "-tests", "-test"]
            .iter()
            .any(|end| last.ends_with(end) && last.len() > end.len())
}

/// Whether a directory name is generic and says nothing about the service.
pub(super) fn says_nothing(name: &str) -> bool {
    [
        "",
        "src",
        "app",
        "docker",
        ".docker",
        "build",
        "deploy",
        "deployment",
        "cmd",
        "service",
        "server",
        "job",
        "interface",
        "main",
        "image",
        "container",
        "infra",
        "infrastructure",
        "terraform",
        "tf",
        "cdk",
    ]
    .contains(&name.to_lowercase().as_str())
        || name.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a directory only contains others.
pub(super) fn holds_others(name: &str) -> bool {
    HOLDS_SERVICES.contains(&name) || ["packages", "libs", "crates", "Sources", "modules", "pkg"].contains(&name)
}

/// Whether a directory's name says how it is applied, but not what it is.
pub(super) fn is_applied(name: &str) -> bool {
    ["infra", "infrastructure", "terraform", "tf", "cdk", "deploy", "deployment"]
        .contains(&name.to_lowercase().as_str())
}

/// Whether an image that copies nothing is a development environment: nothing but scripts is beside its Dockerfile.
pub(super) fn is_development(files: &Files<'_>, image: &Image) -> bool {
    let beside = files.below(parent(&image.dockerfile));
    parent(&image.dockerfile).is_empty() || beside.iter().all(|name| *name == image.dockerfile || name.ends_with(".sh"))
}

/// Whether a file configures a pipeline.
pub(super) fn is_pipeline(name: &str) -> bool {
    let file = base(name);
    let yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    let place = parent(name);
    yaml && (file.contains("buildspec")
        || file.contains("appspec")
        || place.ends_with(".github/workflows")
        || place.ends_with("buildspecs"))
        || matches!(
            file,
            "Jenkinsfile"
                | ".gitlab-ci.yml"
                | "bitbucket-pipelines.yml"
                | "azure-pipelines.yml"
                | "cloudbuild.yaml"
                | "skaffold.yaml"
        )
        || place.ends_with(".circleci")
}

/// Whether a file name marks the code of a function that has no manifest.
pub(super) fn starts(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let code = [".py", ".js", ".mjs", ".cjs", ".ts", ".rb"].iter().any(|end| name.ends_with(end));
    code && ["index", "handler", "main", "app", "lambda_function", "lambda_handler", "function"].contains(&stem)
}

/// How well a path component names a service: the length of the service's name, if it does.
fn component_names(component: &str, name: &str) -> Option<usize> {
    let stem = component.split('.').next().unwrap_or(component).to_lowercase().replace('_', "-");
    let name = name.to_lowercase().replace(['_', '.'], "-");
    let joined = |rest: &str| rest.is_empty() || rest.starts_with('-');
    let hit = name.len() > 1
        && (stem.strip_prefix(&name).is_some_and(joined)
            || stem.strip_suffix(&name).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'))
            || stem.contains(&format!("-{name}-")));
    hit.then_some(name.len())
}

/// The index of the one service that a path mentions: the best match in the last component that mentions any; `None` if
/// ambiguous.
pub(super) fn named(path: &str, names: &[Vec<String>]) -> Option<usize> {
    path.rsplit('/').find_map(|component| {
        let length = |all: &Vec<String>| all.iter().filter_map(|name| component_names(component, name)).max();
        let lengths: Vec<Option<usize>> = names.iter().map(length).collect();
        let best = lengths.iter().max().copied().flatten()?;
        let mut hits = lengths.iter().enumerate().filter(|(_, length)| **length == Some(best)).map(|(index, _)| index);
        let first = hits.next()?;
        hits.next().is_none().then_some(first)
    })
}

/// A workflow without its `paths-ignore`: it names what does not start the workflow.
pub(super) fn without_ignored(text: &str) -> String {
    let mut ignored = None;
    let kept = text.lines().filter(|line| {
        let depth = line.len() - line.trim_start().len();
        let item = line.trim_start().starts_with('-');
        ignored = ignored.filter(|begin| line.trim().is_empty() || depth > *begin || (item && depth == *begin));
        if line.trim_start().starts_with("paths-ignore:") {
            ignored = Some(depth);
        }
        ignored.is_none()
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// Text as a service name.
pub fn service_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = text.trim_start_matches('@').chars().map(plain).collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "app".to_owned() } else { parts.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_service_that_it_mentions_best() {
        let names = [vec!["nodejs".to_owned()], vec!["rust".to_owned()], vec!["rust-worker".to_owned()]];
        assert_eq!(named("kubernetes/functions/nodejs-runtime.yaml", &names), Some(0));
        assert_eq!(named("k8s/rust_worker.yaml", &names), Some(2));
        assert_eq!(named("k8s/deploy-rust.yaml", &names), Some(1));
        assert_eq!(named("k8s/trusty.yaml", &names), None);
        assert_eq!(named("rust/nodejs/x", &names), Some(0));
    }

    #[test]
    fn what_a_workflow_ignores_it_does_not_name() {
        let text =
            "on:\n  push:\n    paths-ignore:\n    - a\n\n      - b\n    branches: [c]\n    paths-ignore: [d]\njobs: e";
        assert_eq!(without_ignored(text), "on:\n  push:\n    branches: [c]\njobs: e");
    }

    #[test]
    fn names_are_valid() {
        assert_eq!(service_name("@acme/Api_Server"), "acme-api-server");
        assert_eq!(service_name("日本"), "app");
    }
}
