//! The resources in the output of `terraform show -json`, of a plan or a state, as CloudFormation would write them.
//!
//! What a plan does not know yet becomes `${ADDRESS}` where the configuration refers to one resource only.

use std::collections::BTreeMap;

use super::cloudformation::{Gap, Resource};
use super::node::{Entry, NodeForm, Spot, TemplateNode};
use super::references::References;

/// The types that rules look at, and what CloudFormation calls them.
const KINDS: [(&str, &str); 8] = [
    ("aws_codepipeline", "AWS::CodePipeline::Pipeline"),
    ("aws_codebuild_project", "AWS::CodeBuild::Project"),
    ("aws_iam_role", "AWS::IAM::Role"),
    ("aws_iam_role_policy", "AWS::IAM::RolePolicy"),
    ("aws_iam_policy", "AWS::IAM::ManagedPolicy"),
    ("aws_iam_role_policy_attachment", "Attachment"),
    ("aws_iam_policy_attachment", "Attachment"),
    ("aws_lambda_function", "AWS::Lambda::Function"),
];

/// Blocks that are there at most once: a list of one is that one.
const SINGLE: [&str; 11] = [
    "before_entry",
    "on_success",
    "on_failure",
    "rule_type_id",
    "git_configuration",
    "file_paths",
    "branches",
    "tags",
    "environment",
    "source",
    "artifacts",
];

/// The keys that CloudFormation calls otherwise; the others only change their case.
const RENAMED: [(&str, &str); 11] = [
    ("stage", "Stages"),
    ("action", "Actions"),
    ("condition", "Conditions"),
    ("rule", "Rules"),
    ("trigger", "Triggers"),
    ("buildspec", "BuildSpec"),
    ("environment_variable", "EnvironmentVariables"),
    ("build_timeout", "TimeoutInMinutes"),
    ("queued_timeout", "QueuedTimeoutInMinutes"),
    ("service_role", "ServiceRole"),
    ("inline_policy", "Policies"),
];

/// What the provider only reads back where the configuration says nothing of it.
const COMPUTED: [&str; 3] = ["inline_policy", "managed_policy_arns", "run_order"];

/// The resources that rules look at, and what hides others.
pub(super) fn resources(root: &TemplateNode) -> (Vec<Resource>, Vec<Gap>) {
    let planned = root.path(&["planned_values", "root_module"]);
    let module = if planned.is_absent() { root.path(&["values", "root_module"]) } else { planned };
    let mut found = Vec::new();
    gather(module, &mut found);
    let addresses: Vec<&str> = found.iter().filter_map(|value| value.get("address").symbol()).collect();
    let references = References::new(root.get("configuration"), &addresses);
    let changes = root.get("resource_changes").items().iter();
    let changes: BTreeMap<&str, &TemplateNode> = changes
        .filter_map(|change| Some((change.get("address").symbol()?, change.path(&["change", "after_unknown"]))))
        .collect();
    let resource = |value: &&TemplateNode| {
        let kind = value.get("type").symbol()?;
        let (_, kind) = KINDS.iter().find(|(name, _)| *name == kind)?;
        let id = value.get("address").symbol()?.to_owned();
        let mut values = value.get("values").clone();
        if let Some(unknown) = changes.get(id.as_str()) {
            fill(&mut values, unknown, references.expressions(&id), &|expression| references.target(&id, expression));
        }
        let properties = shaped(&values, value.at);
        Some(Resource { at: value.get("address").at, id, kind: (*kind).to_owned(), properties })
    };
    let resources = found.iter().filter_map(resource).collect();
    let mut gaps = Vec::new();
    if module.is_absent() {
        gaps.push(Gap {
            at: Spot::first(root.at.file),
            message: "there are no values: it shows an empty state, or no plan".to_owned(),
            hint: "write it with `terraform plan -out plan.bin && terraform show -json plan.bin`".to_owned(),
        });
    }
    (resources, gaps)
}

/// The managed resources of a module and those below it.
fn gather<'t>(module: &'t TemplateNode, found: &mut Vec<&'t TemplateNode>) {
    let managed = |resource: &&TemplateNode| resource.get("mode").symbol().is_none_or(|mode| mode == "managed");
    found.extend(module.get("resources").items().iter().filter(managed));
    // The reader has bounded how deeply modules nest.
    module.get("child_modules").items().iter().for_each(|child| gather(child, found));
}

/// Puts what is not known yet into the values.
fn fill(
    values: &mut TemplateNode,
    unknown: &TemplateNode,
    expression: &TemplateNode,
    target: &dyn Fn(&TemplateNode) -> Option<String>,
) {
    if unknown.symbol() == Some("true") {
        let at = values.at;
        *values = match target(expression) {
            Some(target) => TemplateNode::text(at, format!("${{{target}}}")),
            None => TemplateNode::unknown(at, "it is known only after `terraform apply`"),
        };
        return;
    }
    match (&mut values.form, &unknown.form) {
        (NodeForm::Table(entries), NodeForm::Table(unknowns)) => {
            let computed = |unknown: &&Entry| {
                COMPUTED.contains(&unknown.name.as_str()) && expression.get(&unknown.name).is_absent()
            };
            let open = |unknown: &&Entry| unknown.value.symbol() != Some("false") && !computed(unknown);
            for unknown in unknowns.iter().filter(open) {
                let here = match entries.iter().position(|entry| entry.name == unknown.name) {
                    Some(here) => here,
                    None => {
                        let at = values.at;
                        let value = TemplateNode { at, form: NodeForm::Absent };
                        entries.push(Entry { name: unknown.name.clone(), at, value });
                        entries.len() - 1
                    }
                };
                // A map is written by one expression.
                let own =
                    if expression.get("references").is_absent() { expression.get(&unknown.name) } else { expression };
                fill(&mut entries[here].value, &unknown.value, own, target);
                if unknown.name == "configuration" {
                    entries[here].value = configuration(&entries[here].value);
                }
            }
        }
        (NodeForm::List(items), NodeForm::List(unknowns)) => {
            for (index, (item, unknown)) in items.iter_mut().zip(unknowns).enumerate() {
                let own = expression.items().get(index).or(expression.items().last()).unwrap_or(expression);
                fill(item, unknown, own, target);
            }
        }
        _ => {}
    }
}

/// The configuration of an action that is not known as a whole: what it refers to is its project.
fn configuration(value: &TemplateNode) -> TemplateNode {
    let at = value.at;
    if !matches!(value.form, NodeForm::Text(_)) {
        return value.clone();
    }
    let later = TemplateNode::unknown(at, "it is known only after `terraform apply`");
    let keys = ["EnvironmentVariables", "StackName", "UserParameters"].map(|name| (name, later.clone()));
    let entries = keys.into_iter().chain([("ProjectName", value.clone()), ("FunctionName", value.clone())]);
    let entries = entries.map(|(name, value)| Entry { name: name.to_owned(), at, value });
    TemplateNode { at, form: NodeForm::Table(entries.collect()) }
}

/// The values of a resource or a block under the names of CloudFormation.
fn shaped(values: &TemplateNode, outer: Spot) -> TemplateNode {
    let at = values.at_or(outer);
    let form = match &values.form {
        NodeForm::Table(entries) => NodeForm::Table(entries.iter().map(|entry| shaped_entry(entry, at)).collect()),
        NodeForm::List(items) => NodeForm::List(items.iter().map(|item| shaped(item, at)).collect()),
        other => other.clone(),
    };
    TemplateNode { at, form }
}

fn shaped_entry(entry: &Entry, outer: Spot) -> Entry {
    let name = entry.name.as_str();
    let at = if entry.at.line == 0 { outer } else { entry.at };
    let value = match &entry.value.form {
        // Its keys are AWS's own.
        _ if name == "configuration" => entry.value.clone(),
        NodeForm::List(items) if SINGLE.contains(&name) && items.len() <= 1 => match items.first() {
            Some(only) => shaped(only, at),
            None => TemplateNode { at, form: NodeForm::Absent },
        },
        _ => shaped(&entry.value, at),
    };
    let renamed = RENAMED.iter().find(|(own, _)| *own == name).map(|(_, name)| (*name).to_owned());
    Entry { name: renamed.unwrap_or_else(|| pascal(name)), at, value }
}

/// `pipeline_type` as `PipelineType`.
fn pascal(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upkeep::template::json;

    const PLAN: &str = r#"{"format_version": "1.2",
"planned_values": {"root_module": {"child_modules": [{"resources": [
  {"address": "module.a.aws_codebuild_project.p[\"x\"]", "mode": "managed", "type": "aws_codebuild_project",
   "values": {"name": "p", "build_timeout": 60, "source": [{"type": "CODEPIPELINE", "buildspec": "b.yml"}]}},
  {"address": "module.a.aws_iam_role.r[\"x\"]", "mode": "managed", "type": "aws_iam_role", "values": {"name": "r"}},
  {"address": "module.a.data.x", "mode": "data", "type": "aws_iam_role", "values": {}}]}]}},
"resource_changes": [{"address": "module.a.aws_codebuild_project.p[\"x\"]",
   "change": {"after_unknown": {"service_role": true, "encryption_key": true, "source": [{"location": true}]}}}],
"configuration": {"root_module": {"module_calls": {"a": {"module": {"resources": [
  {"address": "aws_codebuild_project.p", "expressions": {
     "service_role": {"references": ["aws_iam_role.r", "each.key", "aws_iam_role.r[each.key].arn"]}}}]}}}}}}"#;

    #[test]
    fn a_plan_has_the_properties_of_cloudformation() {
        let (resources, gaps) = resources(&json::parse(PLAN).unwrap());
        assert!(gaps.is_empty());
        assert_eq!(resources.len(), 2);
        let project = &resources[0];
        assert_eq!((project.kind.as_str(), project.at.line), ("AWS::CodeBuild::Project", 3));
        assert_eq!(project.properties.path(&["Source", "BuildSpec"]).symbol(), Some("b.yml"));
        assert_eq!(project.properties.get("TimeoutInMinutes").symbol(), Some("60"));
        let role = project.properties.get("ServiceRole").symbol();
        assert_eq!(role, Some("${module.a.aws_iam_role.r[\"x\"]}"));
        assert!(matches!(project.properties.get("EncryptionKey").form, NodeForm::Unknown(_)));
        assert!(matches!(project.properties.path(&["Source", "Location"]).form, NodeForm::Unknown(_)));
    }

    #[test]
    fn a_configuration_that_is_not_known_still_names_its_project() {
        let text = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
          {"address": "aws_codepipeline.p", "type": "aws_codepipeline", "values": {"stage": [{"action": [{"name": "A"}]}]}},
          {"address": "aws_codebuild_project.b", "type": "aws_codebuild_project", "values": {}}]}},
          "resource_changes": [{"address": "aws_codepipeline.p", "change": {"after_unknown": {"stage": [{"action": [{"configuration": true}]}]}}}],
          "configuration": {"root_module": {"resources": [{"address": "aws_codepipeline.p", "expressions": {"stage": [{"action": [
            {"configuration": {"references": ["aws_codebuild_project.b.id", "aws_codebuild_project.b"]}}]}]}}]}}}"#;
        let (resources, _) = resources(&json::parse(text).unwrap());
        let action = &resources[0].properties.get("Stages").items()[0].get("Actions").items()[0];
        let project = action.path(&["Configuration", "ProjectName"]).symbol();
        assert_eq!(project, Some("${aws_codebuild_project.b}"));
        assert!(matches!(action.path(&["Configuration", "EnvironmentVariables"]).form, NodeForm::Unknown(_)));
    }

    #[test]
    fn an_empty_state_is_said() {
        let (resources, gaps) = resources(&json::parse(r#"{"format_version": "1.0"}"#).unwrap());
        assert_eq!((resources.len(), gaps.len()), (0, 1));
    }
}
