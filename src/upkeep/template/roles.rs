//! The roles of a template with the statements of all policies that the template attaches to them.

use super::cloudformation::Resource;
use super::json;
use super::node::{self, NodeForm, Spot, TemplateNode, names};

/// A role.
#[derive(Debug)]
pub(super) struct RoleModel {
    /// Its logical name, or its address.
    pub(super) id: String,
    pub(super) at: Spot,
    /// The name that it has in AWS, as far as it is known.
    pub(super) name: Option<String>,
    /// The statements of its policies.
    pub(super) statements: Vec<Statement>,
    /// The policies that could not be read, and where each is named.
    pub(super) elsewhere: Vec<(Spot, UnreadPolicy)>,
}

/// A policy that could not be read.
#[derive(Debug)]
pub(super) enum UnreadPolicy {
    /// It is not in the template; its ARN.
    Policy(String),
    /// Why not.
    Because(String),
}

/// A statement of a policy.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) at: Spot,
    pub(super) node: TemplateNode,
}

impl RoleModel {
    /// Whether a text names this role.
    pub(super) fn is_named(&self, text: &str) -> bool {
        names(text, &self.id, self.name.as_deref())
    }

    fn add(&mut self, document: &TemplateNode, outer: Spot) {
        let at = document.at_or(outer);
        let parsed = document.symbol().map(json::parse);
        let document = match &parsed {
            // A document that is a text has the position of that text.
            Some(Ok(parsed)) => parsed,
            Some(Err(_)) => {
                let why = node::open(document.symbol().unwrap_or_default());
                let why = why.unwrap_or_else(|| "a policy is not valid JSON".to_owned());
                self.elsewhere.push((at, UnreadPolicy::Because(why)));
                return;
            }
            None => document,
        };
        if let NodeForm::Unknown(why) = &document.form {
            self.elsewhere.push((at, UnreadPolicy::Because(why.clone())));
        }
        for node in document.get("Statement").items() {
            let at = if parsed.is_some() { at } else { node.at_or(at) };
            match &node.form {
                NodeForm::Unknown(why) => self.elsewhere.push((at, UnreadPolicy::Because(why.clone()))),
                _ => self.statements.push(Statement { at, node: node.clone() }),
            }
        }
    }
}

/// The roles among the resources.
pub(super) fn roles(resources: &[Resource]) -> Vec<RoleModel> {
    let of_kind = |kind: &'static str| resources.iter().filter(move |resource| resource.kind == kind);
    let mut roles: Vec<RoleModel> = of_kind("AWS::IAM::Role")
        .map(|resource| {
            let name =
                ["RoleName", "Name"].map(|key| resource.properties.get(key).symbol()).into_iter().flatten().next();
            let (id, name) = (resource.id.clone(), name.map(str::to_owned));
            let mut role = RoleModel { id, at: resource.at, name, statements: Vec::new(), elsewhere: Vec::new() };
            for policy in resource.properties.get("Policies").items() {
                let document = policy.get("PolicyDocument");
                let document = if document.is_absent() { policy.get("Policy") } else { document };
                role.add(document, policy.at_or(resource.at));
            }
            for arn in resource.properties.get("ManagedPolicyArns").items() {
                attach(&mut role, arn, resources, resource.at);
            }
            role
        })
        .collect();
    for policy in
        resources.iter().filter(|resource| resource.kind.starts_with("AWS::IAM::") && resource.kind != "AWS::IAM::Role")
    {
        let document = ["PolicyDocument", "Policy"].map(|key| policy.properties.get(key));
        let document = document.into_iter().find(|document| !document.is_absent());
        let users = ["Roles", "RoleName", "Role"].map(|key| policy.properties.get(key).items()).concat();
        for role in roles.iter_mut().filter(|role| users.iter().any(|user| names_role(role, user))) {
            if let Some(document) = document {
                role.add(document, policy.at);
            }
        }
    }
    for attachment in of_kind("Attachment") {
        let users = ["Roles", "Role"].map(|key| attachment.properties.get(key).items()).concat();
        for role in roles.iter_mut().filter(|role| users.iter().any(|user| names_role(role, user))) {
            attach(role, attachment.properties.get("PolicyArn"), resources, attachment.at);
        }
    }
    roles
}

fn names_role(role: &RoleModel, node: &TemplateNode) -> bool {
    node.symbol().is_some_and(|text| role.is_named(text))
}

/// Adds a managed policy, if the template has it.
fn attach(role: &mut RoleModel, arn: &TemplateNode, resources: &[Resource], outer: Spot) {
    let at = arn.at_or(outer);
    let Some(text) = arn.symbol() else {
        let why = match &arn.form {
            NodeForm::Unknown(why) => why.clone(),
            _ => "it is not a text".to_owned(),
        };
        role.elsewhere.push((at, UnreadPolicy::Because(why)));
        return;
    };
    let policy = resources.iter().filter(|resource| resource.kind == "AWS::IAM::ManagedPolicy").find(|policy| {
        let name = ["ManagedPolicyName", "Name"].map(|key| policy.properties.get(key).symbol());
        names(text, &policy.id, name.into_iter().flatten().next())
    });
    match policy {
        Some(policy) => {
            let document = ["PolicyDocument", "Policy"].map(|key| policy.properties.get(key));
            if let Some(document) = document.into_iter().find(|document| !document.is_absent()) {
                role.add(document, policy.at);
            }
        }
        None => role.elsewhere.push((at, UnreadPolicy::Policy(text.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::upkeep::template::{cloudformation, yaml};

    #[test]
    fn a_role_has_the_statements_of_all_its_policies() {
        let text = r#"
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{ PolicyDocument: { Statement: [{ Sid: Own }] } }]
      ManagedPolicyArns: [!Ref M, "arn:aws:iam::aws:policy/X"]
  M: { Type: AWS::IAM::ManagedPolicy, Properties: { PolicyDocument: { Statement: { Sid: Managed } } } }
  P: { Type: AWS::IAM::Policy, Properties: { Roles: [!Ref R], PolicyDocument: { Statement: [{ Sid: Beside }] } } }
  Q: { Type: AWS::IAM::RolePolicy, Properties: { RoleName: !Ref R, PolicyDocument: '{"Statement": {"Sid": "Text"}}' } }
  Other: { Type: AWS::IAM::Policy, Properties: { Roles: [other], PolicyDocument: { Statement: [{ Sid: No }] } } }
"#;
        let (resources, ..) = cloudformation::resources(&yaml::parse(text).unwrap(), &BTreeMap::new());
        let roles = roles(&resources);
        let said: Vec<_> = roles[0]
            .statements
            .iter()
            .map(|statement| (statement.node.get("Sid").symbol(), statement.at.line))
            .collect();
        assert_eq!(said, [(Some("Own"), 6), (Some("Managed"), 8), (Some("Beside"), 9), (Some("Text"), 10)]);
        assert_eq!(roles[0].elsewhere.len(), 1);
    }
}
