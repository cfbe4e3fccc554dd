//! A CloudFormation template, in JSON, which CloudFormation accepts as well as YAML.

use serde_json::{Value, json};

use super::policy::{GrantedRole, On, only_tls, policy};
use super::resources::Resources;
use super::{ProvisionDocument, note_of_existing};
use crate::store::EXPIRES;

/// How long an overwritten or removed mark can be restored, in days.
pub(super) const NONCURRENT_DAYS: u32 = 90;

/// After how many days an upload that was not completed is dropped.
pub(super) const ABORT_DAYS: u32 = 1;

pub(super) fn print(place: &Resources<'_>) -> ProvisionDocument {
    let (name, resource) = resource(place);
    let managed = |role: GrantedRole| {
        let document = policy(place, role, |on| arn(place, &on));
        json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": { "Description": role.description(), "PolicyDocument": document },
        })
    };
    let mut whole = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The state of shipmark: what is deployed where.",
        "Resources": {
            name: resource,
            "BuildPolicy": managed(GrantedRole::Build),
            "ReadOnlyPolicy": managed(GrantedRole::ReadOnly),
        },
        "Outputs": {
            "BuildPolicy": { "Description": GrantedRole::Build.description(), "Value": { "Ref": "BuildPolicy" } },
            "ReadOnlyPolicy": { "Description": GrantedRole::ReadOnly.description(), "Value": { "Ref": "ReadOnlyPolicy" } },
        },
    });
    if matches!(place, Resources::Bucket { .. }) {
        let document = only_tls(&arn(place, &On::Bucket), &arn(place, &On::Objects("*")));
        whole["Resources"]["BucketPolicy"] =
            kept("AWS::S3::BucketPolicy", json!({ "Bucket": { "Ref": name }, "PolicyDocument": document }));
    }
    let notes = vec![
        "deploy it with --capabilities CAPABILITY_IAM, in the region of the store".to_owned(),
        note_of_existing(place, &format!("take `{name}` out of the template: the policies do not need it there")),
    ];
    ProvisionDocument { text: format!("{whole:#}\n"), notes }
}

/// Joined, not substituted, so that nothing in a prefix can be taken for a CloudFormation variable.
fn arn(place: &Resources<'_>, on: &On<'_>) -> Value {
    let reference = |name: &str| json!({ "Ref": name });
    let parts = match (place, on) {
        (Resources::Table { arn: Some(arn), .. }, _) => return json!(arn),
        (Resources::Table { name, region, .. }, _) => {
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
        (Resources::Bucket { name, .. }, On::Objects(keys)) => {
            vec![json!("arn:"), reference("AWS::Partition"), json!(format!(":s3:::{name}/{keys}"))]
        }
        (Resources::Bucket { name, .. }, _) => {
            vec![json!("arn:"), reference("AWS::Partition"), json!(format!(":s3:::{name}"))]
        }
    };
    json!({ "Fn::Join": ["", parts] })
}

fn resource(place: &Resources<'_>) -> (&'static str, Value) {
    let (name, kind, properties) = match place {
        Resources::Table { name, .. } => ("Table", "AWS::DynamoDB::Table", table(name)),
        Resources::Bucket { name, .. } => ("Bucket", "AWS::S3::Bucket", bucket(name)),
    };
    (name, kept(kind, properties))
}

/// Removing the stack keeps the marks.
fn kept(kind: &str, properties: Value) -> Value {
    json!({ "Type": kind, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties })
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
        "DeletionProtectionEnabled": true,
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
        "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
        "LifecycleConfiguration": { "Rules": [{
            "Id": "old-versions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": { "NoncurrentDays": NONCURRENT_DAYS },
            "ExpiredObjectDeleteMarker": true,
            "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": ABORT_DAYS },
        }] },
    })
}
