//! The engine's input besides marks: the map's settings, and the caller.

use std::collections::BTreeMap;
use std::time::Duration;

use super::inputs::CurrentInputs;
use super::mark::{Build, Home};
use crate::base::fingerprint::Fingerprint;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};
use crate::pattern::shape::OutputShape;
use crate::source::extras::Extras;

/// The map's settings for one service in one environment.
#[derive(Debug, Clone, Default)]
pub struct ServicePolicy {
    /// Declared outputs and the shapes of their values; if one is missing, there is no skip.
    pub outputs: BTreeMap<OutputName, OutputShape>,
    /// The services whose recorded deploys are redeployed with this one, as far as they exist in the environment.
    pub redeploys: Vec<ServiceName>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// How many seconds its build may run.
    pub build_timeout_seconds: u64,
    /// Whether it never skips, and only counts what a skip would have passed on.
    pub shadow: bool,
    /// The environment whose deploy may be deployed here without building.
    pub reuse_from: Option<EnvironmentName>,
    /// Whether a pattern of its inputs contains `${environment}`: then it is never reused.
    pub per_environment: bool,
}

/// The map's settings for one environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentPolicy {
    /// All services that exist there, including those not asked for: any other service with a mark there is an orphan.
    pub services: BTreeMap<ServiceName, ServicePolicy>,
    /// The homes whose deploys count as our own there, as listed in the map.
    pub pipelines: Vec<String>,
    /// How many seconds an action of an abandoned deploy stage may still have an effect.
    pub deploy_timeout_seconds: u64,
}

impl EnvironmentPolicy {
    /// The longest that any build of the environment may run.
    pub(super) fn longest_build_seconds(&self) -> u64 {
        self.services.values().map(|service| service.build_timeout_seconds).max().unwrap_or(0)
    }
}

/// The caller, which is the same for a whole call.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The home that deploys; `None` if unknown, which equals nothing.
    pub home: Option<Home>,
    /// The build.
    pub build: Build,
    /// The revision label of the source.
    pub revision: Option<String>,
    /// `--extra`; `None` if none was given after the decision, which then keeps its own.
    pub extras: Option<Extras>,
    /// The canonical address of the store.
    pub store: String,
    /// The canonical path of the source.
    pub source: String,
    /// The digest of all files of the map.
    pub map: Option<Fingerprint>,
}

/// A requested service with its inputs.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The mark's key.
    pub key: Key,
    /// `--force`.
    pub forced: bool,
    /// Its current inputs.
    pub inputs: CurrentInputs,
}
