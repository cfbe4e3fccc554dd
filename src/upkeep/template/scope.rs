//! Works out the functions of a CloudFormation template, as far as the template alone tells their values.
//!
//! What has no value here (a parameter without a default, an attribute of a resource) stays in its text as `${NAME}`, so
//! that two uses of it are still equal. What cannot be worked out is [`NodeForm::Unknown`].

use std::cell::Cell;
use std::collections::BTreeMap;

use super::bounds::{DEEPEST, MOST_NODES};
use super::node::{Entry, NodeForm, Spot, TemplateNode, import_of};
use crate::base::text::printable;

/// How many bytes all texts together may grow to.
const MOST_TEXT: usize = 32 << 20;

/// What the functions of a template refer to.
pub(super) struct Meaning<'t> {
    root: &'t TemplateNode,
    given: &'t BTreeMap<String, String>,
    /// How many values, and how many bytes of text, may still be made.
    left: Cell<(usize, usize)>,
}

impl<'t> Meaning<'t> {
    /// Of a template; `given` are the values of parameters.
    pub(super) fn new(root: &'t TemplateNode, given: &'t BTreeMap<String, String>) -> Self {
        Self { root, given, left: Cell::new((MOST_NODES, MOST_TEXT)) }
    }

    /// The value with its functions worked out.
    pub(super) fn of(&self, node: &TemplateNode) -> TemplateNode {
        self.at_depth(node, 0)
    }

    fn at_depth(&self, node: &TemplateNode, depth: usize) -> TemplateNode {
        let at = node.at;
        let (nodes, bytes) = self.left.get();
        let length = node.symbol().map_or(0, str::len);
        if nodes == 0 || bytes < length || depth > DEEPEST {
            return TemplateNode::unknown(at, "the template's functions nest or grow too much");
        }
        self.left.set((nodes - 1, bytes - length));
        match &node.form {
            NodeForm::List(items) => {
                let items = items.iter().map(|item| self.at_depth(item, depth + 1));
                // What `AWS::NoValue` leaves.
                TemplateNode { at, form: NodeForm::List(items.filter(|item| !item.is_absent()).collect()) }
            }
            NodeForm::Table(entries) => match &entries[..] {
                [only] if only.name == "Ref" || only.name.starts_with("Fn::") => self.call(only, at, depth + 1),
                entries => {
                    let entry = |entry: &Entry| match entry.name.starts_with("Fn::") {
                        true => Entry { value: unknown_function(&entry.name, entry.at), ..entry.clone() },
                        false => Entry {
                            name: entry.name.clone(),
                            at: entry.at,
                            value: self.at_depth(&entry.value, depth + 1),
                        },
                    };
                    TemplateNode { at, form: NodeForm::Table(entries.iter().map(entry).collect()) }
                }
            },
            _ => node.clone(),
        }
    }

    /// The value of a function.
    fn call(&self, function: &Entry, at: Spot, depth: usize) -> TemplateNode {
        let argument = &function.value;
        let worked = |node: &TemplateNode| self.at_depth(node, depth + 1);
        match function.name.as_str() {
            "Ref" => match argument.symbol() {
                Some(name) => self.named(name, at, depth),
                None => unknown_function("Ref", at),
            },
            "Fn::GetAtt" => {
                let parts: Option<Vec<String>> =
                    argument.items().iter().map(|part| worked(part).symbol().map(str::to_owned)).collect();
                match parts.map(|parts| parts.join(".")) {
                    Some(name) if name.contains('.') => self.attribute(&name, at, depth),
                    _ => unknown_function("Fn::GetAtt", at),
                }
            }
            "Fn::Sub" => match argument.items() {
                [pattern] => self.substituted(pattern, &TemplateNode { at, form: NodeForm::Absent }, at, depth),
                [pattern, own] => self.substituted(pattern, own, at, depth),
                _ => unknown_function("Fn::Sub", at),
            },
            "Fn::Join" => match argument.items() {
                [between, parts] => joined(&worked(between), &worked(parts), at),
                _ => unknown_function("Fn::Join", at),
            },
            "Fn::FindInMap" => {
                let keys: Vec<TemplateNode> = argument.items().iter().take(3).map(worked).collect();
                let keys: Option<Vec<&str>> = keys.iter().map(TemplateNode::known).collect();
                match keys {
                    Some(keys) => match self.root.get("Mappings").path(&keys) {
                        found if found.is_absent() => {
                            TemplateNode::unknown(at, format!("the mapping has no `{}`", keys.join(".")))
                        }
                        found => TemplateNode { at, form: worked(found).form },
                    },
                    None => TemplateNode::unknown(at, "a key of `Fn::FindInMap` has no value in the template"),
                }
            }
            "Fn::If" => match argument.items() {
                [condition, then, otherwise] => match condition.symbol().and_then(|name| self.holds(name, 0)) {
                    Some(true) => worked(then),
                    Some(false) => worked(otherwise),
                    None => {
                        let (then, otherwise) = (worked(then), worked(otherwise));
                        if then == otherwise {
                            return then;
                        }
                        let name = printable(condition.symbol().unwrap_or("?").as_bytes());
                        TemplateNode::unknown(at, format!("it depends on the condition `{name}`"))
                    }
                },
                _ => unknown_function("Fn::If", at),
            },
            "Fn::Select" => match argument.items() {
                [index, list] => {
                    let (index, list) = (worked(index), worked(list));
                    let index = index.known().and_then(|index| index.parse::<usize>().ok());
                    match (&list.form, index) {
                        (NodeForm::List(items), Some(index)) => {
                            items.get(index).cloned().unwrap_or_else(|| unknown_function("Fn::Select", at))
                        }
                        _ => unknown_function("Fn::Select", at),
                    }
                }
                _ => unknown_function("Fn::Select", at),
            },
            "Fn::Split" => match argument.items() {
                [between, text] => match (worked(between).known(), worked(text).known()) {
                    (Some(between), Some(text)) if !between.is_empty() => {
                        let parts = text.split(between).map(|part| TemplateNode::text(at, part));
                        TemplateNode { at, form: NodeForm::List(parts.collect()) }
                    }
                    _ => unknown_function("Fn::Split", at),
                },
                _ => unknown_function("Fn::Split", at),
            },
            "Fn::ImportValue" => match worked(argument).symbol() {
                Some(name) => TemplateNode::text(at, import_of(name)),
                None => unknown_function("Fn::ImportValue", at),
            },
            other => unknown_function(other, at),
        }
    }

    /// The value of a parameter, a pseudo parameter or a resource.
    fn named(&self, name: &str, at: Spot, depth: usize) -> TemplateNode {
        if name == "AWS::NoValue" {
            return TemplateNode { at, form: NodeForm::Absent };
        }
        let parameter = self.root.path(&["Parameters", name]);
        if !parameter.is_absent() {
            let kind = parameter.get("Type").symbol().unwrap_or_default();
            let default = parameter.get("Default").symbol().filter(|_| !kind.starts_with("AWS::SSM::"));
            let text = match self.given.get(name).map(String::as_str).or(default) {
                Some(value) if kind == "CommaDelimitedList" || kind.starts_with("List<") => {
                    let parts = value.split(',').map(|part| TemplateNode::text(at, part.trim()));
                    return TemplateNode { at, form: NodeForm::List(parts.collect()) };
                }
                Some(value) => value.to_owned(),
                None => format!("${{{name}}}"),
            };
            return TemplateNode::text(at, text);
        }
        let resource = self.root.path(&["Resources", name]);
        if resource.is_absent() && !name.starts_with("AWS::") {
            let name = printable(name.as_bytes());
            return TemplateNode::unknown(
                at,
                format!("`{name}` is neither a parameter nor a resource of the template"),
            );
        }
        match self.own_name(resource, depth) {
            Some(own) => TemplateNode::text(at, own),
            None => TemplateNode::text(at, format!("${{{name}}}")),
        }
    }

    /// The name that a resource of the state gives itself: its `Ref`. It may name itself in a circle.
    fn own_name(&self, resource: &TemplateNode, depth: usize) -> Option<String> {
        let key = match resource.get("Type").symbol()? {
            "AWS::DynamoDB::Table" => "TableName",
            "AWS::S3::Bucket" => "BucketName",
            _ => return None,
        };
        self.at_depth(resource.path(&["Properties", key]), depth + 1).symbol().map(str::to_owned)
    }

    fn attribute(&self, name: &str, at: Spot, depth: usize) -> TemplateNode {
        let arn = name.strip_suffix(".Arn").and_then(|id| {
            let resource = self.root.path(&["Resources", id]);
            let own = self.own_name(resource, depth)?;
            Some(match resource.get("Type").symbol()? {
                "AWS::S3::Bucket" => format!("arn:${{AWS::Partition}}:s3:::{own}"),
                _ => format!("arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{own}"),
            })
        });
        TemplateNode::text(at, arn.unwrap_or_else(|| format!("${{{name}}}")))
    }

    /// A text with its `${NAME}` and `${RESOURCE.ATTRIBUTE}` replaced; `own` are the variables of `Fn::Sub` itself.
    fn substituted(&self, pattern: &TemplateNode, own: &TemplateNode, at: Spot, depth: usize) -> TemplateNode {
        let Some(pattern) = pattern.symbol() else { return unknown_function("Fn::Sub", at) };
        let mut parts = pattern.split("${");
        let mut done = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let Some((name, rest)) = part.split_once('}') else { return unknown_function("Fn::Sub", at) };
            let value = match own.get(name) {
                _ if name.starts_with('!') => TemplateNode::text(at, format!("${{{name}}}")),
                absent if absent.is_absent() && name.contains('.') => self.attribute(name, at, depth),
                absent if absent.is_absent() => self.named(name, at, depth),
                value => self.at_depth(value, depth + 1),
            };
            match value.form {
                NodeForm::Text(text) if done.len() + text.len() <= self.left.get().1 => done += &text,
                NodeForm::Text(_) => {
                    return TemplateNode::unknown(at, "the template's functions nest or grow too much");
                }
                NodeForm::Unknown(why) => return TemplateNode::unknown(at, why),
                _ => return unknown_function("Fn::Sub", at),
            }
            done += rest;
        }
        let (nodes, bytes) = self.left.get();
        self.left.set((nodes, bytes.saturating_sub(done.len())));
        TemplateNode::text(at, done)
    }

    /// Whether a condition holds; `None` if that depends on something that has no value.
    fn holds(&self, name: &str, depth: usize) -> Option<bool> {
        let condition = self.root.path(&["Conditions", name]);
        if condition.is_absent() { None } else { self.truth(condition, depth) }
    }

    fn truth(&self, node: &TemplateNode, depth: usize) -> Option<bool> {
        let (nodes, bytes) = self.left.get();
        // Conditions may name each other in a circle.
        if depth > DEEPEST || nodes == 0 {
            return None;
        }
        self.left.set((nodes - 1, bytes));
        let [only] = node.entries() else { return None };
        let all = |values: &[TemplateNode]| -> Vec<Option<bool>> {
            values.iter().map(|value| self.truth(value, depth + 1)).collect()
        };
        match only.name.as_str() {
            "Condition" => self.holds(only.value.symbol()?, depth + 1),
            "Fn::Not" => all(only.value.items()).first().copied().flatten().map(|holds| !holds),
            "Fn::And" => verdict(&all(only.value.items()), false),
            "Fn::Or" => verdict(&all(only.value.items()), true),
            "Fn::Equals" => match only.value.items() {
                [one, other] => {
                    let (one, other) = (self.of(one), self.of(other));
                    // Two uses of one placeholder are equal.
                    let same = one.symbol().is_some() && one.symbol() == other.symbol();
                    if same { Some(true) } else { Some(one.known()? == other.known()?) }
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// `Or` and `And` of three values: `deciding` decides alone.
fn verdict(all: &[Option<bool>], deciding: bool) -> Option<bool> {
    if all.contains(&Some(deciding)) {
        return Some(deciding);
    }
    if all.contains(&None) { None } else { Some(!deciding) }
}

fn joined(between: &TemplateNode, parts: &TemplateNode, at: Spot) -> TemplateNode {
    let mut texts = Vec::new();
    for part in parts.items() {
        match &part.form {
            NodeForm::Text(text) => texts.push(text.as_str()),
            NodeForm::Unknown(why) => return TemplateNode::unknown(at, why.clone()),
            _ => return unknown_function("Fn::Join", at),
        }
    }
    match between.symbol() {
        Some(between) => TemplateNode::text(at, texts.join(between)),
        // An empty separator is written as an empty text, or not at all.
        None if between.is_absent() => TemplateNode::text(at, texts.concat()),
        None => unknown_function("Fn::Join", at),
    }
}

fn unknown_function(name: &str, at: Spot) -> TemplateNode {
    TemplateNode::unknown(at, format!("`{}` cannot be worked out from the template", printable(name.as_bytes())))
}

#[cfg(test)]
mod tests;
