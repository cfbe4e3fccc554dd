//! The store in a DynamoDB table. Its string keys: `pk` = `PROJECT/ENVIRONMENT`, and `sk` = `SERVICE#mark`, `SERVICE#cand#ID`,
//! `SERVICE#snap#HASH#N` or, for the names of the environment's services, `#services`.
//!
//! A mark is one item: its JSON in `mark`, and its serial number in `serial`, which every write is conditional on. What has
//! no serial number, candidates and the names, has a hash in `content_hash` for that. Reads are strongly consistent.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html>

mod admin;
mod batch;
mod conditional;
mod create;
mod items;
mod marks;
mod snapshots;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::budget::Budget;
use super::cloud::{Cloud, CloudProblem, problem};
use super::url::StoreAccess;
use super::{StoreError, Stored, Version, WriteError};
use crate::base::key::Key;
use crate::base::key::encode;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::AttemptId;
use conditional::ItemCondition;
use items::{Item, NAMES, text};

/// The attribute with the names of an environment's services.
const SERVICES: &str = "services";

/// The attribute for DynamoDB's time-to-live, in seconds since 1970.
pub const EXPIRES: &str = "expires";

/// The most candidates of a service, which are read whole.
const MOST_CANDIDATES: usize = 10_000;

/// The most items of which only the keys are read.
const MOST_LISTED: usize = 1_000_000;

/// The store in a DynamoDB table.
#[derive(Debug)]
pub struct DynamoDbStore {
    table: String,
    cloud: Cloud<Client>,
}

impl DynamoDbStore {
    pub(super) fn new(table: String, reach: StoreAccess, budget: Budget) -> Self {
        let place = format!("the DynamoDB table `{table}`");
        Self { table, cloud: Cloud::new(place, reach, budget, connect) }
    }

    pub(super) fn budget(&self) -> &Budget {
        self.cloud.budget()
    }

    /// Runs the requests of one operation on items.
    fn run<T>(
        &self,
        verb: &'static str,
        mut work: impl AsyncFnMut(&Client) -> Result<T, CloudProblem>,
    ) -> Result<T, StoreError> {
        self.cloud.run(verb, async |client| {
            let done = work(client).await;
            self.unless_being_made(client, done).await
        })
    }

    /// A table that is being made answers as one that does not exist, and is waited for.
    async fn unless_being_made<T>(&self, client: &Client, done: Result<T, CloudProblem>) -> Result<T, CloudProblem> {
        match done {
            Err(CloudProblem::Missing(why)) if self.is_being_made(client).await => Err(CloudProblem::Busy(why)),
            done => done,
        }
    }

    pub(super) fn read_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Option<Stored>, StoreError> {
        let found =
            self.read("read the names of the services", &items::placed(partition(project, environment), NAMES))?;
        Ok(found.map(|item| items::stored(&item, SERVICES)))
    }

    pub(super) fn write_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let item = items::hashed(items::placed(partition(project, environment), NAMES), SERVICES, bytes);
        self.put_if("write the names of the services", item, ItemCondition::hash(expected))
    }

    pub(super) fn put_candidate(
        &self,
        key: &Key,
        id: &AttemptId,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let item = items::hashed(items::keyed(key, &candidate_key(key, id)), "candidate", bytes);
        self.put_if("keep a candidate", item, ItemCondition::hash(expected))
    }

    pub(super) fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Stored>, StoreError> {
        let found = self.read("read a candidate", &items::keyed(key, &candidate_key(key, id)))?;
        Ok(found.map(|item| items::stored(&item, "candidate")))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        let prefix = format!("{}#cand#", encode(key.service.as_str()));
        let found = self.run("list candidates", async |client| {
            self.query(client, &partition(&key.project, &key.environment), &prefix, None, MOST_CANDIDATES).await
        })?;
        let candidate =
            |item: &Item| Some((AttemptId::parse(sort_key(item).strip_prefix(&prefix)?)?, text(item, "candidate")));
        Ok(found.iter().filter_map(candidate).collect())
    }

    /// Lets DynamoDB delete a candidate, some days after that time. A candidate that is already gone stays gone.
    pub(super) fn expire_candidate(&self, key: &Key, id: &AttemptId, at: Timestamp) -> Result<(), StoreError> {
        self.run("let a candidate expire", async |client| {
            let request = client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(items::keyed(key, &candidate_key(key, id))))
                .update_expression("SET #expires = if_not_exists(#expires, :at)")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_names("#expires", EXPIRES)
                .expression_attribute_values(":at", AttributeValue::N(at.as_second().to_string()));
            match request.send().await {
                Err(error)
                    if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
                {
                    Ok(())
                }
                answer => answer.map(|_| ()).map_err(|error| problem(&error)),
            }
        })
    }

    pub(super) fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        self.run("remove a candidate", async |client| {
            self.delete(client, key, &candidate_key(key, id)).await.map(|_| ())
        })
    }

    /// The mark goes first: without it, nothing reads the rest.
    pub(super) fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        self.run("remove a mark", async |client| {
            let there = self.delete(client, key, &marks::mark_key(key)).await?;
            self.delete_rest(client, key).await?;
            Ok(there)
        })
    }

    /// Removes what is kept for a service besides its mark.
    pub(super) fn remove_rest(&self, key: &Key) -> Result<(), StoreError> {
        self.run("remove candidates and snapshots", async |client| self.delete_rest(client, key).await)
    }

    async fn delete_rest(&self, client: &Client, key: &Key) -> Result<(), CloudProblem> {
        let (mark, prefix) = (marks::mark_key(key), format!("{}#", encode(key.service.as_str())));
        let all =
            self.query(client, &partition(&key.project, &key.environment), &prefix, Some("sk"), MOST_LISTED).await?;
        for item in all.iter().filter(|item| sort_key(item) != mark) {
            self.delete(client, key, sort_key(item)).await?;
        }
        Ok(())
    }

    /// The names of the services that have a mark, as they were stored and in any order.
    pub(super) fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<String>, StoreError> {
        let found = self.run("list marks", async |client| {
            self.query(client, &partition(project, environment), "", Some("sk"), MOST_LISTED).await
        })?;
        let service = |item: &Item| crate::base::key::decode(sort_key(item).strip_suffix("#mark")?);
        Ok(found.iter().filter_map(service).collect())
    }

    fn read(&self, verb: &'static str, key: &Item) -> Result<Option<Item>, StoreError> {
        self.run(verb, async |client| self.get(client, key).await)
    }

    async fn get(&self, client: &Client, key: &Item) -> Result<Option<Item>, CloudProblem> {
        let request = client.get_item().table_name(&self.table).set_key(Some(key.clone())).consistent_read(true);
        Ok(request.send().await.map_err(|error| problem(&error))?.item)
    }

    /// Deletes an item and returns whether it existed.
    async fn delete(&self, client: &Client, key: &Key, sort: &str) -> Result<bool, CloudProblem> {
        let request = client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(items::keyed(key, sort)))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld);
        let old = request.send().await.map_err(|error| problem(&error))?;
        Ok(old.attributes.is_some_and(|old| !old.is_empty()))
    }

    /// All items of a partition whose sort key has the prefix; with `only`, just these attributes.
    async fn query(
        &self,
        client: &Client,
        partition: &str,
        prefix: &str,
        only: Option<&str>,
        most: usize,
    ) -> Result<Vec<Item>, CloudProblem> {
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let mut request = client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
                .set_projection_expression(only.map(str::to_owned))
                .set_exclusive_start_key(next);
            // DynamoDB does not accept a condition on an empty prefix.
            request = match prefix {
                "" => request.key_condition_expression("pk = :pk"),
                prefix => request
                    .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                    .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned())),
            };
            let page = request.send().await.map_err(|error| problem(&error))?;
            found.extend(page.items.unwrap_or_default());
            if found.len() > most {
                return Err(CloudProblem::Foreign(format!("there are more than {most} items like `{prefix}`")));
            }
            next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

/// The client, which may have an endpoint of its own.
fn connect(config: &SdkConfig, endpoint: Option<&str>) -> Client {
    let mut own = Builder::from(config);
    if let Some(endpoint) = endpoint {
        own = own.endpoint_url(endpoint);
    }
    Client::from_conf(own.build())
}

fn partition(project: &ProjectName, environment: &EnvironmentName) -> String {
    format!("{}/{}", encode(project.as_str()), encode(environment.as_str()))
}

fn candidate_key(key: &Key, id: &AttemptId) -> String {
    format!("{}#cand#{}", encode(key.service.as_str()), encode(id.as_str()))
}

fn partition_key(item: &Item) -> &str {
    item.get("pk").and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn sort_key(item: &Item) -> &str {
    item.get("sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
