//! What the roles of a pipeline may do.

use serde_json::Value;

use super::template::Template;

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
    // The one action here that can be limited to no resource.
    if resources.contains(&"*") && actions != ["ecr:GetAuthorizationToken"] {
        found.push(format!("{policy} allows {actions:?} on any resource"));
    }
    if actions.iter().any(|action| action.starts_with("dynamodb:")) {
        if resources.iter().any(|resource| resource.contains('*')) {
            found.push(format!("{policy} reaches any table"));
        }
        let keys = texts(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        if keys.is_empty() || keys.iter().any(|key| key.starts_with('*')) {
            found.push(format!("{policy} reaches the keys of other projects"));
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
