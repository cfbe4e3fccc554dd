//! What the roles of a pipeline may do.

use serde_json::Value;

use super::template::Template;

/// Roles that others than this account's services can take, one sentence each.
pub(super) fn trust_faults(template: &Template) -> Vec<String> {
    let open = template.of_type("AWS::IAM::Role").filter(|(_, role)| {
        let statements = role["AssumeRolePolicyDocument"]["Statement"].as_array().unwrap();
        statements.iter().any(|one| one["Condition"]["StringEquals"]["aws:SourceAccount"] != "ACCOUNT")
    });
    open.map(|(name, _)| format!("{name} can be taken for another account")).collect()
}

/// Permissions that are wider than they need to be, one sentence each.
pub(super) fn faults(template: &Template) -> Vec<String> {
    let managed = template.of_type("AWS::IAM::ManagedPolicy").map(|(name, policy)| (name, &policy["PolicyDocument"]));
    let roles = template.of_type("AWS::IAM::Role");
    let inline = roles.flat_map(|(name, role)| {
        let policies = role["Policies"].as_array().into_iter().flatten();
        policies.map(move |policy| (name, &policy["PolicyDocument"]))
    });
    let documents: Vec<_> = managed.chain(inline).collect();
    assert!(documents.len() >= 3, "the policies were not understood");
    let statements = documents.into_iter().flat_map(|(name, document)| {
        document["Statement"].as_array().unwrap().iter().flat_map(move |statement| of_statement(name, statement))
    });
    statements.collect()
}

fn of_statement(policy: &str, statement: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let (actions, resources) = (texts(&statement["Action"]), texts(&statement["Resource"]));
    for action in actions.iter().filter(|action| action.contains('*')) {
        found.push(format!("{policy} allows `{action}`"));
    }
    // What cannot be limited to a resource, or, of tasks, by their cluster only.
    let has_none: [&[&str]; 4] = [
        &["ecr:GetAuthorizationToken"],
        &["cloudformation:ValidateTemplate"],
        &["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"],
        &["ecs:DescribeTasks", "ecs:ListTasks"],
    ];
    if resources.contains(&"*") && !has_none.contains(&actions.as_slice()) {
        found.push(format!("{policy} allows {actions:?} on any resource"));
    }
    if actions.iter().any(|action| action.starts_with("dynamodb:")) {
        if resources.iter().any(|resource| resource.contains('*')) {
            found.push(format!("{policy} reaches any table"));
        }
        let keys = texts(&statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]);
        if keys.is_empty() || keys.iter().any(|key| key.contains('*') || !key.contains('/')) {
            found.push(format!("{policy} reaches the keys of other environments"));
        }
        if statement["Condition"]["Null"]["dynamodb:LeadingKeys"] != "false" {
            found.push(format!("{policy} allows requests without keys"));
        }
    }
    found
}

/// One text or several.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        one => one.as_str().into_iter().collect(),
    }
}
