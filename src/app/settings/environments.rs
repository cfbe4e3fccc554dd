//! Which environments a command is about: those named, held against those that the map has.

use super::Settings;
use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::base::text;
use crate::map::{DeclaredEnvironment, Environments, ServiceMap};

impl Settings {
    /// The environments of a decision: those named, else `default` where the map names none.
    ///
    /// # Errors
    /// The map names its environments, and none or another one was asked for.
    pub fn environments(&self, map: Option<&ServiceMap>) -> Result<Vec<EnvironmentName>, Failure> {
        let allowed = map.and_then(|map| map.environments.as_ref());
        let Some(allowed) = allowed else {
            let named = !self.environments.is_empty();
            return Ok(if named { self.environments.clone() } else { vec![EnvironmentName::default()] });
        };
        if self.environments.is_empty() {
            let hint = format!("add --environment NAME (or SHIPMARK_ENVIRONMENT): the map has {}", listed(allowed));
            return Err(Failure::request("no environment was named").hint(hint));
        }
        for name in &self.environments {
            allow(allowed, name)?;
        }
        Ok(self.environments.clone())
    }

    /// The environments of a command that looks at all of them: those named, else all that the map names, else `default`.
    ///
    /// # Errors
    /// One was named that the map does not have, or the map has only patterns.
    pub fn all_environments(&self, map: Option<&ServiceMap>) -> Result<Vec<EnvironmentName>, Failure> {
        let all = map.and_then(names).filter(|_| self.environments.is_empty());
        all.map_or_else(|| self.environments(map), Ok)
    }

    /// All environments of the map, whichever were named (`--all-environments`); where it does not say which there are, those
    /// named, if they are several: a single one may just be the usual one.
    ///
    /// # Errors
    /// Neither says which there are.
    pub fn every_environment(&self, map: &ServiceMap) -> Result<Vec<EnvironmentName>, Failure> {
        let named = || Some(self.environments.clone()).filter(|named| named.len() > 1);
        names(map).or_else(named).ok_or_else(|| {
            let failure = Failure::request(format!("the map `{}` does not say which environments there are", map.file));
            failure.hint("write `environments = [\"stage\", \"prod\"]` into it, or name several with --environment")
        })
    }

    /// The environments of a command that need not name any: those named, else all that the map names.
    pub fn environments_if_known(&self, map: &ServiceMap) -> Vec<EnvironmentName> {
        let named = || self.environments.clone();
        names(map).filter(|_| self.environments.is_empty()).unwrap_or_else(named)
    }

    /// The environment of a command that takes one.
    ///
    /// # Errors
    /// As [`Settings::environments`], or several were named.
    pub fn one_environment(&self, map: Option<&ServiceMap>) -> Result<EnvironmentName, Failure> {
        let mut all = self.environments(map)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => Err(Failure::request("this command takes one --environment")),
        }
    }

    /// Whether `--environment` was typed, and does not come from a variable.
    pub fn names_environment(&self) -> bool {
        self.environment_typed
    }

    /// The environments that were named, without a look at the map.
    pub fn named_environments(&self) -> &[EnvironmentName] {
        &self.environments
    }
}

/// The environments that a map names; what its patterns stand for is not known.
fn names(map: &ServiceMap) -> Option<Vec<EnvironmentName>> {
    let names: Vec<_> = map.environments.as_ref()?.names().cloned().collect();
    Some(names).filter(|names| !names.is_empty())
}

fn allow(allowed: &Environments, name: &EnvironmentName) -> Result<(), Failure> {
    if !allowed.allows(name) {
        let near = text::did_you_mean(name.as_str(), allowed.names().map(EnvironmentName::as_str));
        let hint = near.map_or_else(|| format!("it has {}", listed(allowed)), |near| format!("did you mean `{near}`?"));
        return Err(Failure::request(format!("the map has no environment `{name}`")).hint(hint));
    }
    allowed.ambiguity(name).map_or(Ok(()), |(one, other)| {
        let failure = Failure::request(format!("the environment `{name}` fits both `{one}` and `{other}` in the map"));
        Err(failure.hint(format!("give it a table of its own: [environments.{name}]")))
    })
}

fn listed(allowed: &Environments) -> String {
    text::list(&allowed.declared().iter().map(DeclaredEnvironment::text).collect::<Vec<_>>())
}
