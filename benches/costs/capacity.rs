//! DynamoDB's capacity units, computed from requests and answers: what engines report of them is not what AWS counts.
//!
//! A strongly consistent read is a unit for each 4 KB: of the item for GetItem, of each item for BatchGetItem, of all items together
//! for Query; an absent item is one as well. A write is a unit for each 1 KB of the item, before or after, whichever is larger; a
//! condition that fails costs the same. An item is its names and values.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use std::collections::HashMap;
use std::ops::AddAssign;

use serde_json::Value;

use crate::Outcome;
use crate::proxy::Seen;

/// Read and write units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Units {
    pub(crate) read: usize,
    pub(crate) write: usize,
}

impl AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.write += other.write;
    }
}

/// The sizes of the items of a table, by their sort keys, in bytes, as the requests have made them.
#[derive(Default)]
pub(crate) struct Table(HashMap<String, usize>);

impl Table {
    /// What a request takes. Requests to S3 take none.
    pub(crate) fn units(&mut self, seen: &Seen) -> Outcome<Units> {
        let request = || json(&seen.request);
        let answer = || json(&seen.response);
        Ok(match seen.operation.as_str() {
            "GetItem" => reads(size_of(&answer()?["Item"])?),
            "BatchGetItem" => {
                let asked = only(&request()?["RequestItems"])["Keys"].as_array().map_or(0, Vec::len);
                let answer = answer()?;
                let items = only(&answer["Responses"]).as_array().cloned().unwrap_or_default();
                let mut units = Units { read: asked - items.len(), write: 0 };
                for item in &items {
                    units += reads(size_of(item)?);
                }
                units
            }
            "PutItem" => {
                let request = request()?;
                let after = size_of(&request["Item"])?;
                let sort_key = request["Item"]["sk"]["S"].as_str().ok_or("an item without a key")?;
                let before = self.0.insert(sort_key.to_owned(), after).unwrap_or(0);
                writes(after.max(before))
            }
            // Only a snapshot's date, where the snapshot is there.
            "UpdateItem" => {
                let request = request()?;
                let sort_key = request["Key"]["sk"]["S"].as_str().ok_or("an item without a key")?;
                writes(self.0.get(sort_key).copied().unwrap_or(0))
            }
            // A projection takes nothing off: whole items are read.
            "Query" => {
                let request = request()?;
                let prefix = request["ExpressionAttributeValues"][":sk"]["S"].as_str().unwrap_or_default();
                let last = request["ExclusiveStartKey"]["sk"]["S"].as_str().unwrap_or_default();
                let next = answer()?;
                let next = next["LastEvaluatedKey"]["sk"]["S"].as_str();
                let on_page = |key: &str| key.starts_with(prefix) && key > last && next.is_none_or(|next| key <= next);
                reads(self.0.iter().filter(|(key, _)| on_page(key)).map(|(_, size)| size).sum())
            }
            "GetObject" | "PutObject" | "ListObjectsV2" => Units::default(),
            other => return Err(format!("{other}: its capacity units are not known here").into()),
        })
    }
}

fn reads(bytes: usize) -> Units {
    Units { read: bytes.div_ceil(4096).max(1), write: 0 }
}

fn writes(bytes: usize) -> Units {
    Units { read: 0, write: bytes.div_ceil(1024).max(1) }
}

/// The only member of an object: the part about the only table.
fn only(tables: &Value) -> &Value {
    tables.as_object().and_then(|tables| tables.values().next()).unwrap_or(&Value::Null)
}

/// The body of a message with a length.
fn json(message: &[u8]) -> Outcome<Value> {
    let head = message.windows(4).position(|end| end == b"\r\n\r\n").ok_or("a message without an end of its head")?;
    Ok(serde_json::from_slice(&message[head + 4..])?)
}

/// The size of an item with strings, numbers and bytes; none has none.
fn size_of(item: &Value) -> Outcome<usize> {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| Ok(name.len() + size_of_value(value)?)).sum()
}

fn size_of_value(value: &Value) -> Outcome<usize> {
    let text = |kind: &str| value[kind].as_str();
    match (text("S"), text("N"), text("B")) {
        (Some(text), ..) => Ok(text.len()),
        (_, Some(digits), _) => Ok(digits.len().div_ceil(2) + 1),
        (.., Some(base64)) => Ok(base64.trim_end_matches('=').len() * 3 / 4),
        _ => Err(format!("a value of another type: {value}").into()),
    }
}
