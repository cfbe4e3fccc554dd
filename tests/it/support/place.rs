//! Where a world keeps its state: in a directory, or in the store that this process was told to test on.
//!
//! A test that is about the state and not about files runs on every store: once as it stands, in a directory, and once for
//! each engine, in a process of its own (`on_engines`), for the AWS SDK takes its credentials from the environment of the process.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use shipmark::base::key::Key;
use shipmark::base::names::{EnvironmentName, ProjectName, ServiceName};
use shipmark::store::{Budget, Store, StoreUrl};

use crate::engines::{Engine, Kind, block_on};

/// The address of a state of its own.
pub(crate) struct Place {
    pub(crate) url: String,
    /// The table, or the bucket and what its keys begin with.
    container: String,
}

impl Place {
    /// A place that nobody else knows: that directory, unless this process tests an engine.
    pub(super) fn new(directory: &Path) -> Self {
        let Some(engine) = Engine::told() else {
            return Self { url: format!("file:{}", directory.display()), container: String::new() };
        };
        let endpoint = &engine.endpoint;
        match engine.kind {
            Kind::DynamoDb => {
                let container = engine.new_table();
                Self { url: format!("dynamodb://{container}?endpoint={endpoint}"), container }
            }
            Kind::S3 => {
                // One bucket a process: some engines make room for each.
                static BUCKET: OnceLock<String> = OnceLock::new();
                let bucket = BUCKET.get_or_init(|| engine.new_bucket());
                let prefix = directory.parent().unwrap().file_name().unwrap().to_string_lossy();
                let container = format!("{bucket}/{}/state", prefix.trim_start_matches('.'));
                Self { url: format!("s3://{container}?endpoint={endpoint}"), container }
            }
        }
    }

    /// What the program needs to reach it.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        Engine::told().into_iter().flat_map(Engine::variables)
    }

    pub(super) fn mark(&self, service: &str) -> Option<Vec<u8>> {
        let found = store(&self.url).read_mark(&key(service)).unwrap();
        found.map(|found| found.bytes)
    }

    pub(super) fn put_mark(&self, service: &str, bytes: &[u8]) {
        let Some(engine) = Engine::told() else {
            let directory = Path::new(self.url.strip_prefix("file:").unwrap()).join("default/default").join(service);
            std::fs::create_dir_all(&directory).unwrap();
            return std::fs::write(directory.join("mark.json"), bytes).unwrap();
        };
        match engine.kind {
            Kind::S3 => {
                let (bucket, prefix) = self.container.split_once('/').unwrap();
                let key = format!("{prefix}/default/default/{service}/mark.json");
                let put = engine.s3_client().put_object().bucket(bucket).key(key).body(bytes.to_vec().into());
                block_on(put.send()).unwrap();
            }
            Kind::DynamoDb => {
                let text = std::str::from_utf8(bytes).map(|text| AttributeValue::S(text.to_owned()));
                let mark = text.unwrap_or_else(|_| AttributeValue::B(bytes.to_vec().into()));
                // As an item that somebody edits in the console: the number beside the mark stays.
                let update = engine.dynamodb_client().update_item().table_name(&self.container);
                let update = update
                    .key("pk", AttributeValue::S("default/default".to_owned()))
                    .key("sk", AttributeValue::S(format!("{service}#mark")))
                    .update_expression("SET mark = :mark, serial = if_not_exists(serial, :one)")
                    .expression_attribute_values(":mark", mark)
                    .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
                block_on(update.send()).unwrap();
            }
        }
    }
}

/// Opens a store at an address.
pub(crate) fn store(url: &str) -> Store {
    Store::open(&StoreUrl::parse(url, Path::new("/")).unwrap(), &Budget::new(Duration::from_mins(5)))
}

/// The key of a service of the project and the environment `default`.
pub(crate) fn key(service: &str) -> Key {
    Key {
        project: ProjectName::default(),
        environment: EnvironmentName::default(),
        service: ServiceName::new(service).unwrap(),
    }
}

/// The variable that tells a process which engine to test on.
pub(crate) const TOLD: &str = "SHIPMARK_TEST_ENGINE";

impl Engine {
    /// The engine that this process was told to test on.
    pub(crate) fn told() -> Option<&'static Self> {
        static TOLD_ENGINE: OnceLock<Option<Engine>> = OnceLock::new();
        TOLD_ENGINE.get_or_init(|| std::env::var(TOLD).ok().map(|text| Self::parse(&text))).as_ref()
    }

    /// This engine in the words that [`Engine::told`] reads in another process.
    pub(crate) fn tell(&self) -> String {
        let kind = format!("{:?}", self.kind);
        [self.name, &kind, &self.endpoint, self.access_key, self.secret_key, &self.clients.to_string()].join("|")
    }

    fn parse(text: &str) -> Self {
        // It lives as long as the process.
        let words: Vec<&'static str> = text.split('|').map(|word| &*word.to_owned().leak()).collect();
        let [name, kind, endpoint, access_key, secret_key, clients] = words[..] else { panic!("{TOLD}: `{text}`") };
        let kind = if kind == "S3" { Kind::S3 } else { Kind::DynamoDb };
        Self { name, kind, endpoint: endpoint.to_owned(), access_key, secret_key, clients: clients.parse().unwrap() }
    }
}
