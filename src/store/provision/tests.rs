//! Reads the documents back.

use std::path::Path;

use serde_json::Value;

use super::*;
use crate::base::names::EnvironmentName;

const TABLE: &str = "dynamodb://marks";
const ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/marks";

fn printed(kind: ProvisionKind, url: &str, project: &str) -> ProvisionDocument {
    printed_for(kind, url, project, &KeyScope::default())
}

fn printed_for(kind: ProvisionKind, url: &str, project: &str, scope: &KeyScope) -> ProvisionDocument {
    let url = StoreUrl::parse(url, Path::new("/source")).unwrap();
    print(kind, &ProjectName::new(project).unwrap(), &url, scope).unwrap()
}

/// Both policies for these environments, where `stage` is reused.
fn scoped(url: &str, environments: &[&str], reused: &[&str]) -> Value {
    let names = |names: &[&str]| names.iter().map(|name| EnvironmentName::new(*name).unwrap()).collect();
    let scope = KeyScope { environments: names(environments), reused: names(reused) };
    serde_json::from_str(&printed_for(ProvisionKind::Iam, url, "shop", &scope).text).unwrap()
}

fn iam(url: &str, project: &str) -> Value {
    serde_json::from_str(&printed(ProvisionKind::Iam, url, project).text).unwrap()
}

fn template(url: &str) -> Value {
    serde_json::from_str(&printed(ProvisionKind::Cloudformation, url, "shop").text).unwrap()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn a_build_may_do_with_a_table_what_the_store_does_and_no_more() {
    let whole = iam("dynamodb://marks?region=eu-west-1", "shop");
    let statement = &whole["build"]["Statement"][0];
    let mut actions = words(&statement["Action"]);
    actions.sort_unstable();
    let all = ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"];
    assert_eq!(actions, all.map(|action| format!("dynamodb:{action}")));
    assert_eq!(statement["Resource"], "arn:aws:dynamodb:eu-west-1:ACCOUNT_ID:table/marks");
    assert_eq!(words(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]), ["shop/*"]);
    assert_eq!(statement["Condition"]["Null"]["dynamodb:LeadingKeys"], "false", "a request without keys");
    assert_eq!(whole["build"]["Statement"].as_array().unwrap().len(), 1);
}

#[test]
fn an_environment_opens_its_own_keys_and_those_that_doctor_tries() {
    let whole = scoped(TABLE, &["prod"], &[]);
    let condition = &whole["build"]["Statement"][0]["Condition"];
    let keys = &condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
    assert_eq!(words(keys), ["shop/prod", "shop/shipmark-doctor"]);
    assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");
    let laptop = &whole["read-only"]["Statement"][0]["Condition"]["ForAllValues:StringEquals"];
    assert_eq!(words(&laptop["dynamodb:LeadingKeys"]), ["shop/prod"]);

    let bucket = scoped("s3://marks/a", &["prod", "eu/prod"], &[]);
    let [objects, list] = bucket["build"]["Statement"].as_array().unwrap().as_slice() else { panic!("{bucket:#}") };
    let keys = ["prod", "eu%2Fprod", "shipmark-doctor"].map(|name| format!("a/shop/{name}/*"));
    assert_eq!(words(&objects["Resource"]), keys.clone().map(|key| format!("arn:aws:s3:::marks/{key}")));
    assert_eq!(words(&list["Condition"]["StringLike"]["s3:prefix"]), keys);
}

#[test]
fn a_pattern_opens_what_it_covers() {
    let whole = scoped(TABLE, &["stage", "pr-*"], &[]);
    let keys = &whole["build"]["Statement"][0]["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    assert_eq!(words(keys), ["shop/stage", "shop/pr-*", "shop/shipmark-doctor"]);
}

#[test]
fn what_is_reused_is_only_read() {
    for role in ["build", "read-only"] {
        let whole = scoped(TABLE, &["prod"], &["stage"]);
        let other = &whole[role]["Statement"][1];
        assert_eq!(words(&other["Action"]), ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]);
        let keys = &other["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
        assert_eq!(words(keys), ["shop/prod", "shop/stage"], "one request may read both");

        let whole = scoped("s3://marks", &["prod"], &["stage"]);
        let [_, other, list] = whole[role]["Statement"].as_array().unwrap().as_slice() else { panic!("{whole:#}") };
        assert_eq!(
            (&other["Action"][0], &other["Resource"]),
            (&"s3:GetObject".into(), &"arn:aws:s3:::marks/shop/stage/*".into())
        );
        assert!(words(&list["Condition"]["StringLike"]["s3:prefix"]).contains(&"shop/stage/*"));
    }
}

#[test]
fn a_policy_for_all_environments_is_warned_of() {
    let warned = |scope: &KeyScope| {
        let notes = printed_for(ProvisionKind::Iam, TABLE, "shop", scope).notes;
        notes.iter().any(|note| note.starts_with("warning: the policies span all environments"))
    };
    assert!(warned(&KeyScope::default()));
    assert!(!warned(&KeyScope { environments: vec![EnvironmentName::new("prod").unwrap()], reused: Vec::new() }));
}

#[test]
fn a_laptop_may_only_read() {
    let actions = |url: &str| {
        let whole = iam(url, "shop");
        let statements = whole["read-only"]["Statement"].as_array().unwrap().clone();
        statements
            .iter()
            .flat_map(|one| words(&one["Action"]).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let (table, bucket): (Vec<String>, Vec<String>) = (actions(TABLE), actions("s3://marks/a"));
    assert_eq!(table, ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]);
    assert_eq!(bucket, ["s3:GetObject", "s3:ListBucket"]);
}

#[test]
fn a_bucket_is_opened_for_the_keys_of_one_project() {
    let whole = iam("s3://marks/a/b", "shop");
    let [objects, list] = whole["build"]["Statement"].as_array().unwrap().as_slice() else { panic!("{whole:#}") };
    assert_eq!(words(&objects["Action"]), ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    assert_eq!(objects["Resource"], "arn:aws:s3:::marks/a/b/shop/*");
    assert_eq!(list["Resource"], "arn:aws:s3:::marks");
    assert_eq!(words(&list["Condition"]["StringLike"]["s3:prefix"]), ["a/b/shop/*"]);
    assert_eq!(iam("s3://marks", "shop")["build"]["Statement"][0]["Resource"], "arn:aws:s3:::marks/shop/*");
}

#[test]
fn a_name_is_never_a_wildcard_or_a_variable() {
    let keys = |url: &str, project: &str| {
        let whole = iam(url, project);
        words(&whole["build"]["Statement"][1]["Condition"]["StringLike"]["s3:prefix"])[0].to_owned()
    };
    assert_eq!(keys("s3://marks", "a*b?${aws:username}/~"), "a%2Ab%3F%24%7Baws%3Ausername%7D%2F~/*");
    assert_eq!(keys("s3://marks/x*/${aws:username}", "shop"), "x${*}/${$}{aws:username}/shop/*");
}

#[test]
fn what_the_address_does_not_say_is_a_hole_and_said() {
    let document = printed(ProvisionKind::Iam, TABLE, "shop");
    assert!(document.text.contains("arn:aws:dynamodb:REGION:ACCOUNT_ID:table/marks"), "{}", document.text);
    assert!(document.notes.iter().any(|note| note.contains("REGION and ACCOUNT_ID")), "{:?}", document.notes);
    let document = printed(ProvisionKind::Iam, &format!("dynamodb://{ARN}"), "shop");
    assert!(document.text.contains(ARN) && !document.text.contains("ACCOUNT_ID"), "{}", document.text);
    assert!(!document.notes.iter().any(|note| note.contains("put your own")), "{:?}", document.notes);
    let china = iam("dynamodb://marks?region=cn-north-1", "shop");
    assert_eq!(china["build"]["Statement"][0]["Resource"], "arn:aws-cn:dynamodb:cn-north-1:ACCOUNT_ID:table/marks");
}

#[test]
fn the_template_makes_the_table_that_the_store_reads() {
    let whole = template(TABLE);
    let table = &whole["Resources"]["Table"]["Properties"];
    assert_eq!(table["TableName"], "marks");
    assert_eq!(table["KeySchema"][0]["AttributeName"], "pk");
    assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], "expires");
    assert_eq!(whole["Resources"]["Table"]["DeletionPolicy"], "Retain");
    assert_eq!(table["DeletionProtectionEnabled"], true);
    let policy = &whole["Resources"]["BuildPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    let arn = serde_json::json!({ "Fn::Join": ["", ["arn:", { "Ref": "AWS::Partition" }, ":dynamodb:",
        { "Ref": "AWS::Region" }, ":", { "Ref": "AWS::AccountId" }, ":table/marks"]] });
    assert_eq!(policy["Resource"], arn);
    let arn = &template(&format!("dynamodb://{ARN}"));
    assert_eq!(arn["Resources"]["Table"]["Properties"]["TableName"], "marks");
    assert_eq!(arn["Resources"]["ReadOnlyPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"], ARN);
}

#[test]
fn the_template_makes_a_bucket_that_is_kept_well() {
    let whole = template("s3://marks/a");
    let bucket = &whole["Resources"]["Bucket"]["Properties"];
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    assert_eq!(bucket["PublicAccessBlockConfiguration"].as_object().unwrap().len(), 4);
    assert_eq!(bucket["LifecycleConfiguration"]["Rules"][0]["NoncurrentVersionExpiration"]["NoncurrentDays"], 90);
    let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"], 1);
    let tls = &whole["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!((&tls["Effect"], &tls["Condition"]["Bool"]["aws:SecureTransport"]), (&"Deny".into(), &"false".into()));
    let objects = &whole["Resources"]["BuildPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"];
    assert_eq!(objects["Fn::Join"][1][2], ":s3:::marks/a/shop/*");
}

fn terraform(url: &str) -> Value {
    serde_json::from_str(&printed(ProvisionKind::Terraform, url, "shop").text).unwrap()
}

/// The policy for builds as Terraform evaluates it, each expression in angle brackets.
fn evaluated(whole: &Value) -> Value {
    let policy = whole["resource"]["aws_iam_policy"]["shipmark_build"]["policy"].as_str().unwrap();
    let mut policy = policy.replace("$${", "\u{1}").replace("%%{", "%\u{2}");
    while let Some((before, rest)) = policy.split_once("${") {
        let (expression, after) = rest.split_once('}').unwrap();
        policy = format!("{before}<{expression}>{after}");
    }
    serde_json::from_str(&policy.replace('\u{1}', "${").replace('\u{2}', "{")).unwrap()
}

#[test]
fn terraform_names_its_own_resources() {
    let table = terraform(TABLE);
    assert_eq!(table["resource"]["aws_dynamodb_table"]["shipmark"]["ttl"]["attribute_name"], "expires");
    assert_eq!(evaluated(&table)["Statement"][0]["Resource"], "<aws_dynamodb_table.shipmark.arn>");
    assert_eq!(table["output"]["shipmark_read_only_policy"]["value"], "${aws_iam_policy.shipmark_read_only.arn}");
}

#[test]
fn terraform_takes_no_name_for_a_template() {
    let bucket = terraform("s3://marks/x*");
    assert_eq!(evaluated(&bucket)["Statement"][0]["Resource"], "<aws_s3_bucket.shipmark.arn>/x${*}/shop/*");
    let condition = &evaluated(&terraform("s3://marks/%{x}"))["Statement"][1]["Condition"];
    assert_eq!(condition["StringLike"]["s3:prefix"][0], "%{x}/shop/*");
}

#[test]
fn terraform_gets_the_policy_that_iam_gets() {
    for url in [TABLE, "s3://marks/a"] {
        let mut from_iam = iam(url, "shop")["build"].clone();
        let mut from_terraform = evaluated(&terraform(url));
        for policy in [&mut from_iam, &mut from_terraform] {
            let statements = policy["Statement"].as_array_mut().unwrap();
            statements.iter_mut().for_each(|statement| drop(statement.as_object_mut().unwrap().remove("Resource")));
        }
        assert_eq!(from_iam, from_terraform, "{url}");
    }
}

#[test]
fn a_directory_needs_none() {
    let url = StoreUrl::parse("file:state", Path::new("/source")).unwrap();
    let refused = print(ProvisionKind::Iam, &ProjectName::default(), &url, &KeyScope::default()).unwrap_err();
    assert_eq!(refused, NoDocument("file:/source/state".to_owned()));
}
