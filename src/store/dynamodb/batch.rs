//! Many items read with few requests, with the dates of the answers.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use jiff::Timestamp;

use super::items::{Item, NAMES, keyed, placed, stored};
use super::marks::{mark_key, stored_mark};
use super::{DynamoDbStore, partition, partition_key, sort_key};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::store::budget::Backoff;
use crate::store::cloud::{CloudProblem, Heads, problem};
use crate::store::{Batch, StoreError, Stored};

/// The limit of items per BatchGetItem request.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MOST: usize = 100;

/// Items that are requested together.
struct Requested {
    /// The keys that have not been answered yet.
    left: Vec<Item>,
    /// The items found so far, by key.
    found: HashMap<(String, String), Item>,
}

impl Requested {
    fn new(keys: &[Item]) -> Self {
        let mut left: Vec<Item> = Vec::with_capacity(keys.len());
        for key in keys {
            // DynamoDB refuses duplicate keys.
            if !left.contains(key) {
                left.push(key.clone());
            }
        }
        Self { left, found: HashMap::new() }
    }
}

impl DynamoDbStore {
    pub(in crate::store) fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        if let [key] = keys {
            return vec![self.read_mark(key)];
        }
        let items: Vec<Item> = keys.iter().map(|key| keyed(key, &mark_key(key))).collect();
        self.read_items("read marks", &items, &mut Vec::new()).into_iter().map(as_mark).collect()
    }

    pub(in crate::store) fn read_batch(
        &self,
        project: &ProjectName,
        keys: &[Key],
        environments: &[EnvironmentName],
    ) -> Batch {
        let mut items: Vec<Item> = keys.iter().map(|key| keyed(key, &mark_key(key))).collect();
        items.extend(environments.iter().map(|environment| placed(partition(project, environment), NAMES)));
        let mut dates = Vec::new();
        let answers = self.read_items("read marks", &items, &mut dates).into_iter().enumerate();
        let answers = answers.map(|(at, answer)| if at < keys.len() { as_mark(answer) } else { as_names(answer) });
        Batch::new(answers.collect(), keys.len(), dates)
    }

    /// One request per hundred items, and the date of each answer. If one fails or never returns all items, only the remaining
    /// ones are unknown.
    fn read_items(
        &self,
        verb: &'static str,
        keys: &[Item],
        dates: &mut Vec<Option<Timestamp>>,
    ) -> Vec<Result<Option<Item>, StoreError>> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MOST) {
            let mut batch = Requested::new(keys);
            let read = self.cloud.run_before_writes(verb, async |client| {
                let read = self.fetch(client, &mut batch, dates).await;
                self.unless_being_made(client, read).await
            });
            found.extend(keys.iter().map(|key| match &read {
                Err(error) if batch.left.contains(key) => Err(error.clone()),
                _ => Ok(batch.found.get(&place(key)).cloned()),
            }));
        }
        found
    }

    /// Asks again for what DynamoDB leaves unprocessed under load.
    async fn fetch(
        &self,
        client: &Client,
        batch: &mut Requested,
        dates: &mut Vec<Option<Timestamp>>,
    ) -> Result<(), CloudProblem> {
        let mut backoff = Backoff::from(Duration::from_millis(50));
        loop {
            let keys = Some(batch.left.clone());
            let request = KeysAndAttributes::builder().set_keys(keys).consistent_read(true).build();
            let request = request.map_err(|error| CloudProblem::Other(error.to_string()))?;
            let heads = Heads::default();
            let request = client.batch_get_item().request_items(&self.table, request);
            let answer = request.customize().interceptor(heads.clone()).send().await;
            let answer = answer.map_err(|error| problem(&error))?;
            dates.push(heads.date());
            for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                batch.found.insert(place(&item), item);
            }
            let left = answer.unprocessed_keys.unwrap_or_default();
            batch.left = left.into_values().flat_map(|keys| keys.keys).collect();
            if batch.left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(backoff.pause()).await;
        }
    }
}

fn as_mark(answer: Result<Option<Item>, StoreError>) -> Result<Option<Stored>, StoreError> {
    Ok(answer?.as_ref().map(stored_mark))
}

fn as_names(answer: Result<Option<Item>, StoreError>) -> Result<Option<Stored>, StoreError> {
    Ok(answer?.map(|item| stored(&item, super::SERVICES)))
}

/// The primary key of an item.
fn place(item: &Item) -> (String, String) {
    (partition_key(item).to_owned(), sort_key(item).to_owned())
}
