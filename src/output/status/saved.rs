//! What skipping has saved in an environment, as far as the deploys that are kept show it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::protocol::engine::mark::Logged;
use crate::protocol::engine::status::ServiceStatus;

/// How far back deploys are counted.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_hours(28 * 24);

/// What a service did not build.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Saved {
    /// How many times something else was deployed, and this service was not built.
    pub(super) builds: usize,
    /// How many minutes these builds would have taken, by the median; `None` if no build's time is known.
    pub(super) minutes: Option<f64>,
}

/// What each of the services of one environment has saved, in their order. It is a lower bound: a run that skips everything
/// leaves no trace, and only the last deploys of a service are known.
pub(super) fn saved(services: &[&ServiceStatus], now: Timestamp) -> Vec<Saved> {
    let start = now - WINDOW;
    let mut runs: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for logged in services.iter().flat_map(|service| &service.deploys).filter(|logged| logged.recorded_at >= start) {
        if let Some(source) = source(logged) {
            let first = runs.entry(source).or_insert(logged.recorded_at);
            *first = logged.recorded_at.min(*first);
        }
    }
    let one = |service: &&ServiceStatus| {
        let mine: BTreeSet<&str> = service.deploys.iter().filter_map(source).collect();
        // What came before its first known deploy may have been before the service, or before the log.
        let first = service.deploys.iter().map(|logged| logged.recorded_at).min();
        let others =
            runs.iter().filter(|(source, at)| !mine.contains(*source) && first.is_some_and(|first| **at >= first));
        let builds = others.count();
        Saved { builds, minutes: service.build_seconds().map(|seconds| seconds as f64 / 60.0 * builds as f64) }
    };
    services.iter().map(one).collect()
}

/// What tells one run of the pipelines from another: the source, else the execution, else the build.
fn source(logged: &Logged) -> Option<&str> {
    let build = &logged.build;
    logged.revision.as_deref().or(build.execution.as_deref()).or(build.id.as_deref())
}
