//! Resources for Terraform, with the provider `hashicorp/aws`.

use serde_json::Value;

use super::cloudformation::NONCURRENT_DAYS;
use super::hcl::{expression, inside, quote, value};
use super::policy::{GrantedRole, On, policy};
use super::resources::Resources;
use super::{ProvisionDocument, note_of_existing};
use crate::store::EXPIRES;

pub(super) fn print(place: &Resources<'_>) -> ProvisionDocument {
    let (resource, import) = match place {
        Resources::Table { name, .. } => (table(name), format!("aws_dynamodb_table.shipmark {name}")),
        Resources::Bucket { name, .. } => (bucket(name), format!("aws_s3_bucket.shipmark {name}")),
    };
    let policies: String = GrantedRole::ALL.into_iter().map(|role| managed(place, role)).collect();
    let notes = vec![
        "apply it with a provider that is set to the region of the store".to_owned(),
        note_of_existing(
            place,
            &format!("take it over, and read the plan before you apply it: terraform import {import}"),
        ),
    ];
    ProvisionDocument { text: format!("{resource}{policies}"), notes }
}

fn managed(place: &Resources<'_>, role: GrantedRole) -> String {
    let name = match role {
        GrantedRole::Build => "build",
        GrantedRole::ReadOnly => "read_only",
    };
    let document = policy(place, role, |on| arn(place, &on));
    format!(
        r#"
resource "aws_iam_policy" "shipmark_{name}" {{
  name_prefix = "shipmark-{}-"
  description = {}
  policy = jsonencode({})
}}

output "shipmark_{name}_policy" {{
  value = aws_iam_policy.shipmark_{name}.arn
}}
"#,
        name.replace('_', "-"),
        quote(role.description()),
        value(&document, 2),
    )
}

/// The resource itself knows its partition, region and account.
fn arn(place: &Resources<'_>, on: &On<'_>) -> Value {
    match (place, on) {
        (Resources::Table { arn: Some(arn), .. }, _) => Value::String((*arn).to_owned()),
        (Resources::Table { .. }, _) => expression("aws_dynamodb_table.shipmark.arn".to_owned()),
        (Resources::Bucket { .. }, On::Objects(keys)) => {
            expression(format!("\"${{aws_s3_bucket.shipmark.arn}}/{}\"", inside(keys)))
        }
        (Resources::Bucket { .. }, _) => expression("aws_s3_bucket.shipmark.arn".to_owned()),
    }
}

fn table(name: &str) -> String {
    format!(
        r#"resource "aws_dynamodb_table" "shipmark" {{
  name         = {}
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {{
    name = "pk"
    type = "S"
  }}

  attribute {{
    name = "sk"
    type = "S"
  }}

  ttl {{
    attribute_name = "{EXPIRES}"
    enabled        = true
  }}

  point_in_time_recovery {{
    enabled = true
  }}

  lifecycle {{
    prevent_destroy = true
  }}
}}
"#,
        quote(name)
    )
}

fn bucket(name: &str) -> String {
    format!(
        r#"resource "aws_s3_bucket" "shipmark" {{
  bucket = {}

  lifecycle {{
    prevent_destroy = true
  }}
}}

resource "aws_s3_bucket_versioning" "shipmark" {{
  bucket = aws_s3_bucket.shipmark.id

  versioning_configuration {{
    status = "Enabled"
  }}
}}

resource "aws_s3_bucket_server_side_encryption_configuration" "shipmark" {{
  bucket = aws_s3_bucket.shipmark.id

  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "AES256"
    }}
  }}
}}

resource "aws_s3_bucket_public_access_block" "shipmark" {{
  bucket                  = aws_s3_bucket.shipmark.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}

resource "aws_s3_bucket_lifecycle_configuration" "shipmark" {{
  bucket     = aws_s3_bucket.shipmark.id
  depends_on = [aws_s3_bucket_versioning.shipmark]

  rule {{
    id     = "old-versions"
    status = "Enabled"

    filter {{}}

    expiration {{
      expired_object_delete_marker = true
    }}

    noncurrent_version_expiration {{
      noncurrent_days = {NONCURRENT_DAYS}
    }}
  }}
}}
"#,
        quote(name)
    )
}
