//! `--force` and `SHIPMARK_FORCE`: what builds whatever is recorded.

use std::collections::BTreeSet;

use super::{Environment, given, service};
use crate::base::failure::Failure;
use crate::map::ServiceMap;

/// The services that build whatever is recorded, as indices into the map.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Forced {
    all: bool,
    services: BTreeSet<usize>,
}

impl Forced {
    /// What the flag says (`Some(None)`: all services) and what the variable says, together.
    ///
    /// # Errors
    /// One of them is empty, or names a service that the map lacks.
    pub fn new(flag: Option<Option<&str>>, environment: &Environment, map: &ServiceMap) -> Result<Self, Failure> {
        let mut forced = Self::default();
        match flag {
            None => {}
            Some(None) => forced.all = true,
            Some(Some(names)) => forced.add("--force", names, map)?,
        }
        match environment.force.as_deref() {
            None | Some("0" | "false") => {}
            Some("1" | "true") => forced.all = true,
            Some(names) => forced.add("SHIPMARK_FORCE", names, map)?,
        }
        Ok(forced)
    }

    /// Whether a service builds whatever is recorded.
    pub fn has(&self, service: usize) -> bool {
        self.all || self.services.contains(&service)
    }

    /// Adds names that are separated by commas or blanks.
    fn add(&mut self, what: &str, names: &str, map: &ServiceMap) -> Result<(), Failure> {
        given(what, Some(names.trim_matches([',', ' '])))?;
        for name in names.split([',', ' ']).filter(|name| !name.is_empty()) {
            let found = service(map, name).map_err(|failure| {
                let error = format!("{what} is `{names}`: {failure}").into();
                Failure { error, ..failure }
            })?;
            self.services.insert(found);
        }
        Ok(())
    }
}
