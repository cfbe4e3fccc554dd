//! The resources of a CloudFormation template, with their functions worked out.

use std::collections::BTreeMap;

use super::node::{Spot, TemplateNode, without_placeholders};
use super::scope::Meaning;
use crate::base::text::printable;

/// A resource of a template. Those of Terraform have the properties that CloudFormation would give them.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its logical name, or its address.
    pub(super) id: String,
    /// Its type, as CloudFormation calls it.
    pub(super) kind: String,
    pub(super) at: Spot,
    pub(super) properties: TemplateNode,
}

/// Something of a template that cannot be looked into.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) at: Spot,
    pub(super) message: String,
    pub(super) hint: String,
}

/// What a template exports to others.
#[derive(Debug)]
pub(super) struct Export {
    /// Its name, with `*` for what is not known of it, such as the name of the stack.
    pub(super) name: String,
    /// Its value, as a text of the template.
    pub(super) value: String,
}

/// The types that rules look at.
const KINDS: [&str; 8] = [
    "AWS::CodePipeline::Pipeline",
    "AWS::CodeBuild::Project",
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
];

/// The resources that rules look at, what hides others, and what the template exports.
pub(super) fn resources(
    root: &TemplateNode,
    given: &BTreeMap<String, String>,
) -> (Vec<Resource>, Vec<Gap>, Vec<Export>) {
    let meaning = Meaning::new(root, given);
    let (mut resources, mut gaps) = (Vec::new(), transforms(root));
    let outputs = root.get("Outputs").entries().iter();
    let exports = outputs.filter_map(|output| {
        let name = meaning.of(output.value.path(&["Export", "Name"]));
        let value = meaning.of(output.value.get("Value")).symbol()?.to_owned();
        Some(Export { name: without_placeholders(name.symbol()?), value })
    });
    let exports = exports.collect();
    for entry in root.get("Resources").entries() {
        let kind = entry.value.get("Type").symbol().unwrap_or_default();
        let name = printable(entry.name.as_bytes());
        if KINDS.contains(&kind) {
            resources.push(Resource {
                id: entry.name.clone(),
                kind: kind.to_owned(),
                at: entry.at,
                properties: meaning.of(entry.value.get("Properties")),
            });
        } else if kind == "AWS::CloudFormation::Stack" {
            gaps.push(Gap {
                at: entry.at,
                message: format!("the nested stack `{name}` is not in this file"),
                hint: "check its template with `--template` too".to_owned(),
            });
        } else if kind.ends_with("::MODULE") {
            gaps.push(Gap {
                at: entry.at,
                message: format!("the module `{name}` is not in this file"),
                hint: "check the template that CloudFormation makes of it: `aws cloudformation get-template`"
                    .to_owned(),
            });
        } else if entry.name.starts_with("Fn::") {
            gaps.push(Gap {
                at: entry.at,
                message: format!("the resources of `{name}` are made when the stack is deployed"),
                hint: "check the processed template: `aws cloudformation get-template --template-stage Processed`"
                    .to_owned(),
            });
        }
    }
    (resources, gaps, exports)
}

/// The macros that may make anything of the template.
fn transforms(root: &TemplateNode) -> Vec<Gap> {
    let known = |name: &str| name.starts_with("AWS::Serverless-") || name.starts_with("AWS::LanguageExtensions");
    let transforms = root.get("Transform").items().iter().filter_map(|transform| {
        let name = transform.symbol().or_else(|| transform.get("Name").symbol()).unwrap_or("a macro");
        (!known(name)).then(|| Gap {
            at: transform.at,
            message: format!("the transform `{}` may change this template", printable(name.as_bytes())),
            hint: "check the processed template: `aws cloudformation get-template --template-stage Processed`"
                .to_owned(),
        })
    });
    transforms.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::template::yaml;

    #[test]
    fn what_is_elsewhere_is_said() {
        let text = "Transform: [AWS::Serverless-2016-10-31, Mine]\nResources:\n  A: { Type: AWS::CloudFormation::Stack }\n  \
                    B: { Type: 'My::Own::Thing::MODULE' }\n  Fn::ForEach::C: [x, [y], {}]\n  D: { Type: AWS::SNS::Topic }\n  \
                    E: { Type: AWS::IAM::Role, Properties: { RoleName: x } }\n";
        let (resources, gaps, _) = resources(&yaml::parse(text).unwrap(), &BTreeMap::new());
        assert_eq!(resources.iter().map(|resource| resource.id.as_str()).collect::<Vec<_>>(), ["E"]);
        let lines: Vec<u32> = gaps.iter().map(|gap| gap.at.line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }
}
