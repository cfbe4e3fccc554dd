//! What the engine needs to know besides marks: what the map says, and who asks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::inputs::CurrentInputs;
use super::mark::{Build, Home};
use crate::base::fingerprint::Fingerprint;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};
use crate::pattern::shape::OutputShape;
use crate::source::extras::Extras;

/// What the map says of one service in one environment.
#[derive(Debug, Clone, Default)]
pub struct ServicePolicy {
    /// Declared outputs and the shapes of their values: without one there is no skip.
    pub outputs: BTreeMap<OutputName, OutputShape>,
    /// The services whose recorded deploys its deploy makes again, as far as they exist in the environment.
    pub redeploys: Vec<ServiceName>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// How many seconds its build may live.
    pub build_timeout_seconds: u64,
    /// Whether it never skips, and only counts what a skip would have handed on.
    pub shadow: bool,
    /// The environment whose deploy may be deployed here without building; `None` where the service must not be reused.
    pub reuse_from: Option<EnvironmentName>,
}

/// What the map says of one environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentPolicy {
    /// All services that exist there, not only those that are asked for: whatever else has a mark there is an orphan.
    pub services: BTreeMap<ServiceName, ServicePolicy>,
    /// The homes whose deploys count as one's own there, as the map lists them.
    pub pipelines: Vec<String>,
    /// How many seconds an action of an abandoned deploy stage may still act.
    pub deploy_timeout_seconds: u64,
}

impl EnvironmentPolicy {
    /// The longest that any build of the environment may live.
    pub(super) fn longest_build_seconds(&self) -> u64 {
        self.services.values().map(|service| service.build_timeout_seconds).max().unwrap_or(0)
    }
}

/// Who asks, the same for a whole call.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Who deploys; `None` where that is unknown, which equals nothing.
    pub home: Option<Home>,
    /// The build.
    pub build: Build,
    /// Label of the source.
    pub revision: Option<String>,
    /// `--extra`.
    pub extras: Extras,
    /// The store, as its address is written canonically.
    pub store: String,
    /// The source, as its path is written canonically.
    pub source: String,
    /// The digest of all files of the map.
    pub map: Option<Fingerprint>,
}

/// A service that is asked about, with its inputs.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose mark.
    pub key: Key,
    /// `--force`.
    pub forced: bool,
    /// What is in front of us.
    pub inputs: CurrentInputs,
}
