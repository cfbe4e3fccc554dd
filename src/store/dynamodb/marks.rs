//! Marks in a table: one item each, read in batches, written only if the serial number is still the one that was read.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::items::{Item, keyed, number, string, text};
use super::{DynamoDbStore, sort_key};
use crate::base::key::Key;
use crate::base::key::encode;
use crate::protocol::engine::mark::stored::serial_of;
use crate::store::cloud::{CloudProblem, problem};
use crate::store::{StoreError, Stored, Version, WriteError};

/// The limit of items per BatchGetItem request.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const BATCH: usize = 100;

/// The sort key of a mark.
pub(super) fn mark_key(key: &Key) -> String {
    format!("{}#mark", encode(key.service.as_str()))
}

fn stored(item: &Item) -> Stored {
    // An item without a serial number was not written by shipmark: its version matches no item, so it is never
    // overwritten.
    let version = number(item, "serial").map(|serial| serial.to_string()).unwrap_or_default();
    Stored { bytes: text(item, "mark"), version: Version::new(version) }
}

/// Marks that are requested together.
struct Batch {
    /// The keys that have not been answered yet.
    left: Vec<Item>,
    /// The marks found so far, by key.
    found: HashMap<(String, String), Stored>,
}

impl Batch {
    fn of(keys: &[Key]) -> Self {
        let mut left: Vec<Item> = Vec::with_capacity(keys.len());
        for key in keys {
            let item = keyed(key, &mark_key(key));
            // DynamoDB refuses duplicate keys.
            if !left.contains(&item) {
                left.push(item);
            }
        }
        Self { left, found: HashMap::new() }
    }

    fn is_left(&self, key: &Key) -> bool {
        self.left.contains(&keyed(key, &mark_key(key)))
    }
}

impl DynamoDbStore {
    pub(in crate::store) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        self.cloud.run("read a mark", self.cloud.deadline(0), async |client| {
            Ok(self.get(client, key, &mark_key(key)).await?.as_ref().map(stored))
        })
    }

    /// One request per hundred marks. If it fails or never returns all of them, only the remaining marks are unknown.
    pub(in crate::store) fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        if let [key] = keys {
            return vec![self.read_mark(key)];
        }
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH) {
            let mut batch = Batch::of(keys);
            let read = self
                .cloud
                .run("read marks", self.cloud.deadline(0), async |client| self.batch(client, &mut batch).await);
            found.extend(keys.iter().map(|key| match &read {
                Err(error) if batch.is_left(key) => Err(error.clone()),
                _ => Ok(batch.found.get(&place(key)).cloned()),
            }));
        }
        found
    }

    /// Retries what DynamoDB leaves unprocessed under load, until the deadline.
    async fn batch(&self, client: &Client, batch: &mut Batch) -> Result<(), CloudProblem> {
        let mut wait = Duration::from_millis(25);
        loop {
            let keys = Some(batch.left.clone());
            let request = KeysAndAttributes::builder().set_keys(keys).consistent_read(true).build();
            let request = request.map_err(|error| CloudProblem::Other(error.to_string()))?;
            let answer = client.batch_get_item().request_items(&self.table, request).send().await;
            let answer = answer.map_err(|error| problem(&error))?;
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let partition = item.get("pk").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                batch.found.insert((partition, sort_key(&item).to_owned()), stored(&item));
            }
            let left = answer.unprocessed_keys.unwrap_or_default();
            batch.left = left.into_values().flat_map(|keys| keys.keys).collect();
            if batch.left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(wait.mul_f64(0.5 + fastrand::f64())).await;
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }

    pub(in crate::store) fn write_mark(
        &self,
        key: &Key,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let mut item = keyed(key, &mark_key(key));
        item.insert("mark".to_owned(), string(bytes));
        let serial = serial_of(bytes).ok_or_else(|| self.foreign())?;
        item.insert("serial".to_owned(), AttributeValue::N(serial.to_string()));
        if expected.is_some_and(|version| version.as_str().is_empty()) {
            return Err(WriteError::Conflict);
        }
        let written = self.cloud.run("write a mark", self.cloud.deadline(0), async |client| {
            let request = client.put_item().table_name(&self.table).set_item(Some(item));
            let request = match expected {
                None => request.condition_expression("attribute_not_exists(pk)"),
                Some(version) => request
                    .condition_expression("serial = :read")
                    .expression_attribute_values(":read", AttributeValue::N(version.as_str().to_owned())),
            };
            match request.send().await {
                Ok(_) => Ok(true),
                Err(error) => match error.as_service_error() {
                    Some(lost) if lost.is_conditional_check_failed_exception() => Ok(false),
                    // Another writer's transaction holds the item: the same as losing to it.
                    Some(lost) if lost.is_transaction_conflict_exception() => Ok(false),
                    _ => Err(problem(&error)),
                },
            }
        })?;
        if written { Ok(()) } else { Err(WriteError::Conflict) }
    }

    fn foreign(&self) -> StoreError {
        self.cloud.failed("write a mark", CloudProblem::Foreign("a mark without a serial number".to_owned()))
    }
}

/// The keys of a mark, as the answer contains them.
fn place(key: &Key) -> (String, String) {
    (super::partition(&key.project, &key.environment), mark_key(key))
}
