//! The function beside a real engine: the artifacts and the marks are in ministack, which has S3 and DynamoDB at one address. Only Lambda
//! and CodePipeline are the rig's.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use super::{MAP, Site, function};
use crate::engines::{self, Engine, Kind, block_on};

/// A site whose artifacts are in S3 and whose marks are where `state` says, on that engine.
fn site(s3: &Engine, state: &str) -> Site {
    let bucket = s3.new_bucket();
    let mut site = Site::run_by(MAP, |world, rig| {
        let mut command = function(world, rig);
        command.env("SHIPMARK_STATE", state).env("AWS_ENDPOINT_URL_S3", &s3.endpoint);
        command
    });
    site.bucket = bucket;
    site
}

impl Site {
    /// The source in the bucket of an engine; gives the key.
    fn upload(&self, s3: &Engine) -> String {
        let key = "shop/Source/a b+ü";
        let put = s3.s3_client().put_object().bucket(&self.bucket).key(key).body(ByteStream::from(self.zip()));
        block_on(put.send()).unwrap();
        key.to_owned()
    }
}

/// The engine's S3, and an address for the marks in each of its two stores.
fn places() -> Option<(&'static Engine, [String; 2])> {
    let named = |all: Vec<&'static Engine>| all.into_iter().find(|engine| engine.name == "ministack");
    let (s3, dynamodb) = (named(engines::s3())?, named(engines::dynamodb())?);
    assert_eq!((s3.kind, dynamodb.kind), (Kind::S3, Kind::DynamoDb));
    let table = format!("dynamodb://{}?endpoint={}", dynamodb.new_table(), dynamodb.endpoint);
    let marks = format!("s3://{}/marks?endpoint={}", s3.new_bucket(), s3.endpoint);
    Some((s3, [table, marks]))
}

#[test]
fn a_pipeline_deploys_and_skips_with_its_artifacts_and_marks_in_an_engine() {
    let Some((s3, states)) = places() else { return };
    for state in states {
        let mut site = site(s3, &state);
        let key = site.upload(s3);
        let decide = json!({ "do": "decide" });
        let first = site.act(&decide, &[&key]).variables();
        assert_eq!(first["BUILD_REASON_WEB"], "never-deployed", "{state}");
        site.ship(&first, "web");
        let second = site.act(&decide, &[&key]).variables();
        assert_eq!((&second["BUILD_SKIPPED_WEB"], &second["BUILD_SKIPPED_API"]), (&json!("true"), &json!("false")));
        assert_eq!(second["IMAGE_URI_WEB"], "r@sha256:1");
        site.world.write("web/x", "2");
        let key = site.upload(s3);
        assert_eq!(site.act(&decide, &[&key]).variables()["BUILD_REASON_WEB"], "changed", "{state}");
        assert_eq!(site.rig.inside().fetches, 0, "the artifacts came from the engine");
    }
}

#[test]
fn an_artifact_or_a_place_that_is_missing_in_an_engine_is_a_failed_action() {
    let Some((s3, [table, _])) = places() else { return };
    let mut here = site(s3, &table);
    let (_, message) = here.act(&json!({ "do": "decide" }), &["none.zip"]).failure();
    assert!(message.contains("none.zip"), "{message}");
    here.bucket = "no-such-bucket".to_owned();
    let (_, message) = here.act(&json!({ "do": "decide" }), &["source.zip"]).failure();
    assert!(message.contains("no-such-bucket"), "{message}");
    // Marks that nobody could read or write skip nothing.
    let elsewhere = table.replace("dynamodb://", "dynamodb://no-such-");
    let mut lost = site(s3, &elsewhere);
    let key = lost.upload(s3);
    let (_, message) = lost.act(&json!({ "do": "decide" }), &[&key]).failure();
    assert!(message.contains("no-such-"), "{message}");
}
