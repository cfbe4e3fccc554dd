//! The store as a whole, for commands that move and repair its contents, including services that are no longer in the
//! map, and sources without a map.

use std::collections::BTreeSet;

use crate::app::apply::{Applying, apply};
use crate::app::report::Reporter;
use crate::app::settings::{Settings, moment, service_name};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::base::text;
use crate::map::ServiceMap;
use crate::output::Hint;
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::marks::{Marks, Moment};
use crate::protocol::engine::noted::Noted;
use crate::protocol::engine::step::{Step, Unread};
use crate::store::{Store, StoreUrl};

use super::noted::{failure, say_one};
use super::recording::not_recorded;

/// A store, and the map if there is one.
pub(super) struct WholeStore {
    pub(super) map: Option<ServiceMap>,
    pub(super) project: ProjectName,
    pub(super) environments: Vec<EnvironmentName>,
    pub(super) url: StoreUrl,
    pub(super) store: Store,
    /// The id of the call, if a job has given it one.
    call: Option<AttemptId>,
}

impl WholeStore {
    /// The store of the environments that `environments` picks. The map is read for the services that are named, or for
    /// all if there are none.
    pub(super) fn new(
        settings: &Settings,
        names: &[String],
        environments: impl FnOnce(&Settings, Option<&ServiceMap>) -> Result<Vec<EnvironmentName>, Failure>,
    ) -> Result<Self, Failure> {
        let map = settings.map_if_any(names)?;
        let environments = environments(settings, map.as_ref())?;
        let url = settings.store_url(map.as_ref(), &environments)?;
        settings.require_project(map.as_ref(), &url)?;
        Ok(Self {
            environments,
            project: settings.project(map.as_ref()),
            store: settings.open(&url),
            url,
            map,
            call: settings.call().cloned(),
        })
    }

    /// Applies a step.
    pub(super) fn apply<T, E>(
        &self,
        needed: impl Fn(&Marks) -> Unread,
        step: impl FnMut(&Marks, &Moment) -> Result<Step<T>, E>,
    ) -> Result<Step<T>, E> {
        let moment = Moment { call: self.call.clone().unwrap_or_else(|| moment().call), ..moment() };
        let applying = Applying::without_snapshots(&self.store, &self.project, &moment);
        apply(&applying, &mut Marks::default(), needed, step)
    }

    /// Reports what was done; what was not done is the failure.
    pub(super) fn say(&self, reporter: Reporter, told: &[Noted]) -> Result<Status, Failure> {
        let place = |key: &Key| self.hint(key);
        told.iter().for_each(|noted| say_one(reporter, noted, "", &place));
        failure(reporter, told, &place).map_or(Ok(Status::Done), Err)
    }

    /// The options that suggested commands need.
    pub(super) fn hint(&self, key: &Key) -> Hint {
        let (project, environment) = (key.project.clone(), key.environment.clone());
        Hint { state: self.url.to_string(), project, environment }
    }

    /// The named services, sorted: each is in the map or, in one of the environments, in the store.
    pub(super) fn services(
        &self,
        environments: &[EnvironmentName],
        names: &[String],
    ) -> Result<BTreeSet<ServiceName>, Failure> {
        let named: BTreeSet<_> = names.iter().map(|name| service_name(name)).collect::<Result<_, _>>()?;
        let mut known: BTreeSet<ServiceName> =
            self.map.iter().flat_map(|map| &map.services).map(|service| service.name.clone()).collect();
        if named.is_subset(&known) {
            return Ok(named);
        }
        for environment in environments {
            known.extend(self.store.services(&self.project, environment).map_err(not_recorded)?);
        }
        let Some(unknown) = named.difference(&known).next() else { return Ok(named) };
        let map = self.map.as_ref().map_or_else(|| "the map".to_owned(), |map| format!("the map `{}`", map.file));
        let failure = Failure::request(format!("neither {map} nor the store has a service `{unknown}`"));
        let words: Vec<&str> = known.iter().map(ServiceName::as_str).collect();
        Err(match text::did_you_mean(unknown.as_str(), words.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if words.is_empty() => failure.hint("is it another --state, --project or --environment?"),
            None => failure.hint(format!("there is {}", text::list(&words[..words.len().min(20)]))),
        })
    }
}
