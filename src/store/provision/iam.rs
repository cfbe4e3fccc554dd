//! Just the two policies, in IAM's JSON.

use serde_json::{Value, json};

use super::ProvisionDocument;
use super::policy::{GrantedRole, On, policy};
use super::resources::{Resources, partition};

pub(super) fn print(place: &Resources<'_>) -> ProvisionDocument {
    let arn = |on: On<'_>| Value::String(arn(place, &on));
    let whole = json!({ "build": policy(place, GrantedRole::Build, arn), "read-only": policy(place, GrantedRole::ReadOnly, arn) });
    let text = format!("{whole:#}\n");
    let mut notes =
        vec!["these are two policies: shipmark doctor --print iam | jq .build, and jq '.[\"read-only\"]'".to_owned()];
    let holes: Vec<&str> =
        ["REGION", "ACCOUNT_ID"].into_iter().filter(|hole| text.contains(&format!(":{hole}:"))).collect();
    if !holes.is_empty() {
        notes.push(format!("put your own for {}", crate::base::text::list(&holes)));
    }
    ProvisionDocument { text, notes }
}

fn arn(place: &Resources<'_>, on: &On<'_>) -> String {
    match (place, on) {
        (Resources::Table { arn: Some(arn), .. }, _) => (*arn).to_owned(),
        (Resources::Table { name, region, .. }, _) => {
            format!("arn:{}:dynamodb:{}:ACCOUNT_ID:table/{name}", partition(*region), region.unwrap_or("REGION"))
        }
        (Resources::Bucket { name, region, .. }, On::Objects(keys)) => {
            format!("arn:{}:s3:::{name}/{keys}", partition(*region))
        }
        (Resources::Bucket { name, region, .. }, _) => format!("arn:{}:s3:::{name}", partition(*region)),
    }
}
