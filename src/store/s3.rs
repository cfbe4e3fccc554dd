//! The store in an S3 bucket: `PREFIX/PROJECT/ENVIRONMENT/SERVICE/{mark.json, candidates/ID.json, snapshots/HASH}`,
//! and for the names of the environment's services `PREFIX/PROJECT/ENVIRONMENT/%23services.json`.
//!
//! A mark, a candidate or the names are written only if the object is still what was read (`If-Match` with its entity tag), or only if it
//! still does not exist (`If-None-Match: *`). S3 reads return the latest write.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

mod admin;
mod objects;
mod reads;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use jiff::Timestamp;

use super::budget::Budget;
use super::cloud::{Cloud, CloudProblem};
use super::url::StoreAccess;
use super::{MOST_OF_MARK, MOST_OF_SNAPSHOT, SNAPSHOT_GRACE, StoreError, Stored, Version, WriteError};
use crate::base::key::Key;
use crate::base::key::{decode, encode};
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::AttemptId;
use objects::{Condition, Listed};
use reads::unanswered;

/// The store in an S3 bucket.
#[derive(Debug)]
pub struct S3Store {
    bucket: String,
    prefix: String,
    cloud: Cloud<Client>,
}

impl S3Store {
    pub(super) fn new(bucket: String, prefix: String, reach: StoreAccess, budget: Budget) -> Self {
        let place = format!("the S3 bucket `{bucket}`");
        Self { bucket, prefix, cloud: Cloud::new(place, reach, budget, connect) }
    }

    /// With these credentials, and no others.
    pub(super) fn with_credentials(self, credentials: Credentials) -> Self {
        Self { cloud: self.cloud.with_credentials(credentials), ..self }
    }

    pub(super) fn budget(&self) -> &Budget {
        self.cloud.budget()
    }

    pub(super) fn read_mark(&self, key: &Key) -> Result<Option<Stored>, StoreError> {
        self.read("read a mark", self.mark_key(key))
    }

    pub(super) fn write_mark(&self, key: &Key, bytes: &[u8], expected: Option<&Version>) -> Result<(), WriteError> {
        self.write("write a mark", self.mark_key(key), bytes, expected)
    }

    pub(super) fn read_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Option<Stored>, StoreError> {
        self.read("read the names of the services", self.names_key(project, environment))
    }

    pub(super) fn write_names(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        self.write("write the names of the services", self.names_key(project, environment), bytes, expected)
    }

    pub(super) fn put_candidate(
        &self,
        key: &Key,
        id: &AttemptId,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        self.write("keep a candidate", self.candidate_key(key, id), bytes, expected)
    }

    pub(super) fn candidate(&self, key: &Key, id: &AttemptId) -> Result<Option<Stored>, StoreError> {
        self.read("read a candidate", self.candidate_key(key, id))
    }

    pub(super) fn candidates(&self, key: &Key) -> Result<Vec<(AttemptId, Vec<u8>)>, StoreError> {
        let prefix = format!("{}candidates/", self.directory(key));
        self.cloud.run("read candidates", async |client| {
            let listed = objects::list(client, &self.bucket, &prefix).await?;
            let id = |object: &Listed| AttemptId::parse(object.key.strip_prefix(&prefix)?.strip_suffix(".json")?);
            let mut known: Vec<_> = listed.into_iter().filter_map(|object| Some((id(&object)?, object.key))).collect();
            // Bytewise order, which S3 promises but some S3-compatible stores do not keep.
            known.sort();
            let (ids, keys): (Vec<_>, Vec<_>) = known.into_iter().unzip();
            let mut found = Vec::with_capacity(ids.len());
            let mut answers = Vec::new();
            self.get_all(client, &keys, &mut answers).await?;
            for (id, candidate) in ids.into_iter().zip(answers) {
                // A candidate that disappeared in the meantime is simply gone.
                found.extend(candidate.unwrap_or_else(|| Err(unanswered()))?.found.map(|found| (id, found.bytes)));
            }
            Ok(found)
        })
    }

    pub(super) fn remove_candidate(&self, key: &Key, id: &AttemptId) -> Result<(), StoreError> {
        let object = self.candidate_key(key, id);
        self.cloud.run("remove a candidate", async |client| objects::delete(client, &self.bucket, &object).await)
    }

    pub(super) fn put_snapshot(&self, key: &Key, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let object = self.snapshot_key(key, hash);
        self.cloud.run_in_half("keep a snapshot", async |client| {
            let timeouts = self.cloud.timeouts(bytes.len());
            objects::put(client, &self.bucket, &object, bytes, &Condition::None, Some(timeouts)).await.map(|_| ())
        })
    }

    pub(super) fn snapshot(&self, key: &Key, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let object = self.snapshot_key(key, hash);
        let found = self.cloud.run_in_half("read a snapshot", async |client| {
            objects::get(client.clone(), self.bucket.clone(), object.clone(), MOST_OF_SNAPSHOT).await
        })?;
        Ok(found.found.map(|found| found.bytes))
    }

    pub(super) fn prune_snapshots(&self, key: &Key, keep: &[String], now: Timestamp) -> Result<(), StoreError> {
        let prefix = format!("{}snapshots/", self.directory(key));
        let keep: Vec<String> = keep.iter().map(|hash| self.snapshot_key(key, hash)).collect();
        self.cloud.run_in_half("remove old snapshots", async |client| {
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
        self.cloud.run("remove a mark", async |client| {
            let mark = self.mark_key(key);
            let there =
                objects::get(client.clone(), self.bucket.clone(), mark.clone(), MOST_OF_MARK).await?.found.is_some();
            objects::delete(client, &self.bucket, &mark).await?;
            self.delete_rest(client, key).await?;
            Ok(there)
        })
    }

    /// Removes only the mark, if it is still `expected`. The condition of the request is not enough: a store that only imitates
    /// S3 may ignore it for removals, and comparing first leaves little time for somebody else's write.
    pub(super) fn delete_mark(&self, key: &Key, expected: Option<&Version>) -> Result<(), WriteError> {
        let mark = self.mark_key(key);
        let removed = self.cloud.run("remove a mark", async |client| {
            let there = objects::get(client.clone(), self.bucket.clone(), mark.clone(), MOST_OF_MARK).await?.found;
            match expected {
                expected if there.map(|there| there.version).as_ref() != expected => Ok(false),
                None => Ok(true),
                Some(version) => objects::delete_if(client, &self.bucket, &mark, version.as_str()).await,
            }
        })?;
        if removed { Ok(()) } else { Err(WriteError::Conflict) }
    }

    /// Removes what is kept for a service besides its mark.
    pub(super) fn remove_rest(&self, key: &Key) -> Result<(), StoreError> {
        self.cloud.run("remove candidates and snapshots", async |client| self.delete_rest(client, key).await)
    }

    async fn delete_rest(&self, client: &Client, key: &Key) -> Result<(), CloudProblem> {
        let mark = self.mark_key(key);
        for object in objects::list(client, &self.bucket, &self.directory(key)).await? {
            if object.key != mark {
                objects::delete(client, &self.bucket, &object.key).await?;
            }
        }
        Ok(())
    }

    /// The names of the services that have a mark, as they were stored and in any order.
    pub(super) fn services(
        &self,
        project: &ProjectName,
        environment: &EnvironmentName,
    ) -> Result<Vec<String>, StoreError> {
        let prefix = self.environment(project, environment);
        let found = self.cloud.run("list marks", async |client| objects::list(client, &self.bucket, &prefix).await)?;
        let service = |object: &Listed| decode(object.key.strip_prefix(&prefix)?.strip_suffix("/mark.json")?);
        Ok(found.iter().filter_map(service).collect())
    }

    /// Fetches an object of any size into a file; returns whether it exists.
    pub(super) fn fetch(&self, object: &str, into: &std::fs::File) -> Result<bool, StoreError> {
        self.cloud.run("fetch an artifact", async |client| objects::download(client, &self.bucket, object, into).await)
    }

    fn read(&self, verb: &'static str, object: String) -> Result<Option<Stored>, StoreError> {
        let read = self.cloud.run(verb, async |client| {
            objects::get(client.clone(), self.bucket.clone(), object.clone(), MOST_OF_MARK).await
        });
        Ok(read?.found)
    }

    fn write(
        &self,
        verb: &'static str,
        object: String,
        bytes: &[u8],
        expected: Option<&Version>,
    ) -> Result<(), WriteError> {
        let condition = match expected {
            None => Condition::Absent,
            Some(version) => Condition::Still(version.as_str().to_owned()),
        };
        let written = self
            .cloud
            .run(verb, async |client| objects::put(client, &self.bucket, &object, bytes, &condition, None).await)?;
        if written { Ok(()) } else { Err(WriteError::Conflict) }
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

    /// The names of an environment's services. No service has this object: no service's name begins with `#`, and all objects
    /// of a service have another `/` in this place.
    fn names_key(&self, project: &ProjectName, environment: &EnvironmentName) -> String {
        format!("{}{}.json", self.environment(project, environment), encode("#services"))
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
