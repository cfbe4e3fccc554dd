//! The store in an S3 bucket: `PREFIX/PROJECT/ENVIRONMENT/SERVICE/{mark.json, candidates/ID.json, snapshots/HASH}`.
//!
//! A mark is written only if it is still the object that was read (`If-Match` with its entity tag), or only if it still
//! does not exist (`If-None-Match: *`). S3 reads return the latest write.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

mod admin;
mod objects;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::cloud::{Cloud, CloudProblem};
use super::url::StoreAccess;
use super::{SNAPSHOT_GRACE, StoreError, Stored, Version, WriteError};
use crate::base::key::Key;
use crate::base::key::{decode, encode};
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::protocol::engine::mark::AttemptId;
use objects::{Condition, Listed};

/// How many requests are in flight at once.
const ABREAST: usize = 32;

/// The result for one of many objects: its bytes and entity tag, if it exists.
type FetchAnswer = Result<Option<(Vec<u8>, String)>, CloudProblem>;

/// The store in an S3 bucket.
#[derive(Debug)]
pub struct S3Store {
    bucket: String,
    prefix: String,
    cloud: Cloud<Client>,
}

impl S3Store {
    pub(super) fn new(bucket: String, prefix: String, reach: StoreAccess, timeout: Duration) -> Self {
        let place = format!("the S3 bucket `{bucket}`");
        Self { bucket, prefix, cloud: Cloud::new(place, reach, timeout, connect) }
    }

    pub(super) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        let object = self.mark_key(key);
        let found = self.cloud.run("read a mark", self.cloud.deadline(0), async |client| {
            objects::get(client.clone(), self.bucket.clone(), object).await
        })?;
        Ok(found.map(|(bytes, tag)| Stored { bytes, version: Version::new(tag) }))
    }

    /// Reads all at once; a failure makes only that mark unknown.
    pub(super) fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        if let [key] = keys {
            return vec![self.read_mark(key)];
        }
        let objects: Vec<String> = keys.iter().map(|key| self.mark_key(key)).collect();
        // Each wave of requests may take as long as a single one.
        let waves = u32::try_from(keys.len().div_ceil(ABREAST)).unwrap_or(u32::MAX);
        let mut answers = Vec::new();
        let read = self.cloud.run("read marks", self.cloud.deadline(0).saturating_mul(waves), async |client| {
            self.get_all(client, objects, &mut answers).await
        });
        // If the deadline comes first, there are fewer answers than keys, or none at all.
        answers.resize_with(keys.len(), || None);
        let failed = || read.clone().err().unwrap_or_else(|| self.cloud.failed("read a mark", unanswered()));
        answers
            .into_iter()
            .map(|answer| match answer {
                Some(Ok(found)) => Ok(found.map(|(bytes, tag)| Stored { bytes, version: Version::new(tag) })),
                Some(Err(problem)) => Err(self.cloud.failed("read a mark", problem)),
                None => Err(failed()),
            })
            .collect()
    }

    pub(super) fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        let condition = match expected {
            None => Condition::Absent,
            Some(version) => Condition::Still(version.as_str().to_owned()),
        };
        let object = self.mark_key(key);
        let written = self.cloud.run("write a mark", self.cloud.deadline(0), async |client| {
            objects::put(client, &self.bucket, object, bytes, condition, None).await
        })?;
        if written { Ok(()) } else { Err(WriteError::Conflict) }
    }

    pub(super) fn put_candidate(&self, key: &Key, id: &AttemptId, bytes: &[u8]) -> Result<(), StoreError> {
        let object = self.candidate_key(key, id);
        self.cloud.run("keep a candidate", self.cloud.deadline(0), async |client| {
            objects::put(client, &self.bucket, object, bytes, Condition::None, None).await.map(|_| ())
        })
    }

    pub(super) fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Vec<u8>>, StoreError> {
        let object = self.candidate_key(key, id);
        let found = self.cloud.run("read a candidate", self.cloud.deadline(0), async |client| {
            objects::get(client.clone(), self.bucket.clone(), object).await
        })?;
        Ok(found.map(|(bytes, _)| bytes))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        let prefix = format!("{}candidates/", self.directory(key));
        self.cloud.run("read candidates", self.cloud.deadline(0) * 6, async |client| {
            let listed = objects::list(client, &self.bucket, &prefix).await?;
            let id = |object: &Listed| AttemptId::parse(object.key.strip_prefix(&prefix)?.strip_suffix(".json")?);
            let mut known: Vec<_> = listed.into_iter().filter_map(|object| Some((id(&object)?, object.key))).collect();
            // Bytewise order, which S3 promises but some S3-compatible stores do not keep.
            known.sort();
            let (ids, keys): (Vec<_>, Vec<_>) = known.into_iter().unzip();
            let mut found = Vec::with_capacity(ids.len());
            let mut answers = Vec::new();
            self.get_all(client, keys, &mut answers).await?;
            for (id, candidate) in ids.into_iter().zip(answers) {
                // A candidate that disappeared in the meantime is simply gone.
                found.extend(candidate.unwrap_or_else(|| Err(unanswered()))?.map(|(bytes, _)| (id, bytes)));
            }
            Ok(found)
        })
    }

    pub(super) fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        let object = self.candidate_key(key, id);
        self.cloud.run("remove a candidate", self.cloud.deadline(0), async |client| {
            objects::delete(client, &self.bucket, &object).await
        })
    }

    pub(super) fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let object = self.snapshot_key(key, hash);
        self.cloud.run("keep a snapshot", self.cloud.deadline(bytes.len()), async |client| {
            let timeouts = self.cloud.timeouts(bytes.len());
            objects::put(client, &self.bucket, object, bytes, Condition::None, Some(timeouts)).await.map(|_| ())
        })
    }

    pub(super) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let object = self.snapshot_key(key, hash);
        // The size is not known yet; the wait is bounded because a snapshot only explains.
        let found = self.cloud.run("read a snapshot", self.cloud.deadline(0) * 6, async |client| {
            objects::get(client.clone(), self.bucket.clone(), object).await
        })?;
        Ok(found.map(|(bytes, _)| bytes))
    }

    pub(super) fn prune_snapshots(&self, key: &Key, keep: &[String], now: Timestamp) -> Result<(), StoreError> {
        let prefix = format!("{}snapshots/", self.directory(key));
        let keep: Vec<String> = keep.iter().map(|hash| self.snapshot_key(key, hash)).collect();
        self.cloud.run("remove old snapshots", self.cloud.deadline(0) * 6, async |client| {
            for object in objects::list(client, &self.bucket, &prefix).await? {
                let young = now.as_second().saturating_sub(object.modified) < SNAPSHOT_GRACE.as_secs().cast_signed();
                if !young && !keep.contains(&object.key) {
                    objects::delete(client, &self.bucket, &object.key).await?;
                }
            }
            Ok(())
        })
    }

    /// The mark goes first: without it, nothing reads the rest.
    pub(super) fn remove(&self, key: &Key) -> Result<bool, StoreError> {
        self.cloud.run("remove a mark", self.cloud.deadline(0) * 6, async |client| {
            let mark = self.mark_key(key);
            let there = objects::get(client.clone(), self.bucket.clone(), mark.clone()).await?.is_some();
            objects::delete(client, &self.bucket, &mark).await?;
            for object in objects::list(client, &self.bucket, &self.directory(key)).await? {
                objects::delete(client, &self.bucket, &object.key).await?;
            }
            Ok(there)
        })
    }

    pub(super) fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<ServiceName>, StoreError> {
        let prefix = self.environment(project, environment);
        let found = self.cloud.run("list marks", self.cloud.deadline(0) * 6, async |client| {
            objects::list(client, &self.bucket, &prefix).await
        })?;
        let service = |object: &Listed| decode(object.key.strip_prefix(&prefix)?.strip_suffix("/mark.json")?);
        let mut names: Vec<_> =
            found.iter().filter_map(service).filter_map(|name| ServiceName::new(name).ok()).collect();
        names.sort();
        Ok(names)
    }

    /// Fetches an object of any size into a file; returns whether it exists.
    pub(super) fn fetch(&self, object: &str, into: &std::fs::File) -> Result<bool, StoreError> {
        // An artifact may have up to a gigabyte, and its size is not known yet.
        self.cloud.run("fetch an artifact", self.cloud.deadline(0) * 60, async |client| {
            objects::download(client, &self.bucket, object, into).await
        })
    }

    /// Fetches many objects, with a polite number of requests at once. Each answer is stored at its key's position as
    /// it arrives; the rest stay `None`, because unknown must not look absent.
    async fn get_all(
        &self,
        client: &Client,
        keys: Vec<String>,
        answers: &mut Vec<Option<FetchAnswer>>,
    ) -> Result<(), CloudProblem> {
        answers.resize_with(keys.len(), || None);
        let mut next = keys.into_iter().enumerate();
        let mut sent = JoinSet::new();
        loop {
            while sent.len() < ABREAST
                && let Some((at, key)) = next.next()
            {
                let get = objects::get(client.clone(), self.bucket.clone(), key);
                sent.spawn(async move { (at, get.await) });
            }
            match sent.join_next().await {
                None => return Ok(()),
                Some(Ok((at, answer))) => answers[at] = Some(answer),
                Some(Err(error)) => return Err(CloudProblem::Machine(error.to_string())),
            }
        }
    }

    fn project(&self, project: &ProjectName) -> String {
        let separator = if self.prefix.is_empty() { "" } else { "/" };
        format!("{}{separator}{}/", self.prefix, encode(project.as_str()))
    }

    fn environment(&self, project: &ProjectName, environment: &EnvironmentName) -> String {
        format!("{}{}/", self.project(project), encode(environment.as_str()))
    }

    fn directory(&self, key: &Key) -> String {
        format!("{}{}/", self.environment(&key.project, &key.environment), encode(key.service.as_str()))
    }

    fn mark_key(&self, key: &Key) -> String {
        format!("{}mark.json", self.directory(key))
    }

    fn candidate_key(&self, key: &Key, id: &AttemptId) -> String {
        format!("{}candidates/{}.json", self.directory(key), encode(id.as_str()))
    }

    fn snapshot_key(&self, key: &Key, hash: &str) -> String {
        format!("{}snapshots/{}", self.directory(key), encode(hash))
    }
}

/// The client, which may have an endpoint of its own.
fn connect(config: &SdkConfig, endpoint: Option<&str>) -> Client {
    let mut own = Builder::from(config);
    if let Some(endpoint) = endpoint {
        // Only AWS's name servers resolve a bucket's name in front of the host.
        own = own.endpoint_url(endpoint).force_path_style(true);
    }
    Client::from_conf(own.build())
}

/// Every request sent is awaited; should one be lost anyway, its object is unknown.
fn unanswered() -> CloudProblem {
    CloudProblem::NoAnswer("one of the requests was never answered".to_owned())
}
