//! DynamoDB's requests with something taken out of them.

use serde_json::{Map, Value, json};

use super::http::Message;

/// The request without its condition and what belongs to that; any other as it is.
pub(super) fn without_condition(request: &Message) -> Message {
    let Some(mut body) = object_of(request) else { return request.clone() };
    if body.remove("ConditionExpression").is_none() {
        return request.clone();
    }
    for name in ["ExpressionAttributeNames", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure"] {
        body.remove(name);
    }
    request.with_payload(Value::Object(body).to_string().into_bytes())
}

/// A `BatchGetItem` in two: what is served, and what comes back as unprocessed.
pub(super) struct Batch {
    request: Message,
    body: Map<String, Value>,
    unprocessed: Map<String, Value>,
}

impl Batch {
    /// Serves only the keys whose numbers it is told; nothing where the request is no `BatchGetItem`.
    pub(super) fn split(request: &Message, serves: impl Fn(usize) -> bool) -> Option<Self> {
        let mut body = object_of(request)?;
        let Value::Object(tables) = body.remove("RequestItems")? else { return None };
        let (mut served, mut unprocessed, mut number) = (Map::new(), Map::new(), 0);
        for (table, asked) in tables {
            let keys = asked["Keys"].as_array()?;
            let (mine, rest): (Vec<_>, Vec<_>) = (number..).zip(keys).partition(|(number, _)| serves(*number));
            number += keys.len();
            for (half, keys) in [(&mut served, mine), (&mut unprocessed, rest)] {
                let keys: Vec<&Value> = keys.into_iter().map(|(_, key)| key).collect();
                if !keys.is_empty() {
                    let mut asked = asked.clone();
                    asked["Keys"] = json!(keys);
                    half.insert(table.clone(), asked);
                }
            }
        }
        body.insert("RequestItems".to_owned(), Value::Object(served));
        Some(Self { request: request.clone(), body, unprocessed })
    }

    /// The request for what is served; nothing where that is nothing, which DynamoDB would not take.
    pub(super) fn served(&self) -> Option<Message> {
        let any = self.body["RequestItems"].as_object().is_some_and(|tables| !tables.is_empty());
        any.then(|| self.request.with_payload(json!(self.body).to_string().into_bytes()))
    }

    /// The answer to the whole, from the answer to what was served.
    pub(super) fn answer(self, response: Option<Message>) -> Message {
        let Some(response) = response else {
            let body = json!({ "Responses": {}, "UnprocessedKeys": self.unprocessed });
            let headers = "Content-Type: application/x-amz-json-1.0\nx-amzn-RequestId: MADEUPBYTHEPROXY";
            return Message::made(200, headers, body.to_string().into_bytes());
        };
        let Some(mut body) = object_of(&response).filter(|_| response.status() == Some(200)) else { return response };
        let unprocessed = body.entry("UnprocessedKeys").or_insert_with(|| json!({}));
        for (table, asked) in self.unprocessed {
            // What the engine itself has left unprocessed stays so.
            let by_engine = unprocessed[&table]["Keys"].as_array().cloned().unwrap_or_default();
            let keys: Vec<_> =
                by_engine.iter().chain(asked["Keys"].as_array().into_iter().flatten()).cloned().collect();
            unprocessed[&table] = asked;
            unprocessed[&table]["Keys"] = json!(keys);
        }
        response.with_payload(Value::Object(body).to_string().into_bytes())
    }
}

fn object_of(message: &Message) -> Option<Map<String, Value>> {
    serde_json::from_slice(message.payload()).ok()
}
