//! Warnings about several services: each cause is reported once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::Reporter;
use crate::base::names::ServiceName;
use crate::base::text;

/// Why something failed, and for which services.
#[derive(Debug, Default)]
pub struct ByCause(Mutex<BTreeMap<String, BTreeSet<ServiceName>>>);

impl ByCause {
    /// It failed for a service.
    pub fn add(&self, service: &ServiceName, cause: String) {
        let mut causes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        causes.entry(cause).or_default().insert(service.clone());
    }

    /// One warning for each cause; `what` failed, for the services that it is given.
    pub fn warn(&self, reporter: Reporter, what: impl Fn(&str) -> String) {
        for (cause, services) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let services: Vec<&str> = services.iter().map(ServiceName::as_str).collect();
            reporter.warn(&format!("{}: {cause}", what(&text::few(&services))));
        }
    }
}
