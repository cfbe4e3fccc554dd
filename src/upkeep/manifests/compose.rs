//! Which Dockerfile is built in which context, according to compose files, bake and Skaffold files, and to the build
//! commands in scripts and CI.

use serde_json::Value;

use super::paths::{base, child, join, parent};
use super::said::ImageBuild;
use super::{Files, bake, yaml};

/// All builds, those of compose files first.
pub(super) fn builds(files: &Files<'_>) -> Vec<ImageBuild> {
    let composed = files.own().filter(|name| is_compose(base(name))).flat_map(|name| compose(files, name));
    let baked = files.own().filter(|name| bake::is_bake(base(name))).flat_map(|name| bake::builds(files, name));
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

fn compose(files: &Files<'_>, file: &str) -> Vec<ImageBuild> {
    let Some(value) = files.text(file).and_then(|text| yaml::parse(&text)) else { return Vec::new() };
    let services = || value["services"].as_object().into_iter().flatten();
    // A context that is the image of another service: how the Dockerfile calls it, and the service.
    let contexts = services().flat_map(|(_, service)| pairs(&service["build"]["additional_contexts"]));
    let links: Vec<(String, String)> =
        contexts.filter_map(|(name, value)| Some((name, value.strip_prefix("service:")?.to_owned()))).collect();
    let built = services().filter_map(|(name, service)| {
        let mut build = build(files, file, name, &service["build"])?;
        build.tags.extend(service["image"].as_str().map(str::to_owned));
        build.tags.extend(links.iter().filter(|(_, of)| of == name).map(|(called, _)| called.clone()));
        Some(build)
    });
    built.collect()
}

fn build(files: &Files<'_>, file: &str, name: &str, build: &Value) -> Option<ImageBuild> {
    let context = build.as_str().or_else(|| build["context"].as_str()).or(build.is_object().then_some("."))?;
    let context = join(parent(file), context)?;
    let dockerfile = build["dockerfile"].as_str().unwrap_or("Dockerfile");
    let dockerfile = join(&context, dockerfile).filter(|path| files.has(path))?;
    let (name, file, args) = (name.to_owned(), file.to_owned(), pairs(&build["args"]));
    let mut found = ImageBuild { name, dockerfile, context, file: file.clone(), args, ..ImageBuild::default() };
    for (_, path) in pairs(&build["additional_contexts"]) {
        found.further(files, parent(&file), &path);
    }
    build["target"].as_str().into_iter().for_each(|stage| found.of_stage(stage));
    Some(found)
}

/// The pairs of a table, or of a list of `KEY=VALUE`.
fn pairs(value: &Value) -> Vec<(String, String)> {
    let table = value.as_object().into_iter().flatten();
    let table = table.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let listed = value.as_array().into_iter().flatten().filter_map(|item| item.as_str()?.split_once('='));
    table.chain(listed.map(|(key, value)| (key.to_owned(), value.to_owned()))).collect()
}

/// The artifacts of a Skaffold file, in all of its documents.
fn artifacts(files: &Files<'_>, file: &str) -> Vec<ImageBuild> {
    let documents = files.text(file).map(|text| yaml::documents(&text)).unwrap_or_default();
    let listed = documents.iter().filter_map(|value| value["build"]["artifacts"].as_array()).flatten();
    let one = |artifact: &Value| {
        let context = join(parent(file), artifact["context"].as_str().unwrap_or("."))?;
        let dockerfile = join(&context, artifact["docker"]["dockerfile"].as_str().unwrap_or("Dockerfile"))?;
        ImageBuild::said(files, file, context, dockerfile)
    };
    listed.filter_map(one).collect()
}

/// Whether a file may contain commands that build images.
pub(super) fn is_script(name: &str) -> bool {
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
fn commands(files: &Files<'_>, file: &str) -> Vec<ImageBuild> {
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

fn command_build(files: &Files<'_>, file: &str, before: &str, rest: &str) -> Option<ImageBuild> {
    let rest = rest.split(['|', ';', '&', '>']).next().unwrap_or_default();
    let mut dockerfile = None;
    let mut context = None;
    let (mut tags, mut args, mut further, mut stage) = (Vec::new(), Vec::new(), Vec::new(), None);
    let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut words = rest.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',']));
    while let Some(word) = words.next() {
        let (flag, joined) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        match word {
            _ if matches!(flag, "-t" | "--tag") => tags.extend(joined.or_else(|| words.next()).map(str::to_owned)),
            _ if flag == "--build-arg" => args.extend(joined.or_else(|| words.next()).and_then(pair)),
            _ if flag == "--target" => stage = joined.or_else(|| words.next()),
            _ if flag == "--build-context" => further.extend(joined.or_else(|| words.next()).and_then(pair)),
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
        let mut build = ImageBuild::said(files, file, context, dockerfile)?;
        build.tags.clone_from(&tags);
        build.args.clone_from(&args);
        stage.into_iter().for_each(|stage| build.of_stage(stage));
        further.iter().for_each(|(_, path)| build.further(files, &base, path));
        Some(build)
    })
}

/// The inputs of `docker/build-push-action` are under `with:`, as `context:` and `file:`.
fn action(files: &Files<'_>, file: &str, text: &str) -> Vec<ImageBuild> {
    let value = |line: &str, key: &str| {
        let rest = line.trim().trim_start_matches("- ").strip_prefix(key)?;
        Some(rest.trim().trim_matches(['"', '\'']).to_owned())
    };
    let steps = text.split("build-push-action").skip(1);
    let step = |step: &str| {
        let lines = || step.lines().skip(1).take_while(|line| !line.trim_start().starts_with("- "));
        let dockerfile = lines().find_map(|line| value(line, "file:"));
        // Without a context it is the whole source.
        let context = lines().find_map(|line| value(line, "context:")).or(dockerfile.as_ref().map(|_| ".".to_owned()));
        let context = join("", &context?)?;
        let dockerfile = dockerfile.map_or_else(|| Some(child(&context, "Dockerfile")), |path| join("", &path))?;
        let mut build = ImageBuild::said(files, file, context, dockerfile)?;
        let tags = lines().find_map(|line| value(line, "tags:"));
        build.tags.extend(tags.iter().map(|tags| with_environment(text, tags)));
        // The step before it that names the images, of which the tags are.
        let image = text
            .lines()
            .find_map(|line| value(line, "images:"))
            .filter(|_| tags.is_some_and(|tags| tags.contains("steps.")));
        build.tags.extend(image.map(|image| with_environment(text, &image)));
        lines().find_map(|line| value(line, "target:")).iter().for_each(|stage| build.of_stage(stage));
        Some(build)
    };
    steps.filter_map(step).collect()
}

/// A text in which `${{ env.NAME }}` stands for what the file says of it.
fn with_environment(file: &str, text: &str) -> String {
    let names = text.split("${{").skip(1).filter_map(|rest| rest.split_once("}}")?.0.trim().strip_prefix("env."));
    names.fold(text.to_owned(), |text, name| {
        let value = file.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        let value = value.unwrap_or_default().trim().trim_matches(['"', '\'']);
        [format!("${{{{ env.{name} }}}}"), format!("${{{{env.{name}}}}}")]
            .iter()
            .fold(text, |text, form| text.replace(form, value))
    })
}
