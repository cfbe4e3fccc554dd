//! Tests that a store keeps its promise: a mark is written only if it is still what was read.
//!
//! An AWS-compatible store, or a proxy in front of one, may silently drop a condition and write anyway; two builds
//! would then both record. Only a write that must be refused reveals this. The test uses keys of its own and the same
//! calls as a build.

use jiff::Timestamp;
use serde_json::json;

use super::health::StoreFinding;
use super::{Store, StoreError, Version, WriteError};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, NameError, ProjectName, SCRATCH_ENVIRONMENT, ServiceName};
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::mark::stored::SCHEMA;

const WRITES: &str = "writes";

/// What to do about a store that drops conditions.
const NEVER: &str = "never use this store, or go past the proxy or gateway before it: two builds could both record";

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// What a build does, on keys of an environment of their own.
    All,
    /// What a laptop does: reads in this environment.
    Reads(EnvironmentName),
}

impl Trial {
    /// The environment of the keys.
    pub(super) fn environment(&self) -> Result<EnvironmentName, NameError> {
        match self {
            Self::All => EnvironmentName::new(SCRATCH_ENVIRONMENT),
            Self::Reads(environment) => Ok(environment.clone()),
        }
    }
}

impl Store {
    /// Reads, writes, tries what must be refused, and removes what it wrote, whatever happens.
    pub fn prove(&self, project: &ProjectName, trial: &Trial, now: Timestamp) -> Vec<StoreFinding> {
        let key = match scratch(project, trial) {
            Ok(key) => key,
            Err(error) => return vec![no_name(&error)],
        };
        let mut findings = Vec::new();
        if let Err(finding) = self.read_nothing(&key) {
            return vec![finding];
        }
        findings.push(StoreFinding::ok("reads", "a mark that is not there is told from one that cannot be read"));
        if let Trial::Reads(_) = trial {
            findings.push(StoreFinding::skipped(WRITES, "--read-only tries none"));
            return findings;
        }
        if let Err(finding) = self.try_writes(&key, now, &mut findings) {
            findings.push(finding);
        }
        let written = findings.iter().any(|finding| finding.check == WRITES && !finding.is_failed());
        let removed = self.clean_up(&key);
        // Credentials that may not write may not remove either, and have nothing to remove.
        if written || !removed.is_failed() || !matches!(self.read_mark(&key), Ok(None)) {
            findings.push(removed);
        }
        findings
    }

    /// Removes what the test wrote, and verifies that it is gone.
    fn clean_up(&self, key: &Key) -> StoreFinding {
        const CHECK: &str = "removal";
        let left = format!("`{}` in the environment `{SCRATCH_ENVIRONMENT}` may still be there", key.service);
        match self.clear(key).and_then(|()| self.read_mark(key)) {
            Ok(None) => StoreFinding::ok(CHECK, "what was tried is removed again"),
            Ok(Some(_)) => StoreFinding::failed(CHECK, left, "look at what answers there: it is no store of marks"),
            Err(error) => {
                let found = StoreFinding::error(CHECK, &error);
                StoreFinding { text: format!("{left}: {}", found.text), ..found }
            }
        }
    }

    /// One mark and several, since some stores use different requests for these.
    fn read_nothing(&self, key: &Key) -> Result<(), StoreFinding> {
        let other = Key { service: scratch_service().map_err(|error| no_name(&error))?, ..key.clone() };
        let mut answers = vec![self.read_mark(key)];
        answers.extend(self.read_marks(&[key.clone(), other]));
        for answer in answers {
            if answer.map_err(|error| StoreFinding::error("reads", &error))?.is_some() {
                let text = "a mark that nobody has written can be read";
                return Err(StoreFinding::failed("reads", text, "look at what answers there: it is no store of marks"));
            }
        }
        Ok(())
    }

    fn try_writes(&self, key: &Key, now: Timestamp, findings: &mut Vec<StoreFinding>) -> Result<(), StoreFinding> {
        self.must_write(WRITES, key, 1, None)?;
        self.read_back(WRITES, key, Some(1))?;
        findings.push(StoreFinding::ok(WRITES, "what was written is what is read"));
        findings.push(self.try_creation(key)?);
        findings.push(self.try_update(key)?);
        findings.push(self.try_candidate(key, now)?);
        Ok(())
    }

    /// Creating a mark a second time must be refused.
    fn try_creation(&self, key: &Key) -> Result<StoreFinding, StoreFinding> {
        const CHECK: &str = "conditional creation";
        if self.is_written(CHECK, key, 2, None)? {
            return Ok(StoreFinding::failed(CHECK, "a mark that is there was overwritten as if it were not", NEVER));
        }
        self.read_back(CHECK, key, Some(1))?;
        Ok(StoreFinding::ok(CHECK, "a second creation is refused"))
    }

    /// A write from someone who has not seen the latest one must be refused, and so must a write to a mark that is
    /// gone.
    fn try_update(&self, key: &Key) -> Result<StoreFinding, StoreFinding> {
        const CHECK: &str = "conditional update";
        let seen = self.read_back(CHECK, key, None)?;
        self.must_write(CHECK, key, 3, Some(&seen))?;
        let latest = self.read_back(CHECK, key, Some(3))?;
        if self.is_written(CHECK, key, 4, Some(&seen))? {
            return Ok(StoreFinding::failed(CHECK, "a mark was overwritten by one who had read an older one", NEVER));
        }
        self.read_back(CHECK, key, Some(3))?;
        self.clear(key).map_err(|error| StoreFinding::error(CHECK, &error))?;
        if self.is_written(CHECK, key, 5, Some(&latest))? {
            return Ok(StoreFinding::failed(
                CHECK,
                "a mark that was removed was written by one who had read it",
                NEVER,
            ));
        }
        Ok(StoreFinding::ok(CHECK, "a write by one who has not read the latest is refused"))
    }

    /// What else a two-step deploy needs.
    fn try_candidate(&self, key: &Key, now: Timestamp) -> Result<StoreFinding, StoreFinding> {
        const CHECK: &str = "candidates";
        let id = AttemptId::new(now, fastrand::u64(..));
        match self.put_candidate(key, &id, &mark_like(1), None) {
            Err(WriteError::Store(error)) => return Err(StoreFinding::error(CHECK, &error)),
            // What is not there is not listed either.
            Ok(()) | Err(WriteError::Conflict) => {}
        }
        let found = self.expire_candidate(key, &id, now).and_then(|()| self.candidates(key));
        match found.map_err(|error| StoreFinding::error(CHECK, &error))?.as_slice() {
            [(found, _)] if *found == id => Ok(StoreFinding::ok(CHECK, "one is kept and listed")),
            _ => {
                let text = "one that was written is not listed";
                Err(StoreFinding::failed(CHECK, text, "look at what answers there: it is no store of marks"))
            }
        }
    }

    fn must_write(
        &self,
        check: &'static str,
        key: &Key,
        serial: u64,
        expected: Option<&Version>,
    ) -> Result<(), StoreFinding> {
        if self.is_written(check, key, serial, expected)? {
            return Ok(());
        }
        let text = "a write was refused, though nobody else has written";
        Err(StoreFinding::failed(
            check,
            text,
            "try again; if it stays, look at what answers there: it is no store of marks",
        ))
    }

    fn is_written(
        &self,
        check: &'static str,
        key: &Key,
        serial: u64,
        expected: Option<&Version>,
    ) -> Result<bool, StoreFinding> {
        match self.write_mark(key, &mark_like(serial), expected) {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict) => Ok(false),
            Err(WriteError::Store(error)) => Err(StoreFinding::error(check, &error)),
        }
    }

    /// The version of the mark, which must have the given serial number, if any.
    fn read_back(&self, check: &'static str, key: &Key, serial: Option<u64>) -> Result<Version, StoreFinding> {
        let found = self.read_mark(key).map_err(|error| StoreFinding::error(check, &error))?;
        match found {
            Some(found) if serial.is_none_or(|serial| found.bytes == mark_like(serial)) => Ok(found.version),
            found => {
                let there =
                    if found.is_some() { "what was written is not what is read" } else { "what was written is gone" };
                Err(StoreFinding::failed(check, there, NEVER))
            }
        }
    }

    /// Removes everything written under a scratch key, including the directories of a store that has them.
    fn clear(&self, key: &Key) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.discard(key),
            Self::DynamoDb(_) | Self::S3(_) => self.remove(key).map(|_| ()),
        }
    }
}

/// A key that nothing else uses, not even another run of this test at the same time.
fn scratch(project: &ProjectName, trial: &Trial) -> Result<Key, NameError> {
    Ok(Key { project: project.clone(), environment: trial.environment()?, service: scratch_service()? })
}

fn scratch_service() -> Result<ServiceName, NameError> {
    ServiceName::new(format!("scratch-{:016x}", fastrand::u64(..)))
}

/// Both names are valid; still, a test that could not run must not pass.
fn no_name(error: &NameError) -> StoreFinding {
    StoreFinding::failed("reads", error.to_string(), "report this")
}

/// Bytes that a store accepts as a mark. They differ for every serial number, so that each write is visible.
fn mark_like(serial: u64) -> Vec<u8> {
    let note = "a trial of `shipmark doctor`, which removes it; if it is still there, remove it";
    json!({ "schema": SCHEMA, "serial": serial, "certain": false, "attempts": [], "note": note })
        .to_string()
        .into_bytes()
}
