//! Which Dockerfile is built in which context, according to compose files, bake and Skaffold files, and to the build
//! commands in scripts and CI.

use serde_json::Value;

use super::dockerfile::is_dockerfile;
use super::paths::{base, child, join, parent};
use super::words::{enclosed, labelled, without_comments};
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
    /// Further contexts in the source.
    pub(super) more: Vec<String>,
}

/// All builds, those of compose files first.
pub(super) fn builds(files: &Files<'_>) -> Vec<ComposeBuild> {
    let composed = files.own().filter(|name| is_compose(base(name))).flat_map(|name| compose(files, name));
    let baked = files.own().filter(|name| is_bake(base(name))).flat_map(|name| bake(files, name));
    let skaffold =
        files.own().filter(|name| base(name).starts_with("skaffold.y")).flat_map(|name| artifacts(files, name));
    let commanded = files.own().filter(|name| is_script(name)).flat_map(|name| commands(files, name));
    composed.chain(baked).chain(skaffold).chain(commanded).filter(|build| files.has(&build.dockerfile)).collect()
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
    let further = build["additional_contexts"].as_object().into_iter().flatten();
    let listed = build["additional_contexts"].as_array().into_iter().flatten();
    let further = further.filter_map(|(_, path)| path.as_str());
    let listed = listed.filter_map(|item| Some(item.as_str()?.split_once('=')?.1));
    let more = further.chain(listed).filter_map(|path| join(parent(file), path)).filter(|path| files.exists(path));
    let more = more.collect();
    let (name, file) = (name.to_owned(), file.to_owned());
    files.has(&dockerfile).then_some(ComposeBuild { name, dockerfile, context, file, more })
}

fn is_bake(name: &str) -> bool {
    name.starts_with("docker-bake") && name.ends_with(".hcl")
}

/// The targets of a bake file; a variable in a path leaves it unknown.
fn bake(files: &Files<'_>, file: &str) -> Vec<ComposeBuild> {
    let text = without_comments(&files.text(file).unwrap_or_default(), true);
    let one = |body: &str| {
        let context = join(parent(file), labelled(body, "context").unwrap_or("."))?;
        let dockerfile = join(&context, labelled(body, "dockerfile").unwrap_or("Dockerfile"))?;
        said(files, file, context, dockerfile)
    };
    let targets = text.split("target \"").skip(1).filter_map(|rest| rest.split_once('{'));
    targets.filter_map(|(_, body)| one(enclosed(&format!("{{{body}"), "{").first()?)).collect()
}

/// The artifacts of a Skaffold file, in all of its documents.
fn artifacts(files: &Files<'_>, file: &str) -> Vec<ComposeBuild> {
    let documents = files.text(file).map(|text| yaml::documents(&text)).unwrap_or_default();
    let listed = documents.iter().filter_map(|value| value["build"]["artifacts"].as_array()).flatten();
    let one = |artifact: &Value| {
        let context = join(parent(file), artifact["context"].as_str().unwrap_or("."))?;
        let dockerfile = join(&context, artifact["docker"]["dockerfile"].as_str().unwrap_or("Dockerfile"))?;
        said(files, file, context, dockerfile)
    };
    listed.filter_map(one).collect()
}

/// Whether a file may contain commands that build images.
fn is_script(name: &str) -> bool {
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let base = base(name);
    (yaml
        && (name.contains(".github/workflows/")
            || base.contains("buildspec")
            || name.contains(".circleci/")
            || ["cloudbuild", "azure-pipelines", "bitbucket-pipelines", ".gitlab-ci"]
                .iter()
                .any(|part| base.contains(part))))
        || [".sh", ".mk"].iter().any(|end| base.ends_with(end))
        || matches!(base, "Makefile" | "makefile" | "justfile" | "Taskfile.yml" | "Jenkinsfile" | "package.json")
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
    let mut words = rest.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',']));
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
    // A package's own script runs in its directory, others at the root more often than not.
    let own = parent(file).to_owned();
    let rest = if base(file) == "package.json" { [own, String::new()] } else { [String::new(), own] };
    let bases = [moved.and_then(|moved| join("", moved))].into_iter().chain(rest.map(Some));
    bases.flatten().find_map(|base| {
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
    fits.then(|| ComposeBuild { name: stem, dockerfile, context, file: file.to_owned(), more: Vec::new() })
}
