//! How long builds take, as somebody said.

use std::collections::BTreeMap;

/// The minutes of one build of each service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Minutes {
    /// Of every service that is not named.
    pub all: Option<f64>,
    /// Of the services that are.
    pub each: BTreeMap<usize, f64>,
}

impl Minutes {
    /// Those of a service, where they were said.
    pub fn of(&self, service: usize) -> Option<f64> {
        self.each.get(&service).copied().or(self.all)
    }
}
