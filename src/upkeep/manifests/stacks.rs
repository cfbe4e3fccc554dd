//! Stacks: CloudFormation and SAM templates with functions whose code is in the source, and the Serverless Framework.

use serde_json::Value;

use super::paths::{above, base, join, parent};
use super::{Files, Project, ProjectKind, ProjectRole, Pull, yaml};

/// A template.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The template.
    pub template: String,
    /// Whether its text was understood.
    pub known: bool,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Files and directories of the stack itself besides the template: settings, nested templates, definitions.
    pub parts: Vec<Pull>,
}

/// A function of a stack.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its logical id.
    pub name: String,
    /// The directory of its code.
    pub code: Option<String>,
    /// The Dockerfile and the context of its image.
    pub image: Option<(String, String)>,
    /// The directories of its layers.
    pub layers: Vec<String>,
}

/// All templates with functions, and those beside SAM's settings.
pub(super) fn scan(files: &Files<'_>) -> Vec<Stack> {
    let is_template = |name: &&str| [".yaml", ".yml", ".template", ".json"].iter().any(|end| name.ends_with(end));
    files.own().filter(|name| !super::foreign(name)).filter(is_template).filter_map(|name| stack(files, name)).collect()
}

fn stack(files: &Files<'_>, template: &str) -> Option<Stack> {
    let directory = parent(template);
    let settings = files.present(directory, &["samconfig.toml", "samconfig.yaml"]);
    let parts: Vec<Pull> = settings.iter().map(|path| Pull::new(path, "the settings of SAM")).collect();
    let text = files.text(template)?;
    let sam = !parts.is_empty() && is_named(template);
    let named = is_named(template) && text.contains("AWS::");
    let looks = named
        || ["AWS::Serverless::", "AWS::Lambda::Function", "AWS::CloudFormation::Stack"]
            .iter()
            .any(|word| text.contains(word));
    let value = if looks { value(template, &text) } else { None };
    let Some(resources) = value.as_ref().and_then(|value| value["Resources"].as_object()) else {
        return sam.then(|| Stack { template: template.to_owned(), known: false, functions: Vec::new(), parts });
    };
    let mut stack = Stack { template: template.to_owned(), known: true, functions: Vec::new(), parts };
    let value = value.as_ref()?;
    for (name, resource) in resources {
        let properties = &resource["Properties"];
        match resource["Type"].as_str() {
            Some("AWS::Serverless::Function" | "AWS::Lambda::Function") => {
                stack.functions.extend(function(files, directory, name, resource, value));
            }
            _ => {
                let keys = ["DefinitionUri", "TemplateURL", "Location", "DefinitionS3Location", "SchemaUri"];
                let local = keys.iter().filter_map(|key| local(files, directory, &properties[*key]));
                stack.parts.extend(local.map(|path| Pull::new(path, format!("read by {}", base(template)))));
            }
        }
    }
    let useful = !stack.functions.is_empty()
        || named
        || stack.parts.iter().any(|part| part.path.ends_with(".yaml") || part.path.ends_with(".yml"));
    (useful || sam).then_some(stack)
}

/// Whether a file has the name that SAM gives to a template.
pub fn is_named(template: &str) -> bool {
    matches!(base(template), "template.yaml" | "template.yml" | "template.json")
}

fn value(template: &str, text: &str) -> Option<Value> {
    if template.ends_with(".json") { serde_json::from_str(text).ok() } else { yaml::parse(text) }
}

fn local(files: &Files<'_>, directory: &str, value: &Value) -> Option<String> {
    join(directory, value.as_str()?).filter(|path| files.exists(path))
}

fn function(files: &Files<'_>, directory: &str, name: &str, resource: &Value, all: &Value) -> Option<Function> {
    let properties = &resource["Properties"];
    let metadata = &resource["Metadata"];
    let globals = &all["Globals"]["Function"];
    let image =
        metadata["DockerContext"].as_str().or(metadata["Dockerfile"].as_str().map(|_| ".")).and_then(|context| {
            let context = join(directory, context)?;
            let dockerfile = join(&context, metadata["Dockerfile"].as_str().unwrap_or("Dockerfile"))?;
            files.has(&dockerfile).then_some((dockerfile, context))
        });
    let code = [&properties["CodeUri"], &properties["Code"], &globals["CodeUri"]];
    let code = code.iter().find_map(|value| local(files, directory, value)).filter(|_| image.is_none());
    // SAM defaults to the template's own directory.
    let inline = properties.get("InlineCode").is_some()
        || properties.get("ImageUri").is_some()
        || properties.get("Code").is_some();
    let serverless = resource["Type"] == "AWS::Serverless::Function";
    let code = code.or_else(|| {
        (serverless && !inline && image.is_none() && properties.get("CodeUri").is_none()).then(|| directory.to_owned())
    });
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let layers = [listed(&properties["Layers"]), listed(&globals["Layers"])].concat();
    let layers = layers.iter().filter_map(|layer| {
        let named = layer.as_str().or_else(|| layer["Ref"].as_str())?;
        local(files, directory, &all["Resources"][named]["Properties"]["ContentUri"])
    });
    let layers = layers.collect();
    (code.is_some() || image.is_some()).then(|| Function {
        name: name.to_owned(),
        code: code.map(|code| file_to_directory(files, code)),
        image,
        layers,
    })
}

/// Code may be a single file; then its directory counts.
fn file_to_directory(files: &Files<'_>, code: String) -> String {
    if files.has(&code) { parent(&code).to_owned() } else { code }
}

/// The Serverless Framework: each of its files is deployed as a unit.
pub(super) fn serverless(files: &Files<'_>) -> Vec<Project> {
    let names = ["serverless.yml", "serverless.yaml", "serverless.ts", "serverless.json"];
    let manifests = files.own().filter(|name| names.contains(&base(name)));
    let one = |manifest: &str| {
        let directory = parent(manifest);
        let text = files.text(manifest).unwrap_or_default();
        let value = yaml::parse(&text);
        let named = value.as_ref().and_then(|value| value["service"].as_str()).filter(|name| !name.contains("${"));
        let mut pulls = Vec::new();
        for part in text.split("file(").skip(1) {
            let path = part.split(')').next().unwrap_or_default();
            let path = join(directory, path).filter(|path| files.has(path) && !super::within(path, directory));
            pulls.extend(path.map(|path| Pull::new(path, format!("read by {}", base(manifest)))));
        }
        // Node finds the framework and its plugins in the packages above, too.
        let tools = above(directory).map(|place| super::paths::child(place, "package.json"));
        let tools = tools.filter(|manifest| brings_tools(files, manifest, value.as_ref()));
        for package in tools {
            let locks =
                files.present(parent(&package), &["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"]);
            let paths = std::iter::once(package).chain(locks);
            pulls.extend(paths.map(|path| Pull::setting(path, "the package of the framework or a plugin")));
        }
        Project {
            kind: ProjectKind::Serverless,
            role: ProjectRole::Program,
            name: named.unwrap_or(base(directory)).to_owned(),
            directory: directory.to_owned(),
            manifest: manifest.to_owned(),
            workspace: directory.to_owned(),
            pulls,
            known: value.is_some(),
            why: base(manifest).to_owned(),
        }
    };
    manifests.map(one).collect()
}

/// Whether a package depends on the framework or on one of the plugins that a service lists.
fn brings_tools(files: &Files<'_>, manifest: &str, service: Option<&Value>) -> bool {
    let Some(package) = files.json(manifest) else { return false };
    let listed = service.map(|service| &service["plugins"]);
    let listed = listed.and_then(|plugins| plugins.as_array().or_else(|| plugins["modules"].as_array()));
    let plugins = listed.into_iter().flatten().filter_map(Value::as_str);
    let has = |name: &str| {
        ["dependencies", "devDependencies", "optionalDependencies"].iter().any(|kind| !package[*kind][name].is_null())
    };
    std::iter::once("serverless").chain(plugins).any(has)
}
