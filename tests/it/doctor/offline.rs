//! Without any engine: what is wrong before one is asked, a clock that is off, files, and the documents.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::Value;

use super::{line, nowhere, verdict, world};
use crate::support::{Build, Done};

#[test]
fn a_directory_passes_and_is_left_as_it_was() {
    let world = world();
    let done = world.run(["doctor"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(line(&done, "store").ends_with("from SHIPMARK_STATE; project `shop`"), "{done:?}");
    for check in ["reads", "writes", "conditional creation", "conditional update", "candidates", "removal"] {
        assert_eq!(verdict(&done, check), "ok", "{check}: {done:?}");
    }
    let left = std::fs::read_dir(world.path("state/shop")).unwrap().count();
    assert_eq!(left, 0, "something is left");
}

#[test]
fn a_directory_in_a_build_is_warned_of() {
    let done = world().run_in(&Build::new("b:1"), ["doctor"]);
    assert_eq!((done.code, verdict(&done, "store")), (0, "warning"), "{done:?}");
}

#[test]
fn a_directory_that_cannot_be_made_fails() {
    let world = world();
    world.write("file", "");
    let url = format!("file:{}", world.source().join("file").display());
    let done = world.run(["doctor", "--state", &url]);
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!(done.stdout.matches("FAILED").count(), 1, "{done:?}");
}

#[test]
fn findings_are_read_by_machines_too() {
    let done = world().run(["doctor", "--json"]);
    let whole: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&whole["schema"], &whole["project"], &whole["failed"]), (&1.into(), &"shop".into(), &0.into()));
    let checks = whole["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["check"] == "conditional update" && check["verdict"] == "ok"), "{whole:#}");
}

#[test]
fn a_map_with_mistakes_fails_and_the_store_it_may_name_is_not_guessed() {
    let world = world();
    world.write("shipmark.toml", "[services.a]\nincluude = [\"a\"]\n");
    let build = Build::default().with("SHIPMARK_STATE", "file:elsewhere");
    let done = world.run_in(&build, ["doctor"]);
    assert_eq!((done.code, verdict(&done, "map"), verdict(&done, "writes")), (1, "FAILED", "ok"), "{done:?}");

    let mut unnamed = world.command(&Build::default());
    unnamed.env_remove("SHIPMARK_STATE").arg("doctor");
    let done = crate::support::run(unnamed);
    assert_eq!((done.code, verdict(&done, "store"), verdict(&done, "writes")), (1, "skipped", "-"), "{done:?}");
}

#[test]
fn an_address_that_is_none_fails() {
    let done = world().run(["doctor", "--state", "dynamo://x"]);
    assert_eq!((done.code, verdict(&done, "store")), (1, "FAILED"), "{done:?}");
}

#[test]
fn a_missing_region_or_missing_credentials_come_first() {
    let done = world().run_in(&nowhere("dynamodb://shipmark"), ["doctor"]);
    assert_eq!(done.code, 1, "{done:?}");
    let told = "FAILED   region: no region is named; add ?region=REGION to the store's address, or set AWS_REGION";
    assert_eq!(line(&done, "region"), told);
    assert_eq!((verdict(&done, "table"), verdict(&done, "reads and writes")), ("-", "skipped"), "{done:?}");

    let done = world().run_in(&nowhere("s3://marks?region=eu-west-1"), ["doctor", "--create"]);
    assert_eq!((done.code, verdict(&done, "region"), verdict(&done, "bucket")), (1, "ok", "-"), "{done:?}");
    assert!(line(&done, "credentials").starts_with("FAILED   credentials: there are no AWS credentials"), "{done:?}");
}

/// The address of a server that answers every request so: the first line and further headers, and a body.
fn server(head: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let _ = client.read(&mut [0; 65536]);
            let length = body.len();
            let _ = write!(client, "HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        }
    });
    endpoint
}

/// Somebody with keys.
fn doctor_of(url: &str) -> Done {
    let build = nowhere(url).with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").with("AWS_SECRET_ACCESS_KEY", "secret");
    world().run_in(&build, ["doctor"])
}

#[test]
fn a_clock_that_is_off_fails() {
    let missing = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}"#;
    let endpoint = server("400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT", missing);
    let done = doctor_of(&format!("dynamodb://shipmark?region=eu-west-1&endpoint={endpoint}"));
    let told = line(&done, "clock");
    assert!(told.starts_with("FAILED   clock: this machine is ") && told.contains(" ahead of the store"), "{done:?}");
}

#[test]
fn what_does_not_answer_as_aws_does_is_not_taken_for_it() {
    let endpoint = server("404 Not Found", "");
    for (place, check) in [("s3://marks", "bucket"), ("dynamodb://shipmark", "table")] {
        let done = doctor_of(&format!("{place}?region=eu-west-1&endpoint={endpoint}"));
        let told = line(&done, check);
        assert!(told.contains("what came back is no answer of AWS (status 404)"), "{told}");
    }
}

#[test]
fn a_bucket_in_another_region_is_told_with_that_region() {
    let endpoint = server("301 Moved Permanently\r\nx-amz-bucket-region: ap-northeast-1", "");
    let done = doctor_of(&format!("s3://marks?region=eu-west-1&endpoint={endpoint}"));
    let told =
        "FAILED   bucket: the bucket `marks` is in ap-northeast-1, and eu-west-1 was asked; add ?region=ap-northeast-1";
    assert!(line(&done, "bucket").starts_with(told), "{done:?}");
}

#[test]
fn a_global_table_whose_regions_are_read_late_is_warned_of() {
    let endpoint = server(
        "200 OK\r\nContent-Type: application/x-amz-json-1.0",
        concat!(
            r#"{"Table":{"TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},"#,
            r#"{"AttributeName":"sk","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},"#,
            r#"{"AttributeName":"sk","AttributeType":"S"}],"Replicas":[{"RegionName":"eu-central-1"},"#,
            r#"{"RegionName":"us-east-1"}],"MultiRegionConsistency":"EVENTUAL"}}"#,
        ),
    );
    let done = doctor_of(&format!("dynamodb://shipmark?region=eu-west-1&endpoint={endpoint}"));
    let told = line(&done, "global table");
    assert!(told.starts_with("warning  global table: it is a global table (eu-central-1 and us-east-1)"), "{done:?}");
    assert!(told.contains("let all builds of a service use one region"), "{told}");
}

#[test]
fn documents_are_printed_without_a_store() {
    // Nobody listens there, and nobody is asked.
    for url in ["dynamodb://marks?endpoint=http://127.0.0.1:9", "s3://marks/a?endpoint=http://127.0.0.1:9"] {
        for kind in ["iam", "cloudformation", "terraform"] {
            let done = world().run_in(&nowhere(url), ["doctor", "--print", kind]);
            assert_eq!(done.code, 0, "{done:?}");
            assert!(done.stdout.contains("shop/*"), "{done:?}");
            assert!(serde_json::from_str::<Value>(&done.stdout).is_ok(), "{done:?}");
        }
    }
}

#[test]
fn policies_are_for_the_environments_that_are_named() {
    let print = |args: &[&str]| {
        let build = nowhere("dynamodb://marks?region=eu-west-1");
        world().run_in(&build, ["doctor", "--print", "iam"].iter().chain(args))
    };
    let all = print(&[]);
    assert!(all.stderr.contains("warning: the policies span all environments"), "{all:?}");
    let some = print(&["--environment", "prod", "--environment", "pr-*"]);
    assert_eq!(some.code, 0, "{some:?}");
    let whole: Value = serde_json::from_str(&some.stdout).unwrap();
    let condition = &whole["build"]["Statement"][0]["Condition"];
    let keys = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
    assert_eq!(keys, &serde_json::json!(["shop/prod", "shop/pr-*", "shop/shipmark-doctor"]), "{whole:#}");
    assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");
    assert!(!some.stderr.contains("warning"), "{some:?}");
}

#[test]
fn a_laptop_writes_nothing() {
    let world = world();
    let done = world.run(["doctor", "--read-only"]);
    assert_eq!((done.code, verdict(&done, "reads"), verdict(&done, "writes")), (0, "ok", "skipped"), "{done:?}");
    assert!(!world.path("state/shop").exists(), "something was made");
    assert_eq!(world.run(["doctor", "--read-only", "--create"]).code, 2);
}

#[test]
fn there_is_no_document_for_a_directory() {
    let done = world().run(["doctor", "--print", "iam"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{done:?}");
    assert!(done.stderr.contains("is a directory, which needs no policy"), "{done:?}");
}
