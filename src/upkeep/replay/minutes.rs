//! How long builds take, as given by the user.

use std::collections::BTreeMap;

/// The minutes of one build of each service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Minutes {
    /// For every service that is not named.
    pub all: Option<f64>,
    /// For the named services.
    pub each: BTreeMap<usize, f64>,
}

impl Minutes {
    /// The minutes of a service, if given.
    pub fn of(&self, service: usize) -> Option<f64> {
        self.each.get(&service).copied().or(self.all)
    }
}
