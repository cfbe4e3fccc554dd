//! Observations as they are kept beside the map, in `observed/SERVICE.json`: what all observed builds of a service did
//! together. Sorted, one path on a line, so that a change of it reads well in a review.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::BString;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::observation::Observation;
use crate::base::names::{EnvironmentName, ServiceName};

/// The version of the form. New keys may be added without changing it.
const SCHEMA: u32 = 1;

/// How many builds are kept; what older ones read stays.
const KEPT: usize = 20;

/// The largest file that is read, in bytes: some hundred thousand paths.
pub const MOST: u64 = 64 << 20;

/// What the observed builds of a service did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedService {
    /// The service.
    pub service: ServiceName,
    /// The last builds, oldest first.
    pub builds: Vec<ObservedBuild>,
    /// Files that were read, with a program that did so.
    pub read: BTreeMap<BString, String>,
    /// Files that were only looked at.
    pub looked_at: BTreeSet<BString>,
    /// Directories that were listed.
    pub listed: BTreeSet<BString>,
    /// Paths that were looked for and not there.
    pub missing: BTreeSet<BString>,
}

/// One build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedBuild {
    /// The source's revision, if it is known.
    pub revision: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// The environment that it was for.
    pub environment: EnvironmentName,
    /// The command.
    pub command: Vec<String>,
    /// Its exit status.
    pub exit: u8,
    /// What watched it: `strace 6.1`, `access-times`.
    pub by: String,
    /// Why it may have missed something.
    pub doubts: Vec<String>,
    /// The files that say how it is built, with git's ids of their contents: the command where it is a file of the source,
    /// the Dockerfile and its .dockerignore.
    #[serde(default)]
    pub made_by: BTreeMap<String, String>,
}

impl ObservedBuild {
    /// Whether it saw all that there was to see: it ended well, and nothing is doubted.
    pub fn is_complete(&self) -> bool {
        self.exit == 0 && self.doubts.is_empty()
    }
}

/// Why a saved observation cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// It is not the JSON of an observation.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It was written by a newer version.
    #[error("it has schema {0}, and this version reads schema {SCHEMA}")]
    Newer(u32),
    /// It is of another service.
    #[error("it is an observation of `{0}`")]
    Other(String),
}

#[derive(Serialize, Deserialize)]
struct SavedDocument {
    schema: u32,
    service: String,
    builds: Vec<ObservedBuild>,
    read: BTreeMap<String, String>,
    looked_at: BTreeSet<String>,
    listed: BTreeSet<String>,
    missing: BTreeSet<String>,
    // Paths that are not UTF-8.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    read_base64: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    looked_at_base64: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    listed_base64: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    missing_base64: BTreeSet<String>,
}

/// Only the version, so that what a newer version changed is not called damage.
#[derive(Deserialize)]
struct SchemaOnly {
    schema: u32,
}

impl ObservedService {
    /// Without any build.
    pub fn new(service: ServiceName) -> Self {
        let (read, builds) = (BTreeMap::new(), Vec::new());
        let [looked_at, listed, missing] = [const { BTreeSet::new() }; 3];
        Self { service, builds, read, looked_at, listed, missing }
    }

    /// Reads a saved file of a service.
    ///
    /// # Errors
    /// It is damaged, newer, or of another service.
    pub fn parse(service: &ServiceName, bytes: &[u8]) -> Result<Self, SavedError> {
        let damaged = |cause: serde_json::Error| SavedError::Damaged(cause.to_string());
        let SchemaOnly { schema } = serde_json::from_slice(bytes).map_err(damaged)?;
        if schema != SCHEMA {
            return Err(SavedError::Newer(schema));
        }
        let document: SavedDocument = serde_json::from_slice(bytes).map_err(damaged)?;
        if document.service != service.as_str() {
            return Err(SavedError::Other(document.service));
        }
        let mut read: BTreeMap<BString, String> = text_keys(document.read);
        for (path, program) in document.read_base64 {
            read.insert(bytes_of(&path)?, program);
        }
        Ok(Self {
            service: service.clone(),
            builds: document.builds,
            read,
            looked_at: paths(document.looked_at, document.looked_at_base64)?,
            listed: paths(document.listed, document.listed_base64)?,
            missing: paths(document.missing, document.missing_base64)?,
        })
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let (looked_at, looked_at_base64) = texts(&self.looked_at);
        let (listed, listed_base64) = texts(&self.listed);
        let (missing, missing_base64) = texts(&self.missing);
        let mut read = BTreeMap::new();
        let mut read_base64 = BTreeMap::new();
        for (path, program) in &self.read {
            match std::str::from_utf8(path) {
                Ok(path) => read.insert(path.to_owned(), program.clone()),
                Err(_) => read_base64.insert(STANDARD.encode(path), program.clone()),
            };
        }
        let document = SavedDocument {
            schema: SCHEMA,
            service: self.service.to_string(),
            builds: self.builds.clone(),
            read,
            looked_at,
            listed,
            missing,
            read_base64,
            looked_at_base64,
            listed_base64,
            missing_base64,
        };
        // Serialization fails only for maps whose keys are not texts.
        let mut text = serde_json::to_string_pretty(&document).expect("these types are JSON");
        text.push('\n');
        text
    }

    /// Adds a build. More builds can only add: what one of them read stays read. What is gone from the source, as
    /// `present` says, is dropped, and so is what was missing and now is there, if this build saw all that there was to see.
    pub fn add(&mut self, build: ObservedBuild, seen: &Observation, present: &dyn Fn(&[u8]) -> bool) {
        for (path, program) in &seen.read {
            self.read.entry(path.clone()).or_insert_with(|| program.clone());
        }
        self.looked_at.extend(seen.looked_at.keys().cloned());
        self.listed.extend(seen.listed.iter().cloned());
        self.missing.extend(seen.missing.iter().cloned());
        self.read.retain(|path, _| present(path));
        self.looked_at.retain(|path| present(path) && !self.read.contains_key(path));
        self.listed.retain(|path| path.is_empty() || present(path));
        let is_complete = build.is_complete();
        self.missing.retain(|path| !(is_complete && present(path)));
        self.builds.push(build);
        let surplus = self.builds.len().saturating_sub(KEPT);
        self.builds.drain(..surplus);
    }

    /// Whether all builds that are kept saw all there was to see: only then may something be called never read.
    pub fn is_complete(&self) -> bool {
        !self.builds.is_empty() && self.builds.iter().all(ObservedBuild::is_complete)
    }

    /// The environments that were built.
    pub fn environments(&self) -> BTreeSet<&EnvironmentName> {
        self.builds.iter().map(|build| &build.environment).collect()
    }
}

fn text_keys(read: BTreeMap<String, String>) -> BTreeMap<BString, String> {
    read.into_iter().map(|(path, program)| (path.into(), program)).collect()
}

fn bytes_of(base64: &str) -> Result<BString, SavedError> {
    let bytes = STANDARD.decode(base64).map_err(|cause| SavedError::Damaged(format!("a path: {cause}")))?;
    Ok(bytes.into())
}

fn paths(texts: BTreeSet<String>, base64: BTreeSet<String>) -> Result<BTreeSet<BString>, SavedError> {
    let texts = texts.into_iter().map(|path| Ok(path.into()));
    texts.chain(base64.iter().map(|path| bytes_of(path))).collect()
}

fn texts(paths: &BTreeSet<BString>) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut texts, mut base64) = (BTreeSet::new(), BTreeSet::new());
    for path in paths {
        match std::str::from_utf8(path) {
            Ok(path) => texts.insert(path.to_owned()),
            Err(_) => base64.insert(STANDARD.encode(path)),
        };
    }
    (texts, base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> ServiceName {
        ServiceName::new("api").unwrap()
    }

    fn build(exit: u8) -> ObservedBuild {
        ObservedBuild {
            revision: None,
            at: Timestamp::UNIX_EPOCH,
            environment: EnvironmentName::new("prod").unwrap(),
            command: vec!["make".to_owned()],
            exit,
            by: "strace 6.1".to_owned(),
            doubts: Vec::new(),
            made_by: BTreeMap::new(),
        }
    }

    fn seen(read: &[&[u8]], looked_at: &[&str], missing: &[&str]) -> Observation {
        Observation {
            read: read.iter().map(|path| (BString::from(*path), "cc".to_owned())).collect(),
            looked_at: looked_at.iter().map(|path| (BString::from(*path), "make".to_owned())).collect(),
            missing: missing.iter().map(|path| BString::from(*path)).collect(),
            ..Observation::default()
        }
    }

    #[test]
    fn what_is_written_is_read_again_whatever_the_paths_are() {
        let mut saved = ObservedService::new(name());
        saved.add(build(0), &seen(&[b"a", b"no\xffutf", b"\"q\""], &["l"], &["m"]), &|path| path != b"m");
        let text = saved.text();
        assert_eq!(ObservedService::parse(&name(), text.as_bytes()).unwrap(), saved);
        assert!(text.contains("\n    \"a\": \"cc\"\n"), "one path on a line: {text}");
    }

    #[test]
    fn builds_only_add_and_what_is_gone_is_dropped() {
        let mut saved = ObservedService::new(name());
        saved.add(build(0), &seen(&[b"a", b"b"], &["c"], &["d", "e"]), &|path| path != b"d" && path != b"e");
        assert_eq!(saved.missing.len(), 2);
        saved.add(build(0), &seen(&[b"c"], &[], &[]), &|path| path != b"b" && path != b"e");
        assert_eq!(saved.read.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((saved.looked_at.len(), saved.missing.len()), (0, 1), "`c` is read now, and `d` is there");
        assert!(saved.is_complete());
        (0..30).for_each(|_| saved.add(build(2), &seen(&[], &[], &[]), &|_| true));
        assert_eq!((saved.builds.len(), saved.is_complete()), (20, false));
        assert_eq!(saved.missing.len(), 1, "a build that failed may not have come to `e`");
    }

    #[test]
    fn damage_newer_forms_and_other_services_are_named() {
        let said = |text: &str| ObservedService::parse(&name(), text.as_bytes()).unwrap_err().to_string();
        assert!(said("{").starts_with("it is damaged: "), "{}", said("{"));
        assert_eq!(said(r#"{"schema":2,"what":"ever"}"#), "it has schema 2, and this version reads schema 1");
        let other = ObservedService::new(ServiceName::new("web").unwrap()).text();
        assert_eq!(said(&other), "it is an observation of `web`");
    }
}
