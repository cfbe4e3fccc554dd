//! The pipelines of the published templates, as far as a simulation needs them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::codebuild::yaml;

/// A stage.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) name: String,
    /// The variable of its condition, without which it always runs.
    pub(super) condition: Option<String>,
    pub(super) actions: Vec<Action>,
}

/// An action.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) provider: String,
    pub(super) namespace: Option<String>,
    pub(super) source: bool,
    /// UserParameters, or EnvironmentVariables, with variables in them.
    pub(super) parameters: String,
}

/// The namespaces of an execution, with their variables.
pub(super) type Spaces = BTreeMap<String, Value>;

/// The pipelines of a template, by their names.
pub(super) fn pipelines(name: &str) -> BTreeMap<String, Vec<Stage>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/lambda").join(name);
    let root = yaml(&std::fs::read_to_string(path).unwrap()).unwrap();
    let resources = root["Resources"].as_object().unwrap().values();
    let pipelines = resources.filter(|resource| resource["Type"] == "AWS::CodePipeline::Pipeline").map(|resource| {
        let properties = &resource["Properties"];
        assert!((&properties["PipelineType"], &properties["ExecutionMode"]) == (&"V2".into(), &"QUEUED".into()));
        let stages = properties["Stages"].as_array().unwrap().iter().map(stage).collect();
        (properties["Name"].as_str().unwrap().to_owned(), stages)
    });
    pipelines.collect()
}

fn stage(value: &Value) -> Stage {
    let mut actions: Vec<&Value> = value["Actions"].as_array().unwrap().iter().collect();
    actions.sort_by_key(|action| action["RunOrder"].as_u64().unwrap_or(1));
    Stage {
        name: value["Name"].as_str().unwrap().to_owned(),
        condition: value.get("BeforeEntry").map(condition),
        actions: actions.into_iter().map(action).collect(),
    }
}

/// The only form of a condition that a misunderstanding cannot turn into a skip.
fn condition(entry: &Value) -> String {
    let [only] = &entry["Conditions"].as_array().unwrap()[..] else { panic!("{entry}") };
    let [rule] = &only["Rules"].as_array().unwrap()[..] else { panic!("{entry}") };
    assert!(only["Result"] == "SKIP" && rule["RuleTypeId"]["Provider"] == "VariableCheck", "{entry}");
    let configuration = &rule["Configuration"];
    assert!(configuration["Operator"] == "NE" && configuration["Value"] == "true", "{entry}");
    let variable = configuration["Variable"].as_str().unwrap();
    variable.strip_prefix("#{").and_then(|variable| variable.strip_suffix('}')).unwrap().to_owned()
}

fn action(value: &Value) -> Action {
    let configuration = &value["Configuration"];
    let parameters = ["UserParameters", "EnvironmentVariables"].iter().find_map(|name| configuration[*name].as_str());
    let parameters = parameters.unwrap_or_default().to_owned();
    assert!(parameters.len() <= 1000, "{parameters}");
    Action {
        provider: value["ActionTypeId"]["Provider"].as_str().unwrap().to_owned(),
        namespace: value["Namespace"].as_str().map(str::to_owned),
        source: value["InputArtifacts"].is_array(),
        parameters,
    }
}

/// A variable, as `NAMESPACE.NAME`.
pub(super) fn variable<'s>(spaces: &'s Spaces, name: &str) -> Option<&'s str> {
    let (space, name) = name.split_once('.')?;
    spaces.get(space)?[name].as_str()
}

/// A text with its variables put in. An action whose variable does not exist fails.
pub(super) fn resolved(text: &str, spaces: &Spaces) -> Option<String> {
    let mut parts = text.split("#{");
    let mut done = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        done += variable(spaces, name)?;
        done += rest;
    }
    Some(done)
}
