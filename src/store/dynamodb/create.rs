//! Creates the table, or whatever is missing in it: if interrupted, run it again and it continues.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, PointInTimeRecoverySpecification, ScalarAttributeType,
    TableDescription, TableStatus, TimeToLiveSpecification,
};

use super::admin::{KEYS, RECOVERY, TTL, Ttl, no_table};
use super::{DynamoDbStore, EXPIRES};
use crate::store::cloud::{CloudProblem, problem};
use crate::store::examine::CREATION;
use crate::store::{StoreError, StoreFinding};

/// How often to poll something that takes a while.
const PAUSE: Duration = Duration::from_millis(500);

/// How many times longer than other requests a table may take to become active.
const PATIENCE: u32 = 12;

impl DynamoDbStore {
    /// Creating a table has more time than other requests, and takes none from the checks that follow.
    pub(in crate::store) fn create(&self) -> Vec<StoreFinding> {
        let limit = self.cloud.budget().limit();
        self.cloud.budget().renew(limit.saturating_mul(PATIENCE));
        let findings = self.made();
        self.cloud.budget().renew(limit);
        findings
    }

    fn made(&self) -> Vec<StoreFinding> {
        let made = self.cloud.run("make the table", async |client| self.make(client).await);
        let made = match made {
            Ok((_, table)) if self.other_keys(&table).is_some() => {
                return self.other_keys(&table).into_iter().collect();
            }
            Ok((true, _)) => StoreFinding::ok(CREATION, "the table is made, on demand, with the keys `pk` and `sk`"),
            Ok((false, _)) => StoreFinding::ok(CREATION, "the table is there already"),
            Err(error) => return vec![StoreFinding::error(CREATION, &error)],
        };
        let ttl = self.cloud.run("turn on the time to live", async |client| {
            match self.ttl(client).await? {
                Ttl::Off => self.turn_on_ttl(client).await.map(|()| true),
                // Its owner is unknown; the check that follows reports it.
                Ttl::On | Ttl::Other(_) => Ok(false),
            }
        });
        let recovery = self.cloud.run("turn on point-in-time recovery", async |client| {
            if self.recovery(client).await? {
                return Ok(false);
            }
            self.turn_on_recovery(client).await.map(|()| true)
        });
        let mut findings = vec![made];
        findings.extend(turned_on(TTL, ttl));
        findings.extend(turned_on(RECOVERY, recovery));
        findings
    }

    /// The table as soon as it is usable, and whether this call created it.
    async fn make(&self, client: &Client) -> Result<(bool, TableDescription), CloudProblem> {
        let mut made = false;
        loop {
            let found = match client.describe_table().table_name(&self.table).send().await {
                Ok(found) => Some(found.table.ok_or_else(no_table)?),
                Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                    None
                }
                Err(error) => return Err(problem(&error)),
            };
            match found {
                Some(table) if !matches!(table.table_status(), Some(TableStatus::Creating | TableStatus::Deleting)) => {
                    return Ok((made, table));
                }
                // A table that was just created may not be visible yet.
                None if !made => {
                    self.ask_for_table(client).await?;
                    made = true;
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    async fn ask_for_table(&self, client: &Client) -> Result<(), CloudProblem> {
        let mut request = client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in KEYS {
            let unbuilt = |error: aws_sdk_dynamodb::error::BuildError| CloudProblem::Other(error.to_string());
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(unbuilt)?;
            let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            request = request.key_schema(key).attribute_definitions(attribute.build().map_err(unbuilt)?);
        }
        match request.send().await {
            // Someone else is creating it at the same time; the check that follows says whether it is the same.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) => Ok(()),
            asked => asked.map(|_| ()).map_err(|error| problem(&error)),
        }
    }

    async fn turn_on_ttl(&self, client: &Client) -> Result<(), CloudProblem> {
        let wanted = TimeToLiveSpecification::builder().attribute_name(EXPIRES).enabled(true).build();
        let wanted = wanted.map_err(|error| CloudProblem::Other(error.to_string()))?;
        let asked = client.update_time_to_live().table_name(&self.table).time_to_live_specification(wanted);
        asked.send().await.map(|_| ()).map_err(|error| problem(&error))
    }

    /// A new table gets its backups a little later; until then this request is refused.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html>
    async fn turn_on_recovery(&self, client: &Client) -> Result<(), CloudProblem> {
        let wanted = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
        let wanted = wanted.map_err(|error| CloudProblem::Other(error.to_string()))?;
        loop {
            let asked = client.update_continuous_backups().table_name(&self.table);
            match asked.point_in_time_recovery_specification(wanted.clone()).send().await {
                Ok(_) => return Ok(()),
                Err(error) if error.code() == Some("ContinuousBackupsUnavailableException") => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(problem(&error)),
            }
        }
    }
}

/// What was changed or could not be: some stores support neither of the two, and work without them.
fn turned_on(check: &'static str, done: Result<bool, StoreError>) -> Option<StoreFinding> {
    match done {
        Ok(true) => Some(StoreFinding::ok(check, "it was off, and is turned on")),
        // The check that follows reports what stays as it is.
        Ok(false) => None,
        Err(error) => Some(StoreFinding::lacking(check, &error)),
    }
}
