//! The stored form of marks and candidates: JSON that a person can read in the AWS console.
//!
//! Every schema version shares an envelope: `schema`, `writer`, `serial`, `certain`, `attempts`. A mark of a newer version
//! is never rewritten, but its envelope is kept up to date, so that the newer tool sees what the older one did.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::log::Logged;
use super::{Attempt, Candidate, Deploy, Mark, Taint};
use crate::base::key::Key;

/// The version of the stored forms that this program writes.
pub const SCHEMA: u32 = 1;

/// Serials begin with the milliseconds since 1970 and rise by one; beyond this there would soon be no next one.
const LAST_SERIAL: u64 = u64::MAX >> 1;

/// A stored form that cannot be used. The text says what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(String);

#[derive(Serialize, Deserialize)]
struct Envelope {
    schema: u32,
    writer: String,
    serial: u64,
    certain: bool,
    attempts: Vec<Attempt>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(flatten)]
    key: Key,
    deployed: Option<Deploy>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    log: Vec<Logged>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    taint: Option<Taint>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    doubt: Option<String>,
    written_at: Timestamp,
}

/// The bytes of a mark. `writer` is this program's version.
///
/// # Errors
/// None that is known: every key is a string and every number finite.
pub fn encode_mark(key: &Key, mark: &Mark, writer: &str, now: Timestamp) -> Result<Vec<u8>, Damaged> {
    let schema = mark.newer.as_ref().and_then(|whole| whole.get("schema")).and_then(Value::as_u64);
    let schema = schema.and_then(|schema| u32::try_from(schema).ok()).unwrap_or(SCHEMA);
    let envelope = Envelope {
        schema,
        writer: writer.to_owned(),
        serial: mark.serial,
        certain: mark.certain,
        attempts: mark.attempts.clone(),
    };
    let mut whole = object(&envelope)?;
    match &mark.newer {
        Some(newer) => whole.extend(newer.clone().into_iter().filter(|(name, _)| !is_envelope(name))),
        None => whole.extend(object(&Body {
            key: key.clone(),
            deployed: mark.deployed.clone(),
            log: mark.log.clone(),
            taint: mark.taint.clone(),
            doubt: mark.doubt.clone(),
            written_at: now,
        })?),
    }
    Ok(text(whole))
}

/// Reads a mark.
///
/// # Errors
/// It is no mark, or another service's: a copied file, or two names that one file system cannot tell apart.
pub fn decode_mark(key: &Key, bytes: &[u8]) -> Result<Mark, Damaged> {
    let whole: Map<String, Value> = parse(bytes)?;
    let envelope: Envelope = from_value(&whole)?;
    if envelope.serial > LAST_SERIAL {
        return Err(Damaged(format!("its serial {} is none that shipmark gives", envelope.serial)));
    }
    let newer = envelope.schema > SCHEMA;
    let body: Option<Body> = if newer { None } else { Some(from_value(&whole)?) };
    if let Some(other) = body.as_ref().map(|body| &body.key).filter(|other| *other != key) {
        let (project, environment, service) = (&other.project, &other.environment, &other.service);
        return Err(Damaged(format!("it is the mark of `{service}` in `{environment}` of project `{project}`")));
    }
    let mut mark = Mark {
        serial: envelope.serial,
        certain: envelope.certain,
        attempts: envelope.attempts,
        deployed: None,
        log: Vec::new(),
        taint: None,
        doubt: None,
        newer: newer.then_some(whole),
    };
    if let Some(Body { deployed, log, taint, doubt, .. }) = body {
        mark = Mark { deployed, log, taint, doubt, ..mark };
    }
    Ok(mark)
}

/// The serial number of an encoded mark, which a store may be conditional on. `None` where the bytes are no mark.
pub fn serial_of(mark: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(mark).ok()?.get("serial")?.as_u64()
}

/// The service that an encoded mark is of. `None` where the bytes are no mark.
pub fn service_of(mark: &[u8]) -> Option<String> {
    serde_json::from_slice::<Value>(mark).ok()?.get("service")?.as_str().map(str::to_owned)
}

/// The bytes of a candidate.
///
/// # Errors
/// None that is known, see [`encode_mark`].
pub fn encode_candidate(candidate: &Candidate) -> Result<Vec<u8>, Damaged> {
    Ok(text(object(candidate)?))
}

/// Reads a candidate.
///
/// # Errors
/// It is damaged, or of a newer version.
pub fn decode_candidate(bytes: &[u8]) -> Result<Candidate, Damaged> {
    let whole: Map<String, Value> = parse(bytes)?;
    if let Some(schema) = whole.get("schema").and_then(Value::as_u64).filter(|schema| *schema > u64::from(SCHEMA)) {
        return Err(Damaged(format!("it was written by a newer shipmark (schema {schema}; this one knows {SCHEMA})")));
    }
    from_value(&whole)
}

fn is_envelope(name: &str) -> bool {
    matches!(name, "schema" | "writer" | "serial" | "certain" | "attempts")
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>, Damaged> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Damaged("it is no object".to_owned())),
        Err(cause) => Err(Damaged(format!("it cannot be written as JSON: {cause}"))),
    }
}

fn text(whole: Map<String, Value>) -> Vec<u8> {
    format!("{:#}\n", Value::Object(whole)).into_bytes()
}

fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Damaged> {
    if bytes.is_empty() {
        return Err(Damaged("it is empty".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|cause| Damaged(format!("it is not the JSON that shipmark writes: {cause}")))
}

fn from_value<T: DeserializeOwned>(whole: &Map<String, Value>) -> Result<T, Damaged> {
    T::deserialize(whole).map_err(|cause| Damaged(format!("it is not the JSON that shipmark writes: {cause}")))
}

#[cfg(test)]
mod tests;
