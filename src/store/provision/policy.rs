//! The permissions: exactly the requests that the stores make, on the keys of one project.

use serde_json::{Map, Value, json};

use super::resources::Resources;

/// Who gets the permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantedRole {
    /// A build: decides and records.
    Build,
    /// A laptop: `plan`, `status`, `output`.
    ReadOnly,
}

impl GrantedRole {
    /// Its purpose, in the characters that a policy's description may contain.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Build => "shipmark in builds: reads and writes the marks of one project",
            Self::ReadOnly => "shipmark on laptops: reads the marks of one project",
        }
    }
}

/// What a statement applies to. Each document has its own name for it.
pub(super) enum On<'a> {
    /// The table.
    Table,
    /// The bucket itself.
    Bucket,
    /// Objects of the bucket, by a pattern for their keys.
    Objects(&'a str),
}

/// A policy document, with the resource names that `resource` returns.
pub(super) fn policy(place: &Resources<'_>, role: GrantedRole, resource: impl Fn(On<'_>) -> Value) -> Value {
    let statements = match place {
        Resources::Table { keys, .. } => {
            let read = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
            let write = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];
            // Each of these requests names its keys, so the condition cannot hold merely because there are none.
            let condition = ("ForAllValues:StringLike", "dynamodb:LeadingKeys", pattern(keys));
            let actions: Vec<_> =
                read.into_iter().chain(write.into_iter().filter(|_| role == GrantedRole::Build)).collect();
            vec![statement("Marks", &actions, resource(On::Table), Some(condition))]
        }
        Resources::Bucket { keys, .. } => {
            let keys = pattern(keys);
            let write = ["s3:PutObject", "s3:DeleteObject"].into_iter().filter(|_| role == GrantedRole::Build);
            let actions: Vec<_> = std::iter::once("s3:GetObject").chain(write).collect();
            // Without this, S3 reports a mark that does not exist as forbidden, not as absent. To choose between the
            // two it checks the key as a prefix.
            let condition = ("StringLike", "s3:prefix", keys.clone());
            vec![
                statement("Marks", &actions, resource(On::Objects(&keys)), None),
                statement("Absence", &["s3:ListBucket"], resource(On::Bucket), Some(condition)),
            ]
        }
    };
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn statement(sid: &str, actions: &[&str], resource: Value, condition: Option<(&str, &str, String)>) -> Value {
    let mut whole = Map::new();
    whole.insert("Sid".to_owned(), sid.into());
    whole.insert("Effect".to_owned(), "Allow".into());
    whole.insert("Action".to_owned(), actions.into());
    whole.insert("Resource".to_owned(), resource);
    if let Some((operator, key, value)) = condition {
        whole.insert("Condition".to_owned(), json!({ operator: { key: [value] } }));
    }
    Value::Object(whole)
}

/// Everything with this prefix. Names are percent-encoded in keys and contain neither IAM wildcards nor variables, but
/// a bucket's prefix is as the user typed it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
fn pattern(keys: &str) -> String {
    let mut text = String::with_capacity(keys.len() + 1);
    for c in keys.chars() {
        match c {
            '*' | '?' | '$' => text.extend(["${", c.encode_utf8(&mut [0; 4]), "}"]),
            c => text.push(c),
        }
    }
    text.push('*');
    text
}
