//! On real engines, some of them behind a proxy that drops conditions.

use crate::engines::{Engine, Kind, READ_ONLY, block_on, dynamodb, s3};
use crate::proxy::{Fault, Proxy, Request};
use crate::support::{Build, Done};

use super::{line, nowhere, verdict, world};

fn engines() -> impl Iterator<Item = &'static Engine> {
    s3().into_iter().chain(dynamodb())
}

/// The address of a new place in an engine, reached through `endpoint`, and the place's name.
fn new_place(engine: &Engine, endpoint: &str) -> (String, String) {
    match engine.kind {
        Kind::S3 => {
            let bucket = engine.new_bucket();
            (format!("s3://{bucket}/some/prefix?endpoint={endpoint}"), bucket)
        }
        Kind::DynamoDb => {
            let table = engine.new_table();
            (format!("dynamodb://{table}?endpoint={endpoint}"), table)
        }
    }
}

fn client_of(engine: &Engine, url: &str) -> Build {
    engine.variables().iter().fold(nowhere(url), |build, (name, value)| build.with(name, value))
}

fn doctor(engine: &Engine, url: &str, args: &[&str]) -> Done {
    world().run_in(&client_of(engine, url), ["doctor"].iter().chain(args))
}

/// How many keys there are in a bucket or a table.
fn keys(engine: &Engine, place: &str) -> usize {
    block_on(async {
        match engine.kind {
            Kind::S3 => {
                let found = engine.s3_client().list_objects_v2().bucket(place).send().await.unwrap();
                found.contents().len()
            }
            Kind::DynamoDb => engine.dynamodb_client().scan().table_name(place).send().await.unwrap().items().len(),
        }
    })
}

#[test]
fn a_store_that_keeps_its_promise_passes_and_nothing_is_left_in_it() {
    for engine in engines() {
        let (url, place) = new_place(engine, &engine.endpoint);
        let done = doctor(engine, &url, &[]);
        assert_eq!(done.code, 0, "{}: {done:?}", engine.name);
        for check in
            ["map", "store", "region", "credentials", "clock", "reads", "writes", "conditional creation", "removal"]
        {
            assert_eq!(verdict(&done, check), "ok", "{}: {check}: {done:?}", engine.name);
        }
        assert_eq!(verdict(&done, "conditional update"), "ok", "{}: {done:?}", engine.name);
        assert_eq!(verdict(&done, "candidates"), "ok", "{}: {done:?}", engine.name);
        assert_eq!(keys(engine, &place), 0, "{}", engine.name);
        assert!(!done.stdout.contains(engine.secret_key) && !done.stdout.contains(engine.access_key), "{done:?}");
    }
}

#[test]
fn a_bucket_that_is_not_kept_well_is_warned_of_with_the_command_that_changes_it() {
    for engine in s3() {
        let (url, bucket) = new_place(engine, &engine.endpoint);
        let done = doctor(engine, &url, &["--create"]);
        let told = line(&done, "versioning");
        assert!(told.starts_with("warning  versioning: it is off"), "{}: {done:?}", engine.name);
        let command = format!("aws s3api put-bucket-versioning --bucket {bucket} --region eu-west-1");
        assert!(told.contains(&command), "{told}");
        assert_eq!((done.code, verdict(&done, "creation")), (0, "skipped"), "{done:?}");
    }
}

#[test]
fn create_makes_the_table_once() {
    for engine in dynamodb() {
        let url = format!("dynamodb://made-by-doctor?endpoint={}", engine.endpoint);
        let before = doctor(engine, &url, &[]);
        assert_eq!((before.code, verdict(&before, "table")), (1, "FAILED"), "{}: {before:?}", engine.name);
        assert!(line(&before, "table").contains("shipmark doctor --create"), "{before:?}");
        assert_eq!(verdict(&before, "reads and writes"), "skipped", "{before:?}");
        for told in ["the table is made", "the table is there already"] {
            let done = doctor(engine, &url, &["--create"]);
            assert_eq!(done.code, 0, "{}: {done:?}", engine.name);
            assert!(line(&done, "creation").contains(told), "{}: {done:?}", engine.name);
            assert_eq!(verdict(&done, "conditional update"), "ok", "{}: {done:?}", engine.name);
        }
    }
}

/// Ministack knows both; dynalite neither, and works without.
#[test]
fn create_turns_on_what_the_engine_knows() {
    for engine in dynamodb().into_iter().filter(|engine| engine.name == "ministack") {
        let (url, _) = new_place(engine, &engine.endpoint);
        let before = doctor(engine, &url, &[]);
        assert_eq!(verdict(&before, "time to live"), "warning", "{before:?}");
        assert_eq!(verdict(&before, "point-in-time recovery"), "warning", "{before:?}");
        doctor(engine, &url, &["--create"]);
        let after = doctor(engine, &url, &[]);
        assert_eq!(verdict(&after, "time to live"), "ok", "{after:?}");
        assert_eq!(verdict(&after, "point-in-time recovery"), "ok", "{after:?}");
    }
}

#[test]
fn a_table_with_other_keys_is_refused() {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
    for engine in dynamodb() {
        let name = "of-somebody-else";
        let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
        let kind = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::N);
        let client = engine.dynamodb_client();
        let request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        block_on(request.key_schema(key).attribute_definitions(kind.build().unwrap()).send()).unwrap();
        for args in [&["--create"][..], &[]] {
            let done = doctor(engine, &format!("dynamodb://{name}?endpoint={}", engine.endpoint), args);
            assert_eq!((done.code, verdict(&done, "table")), (1, "FAILED"), "{}: {done:?}", engine.name);
            assert!(line(&done, "table").contains("`id` (HASH), not shipmark's"), "{done:?}");
            assert_eq!(verdict(&done, "writes"), "-", "{done:?}");
        }
    }
}

#[test]
fn a_missing_bucket_comes_with_the_command_that_makes_it() {
    for engine in s3() {
        let done = doctor(engine, &format!("s3://no-such-bucket?endpoint={}", engine.endpoint), &[]);
        assert_eq!((done.code, verdict(&done, "bucket")), (1, "FAILED"), "{}: {done:?}", engine.name);
        let command = "aws s3api create-bucket --bucket no-such-bucket --region eu-west-1";
        assert!(line(&done, "bucket").contains(command), "{done:?}");
    }
}

/// Ministack checks no signature, so that a header can be taken away.
fn dropped(kind: Kind, plan: fn(&Request) -> Fault) -> Option<Done> {
    let engine = engines().find(|engine| engine.name == "ministack" && engine.kind == kind)?;
    let proxy = Proxy::to(&engine.endpoint);
    let (url, place) = new_place(engine, &proxy.endpoint());
    proxy.plan(plan);
    let done = doctor(engine, &url, &[]);
    assert_eq!(keys(engine, &place), 0, "{done:?}");
    assert_eq!(verdict(&done, "removal"), "ok", "{done:?}");
    Some(done)
}

fn assert_refused(done: Option<Done>, creation: &str, update: &str) {
    let Some(done) = done else { return };
    assert_eq!(verdict(&done, "conditional creation"), creation, "{done:?}");
    assert_eq!(verdict(&done, "conditional update"), update, "{done:?}");
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("never use this store"), "{done:?}");
}

#[test]
fn a_proxy_that_drops_the_header_of_creation_is_found_out() {
    let done = dropped(Kind::S3, |_| Fault::DropHeader("if-none-match"));
    assert_refused(done, "FAILED", "ok");
}

#[test]
fn a_proxy_that_drops_the_header_of_updates_is_found_out() {
    let done = dropped(Kind::S3, |_| Fault::DropHeader("if-match"));
    assert_refused(done, "ok", "FAILED");
}

#[test]
fn a_store_that_ignores_the_condition_of_creation_is_found_out() {
    let done = dropped(Kind::DynamoDb, |request| drop_if(request, "attribute_not_exists(pk)"));
    assert_refused(done, "FAILED", "ok");
}

#[test]
fn a_store_that_ignores_the_condition_of_updates_is_found_out() {
    let done = dropped(Kind::DynamoDb, |request| drop_if(request, "serial = :read"));
    assert_refused(done, "ok", "FAILED");
}

fn drop_if(request: &Request, condition: &str) -> Fault {
    let there = String::from_utf8_lossy(&request.body).contains(condition);
    if request.operation == "PutItem" && there { Fault::DropCondition } else { Fault::None }
}

#[test]
fn who_may_only_read_is_told_so_once() {
    for engine in s3().into_iter().filter(|engine| engine.name == "seaweedfs") {
        let (url, place) = new_place(engine, &engine.endpoint);
        let (key, secret) = READ_ONLY;
        let build = client_of(engine, &url).with("AWS_ACCESS_KEY_ID", key).with("AWS_SECRET_ACCESS_KEY", secret);
        let done = world().run_in(&build, ["doctor"]);
        assert_eq!((done.code, verdict(&done, "reads")), (1, "ok"), "{done:?}");
        let told = line(&done, "writes");
        let lacks = format!("FAILED   writes: access is denied: it lacks `s3:PutObject` in the S3 bucket `{place}`");
        assert!(told.starts_with(&lacks), "{told}");
        assert!(told.ends_with("shipmark doctor --print iam"), "{told}");
        assert_eq!(done.stdout.matches("FAILED").count(), 1, "{done:?}");
        assert!(!done.stdout.contains(secret) && !done.stderr.contains(secret), "{done:?}");
        // What a laptop needs it has.
        let done = world().run_in(&build, ["doctor", "--read-only"]);
        assert_eq!((done.code, verdict(&done, "reads"), verdict(&done, "writes")), (0, "ok", "skipped"), "{done:?}");
    }
}

/// A build's role may do none of what only looks.
#[test]
fn what_may_not_be_looked_at_is_skipped() {
    for kind in [Kind::S3, Kind::DynamoDb] {
        let done = dropped(kind, |request| {
            let looks = ["Describe", "GetBucket", "GetPublicAccessBlock"];
            let looks = looks.iter().any(|name| request.operation.starts_with(name));
            // The proxy does not know these two by their names.
            let looks = looks
                || ["?versioning", "?encryption", "?publicAccessBlock"].iter().any(|it| request.target.contains(it));
            match looks {
                true => Fault::Answer { status: 403, code: "AccessDeniedException", message: "not you" },
                false => Fault::None,
            }
        });
        let Some(done) = done else { continue };
        assert_eq!(done.code, 0, "{done:?}");
        let looks: &[&str] = match kind {
            Kind::S3 => &["versioning", "encryption", "public access"],
            Kind::DynamoDb => &["table", "time to live", "point-in-time recovery"],
        };
        for check in looks {
            assert_eq!(verdict(&done, check), "skipped", "{check}: {done:?}");
        }
    }
}
