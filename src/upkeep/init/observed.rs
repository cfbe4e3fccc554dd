//! What observed builds read, as evidence for a draft: it may add inputs, and never removes one.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice as _;

use crate::base::names::{EnvironmentName, ServiceName};
use crate::map::ServiceMap;
use crate::map::rules::Rules;
use crate::map::toml_text;
use crate::upkeep::manifests::{Files, base, child, parent};
use crate::upkeep::observe::saved::ObservedService;

use super::inputs::FoundInputs;

/// Why they are inputs, for people.
const WHY: &str = "an observed build read it";

/// The paths that observed builds read, by the names of their services.
#[derive(Debug, Default)]
pub struct ObservedReads(BTreeMap<String, BTreeSet<String>>);

impl ObservedReads {
    /// Adds an observation. Of a name that is not UTF-8, which no map can have, the directory counts.
    pub fn add(&mut self, observed: &ObservedService) {
        let path = |path: &[u8]| match path.to_str() {
            Ok(path) => path.to_owned(),
            Err(_) => parent(&path.to_str_lossy()).to_owned(),
        };
        let paths = observed.read.keys().map(|read| path(read));
        self.0.entry(observed.service.to_string()).or_default().extend(paths);
    }

    /// The services that were observed.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether any of the builds read a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.values().any(|paths| paths.contains(name) || paths.contains(parent(name)))
    }

    /// Adds what is still there to the inputs of the units with these names.
    pub(super) fn add_to(&self, found: &mut [FoundInputs], names: &[String], files: &Files<'_>) {
        for (found, name) in found.iter_mut().zip(names) {
            let paths = self.0.get(name).into_iter().flatten().filter(|path| files.exists(path));
            found.add(paths.map(|path| (path.clone(), WHY.to_owned())));
        }
    }

    /// Drops those excludes of a service that would cut what its builds read.
    pub(super) fn uncut(&self, service: &str, exclude: &mut Vec<String>) {
        if let Some(paths) = self.0.get(service) {
            exclude.retain(|pattern| !cuts(pattern, paths));
        }
    }
}

/// Whether a pattern matches one of the paths; also true for one that is not understood.
fn cuts(pattern: &str, paths: &BTreeSet<String>) -> bool {
    let map = format!("[services.x]\n{}\n", toml_text::list("include", &[pattern.to_owned()]));
    let Ok(map) = ServiceMap::parse("an exclude", map.as_bytes()) else { return true };
    let rules = Rules::compile(&map, &EnvironmentName::default(), &[0], false);
    paths.iter().any(|path| rules.path(path.as_bytes()).claim(0).is_some())
}

/// The service of a file in which an observation is kept, `observed/SERVICE.json` below `directory`.
pub fn service_of(directory: &str, name: &str) -> Option<ServiceName> {
    let service = base(name).strip_suffix(".json").filter(|_| parent(name) == child(directory, "observed"))?;
    ServiceName::new(service).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_is_beside_the_map_and_nowhere_else() {
        let of = |directory: &str, name: &str| service_of(directory, name).map(|service| service.to_string());
        assert_eq!(of("", "observed/api.json").as_deref(), Some("api"));
        assert_eq!(of("config", "config/observed/api.json").as_deref(), Some("api"));
        for name in
            ["observed/api.json", "configobserved/api.json", "config/observed/x/api.json", "config/observed/api"]
        {
            assert_eq!(of("config", name), None, "{name}");
        }
    }
}
