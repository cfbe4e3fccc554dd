//! Items: what a table contains, and how our values become attributes.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::partition;
use crate::base::key::Key;
use crate::store::{Stored, Version, version};

/// The attribute with the hash of what has no serial number.
pub(super) const HASH: &str = "content_hash";

/// The attributes of an item by their names.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The sort key of the names of an environment's services. No service's name begins with `#`, so none has an item here.
pub(super) const NAMES: &str = "#services";

/// The primary key of an item of a service.
pub(super) fn keyed(key: &Key, sort: &str) -> Item {
    placed(partition(&key.project, &key.environment), sort)
}

/// A primary key.
pub(super) fn placed(partition: String, sort: &str) -> Item {
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

/// What was written with [`hashed`], and its version. An item without a hash was not written by shipmark: its version matches
/// no item, so it is never overwritten.
pub(super) fn stored(item: &Item, name: &str) -> Stored {
    let version = item.get(HASH).and_then(|hash| hash.as_s().ok()).cloned().unwrap_or_default();
    Stored { bytes: text(item, name), version: Version::new(version) }
}

/// Adds bytes to an item, and their hash, which a later write is conditional on.
pub(super) fn hashed(mut item: Item, name: &str, bytes: &[u8]) -> Item {
    item.insert(name.to_owned(), string(bytes));
    item.insert(HASH.to_owned(), AttributeValue::S(version(bytes).as_str().to_owned()));
    item
}

/// A number.
pub(super) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
