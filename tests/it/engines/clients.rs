//! Clients of the engines: AWS's own, so that a test can look at a store past the program, and make a bucket or a table.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedHttpClient, retry::RetryConfig};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_http_client::Builder;

use super::{Engine, REGION};

/// Runs what the clients do.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A client without TLS, for this machine.
pub(super) fn plain_http() -> SharedHttpClient {
    Builder::new().build_http()
}

impl Engine {
    /// An S3 client with the engine's keys. It repeats nothing: a test sees each answer.
    pub(crate) fn s3_client(&self) -> aws_sdk_s3::Client {
        self.s3_client_of((self.access_key, self.secret_key))
    }

    /// An S3 client of somebody else.
    pub(crate) fn s3_client_of(&self, (key, secret): (&str, &str)) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(plain_http())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(key, secret, None, None, "tests"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.endpoint)
            // A name before `127.0.0.1` would have to be resolved.
            .force_path_style(true);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A DynamoDB client with the engine's keys. It repeats nothing.
    pub(crate) fn dynamodb_client(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(plain_http())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new(self.access_key, self.secret_key, None, None, "tests"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(&self.endpoint);
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// An empty bucket that no other test knows.
    pub(crate) fn new_bucket(&self) -> String {
        let name = unused_name("bucket");
        // As on AWS, outside of us-east-1 the region must be said again.
        let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(REGION));
        let create = self.s3_client().create_bucket().bucket(&name).create_bucket_configuration(place.build());
        block_on(create.send()).unwrap();
        name
    }

    /// An empty table that no other test knows, active, on demand, with the keys `pk` and `sk`, both strings.
    pub(crate) fn new_table(&self) -> String {
        let name = unused_name("table");
        block_on(self.create_table(&name));
        name
    }

    /// A table as [`Self::new_table`] makes it, but perhaps not active yet.
    pub(crate) fn unready_table(&self) -> String {
        let name = unused_name("table");
        block_on(self.ask_for_table(&name));
        name
    }

    async fn create_table(&self, name: &str) {
        self.ask_for_table(name).await;
        self.wait_for_table(name).await;
    }

    async fn ask_for_table(&self, name: &str) {
        let client = self.dynamodb_client();
        let mut request = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        for (attribute, key) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let key = KeySchemaElement::builder().attribute_name(attribute).key_type(key);
            let string = AttributeDefinition::builder().attribute_name(attribute);
            let string = string.attribute_type(ScalarAttributeType::S);
            request = request.key_schema(key.build().unwrap()).attribute_definitions(string.build().unwrap());
        }
        request.send().await.unwrap();
    }

    async fn wait_for_table(&self, name: &str) {
        let client = self.dynamodb_client();
        let start = Instant::now();
        loop {
            let table = client.describe_table().table_name(name).send().await.unwrap().table.unwrap();
            if table.table_status == Some(TableStatus::Active) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{}: `{name}` is {:?}", self.name, table.table_status);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A name that no test has used on these engines.
fn unused_name(what: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    format!("{what}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
