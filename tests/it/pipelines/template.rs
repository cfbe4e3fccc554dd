//! A CloudFormation template with its functions worked out, for given parameters.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codebuild::yaml;

/// What a parameter has that must be the ARN of a connection.
const CONNECTION: &str = "arn:aws:codeconnections:eu-west-1:111122223333:connection/id";

/// Stands for `AWS::NoValue`, which removes what has it.
const NO_VALUE: &str = "\u{0}";

/// A template: its resources, in which nothing is left to be worked out.
pub(super) struct Template {
    resources: Map<String, Value>,
}

impl Template {
    /// Reads a template. A parameter without a value has its default, and without one its own name in angle brackets.
    /// `Ref` and `Fn::GetAtt` of a resource become its logical name, with the attribute after a point.
    pub(super) fn read(text: &str, parameters: &[(&str, &str)]) -> Self {
        let mut root = yaml(text).unwrap();
        let mut names = BTreeMap::new();
        for (name, value) in [("Partition", "aws"), ("AccountId", "ACCOUNT"), ("URLSuffix", "amazonaws.com")] {
            names.insert(format!("AWS::{name}"), value.to_owned());
        }
        names.insert("AWS::Region".to_owned(), "eu-west-1".to_owned());
        names.insert("AWS::StackName".to_owned(), "pipeline".to_owned());
        names.insert("AWS::NoValue".to_owned(), NO_VALUE.to_owned());
        for (name, declared) in members(&root["Parameters"]) {
            let default = declared["Default"].as_str().map_or_else(|| format!("<{name}>"), str::to_owned);
            names.insert(name.clone(), default);
        }
        names.insert("Connection".to_owned(), CONNECTION.to_owned());
        names.extend(members(&root["Resources"]).map(|(name, _)| (name.clone(), name.clone())));
        for (name, value) in parameters {
            names.insert((*name).to_owned(), (*value).to_owned());
        }
        let scope = Scope { names, mappings: root["Mappings"].take(), conditions: root["Conditions"].take() };
        let Value::Object(resources) = scope.worked_out(&root["Resources"]) else { panic!("no resources") };
        Self { resources }
    }

    /// The resource of that logical name.
    pub(super) fn resource(&self, name: &str) -> &Value {
        self.resources.get(name).unwrap_or_else(|| panic!("no resource `{name}`"))
    }

    /// The properties of all resources of that type, by their logical names.
    pub(super) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let of_kind = self.resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
        of_kind.map(|(name, resource)| (name.as_str(), &resource["Properties"]))
    }
}

/// The members of an object; none if it is none.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// What the functions of a template refer to.
struct Scope {
    names: BTreeMap<String, String>,
    mappings: Value,
    conditions: Value,
}

impl Scope {
    fn worked_out(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.worked_out(item)).filter(is_value).collect(),
            Value::Object(object) => {
                let only = object.iter().next().filter(|_| object.len() == 1);
                if let Some((_, choice)) = only.filter(|(name, _)| *name == "Fn::If") {
                    let holds = self.holds(&self.conditions[text(&choice[0])]);
                    return self.worked_out(&choice[if holds { 1 } else { 2 }]);
                }
                match only.map(|(name, argument)| (name.as_str(), self.worked_out(argument))) {
                    Some(("Ref", name)) => self.named(text(&name)).into(),
                    Some(("Fn::GetAtt", name)) => name,
                    Some(("Fn::Sub", Value::Array(pattern))) => {
                        self.with(&pattern[1]).substituted(text(&pattern[0])).into()
                    }
                    Some(("Fn::Sub", pattern)) => self.substituted(text(&pattern)).into(),
                    Some(("Fn::Split", parts)) => text(&parts[1]).split(text(&parts[0])).collect(),
                    Some(("Fn::Select", choice)) => choice[1][choice[0].as_u64().unwrap() as usize].clone(),
                    Some(("Fn::Join", join)) => joined(&join).into(),
                    Some(("Fn::FindInMap", keys)) => {
                        let keys = (0..3).map(|at| text(&keys[at]));
                        keys.fold(&self.mappings, |map, key| &map[key]).clone()
                    }
                    Some((function, _)) if function.starts_with("Fn::") => panic!("`{function}` is not understood"),
                    _ => {
                        let done = object.iter().map(|(name, value)| (name.clone(), self.worked_out(value)));
                        done.filter(|(_, value)| is_value(value)).collect()
                    }
                }
            }
            plain => plain.clone(),
        }
    }

    /// Whether a condition holds.
    fn holds(&self, condition: &Value) -> bool {
        let (function, argument) = condition.as_object().unwrap().iter().next().unwrap();
        match function.as_str() {
            "Fn::Equals" => self.worked_out(&argument[0]) == self.worked_out(&argument[1]),
            "Fn::Not" => !self.holds(&argument[0]),
            _ => panic!("`{function}` is not understood"),
        }
    }

    /// With further names.
    fn with(&self, more: &Value) -> Self {
        let mut names = self.names.clone();
        names.extend(members(more).map(|(name, value)| (name.clone(), text(value).to_owned())));
        Self { names, mappings: Value::Null, conditions: Value::Null }
    }

    fn named(&self, name: &str) -> String {
        self.names.get(name).unwrap_or_else(|| panic!("`{name}` is neither a parameter nor a resource")).clone()
    }

    /// A text with its `${NAME}` and `${RESOURCE.ATTRIBUTE}` replaced.
    fn substituted(&self, pattern: &str) -> String {
        let mut parts = pattern.split("${");
        let mut done = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap();
            let (resource, attribute) = name.split_at(name.find('.').unwrap_or(name.len()));
            done += &format!("{}{attribute}{rest}", self.named(resource));
        }
        done
    }
}

fn is_value(value: &Value) -> bool {
    value != NO_VALUE
}

fn joined(arguments: &Value) -> String {
    let parts: Vec<_> = arguments[1].as_array().unwrap().iter().map(text).collect();
    parts.join(text(&arguments[0]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
