//! Checks the table: whether it exists with shipmark's keys, and how it is maintained.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    KeyType, MultiRegionConsistency, PointInTimeRecoveryStatus, ScalarAttributeType, TableDescription, TableStatus,
    TimeToLiveStatus,
};

use super::{DynamoDbStore, EXPIRES};
use crate::store::cloud::{CloudProblem, Heads, problem};
use crate::store::{Reached, StoreError, StoreFinding};

const TABLE: &str = "table";
pub(super) const TTL: &str = "time to live";
pub(super) const RECOVERY: &str = "point-in-time recovery";

/// The keys of a shipmark table, both strings.
pub(super) const KEYS: [(&str, KeyType); 2] = [("pk", KeyType::Hash), ("sk", KeyType::Range)];

impl DynamoDbStore {
    pub(in crate::store) fn access(&self) -> Vec<StoreFinding> {
        self.cloud.access()
    }

    pub(in crate::store) fn reach(&self) -> Reached {
        let heads = Heads::default();
        let described = self.cloud.run("look at the table", async |client| {
            let asked = client.describe_table().table_name(&self.table).customize().interceptor(heads.clone());
            asked.send().await.map_err(|error| problem(&error))?.table.ok_or_else(no_table)
        });
        let findings = match described {
            Ok(table) => self.judge(&table),
            Err(StoreError::Cloud(error)) if error.is_denied() => {
                vec![StoreFinding::unseen(TABLE, &StoreError::Cloud(error))]
            }
            Err(error) => vec![StoreFinding::error(TABLE, &error)],
        };
        Reached { findings, date: heads.date() }
    }

    /// The table's keys and state, and whether it is a global table.
    fn judge(&self, table: &TableDescription) -> Vec<StoreFinding> {
        if let Some(finding) = self.other_keys(table) {
            return vec![finding];
        }
        let mut findings = vec![match table.table_status() {
            // A table can be read and written while it is updating.
            Some(TableStatus::Active | TableStatus::Updating) => {
                StoreFinding::ok(TABLE, "it is there, with the keys `pk` and `sk`")
            }
            status => {
                let text =
                    format!("it cannot be used now: it is {}", status.map_or("in no state", TableStatus::as_str));
                StoreFinding::failed(TABLE, text, "wait until it is ACTIVE")
            }
        }];
        let regions: Vec<&str> = table.replicas().iter().filter_map(|replica| replica.region_name()).collect();
        if !regions.is_empty() && table.multi_region_consistency() != Some(&MultiRegionConsistency::Strong) {
            let text = format!(
                "it is a global table ({}) with eventual consistency: a mark that is written in one region is read late in another",
                crate::base::text::list(&regions)
            );
            let fix = "let all builds of a service use one region, with ?region=REGION in the address, or make the table \
                       anew with multi-Region strong consistency";
            findings.push(StoreFinding::warning("global table", text, fix));
        }
        findings
    }

    /// Whether the table will be usable soon. Where the credentials may not look at it, that is unknown.
    pub(super) async fn is_being_made(&self, client: &Client) -> bool {
        let found = client.describe_table().table_name(&self.table).send().await;
        let table = found.ok().and_then(|found| found.table);
        table.is_some_and(|table| table.table_status() == Some(&TableStatus::Creating))
    }

    /// What is wrong with the keys of the table, if anything.
    pub(super) fn other_keys(&self, table: &TableDescription) -> Option<StoreFinding> {
        let is_string = |name: &str| {
            table.attribute_definitions().iter().any(|attribute| {
                attribute.attribute_name() == name && *attribute.attribute_type() == ScalarAttributeType::S
            })
        };
        let keys: Vec<_> =
            table.key_schema().iter().map(|key| (key.attribute_name(), key.key_type().clone())).collect();
        if keys == KEYS && KEYS.iter().all(|(name, _)| is_string(name)) {
            return None;
        }
        let names: Vec<String> = keys.iter().map(|(name, kind)| format!("`{name}` ({kind})")).collect();
        let text =
            format!("the table `{}` has the keys {}, not shipmark's", self.table, crate::base::text::list(&names));
        let fix = "name another table: one with the string keys `pk` (HASH) and `sk` (RANGE); doctor --create makes it";
        Some(StoreFinding::failed(TABLE, text, fix))
    }

    pub(in crate::store) fn care(&self) -> Vec<StoreFinding> {
        let fix = "shipmark doctor --create turns it on";
        let ttl = self.cloud.run("look at the time to live", async |client| self.ttl(client).await);
        let recovery = self.cloud.run("look at the point-in-time recovery", async |client| self.recovery(client).await);
        vec![
            match ttl {
                Ok(Ttl::On) => StoreFinding::ok(TTL, format!("it is on, for `{EXPIRES}`")),
                Ok(Ttl::Off) => StoreFinding::warning(TTL, "it is off: old candidates stay for ever", fix),
                Ok(Ttl::Other(attribute)) => StoreFinding::warning(
                    TTL,
                    format!("it looks at `{attribute}`, not at `{EXPIRES}`: old candidates stay for ever"),
                    "a table that is shared with something else? give shipmark one of its own",
                ),
                Err(error) => StoreFinding::unseen(TTL, &error),
            },
            match recovery {
                Ok(true) => StoreFinding::ok(RECOVERY, "it is on"),
                Ok(false) => {
                    StoreFinding::warning(RECOVERY, "it is off: a mark that is removed by mistake is gone", fix)
                }
                Err(error) => StoreFinding::unseen(RECOVERY, &error),
            },
        ]
    }

    pub(super) async fn ttl(&self, client: &Client) -> Result<Ttl, CloudProblem> {
        let found = client.describe_time_to_live().table_name(&self.table).send().await;
        let found = found.map_err(|error| problem(&error))?.time_to_live_description;
        let on = found.filter(|found| {
            matches!(found.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
        });
        Ok(match on.as_ref().map(|on| on.attribute_name().unwrap_or_default()) {
            None => Ttl::Off,
            Some(EXPIRES) => Ttl::On,
            Some(other) => Ttl::Other(other.to_owned()),
        })
    }

    /// Whether point-in-time recovery is on.
    pub(super) async fn recovery(&self, client: &Client) -> Result<bool, CloudProblem> {
        let found = client.describe_continuous_backups().table_name(&self.table).send().await;
        let found = found.map_err(|error| problem(&error))?.continuous_backups_description;
        let found = found.and_then(|found| found.point_in_time_recovery_description);
        let status = found.and_then(|found| found.point_in_time_recovery_status);
        Ok(status == Some(PointInTimeRecoveryStatus::Enabled))
    }
}

/// What DynamoDB's time-to-live does in a table.
pub(super) enum Ttl {
    On,
    Off,
    /// It uses that attribute.
    Other(String),
}

pub(super) fn no_table() -> CloudProblem {
    CloudProblem::NoAnswer("a description without a table".to_owned())
}
