//! Objects of a bucket: read, conditionally written, listed and deleted.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Config;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::http::Response;
use jiff::Timestamp;

use crate::store::cloud::{CloudProblem, Heads, innermost, problem};
use crate::store::{Stored, Version};

/// The most bytes of an artifact. CodePipeline's have at most 7 GB
/// (<https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html>).
const MOST_OF_ARTIFACT: u64 = 8 << 30;

/// The precondition of a write.
pub(super) enum Condition {
    /// Nothing.
    None,
    /// The object does not exist.
    Absent,
    /// The object has that entity tag.
    Still(String),
}

/// An object in a listing.
pub(super) struct Listed {
    pub(super) key: String,
    /// When it was written, in seconds since 1970.
    pub(super) modified: i64,
}

/// The answer to a read.
pub(super) struct Fetched {
    /// The object's bytes, with its entity tag as the version, if it exists.
    pub(super) found: Option<Stored>,
    /// The answer's date.
    pub(super) date: Option<Timestamp>,
}

/// Reads an object. Without permission to list the bucket, S3 answers 403 for
/// an object that does not exist; that is an error here, since the object may just as well exist.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
/// An object of more than `most` bytes was not written by this program.
pub(super) async fn get(client: Client, bucket: String, key: String, most: usize) -> Result<Fetched, CloudProblem> {
    let heads = Heads::default();
    let request = client.get_object().bucket(&bucket).key(&key).customize().interceptor(heads.clone());
    let found = match request.send().await {
        Ok(found) => found,
        Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
            return Ok(Fetched { found: None, date: heads.date() });
        }
        Err(error) => return Err(problem(&error)),
    };
    let tag = found.e_tag.ok_or_else(no_tag)?;
    let (mut body, mut bytes) = (found.body, Vec::new());
    while let Some(next) = body.try_next().await.map_err(|error| cut_off(&error))? {
        if next.len() > most - bytes.len() {
            return Err(CloudProblem::Foreign(format!("the object `{key}` has more than {most} bytes")));
        }
        bytes.extend_from_slice(&next);
    }
    let found = Stored { bytes, version: Version::new(tag) };
    Ok(Fetched { found: Some(found), date: heads.date() })
}

/// The body of an answer ended too early, or stalled.
fn cut_off(error: &(dyn std::error::Error + 'static)) -> CloudProblem {
    CloudProblem::Unreachable(innermost(error))
}

/// Downloads an object into an empty file; returns whether it exists.
pub(super) async fn download(client: &Client, bucket: &str, key: &str, mut into: &File) -> Result<bool, CloudProblem> {
    let mut found = match client.get_object().bucket(bucket).key(key).send().await {
        Ok(found) => found,
        Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(false),
        Err(error) => return Err(problem(&error)),
    };
    let machine = |cause: std::io::Error| CloudProblem::Machine(cause.to_string());
    // What an earlier try has written.
    into.set_len(0).and_then(|()| into.rewind()).map_err(machine)?;
    let mut left = MOST_OF_ARTIFACT;
    while let Some(bytes) = found.body.try_next().await.map_err(|error| cut_off(&error))? {
        let rest = left.checked_sub(bytes.len() as u64);
        left = rest.ok_or_else(|| CloudProblem::Foreign(format!("`{key}` has more than {MOST_OF_ARTIFACT} bytes")))?;
        into.write_all(&bytes).map_err(machine)?;
    }
    Ok(true)
}

/// S3 always returns an entity tag, and without one no later write could be conditional on it. An answer without one
/// may come from something in between, such as a proxy's error page.
fn no_tag() -> CloudProblem {
    CloudProblem::NoAnswer("an object without an entity tag".to_owned())
}

/// Writes an object; `false` if the condition does not hold.
pub(super) async fn put(
    client: &Client,
    bucket: &str,
    key: &str,
    bytes: &[u8],
    condition: &Condition,
    timeouts: Option<TimeoutConfig>,
) -> Result<bool, CloudProblem> {
    let conditional = !matches!(condition, Condition::None);
    let request = client.put_object().bucket(bucket).key(key).body(ByteStream::from(bytes.to_vec()));
    let request = match condition {
        Condition::None => request,
        Condition::Absent => request.if_none_match("*"),
        Condition::Still(tag) => request.if_match(tag),
    };
    let mut request = request.customize();
    if let Some(timeouts) = timeouts {
        request = request.config_override(Config::builder().timeout_config(timeouts));
    }
    match request.send().await {
        Ok(written) => written.e_tag.map(|_| true).ok_or_else(no_tag),
        Err(error) if conditional && is_lost(&error) => Ok(false),
        Err(error) => Err(problem(&error)),
    }
}

/// Whether the condition did not hold: 412; 409 if another write was in progress; 404 if the object to replace is gone.
/// In each case someone else got there first.
fn is_lost<E: ProvideErrorMetadata>(error: &SdkError<E, Response>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.as_service_error().and_then(|error| error.meta().code());
    match status {
        Some(412) => true,
        Some(409) => matches!(code, Some("ConditionalRequestConflict" | "OperationAborted")),
        Some(404) => code == Some("NoSuchKey"),
        _ => false,
    }
}

/// All objects with this key prefix.
pub(super) async fn list(client: &Client, bucket: &str, prefix: &str) -> Result<Vec<Listed>, CloudProblem> {
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let request = client.list_objects_v2().bucket(bucket).prefix(prefix).set_continuation_token(next);
        let page = request.send().await.map_err(|error| problem(&error))?;
        let objects = page.contents.unwrap_or_default().into_iter();
        found.extend(objects.filter_map(|object| {
            Some(Listed { key: object.key?, modified: object.last_modified.map_or(0, |date| date.secs()) })
        }));
        next = page.next_continuation_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Deletes an object; one that does not exist counts as deleted.
pub(super) async fn delete(client: &Client, bucket: &str, key: &str) -> Result<(), CloudProblem> {
    let deleted = client.delete_object().bucket(bucket).key(key).send().await;
    deleted.map(|_| ()).map_err(|error| problem(&error))
}

/// Deletes an object that has that entity tag; `false` if it has another one or does not exist.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>
pub(super) async fn delete_if(client: &Client, bucket: &str, key: &str, tag: &str) -> Result<bool, CloudProblem> {
    match client.delete_object().bucket(bucket).key(key).if_match(tag).send().await {
        Ok(_) => Ok(true),
        Err(error) if is_lost(&error) => Ok(false),
        Err(error) => Err(problem(&error)),
    }
}
