//! Items: what a table contains, and how our values become attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::partition;
use crate::base::key::Key;

/// The attributes of an item by their names.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The primary key of an item of a service.
pub(super) fn keyed(key: &Key, sort: &str) -> Item {
    let partition = partition(&key.project, &key.environment);
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(partition)),
        ("sk".to_owned(), AttributeValue::S(sort.to_owned())),
    ])
}

/// JSON as an attribute that people can read in the console. Bytes that are not UTF-8 were not written by shipmark and
/// are kept as bytes.
pub(super) fn string(bytes: &[u8]) -> AttributeValue {
    match std::str::from_utf8(bytes) {
        Ok(text) => AttributeValue::S(text.to_owned()),
        Err(_) => AttributeValue::B(bytes.to_vec().into()),
    }
}

/// The bytes of an attribute; empty, which no reader accepts as JSON, if it is missing or of another type.
pub(super) fn text(item: &Item, name: &str) -> Vec<u8> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text.clone().into_bytes(),
        Some(AttributeValue::B(bytes)) => bytes.as_ref().to_vec(),
        _ => Vec::new(),
    }
}

/// A number.
pub(super) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
