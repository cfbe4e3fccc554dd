//! Snapshots in a table, split into items of at most 400 KB.
//!
//! The head, `SERVICE#snap#HASH#00000`, is written last and removed first, so a snapshot with a head is complete. The
//! head says how many items follow, or holds the data itself if it fits.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-items>

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::items::{Item, keyed, number, text};
use super::{DynamoDbStore, MOST_LISTED, partition, sort_key};
use crate::base::key::Key;
use crate::base::key::encode;
use crate::store::cloud::{CloudProblem, problem};
use crate::store::{MOST_OF_SNAPSHOT, SNAPSHOT_GRACE, StoreError};

/// How much of a snapshot one item holds, in bytes; the rest of the 400 KB is left for names and keys.
const CHUNK: usize = 380 * 1024;

/// How many chunks are sent at once.
const ABREAST: usize = 4;

fn prefix(key: &Key) -> String {
    format!("{}#snap#", encode(key.service.as_str()))
}

fn chunk_key(key: &Key, hash: &str, number: usize) -> String {
    format!("{}{}#{number:05}", prefix(key), encode(hash))
}

impl DynamoDbStore {
    /// A complete snapshot only gets a new date, since snapshots are named by their contents.
    pub(in crate::store) fn put_snapshot(
        &self,
        key: &Key,
        hash: &str,
        bytes: &[u8],
        now: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        let now = AttributeValue::N(now.as_second().to_string());
        let head = keyed(key, &chunk_key(key, hash, 0));
        let whole = bytes.len() <= CHUNK;
        let chunks: Vec<&[u8]> = if whole { Vec::new() } else { bytes.chunks(CHUNK).collect() };
        // The chunks that are not written yet, also by an earlier try.
        let mut left: BTreeSet<usize> = (0..chunks.len()).collect();
        self.cloud.run_in_half("keep a snapshot", async |client| {
            if left.len() == chunks.len() && !whole && self.refresh(client, &head, &now).await? {
                return Ok(());
            }
            let put = |at: usize| {
                let mut item = keyed(key, &chunk_key(key, hash, at + 1));
                item.insert("data".to_owned(), AttributeValue::B(Blob::new(chunks[at])));
                item.insert("put_at".to_owned(), now.clone());
                let request = client.put_item().table_name(&self.table).set_item(Some(item));
                async move { request.send().await.map(|_| at).map_err(|error| problem(&error)) }
            };
            let mut next = left.clone().into_iter();
            let mut sent = tokio::task::JoinSet::new();
            loop {
                while sent.len() < ABREAST
                    && let Some(at) = next.next()
                {
                    sent.spawn(put(at));
                }
                let Some(done) = sent.join_next().await else { break };
                left.remove(&done.map_err(|error| CloudProblem::Machine(error.to_string()))??);
            }
            let mut item = head.clone();
            if whole {
                item.insert("data".to_owned(), AttributeValue::B(Blob::new(bytes)));
            }
            item.insert("chunks".to_owned(), AttributeValue::N(chunks.len().to_string()));
            item.insert("put_at".to_owned(), now.clone());
            let request = client.put_item().table_name(&self.table).set_item(Some(item));
            request.send().await.map(|_| ()).map_err(|error| problem(&error))
        })
    }

    /// Updates the date of a head; returns whether there is one.
    async fn refresh(&self, client: &Client, head: &Item, now: &AttributeValue) -> Result<bool, CloudProblem> {
        let request = client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(head.clone()))
            .update_expression("SET put_at = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", now.clone());
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(problem(&error)),
        }
    }

    pub(in crate::store) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.cloud.run_in_half("read a snapshot", async |client| {
            let Some(head) = self.get(client, &keyed(key, &chunk_key(key, hash, 0))).await? else { return Ok(None) };
            let count = number(&head, "chunks").unwrap_or(0);
            if count == 0 {
                return Ok(Some(text(&head, "data")));
            }
            let whole = format!("{}{}#", prefix(key), encode(hash));
            let most = MOST_OF_SNAPSHOT.div_ceil(CHUNK) + 1;
            let items = self.query(client, &partition(&key.project, &key.environment), &whole, None, most).await?;
            // The head comes first; missing items show up as a hash mismatch.
            Ok(Some(items.iter().skip(1).flat_map(|item| text(item, "data")).collect()))
        })
    }

    pub(in crate::store) fn prune_snapshots(
        &self,
        key: &Key,
        keep: &[String],
        now: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        let keep: Vec<String> = keep.iter().map(|hash| format!("{}{}#", prefix(key), encode(hash))).collect();
        self.cloud.run_in_half("remove old snapshots", async |client| {
            let partition = partition(&key.project, &key.environment);
            let items = self.query(client, &partition, &prefix(key), Some("sk, put_at"), MOST_LISTED).await?;
            // Another process may still be writing a chunk without a head: a snapshot is as young as its youngest item.
            let name = |item: &Item| sort_key(item).rsplit_once('#').map(|(name, _)| format!("{name}#"));
            for snapshot in items.chunk_by(|one, other| name(one) == name(other)) {
                let youngest = snapshot.iter().filter_map(|item| number(item, "put_at")).max().unwrap_or(0);
                let old = now.as_second().saturating_sub_unsigned(youngest) > SNAPSHOT_GRACE.as_secs().cast_signed();
                if old && !keep.iter().any(|kept| name(&snapshot[0]).as_ref() == Some(kept)) {
                    // The head comes first.
                    for item in snapshot {
                        self.delete(client, key, sort_key(item)).await?;
                    }
                }
            }
            Ok(())
        })
    }
}
