//! What a buildspec says. A key that CodeBuild does not document, or that the runner does not model, is an error: an example
//! must not pass because half of it was not read.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde::Deserialize;
use serde_json::Value;

/// A buildspec of version 0.2.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Buildspec {
    version: f64,
    #[serde(default)]
    pub(crate) env: Env,
    #[serde(default)]
    pub(crate) phases: Phases,
    pub(crate) artifacts: Option<AllArtifacts>,
    pub(crate) batch: Option<Value>,
    /// Only makes builds faster.
    #[serde(rename = "cache")]
    _cache: Option<Value>,
}

/// `env`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Env {
    pub(crate) shell: Option<String>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) exported_variables: Vec<String>,
    #[serde(rename = "git-credential-helper")]
    _git_credential_helper: Option<String>,
}

/// `phases`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Phases {
    pub(crate) install: Phase,
    pub(crate) pre_build: Phase,
    pub(crate) build: Phase,
    pub(crate) post_build: Phase,
}

/// One phase.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Phase {
    pub(crate) commands: Vec<String>,
    pub(crate) finally: Vec<String>,
    pub(crate) on_failure: Option<OnFailure>,
    #[serde(rename = "runtime-versions")]
    _runtime_versions: Option<Value>,
}

/// What follows on a failed phase, where the buildspec says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum OnFailure {
    Abort,
    Continue,
}

/// `artifacts`: the primary ones, which CodePipeline needs too where there are secondary ones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AllArtifacts {
    #[serde(default)]
    files: Vec<String>,
    name: Option<String>,
    base_directory: Option<String>,
    #[serde(default)]
    discard_paths: YesNo,
    #[serde(default)]
    secondary_artifacts: BTreeMap<String, Artifacts>,
}

/// One artifact.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Artifacts {
    pub(crate) files: Vec<String>,
    pub(crate) name: Option<String>,
    pub(crate) base_directory: Option<String>,
    #[serde(default)]
    pub(crate) discard_paths: YesNo,
}

/// `yes` and `no`, which are words in YAML 1.2.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum YesNo {
    Yes,
    #[default]
    No,
}

impl Buildspec {
    /// Reads a buildspec; what is wrong with it, in one line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let spec: Self = serde_json::from_value(yaml(text)?).map_err(|error| error.to_string())?;
        if (spec.version - 0.2).abs() > f64::EPSILON {
            return Err(format!("version {} is not modelled", spec.version));
        }
        if let Some(name) = spec.env.variables.keys().find(|name| name.starts_with("CODEBUILD_")) {
            return Err(format!("`{name}`: names that start with CODEBUILD_ are CodeBuild's"));
        }
        if let Some(name) = spec.env.exported_variables.iter().find(|name| name.starts_with("AWS_")) {
            return Err(format!("`{name}`: names that start with AWS_ cannot be exported"));
        }
        Ok(spec)
    }

    /// The phases in their order, with their names.
    pub(crate) fn all_phases(&self) -> [(&'static str, &Phase); 4] {
        let Phases { install, pre_build, build, post_build } = &self.phases;
        [("install", install), ("pre_build", pre_build), ("build", build), ("post_build", post_build)]
    }

    /// All commands, in their order.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let phases = self.all_phases().into_iter();
        phases.flat_map(|(_, phase)| phase.commands.iter().chain(&phase.finally)).map(String::as_str).collect()
    }

    /// All artifacts: the primary ones under the empty name, if they name files.
    pub(crate) fn all_artifacts(&self) -> Vec<(String, Artifacts)> {
        let Some(all) = &self.artifacts else { return Vec::new() };
        let (files, name) = (all.files.clone(), all.name.clone());
        let primary =
            Artifacts { files, name, base_directory: all.base_directory.clone(), discard_paths: all.discard_paths };
        let primary = (!primary.files.is_empty()).then(|| (String::new(), primary));
        primary.into_iter().chain(all.secondary_artifacts.clone()).collect()
    }
}

/// The one document of a YAML text.
pub(crate) fn yaml(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    match documents.as_slice() {
        [document] => json(document),
        _ => Err(format!("{} documents instead of one", documents.len())),
    }
}

fn json(node: &Yaml<'_>) -> Result<Value, String> {
    match node {
        Yaml::Value(Scalar::Null) => Ok(Value::Null),
        Yaml::Value(Scalar::Boolean(value)) => Ok((*value).into()),
        Yaml::Value(Scalar::Integer(value)) => Ok((*value).into()),
        Yaml::Value(Scalar::FloatingPoint(value)) => Ok(value.into_inner().into()),
        Yaml::Value(Scalar::String(value)) => Ok(value.as_ref().into()),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let entry = |(key, value)| Ok((Yaml::as_str(key).ok_or("a key that is no text")?.to_owned(), json(value)?));
            entries.iter().map(entry).collect::<Result<serde_json::Map<_, _>, String>>().map(Value::Object)
        }
        // CloudFormation's short forms in their long ones: `!Ref X` is `{"Ref": X}`, `!Sub X` is `{"Fn::Sub": X}`.
        Yaml::Tagged(tag, inner) if tag.handle == "!" => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            Ok(Value::Object([(name, json(inner)?)].into_iter().collect()))
        }
        other => Err(format!("{other:?} is not understood")),
    }
}
