//! The permissions: exactly the requests that the stores make, on the keys of one project or of some of its environments.

use serde_json::{Map, Value, json};

use super::resources::Resources;
use super::scope::ScopedKeys;

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

    /// The keys that it may use in full. `doctor --read-only` needs none of its own.
    fn keys(self, keys: &ScopedKeys) -> Vec<&str> {
        let doctor = keys.doctor.as_ref().filter(|_| self == Self::Build);
        keys.own.iter().chain(doctor).map(String::as_str).collect()
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

const TABLE_READS: [&str; 3] = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
const TABLE_WRITES: [&str; 3] = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"];

/// A policy document, with the resource names that `resource` returns.
pub(super) fn policy(place: &Resources<'_>, role: GrantedRole, resource: impl Fn(On<'_>) -> Value) -> Value {
    let writes = role == GrantedRole::Build;
    let statements = match place {
        Resources::Table { keys, .. } => {
            let of_keys = |sid, actions: &[&str], of: &[&str]| {
                statement(sid, actions, resource(On::Table), Some(leading_keys(of, keys.wild)))
            };
            let actions: Vec<_> = TABLE_READS.into_iter().chain(TABLE_WRITES.into_iter().filter(|_| writes)).collect();
            let mut statements = vec![of_keys("Marks", &actions, &role.keys(keys))];
            if !keys.elsewhere.is_empty() {
                // One request may read marks of both, and a statement must allow all of its keys.
                let both: Vec<_> = keys.own.iter().chain(&keys.elsewhere).map(String::as_str).collect();
                statements.push(of_keys("Elsewhere", &TABLE_READS, &both));
            }
            statements
        }
        Resources::Bucket { keys, .. } => {
            let objects = |of: &[&str]| match of {
                [one] => resource(On::Objects(one)),
                several => several.iter().map(|one| resource(On::Objects(one))).collect(),
            };
            let own = role.keys(keys);
            let elsewhere: Vec<_> = keys.elsewhere.iter().map(String::as_str).collect();
            let write = ["s3:PutObject", "s3:DeleteObject"].into_iter().filter(|_| writes);
            let actions: Vec<_> = std::iter::once("s3:GetObject").chain(write).collect();
            let mut statements = vec![statement("Marks", &actions, objects(&own), None)];
            if !elsewhere.is_empty() {
                statements.push(statement("Elsewhere", &["s3:GetObject"], objects(&elsewhere), None));
            }
            // Without this, S3 reports a mark that does not exist as forbidden, not as absent. To choose between the
            // two it checks the key as a prefix.
            let prefixes: Vec<_> = own.into_iter().chain(elsewhere).collect();
            let condition = json!({ "StringLike": { "s3:prefix": prefixes } });
            statements.push(statement("Absence", &["s3:ListBucket"], resource(On::Bucket), Some(condition)));
            statements
        }
    };
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// `ForAllValues` also holds where a request has no keys at all, and `Null` refuses that.
fn leading_keys(keys: &[&str], wild: bool) -> Value {
    let operator = if wild { "ForAllValues:StringLike" } else { "ForAllValues:StringEquals" };
    json!({ operator: { "dynamodb:LeadingKeys": keys }, "Null": { "dynamodb:LeadingKeys": "false" } })
}

fn statement(sid: &str, actions: &[&str], resource: Value, condition: Option<Value>) -> Value {
    let mut whole = Map::new();
    whole.insert("Sid".to_owned(), sid.into());
    whole.insert("Effect".to_owned(), "Allow".into());
    whole.insert("Action".to_owned(), actions.into());
    whole.insert("Resource".to_owned(), resource);
    if let Some(condition) = condition {
        whole.insert("Condition".to_owned(), condition);
    }
    Value::Object(whole)
}

/// What a bucket's own policy says: nothing is read or written without TLS. `arn` is the bucket's, `objects` that of all of its
/// objects.
pub(super) fn only_tls(arn: &Value, objects: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, objects],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }] })
}
