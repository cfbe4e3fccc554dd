//! A CloudFormation template, in JSON, which it takes as well as YAML.

use serde_json::{Value, json};

use super::policy::{On, Role, policy};
use super::resources::Place;
use super::{Document, note_of_existing};
use crate::store::EXPIRES;

/// For how long a mark that was overwritten or removed can be brought back, in days.
pub(super) const NONCURRENT_DAYS: u32 = 90;

pub(super) fn print(place: &Place<'_>) -> Document {
    let (name, resource) = resource(place);
    let managed = |role: Role| {
        let document = policy(place, role, |on| arn(place, &on));
        json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": { "Description": role.description(), "PolicyDocument": document },
        })
    };
    let whole = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The state of shipmark: what is deployed where.",
        "Resources": {
            name: resource,
            "BuildPolicy": managed(Role::Build),
            "ReadOnlyPolicy": managed(Role::ReadOnly),
        },
        "Outputs": {
            "BuildPolicy": { "Description": Role::Build.description(), "Value": { "Ref": "BuildPolicy" } },
            "ReadOnlyPolicy": { "Description": Role::ReadOnly.description(), "Value": { "Ref": "ReadOnlyPolicy" } },
        },
    });
    let notes = vec![
        "deploy it with --capabilities CAPABILITY_IAM, in the region of the store".to_owned(),
        note_of_existing(place, &format!("take `{name}` out of the template: the policies do not need it there")),
    ];
    Document { text: format!("{whole:#}\n"), notes }
}

/// The parts are joined, not substituted: so nothing in a prefix can be taken for a variable of CloudFormation.
fn arn(place: &Place<'_>, on: &On<'_>) -> Value {
    let reference = |name: &str| json!({ "Ref": name });
    let parts = match (place, on) {
        (Place::Table { arn: Some(arn), .. }, _) => return json!(arn),
        (Place::Table { name, region, .. }, _) => {
            let region = region.map_or_else(|| reference("AWS::Region"), |region| json!(region));
            let account = reference("AWS::AccountId");
            let table = format!(":table/{name}");
            vec![
                json!("arn:"),
                reference("AWS::Partition"),
                json!(":dynamodb:"),
                region,
                json!(":"),
                account,
                json!(table),
            ]
        }
        (Place::Bucket { name, .. }, On::Objects(keys)) => {
            vec![json!("arn:"), reference("AWS::Partition"), json!(format!(":s3:::{name}/{keys}"))]
        }
        (Place::Bucket { name, .. }, _) => {
            vec![json!("arn:"), reference("AWS::Partition"), json!(format!(":s3:::{name}"))]
        }
    };
    json!({ "Fn::Join": ["", parts] })
}

fn resource(place: &Place<'_>) -> (&'static str, Value) {
    let (name, kind, properties) = match place {
        Place::Table { name, .. } => ("Table", "AWS::DynamoDB::Table", table(name)),
        Place::Bucket { name, .. } => ("Bucket", "AWS::S3::Bucket", bucket(name)),
    };
    // Whoever removes the stack keeps the marks.
    let whole =
        json!({ "Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties });
    (name, whole)
}

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
        "TimeToLiveSpecification": { "AttributeName": EXPIRES, "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
    })
}

fn bucket(name: &str) -> Value {
    json!({
        "BucketName": name,
        "VersioningConfiguration": { "Status": "Enabled" },
        "BucketEncryption": { "ServerSideEncryptionConfiguration": [
            { "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } },
        ] },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true,
            "BlockPublicPolicy": true,
            "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true,
        },
        "LifecycleConfiguration": { "Rules": [{
            "Id": "old-versions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": { "NoncurrentDays": NONCURRENT_DAYS },
            "ExpiredObjectDeleteMarker": true,
        }] },
    })
}
