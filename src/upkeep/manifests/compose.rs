//! Which Dockerfile is built in which context, according to compose files and to the build commands in scripts and CI.

use serde_json::Value;

use super::dockerfile::is_dockerfile;
use super::paths::{base, child, join, parent};
use super::{Files, yaml};

/// One build with its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ComposeBuild {
    /// The image's name.
    pub(super) name: String,
    pub(super) dockerfile: String,
    pub(super) context: String,
    /// The file that defines it.
    pub(super) file: String,
}

/// All builds, those of compose files first.
pub(super) fn builds(files: &Files<'_>) -> Vec<ComposeBuild> {
    let composed = files.own().filter(|name| is_compose(base(name))).flat_map(|name| compose(files, name));
    let commanded = files.names().filter(|name| is_script(name)).flat_map(|name| commands(files, name));
    composed.chain(commanded).filter(|build| files.has(&build.dockerfile)).collect()
}

/// Whether a file is a docker compose file.
pub fn is_compose(name: &str) -> bool {
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    yaml && ["docker-compose", "compose", "podman-compose", "docker-stack"]
        .iter()
        .any(|start| name.strip_prefix(start).is_some_and(|rest| rest.starts_with(['.', '-', '_'])))
}

fn compose(files: &Files<'_>, file: &str) -> Vec<ComposeBuild> {
    let Some(value) = files.text(file).and_then(|text| yaml::parse(&text)) else { return Vec::new() };
    let services = value["services"].as_object().into_iter().flatten();
    services.filter_map(|(name, service)| build(files, file, name, &service["build"])).collect()
}

fn build(files: &Files<'_>, file: &str, name: &str, build: &Value) -> Option<ComposeBuild> {
    let context = build.as_str().or_else(|| build["context"].as_str()).or(build.is_object().then_some("."))?;
    let context = join(parent(file), context)?;
    let dockerfile = build["dockerfile"].as_str().unwrap_or("Dockerfile");
    let dockerfile = join(&context, dockerfile)?;
    files.has(&dockerfile).then(|| ComposeBuild { name: name.to_owned(), dockerfile, context, file: file.to_owned() })
}

/// Whether a file may contain commands that build images.
fn is_script(name: &str) -> bool {
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let base = base(name);
    (yaml
        && (name.contains(".github/workflows/")
            || base.contains("buildspec")
            || base.contains(".gitlab-ci")
            || base.contains("bake")))
        || base.ends_with(".sh")
        || matches!(base, "Makefile" | "justfile" | "Taskfile.yml")
}

/// The images that a script's commands build: `docker build -f FILE CONTEXT`, and the equivalent GitHub action.
fn commands(files: &Files<'_>, file: &str) -> Vec<ComposeBuild> {
    let text = files.text(file).unwrap_or_default();
    let mut found = Vec::new();
    let joined = text.replace("\\\n", " ");
    for line in joined.lines() {
        for command in ["docker build ", "docker buildx build ", "podman build ", "buildah bud "] {
            if let Some((before, rest)) = line.split_once(command) {
                found.extend(command_build(files, file, before, rest));
            }
        }
    }
    found.extend(action(files, file, &text));
    found
}

fn command_build(files: &Files<'_>, file: &str, before: &str, rest: &str) -> Option<ComposeBuild> {
    let rest = rest.split(['|', ';', '&', '>']).next().unwrap_or_default();
    let mut dockerfile = None;
    let mut context = None;
    let mut words = rest.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    while let Some(word) = words.next() {
        match word {
            "-f" | "--file" => dockerfile = words.next(),
            _ if word.starts_with("--file=") => dockerfile = word.split_once('=').map(|(_, path)| path),
            "--push" | "--load" | "--no-cache" | "--pull" | "--quiet" | "-q" | "--rm" => {}
            _ if word.starts_with('-') => drop((!word.contains('=')).then(|| words.next())),
            word => context = Some(word),
        }
    }
    // `cd DIRECTORY && docker build .`
    let moved = before.rsplit_once("cd ").and_then(|(_, rest)| rest.split_whitespace().next());
    let moved = moved.map(|word| word.trim_end_matches(';'));
    let bases = [moved.and_then(|moved| join("", moved)), Some(String::new()), Some(parent(file).to_owned())];
    bases.into_iter().flatten().find_map(|base| {
        let context = join(&base, context?)?;
        let dockerfile = match dockerfile {
            Some(path) => join(&base, path)?,
            None => child(&context, "Dockerfile"),
        };
        said(files, file, context, dockerfile)
    })
}

/// The inputs of `docker/build-push-action` are under `with:`, as `context:` and `file:`.
fn action(files: &Files<'_>, file: &str, text: &str) -> Vec<ComposeBuild> {
    let value = |line: &str, key: &str| {
        let rest = line.trim().trim_start_matches("- ").strip_prefix(key)?;
        Some(rest.trim().trim_matches(['"', '\'']).to_owned())
    };
    let steps = text.split("build-push-action").skip(1);
    let step = |step: &str| {
        let lines = || step.lines().skip(1).take_while(|line| !line.trim_start().starts_with("- "));
        let context = join("", &lines().find_map(|line| value(line, "context:"))?)?;
        let dockerfile = lines().find_map(|line| value(line, "file:"));
        let dockerfile = dockerfile.map_or_else(|| Some(child(&context, "Dockerfile")), |path| join("", &path))?;
        said(files, file, context, dockerfile)
    };
    steps.filter_map(step).collect()
}

fn said(files: &Files<'_>, file: &str, context: String, dockerfile: String) -> Option<ComposeBuild> {
    let stem = base(parent(&dockerfile)).to_owned();
    let fits = files.has(&dockerfile) && files.has_directory(&context) && is_dockerfile(base(&dockerfile));
    fits.then(|| ComposeBuild { name: stem, dockerfile, context, file: file.to_owned() })
}
