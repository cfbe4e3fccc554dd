//! Marks in a table: one item each, written only if the serial number is still the one that was read.

use aws_sdk_dynamodb::types::AttributeValue;

use super::DynamoDbStore;
use super::conditional::ItemCondition;
use super::items::{Item, keyed, number, string, text};
use crate::base::key::Key;
use crate::base::key::encode;
use crate::protocol::engine::mark::stored::serial_of;
use crate::store::cloud::CloudProblem;
use crate::store::{StoreError, Stored, Version, WriteError};

/// The attribute with the serial number.
const SERIAL: &str = "serial";

/// The sort key of a mark.
pub(super) fn mark_key(key: &Key) -> String {
    format!("{}#mark", encode(key.service.as_str()))
}

/// The mark in an item.
pub(super) fn stored_mark(item: &Item) -> Stored {
    // An item without a serial number was not written by shipmark: its version matches no item, so it is never
    // overwritten.
    let version = number(item, SERIAL).map(|serial| serial.to_string()).unwrap_or_default();
    Stored { bytes: text(item, "mark"), version: Version::new(version) }
}

impl DynamoDbStore {
    pub(in crate::store) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        Ok(self.read("read a mark", &keyed(key, &mark_key(key)))?.as_ref().map(stored_mark))
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
        item.insert(SERIAL.to_owned(), AttributeValue::N(serial.to_string()));
        self.put_if("write a mark", item, ItemCondition::new(expected, SERIAL, AttributeValue::N))
    }

    /// Removes only the mark, if it is still `expected`.
    pub(in crate::store) fn delete_mark(&self, key: &Key, expected: Option<&Version>) -> Result<(), WriteError> {
        let condition = ItemCondition::new(expected, SERIAL, AttributeValue::N);
        self.delete_if("remove a mark", keyed(key, &mark_key(key)), condition)
    }

    fn foreign(&self) -> StoreError {
        self.cloud.failed("write a mark", CloudProblem::Foreign("a mark without a serial number".to_owned()))
    }
}
