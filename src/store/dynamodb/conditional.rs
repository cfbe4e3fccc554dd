//! Writes and removals that happen only if an item is still what was read.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::http::Response;

use super::DynamoDbStore;
use super::items::{HASH, Item};
use crate::store::cloud::{CloudProblem, problem};
use crate::store::{StoreError, Version, WriteError};

/// What an item must be for a write.
pub(super) enum ItemCondition {
    /// It does not exist.
    Absent,
    /// The attribute has that value.
    Still(&'static str, AttributeValue),
    /// It has a version that no item has.
    Never,
}

impl ItemCondition {
    /// The hash of what was read is still the item's.
    pub(super) fn hash(expected: Option<&Version>) -> Self {
        Self::new(expected, HASH, AttributeValue::S)
    }

    /// The attribute is still the version that was read.
    pub(super) fn new(
        expected: Option<&Version>,
        attribute: &'static str,
        value: fn(String) -> AttributeValue,
    ) -> Self {
        match expected.map(Version::as_str) {
            None => Self::Absent,
            Some("") => Self::Never,
            Some(version) => Self::Still(attribute, value(version.to_owned())),
        }
    }

    /// The condition as an expression, and its values.
    fn expression(self) -> Option<(String, Option<Item>)> {
        match self {
            Self::Absent => Some(("attribute_not_exists(pk)".to_owned(), None)),
            Self::Still(attribute, value) => {
                Some((format!("{attribute} = :read"), Some([(":read".to_owned(), value)].into())))
            }
            Self::Never => None,
        }
    }
}

impl DynamoDbStore {
    pub(super) fn put_if(&self, verb: &'static str, item: Item, condition: ItemCondition) -> Result<(), WriteError> {
        let Some((expression, values)) = condition.expression() else { return Err(WriteError::Conflict) };
        answered(self.run(verb, async |client| {
            let request = client.put_item().table_name(&self.table).set_item(Some(item.clone()));
            let request = request.condition_expression(&expression);
            let request = request.set_expression_attribute_values(values.clone());
            is_met(request.send().await)
        }))
    }

    /// Removes an item. One that does not exist is [`ItemCondition::Absent`].
    pub(super) fn delete_if(&self, verb: &'static str, key: Item, condition: ItemCondition) -> Result<(), WriteError> {
        let Some((expression, values)) = condition.expression() else { return Err(WriteError::Conflict) };
        answered(self.run(verb, async |client| {
            let request = client.delete_item().table_name(&self.table).set_key(Some(key.clone()));
            let request = request.condition_expression(&expression);
            let request = request.set_expression_attribute_values(values.clone());
            is_met(request.send().await)
        }))
    }
}

fn answered(met: Result<bool, StoreError>) -> Result<(), WriteError> {
    if met? { Ok(()) } else { Err(WriteError::Conflict) }
}

/// Whether the condition held, if the store answered.
fn is_met<T, E>(answer: Result<T, SdkError<E, Response>>) -> Result<bool, CloudProblem>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(_) => Ok(true),
        Err(error) => match error.code() {
            // Another writer's transaction, or one in another region, may hold the item: the same as losing to it.
            Some(
                "ConditionalCheckFailedException" | "TransactionConflictException" | "ReplicatedWriteConflictException",
            ) => Ok(false),
            _ => Err(problem(&error)),
        },
    }
}
