//! The actions of a pipeline in their order, and what each uses and makes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::template::Template;
use super::{file, root};
use crate::codebuild::Buildspec;

/// One action.
pub(super) struct Action<'a> {
    pub(super) stage: &'a str,
    pub(super) name: &'a str,
    /// Its place: the stage's, and the run order in it. What has a smaller one is done before.
    pub(super) place: (usize, i64),
    pub(super) declared: &'a Value,
    /// Of a CodeBuild action: its project, and what the project's buildspec says.
    pub(super) build: Option<(&'a Value, Buildspec)>,
}

impl Action<'_> {
    pub(super) fn provider(&self) -> &str {
        self.declared["ActionTypeId"]["Provider"].as_str().unwrap()
    }

    /// The names of its artifacts: `InputArtifacts` or `OutputArtifacts`.
    pub(super) fn artifacts(&self, which: &str) -> BTreeSet<&str> {
        let artifacts = self.declared[which].as_array().into_iter().flatten();
        artifacts.map(|artifact| artifact["Name"].as_str().unwrap()).collect()
    }

    /// The variables that it gives to those after it, as they write them.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        let Some(namespace) = self.declared["Namespace"].as_str() else { return BTreeSet::new() };
        let names = match (self.provider(), &self.build) {
            ("CodeBuild", Some((_, spec))) => spec.env.exported_variables.clone(),
            // Of its variables only the one that everybody needs is known here.
            ("CodeStarSourceConnection", _) => vec!["CommitId".to_owned()],
            _ => Vec::new(),
        };
        names.iter().map(|name| format!("{namespace}.{name}")).collect()
    }

    /// The value that a build of this action gets for a variable: the action's own, else the project's.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        let own = self.declared["Configuration"]["EnvironmentVariables"].as_str();
        let own: Value = own.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        let own = own.as_array().into_iter().flatten().map(|item| (&item["name"], &item["value"]));
        let project =
            self.build.as_ref().and_then(|(project, _)| project["Environment"]["EnvironmentVariables"].as_array());
        let project = project.into_iter().flatten().map(|item| (&item["Name"], &item["Value"]));
        own.chain(project).find(|(known, _)| *known == name)?.1.as_str().map(str::to_owned)
    }

    /// Whether a command of its buildspec holds the text.
    pub(super) fn runs(&self, what: &str) -> bool {
        self.build.as_ref().is_some_and(|(_, spec)| spec.commands().iter().any(|command| command.contains(what)))
    }
}

/// The one pipeline of a template.
pub(super) fn pipeline(template: &Template) -> &Value {
    let pipelines: Vec<_> = template.of_type("AWS::CodePipeline::Pipeline").collect();
    let [(_, pipeline)] = pipelines[..] else { panic!("{} pipelines", pipelines.len()) };
    pipeline
}

/// Its actions in the order in which they run; or which buildspec is no example.
pub(super) fn actions(template: &Template) -> Result<Vec<Action<'_>>, String> {
    let mut found = Vec::new();
    for (at, stage) in pipeline(template)["Stages"].as_array().unwrap().iter().enumerate() {
        for declared in stage["Actions"].as_array().unwrap() {
            let project = declared["Configuration"]["ProjectName"].as_str();
            let build = project.map(|project| {
                let project = &template.resource(project)["Properties"];
                Ok::<_, String>((project, example(project["Source"]["BuildSpec"].as_str().unwrap())?))
            });
            let build = build.transpose()?;
            let place = (at, declared["RunOrder"].as_i64().unwrap_or(1));
            let name = declared["Name"].as_str().unwrap();
            found.push(Action { stage: stage["Name"].as_str().unwrap(), name, place, declared, build });
        }
    }
    found.sort_by_key(|action| action.place);
    Ok(found)
}

/// A buildspec that must be one of the examples, which the tests run.
pub(super) fn example(path: &str) -> Result<Buildspec, String> {
    let name =
        path.strip_prefix("buildspec-examples/").filter(|name| root().join("buildspec-examples").join(name).is_file());
    name.ok_or_else(|| format!("the buildspec `{path}` is no example"))?;
    Buildspec::parse(&file(path)).map_err(|why| format!("{path}: {why}"))
}

/// All `#{…}` in a text.
pub(super) fn uses(text: &str) -> BTreeSet<String> {
    text.split("#{").skip(1).map(|rest| rest.split('}').next().unwrap_or(rest).to_owned()).collect()
}
