//! Resources for Terraform, with the provider `hashicorp/aws`, in Terraform's JSON syntax: a file `NAME.tf.json`.
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use serde_json::{Map, Value, json};

use super::cloudformation::{ABORT_DAYS, NONCURRENT_DAYS};
use super::policy::{GrantedRole, On, only_tls, policy};
use super::resources::Resources;
use super::{ProvisionDocument, note_of_existing};
use crate::store::EXPIRES;

/// Stands for the store's ARN until the texts around it are escaped. No name or key can hold it.
const ARN: &str = "\u{0}";

pub(super) fn print(place: &Resources<'_>) -> ProvisionDocument {
    let (mut resources, address, import) = match place {
        Resources::Table { name, .. } => (table(name), "aws_dynamodb_table.shipmark", name),
        Resources::Bucket { name, .. } => (bucket(name), "aws_s3_bucket.shipmark", name),
    };
    let roles = [("shipmark_build", GrantedRole::Build), ("shipmark_read_only", GrantedRole::ReadOnly)];
    let policies: Map<String, Value> =
        roles.iter().map(|(name, role)| ((*name).to_owned(), managed(place, *role, name, address))).collect();
    let outputs: Map<String, Value> = roles
        .iter()
        .map(|(name, _)| (format!("{name}_policy"), json!({ "value": format!("${{aws_iam_policy.{name}.arn}}") })))
        .collect();
    resources["aws_iam_policy"] = policies.into();
    let whole = json!({ "resource": resources, "output": outputs });
    let notes = vec![
        "save it as a file whose name ends in .tf.json".to_owned(),
        "apply it with a provider that is set to the region of the store".to_owned(),
        note_of_existing(
            place,
            &format!("take it over, and read the plan before you apply it: terraform import {address} {import}"),
        ),
    ];
    ProvisionDocument { text: format!("{whole:#}\n"), notes }
}

fn managed(place: &Resources<'_>, role: GrantedRole, name: &str, address: &str) -> Value {
    let document = policy(place, role, |on| arn(place, &on));
    json!({
        "name_prefix": format!("{}-", name.replace('_', "-")),
        "description": plain(role.description()),
        "policy": as_text(&document, address),
    })
}

/// A policy as a text. The expression goes in last, so that what is escaped is the policy and not that.
fn as_text(document: &Value, address: &str) -> String {
    plain(&document.to_string()).replace("\\u0000", &format!("${{{address}.arn}}"))
}

/// The resource itself knows its partition, region and account.
fn arn(place: &Resources<'_>, on: &On<'_>) -> Value {
    match (place, on) {
        (Resources::Table { arn: Some(arn), .. }, _) => (*arn).into(),
        (Resources::Bucket { .. }, On::Objects(keys)) => format!("{ARN}/{keys}").into(),
        _ => ARN.into(),
    }
}

/// A text in which nothing is a template: `${` and `%{` begin them, and doubled they are text.
fn plain(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

fn table(name: &str) -> Value {
    json!({
        "aws_dynamodb_table": { "shipmark": {
            "name": plain(name),
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "pk",
            "range_key": "sk",
            "attribute": [{ "name": "pk", "type": "S" }, { "name": "sk", "type": "S" }],
            "ttl": { "attribute_name": EXPIRES, "enabled": true },
            "point_in_time_recovery": { "enabled": true },
            "deletion_protection_enabled": true,
            "lifecycle": { "prevent_destroy": true },
        } },
    })
}

fn bucket(name: &str) -> Value {
    let id = "${aws_s3_bucket.shipmark.id}";
    let only_tls = only_tls(&ARN.into(), &format!("{ARN}/*").into());
    json!({
        "aws_s3_bucket": { "shipmark": { "bucket": plain(name), "lifecycle": { "prevent_destroy": true } } },
        "aws_s3_bucket_versioning": { "shipmark": {
            "bucket": id,
            "versioning_configuration": { "status": "Enabled" },
        } },
        "aws_s3_bucket_server_side_encryption_configuration": { "shipmark": {
            "bucket": id,
            "rule": { "apply_server_side_encryption_by_default": { "sse_algorithm": "AES256" } },
        } },
        "aws_s3_bucket_ownership_controls": { "shipmark": {
            "bucket": id,
            "rule": { "object_ownership": "BucketOwnerEnforced" },
        } },
        "aws_s3_bucket_policy": { "shipmark": {
            "bucket": id,
            "policy": as_text(&only_tls, "aws_s3_bucket.shipmark"),
        } },
        "aws_s3_bucket_public_access_block": { "shipmark": {
            "bucket": id,
            "block_public_acls": true,
            "block_public_policy": true,
            "ignore_public_acls": true,
            "restrict_public_buckets": true,
        } },
        "aws_s3_bucket_lifecycle_configuration": { "shipmark": {
            "bucket": id,
            "depends_on": ["aws_s3_bucket_versioning.shipmark"],
            "rule": {
                "id": "old-versions",
                "status": "Enabled",
                "filter": {},
                "expiration": { "expired_object_delete_marker": true },
                "noncurrent_version_expiration": { "noncurrent_days": NONCURRENT_DAYS },
                "abort_incomplete_multipart_upload": { "days_after_initiation": ABORT_DAYS },
            },
        } },
    })
}
