//! The stored form of marks and candidates: JSON that a person can read in the AWS console.
//!
//! All schema versions share an envelope: `schema`, `writer`, `serial`, `certain`, `attempts`. A mark of a newer
//! version is never rewritten, but its envelope is kept up to date, so that the newer tool sees what the older one did.
//! Unknown fields are preserved at every level. `certain` is stored for people and for other versions; it is derived
//! from the rest.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Attempt, Candidate, Deploy, Logged, Mark, Newer, Rest, Shadow, schema1};
use crate::base::key::Key;

/// The version of the stored forms that this program writes.
pub const SCHEMA: u32 = 2;

/// Serials start at the milliseconds since 1970 and rise by one; beyond this they would soon overflow.
const LAST_SERIAL: u64 = u64::MAX >> 1;

/// Why a stored form cannot be used. The text says what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(pub(super) String);

#[derive(Deserialize)]
struct Envelope {
    schema: u32,
    serial: u64,
    certain: bool,
    attempts: Vec<Value>,
}

#[derive(Serialize)]
struct Head<'a> {
    schema: u32,
    writer: &'a str,
    serial: u64,
    certain: bool,
    attempts: &'a [Attempt],
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(flatten)]
    key: Key,
    deployed: Option<Deploy>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    log: Vec<Logged>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    shadow: Option<Shadow>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    written_at: Option<jiff::Timestamp>,
}

/// The fields of a mark that this version handles; all others are preserved.
const KNOWN: [&str; 12] = [
    "schema",
    "writer",
    "serial",
    "certain",
    "attempts",
    "project",
    "environment",
    "service",
    "deployed",
    "log",
    "shadow",
    "written_at",
];

/// Encodes a mark. `writer` is this program's version.
///
/// # Errors
/// None known: every key is a string and every number is finite.
pub fn encode_mark(key: &Key, mark: &Mark, writer: &str) -> Result<Vec<u8>, Damaged> {
    let head = Head {
        schema: mark.newer.as_ref().map_or(SCHEMA, |newer| newer.schema),
        writer,
        serial: mark.serial,
        certain: mark.certain(),
        attempts: &mark.attempts,
    };
    let mut whole = object(&head)?;
    if let Some(newer) = &mark.newer {
        let theirs = newer.whole.iter().filter(|(name, _)| !KNOWN[..5].contains(&name.as_str()));
        whole.extend(theirs.map(|(name, value)| (name.clone(), value.clone())));
    } else {
        whole.extend(object(&Body {
            key: key.clone(),
            deployed: mark.deployed.clone(),
            log: mark.log.clone(),
            shadow: mark.shadow.clone(),
            written_at: mark.written_at,
        })?);
        whole.extend(mark.rest.clone());
    }
    Ok(text(whole))
}

/// Decodes a mark.
///
/// # Errors
/// It is not a mark, or belongs to another service: a copied file, or two names that a file system cannot tell apart.
pub fn decode_mark(key: &Key, bytes: &[u8]) -> Result<Mark, Damaged> {
    let whole: Rest = parse(bytes)?;
    let envelope: Envelope = from_value(&whole)?;
    if envelope.serial > LAST_SERIAL {
        return Err(Damaged(format!("its serial {} is not one that shipmark gives", envelope.serial)));
    }
    if envelope.schema > SCHEMA {
        let newer = Newer { schema: envelope.schema, certain: envelope.certain, whole: whole.clone() };
        let written_at = whole.get("written_at").and_then(|time| serde_json::from_value(time.clone()).ok());
        let mark = Mark { written_at, newer: Some(newer), ..blank(envelope.serial) };
        return Ok(Mark { attempts: attempts(envelope.attempts)?, ..mark });
    }
    let Body { key: other, deployed, log, shadow, written_at } = from_value(&whole)?;
    if other != *key {
        let (project, environment, service) = (&other.project, &other.environment, &other.service);
        return Err(Damaged(format!("it is the mark of `{service}` in `{environment}` of project `{project}`")));
    }
    if envelope.schema < SCHEMA {
        let old = Mark { deployed, log, ..blank(envelope.serial) };
        return schema1::upgraded(old, &envelope.attempts).map_err(foreign);
    }
    let rest = whole.into_iter().filter(|(name, _)| !KNOWN.contains(&name.as_str())).collect();
    let mark = Mark { deployed, log, shadow, written_at, rest, ..blank(envelope.serial) };
    let mark = Mark { attempts: attempts(envelope.attempts)?, ..mark };
    // Of what this version writes, the list says the same.
    let disclaimed = !envelope.certain && mark.certain();
    Ok(if disclaimed { schema1::disclaimed(mark) } else { mark })
}

/// The serial of an encoded mark, which a store may use as a write condition. `None` if the bytes are not a mark.
pub fn serial_of(mark: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(mark).ok()?.get("serial")?.as_u64()
}

/// The service of an encoded mark. `None` if the bytes are not a mark.
pub fn service_of(mark: &[u8]) -> Option<String> {
    serde_json::from_slice::<Value>(mark).ok()?.get("service")?.as_str().map(str::to_owned)
}

/// Encodes a candidate.
///
/// # Errors
/// None known, see [`encode_mark`].
pub fn encode_candidate(candidate: &Candidate) -> Result<Vec<u8>, Damaged> {
    Ok(text(object(candidate)?))
}

/// Decodes a candidate.
///
/// # Errors
/// It is damaged, or has another version. Older versions are refused because they lack what the deploy stage needs.
pub fn decode_candidate(bytes: &[u8]) -> Result<Candidate, Damaged> {
    let whole: Rest = parse(bytes)?;
    match whole.get("schema").and_then(Value::as_u64) {
        Some(schema) if schema > u64::from(SCHEMA) => {
            Err(Damaged(format!("a newer shipmark staged it (schema {schema}; this one knows {SCHEMA})")))
        }
        Some(schema) if schema < u64::from(SCHEMA) => {
            Err(Damaged(format!("an older shipmark staged it (schema {schema}; this one needs {SCHEMA})")))
        }
        _ => from_value(&whole),
    }
}

fn blank(serial: u64) -> Mark {
    Mark {
        serial,
        attempts: Vec::new(),
        deployed: None,
        log: Vec::new(),
        shadow: None,
        written_at: None,
        newer: None,
        rest: Rest::new(),
    }
}

fn attempts(values: Vec<Value>) -> Result<Vec<Attempt>, Damaged> {
    values.into_iter().map(|value| serde_json::from_value(value).map_err(foreign)).collect()
}

fn object(value: &impl Serialize) -> Result<Rest, Damaged> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Damaged("it is not an object".to_owned())),
        Err(cause) => Err(Damaged(format!("it cannot be written as JSON: {cause}"))),
    }
}

pub(in crate::protocol::engine) fn text(whole: Rest) -> Vec<u8> {
    format!("{:#}\n", Value::Object(whole)).into_bytes()
}

pub(in crate::protocol::engine) fn parse(bytes: &[u8]) -> Result<Rest, Damaged> {
    if bytes.is_empty() {
        return Err(Damaged("it is empty".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(foreign)
}

fn from_value<T: DeserializeOwned>(whole: &Rest) -> Result<T, Damaged> {
    T::deserialize(whole).map_err(foreign)
}

pub(in crate::protocol::engine) fn foreign(cause: serde_json::Error) -> Damaged {
    Damaged(format!("it is not the JSON that shipmark writes: {cause}"))
}
