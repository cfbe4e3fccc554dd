//! Shared by the commands: the settled request, the map, the store, and the engine that decides.

use rayon::prelude::*;

use crate::app::apply::{Applying, abreast};
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, key};
use crate::app::snapshots::Snapshots;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::base::text::{count, few, list};
use crate::map::{Problem, ServiceMap};
use crate::output::Hint;
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::mark::Build;
use crate::protocol::engine::marks::Moment;
use crate::protocol::engine::policy::{Caller, EnvironmentPolicy, ServicePolicy};
use crate::source::extras::Extras;
use crate::store::{Store, StoreUrl};

/// How many mistakes in others' tables are named; the rest are only counted.
const MISTAKES_NAMED: usize = 5;

/// The context of a command.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) reporter: Reporter,
    pub(super) map: ServiceMap,
    pub(super) project: ProjectName,
    pub(super) environments: Vec<EnvironmentName>,
    pub(super) url: StoreUrl,
    pub(super) store: Store,
    /// The stores of environments whose deploys may be reused, where they are others.
    pub(super) elsewhere: Vec<(EnvironmentName, Store)>,
}

impl<'a> Context<'a> {
    /// With a map and a store, for the services that are named, or for all if there are none.
    pub(super) fn new(settings: &'a Settings, reporter: Reporter, names: &[String]) -> Result<Self, Failure> {
        Self::among(settings, reporter, names, false)
    }

    /// With a map and a store, for a command that may be used for all environments.
    pub(super) fn among(
        settings: &'a Settings,
        reporter: Reporter,
        names: &[String],
        all: bool,
    ) -> Result<Self, Failure> {
        let (map, environments) = settled(settings, reporter, names, all)?;
        let url = settings.store_url(Some(&map), &environments)?;
        settings.require_project(Some(&map), &url)?;
        let mut context = Self::with(settings, reporter, map, environments, url);
        context.elsewhere = context.stores_of_reused()?;
        Ok(context)
    }

    /// For a comparison without a store: its address is not even parsed.
    pub(super) fn without_store(
        settings: &'a Settings,
        reporter: Reporter,
        names: &[String],
        all: bool,
    ) -> Result<Self, Failure> {
        let (map, environments) = settled(settings, reporter, names, all)?;
        let url = StoreUrl::in_source(&settings.source.directory);
        Ok(Self::with(settings, reporter, map, environments, url))
    }

    /// For what only looks at rules, those of the named services, or all: if no environment is named, all environments of the map.
    pub(super) fn for_rules(settings: &'a Settings, reporter: Reporter, names: &[String]) -> Result<Self, Failure> {
        let map = map(settings, reporter, names)?;
        let environments = settings.all_environments(Some(&map))?;
        let url = StoreUrl::in_source(&settings.source.directory);
        Ok(Self::with(settings, reporter, map, environments, url))
    }

    fn with(
        settings: &'a Settings,
        reporter: Reporter,
        map: ServiceMap,
        environments: Vec<EnvironmentName>,
        url: StoreUrl,
    ) -> Self {
        let store = settings.open(&url);
        let project = settings.project(Some(&map));
        Self { project, settings, reporter, map, environments, url, store, elsewhere: Vec::new() }
    }

    fn stores_of_reused(&self) -> Result<Vec<(EnvironmentName, Store)>, Failure> {
        let mut stores = Vec::new();
        for from in self.environments.iter().filter_map(|environment| self.map.reuse_from(environment)) {
            let url = self.settings.store_url(Some(&self.map), std::slice::from_ref(from))?;
            if url != self.url {
                stores.push((from.clone(), self.settings.open(&url)));
            }
        }
        Ok(stores)
    }

    /// The key of a service of the map.
    pub(super) fn key(&self, environment: &EnvironmentName, service: usize) -> Key {
        key(&self.project, environment, self.name(service))
    }

    pub(super) fn name(&self, service: usize) -> &ServiceName {
        &self.map.services[service].name
    }

    /// The services of a request in each environment, in the order of [`Context::environments`]: those that were named, or all that
    /// exist there.
    ///
    /// # Errors
    /// A service that was named is not in the map, or does not exist in an environment.
    pub(super) fn asked(&self, names: &[String]) -> Result<Vec<Vec<usize>>, Failure> {
        let asked = settings::services(&self.map, names)?;
        let of = |environment: &EnvironmentName| {
            let (there, elsewhere): (Vec<usize>, Vec<usize>) =
                asked.iter().partition(|service| self.map.exists(**service, environment));
            match elsewhere.first().filter(|_| !names.is_empty()) {
                None => Ok(there),
                Some(service) => {
                    let text = format!(
                        "the service `{}` does not exist in the environment `{environment}`",
                        self.name(*service)
                    );
                    let listed = self.map.services[*service].environments.iter().flatten().map(String::as_str);
                    let listed = list(&listed.collect::<Vec<_>>());
                    Err(Failure::request(text).hint(format!("the map has it in {listed}")))
                }
            }
        };
        self.environments.iter().map(of).collect()
    }

    /// Does something for each of some items that asks the store, as many at once as that is worth; the results in order.
    pub(super) fn each<T: Send, R: Send>(
        &self,
        items: impl IntoParallelIterator<Item = T, Iter: IndexedParallelIterator>,
        act: impl Fn(T) -> R + Send + Sync,
    ) -> Vec<R> {
        abreast(&self.store, items, act)
    }

    /// The engine for this call.
    pub(super) fn engine(&self, build: Build, revision: Option<String>, extras: Option<Extras>) -> Engine {
        let environments = self.environments.iter().map(|name| (name.clone(), policy(&self.map, name)));
        let source = self.settings.source.directory.canonicalize();
        let caller = Caller {
            home: self.settings.home(),
            build,
            revision,
            extras,
            store: self.url.to_string(),
            source: source.unwrap_or_else(|_| self.settings.source.directory.clone()).display().to_string(),
            map: Some(self.map.digest()),
        };
        Engine { project: self.project.clone(), environments: environments.collect(), caller }
    }

    /// The context in which steps of this call are applied.
    pub(super) fn applying<'s>(
        &'s self,
        moment: &'s Moment,
        snapshots: &'s (dyn Fn(&str) -> Option<Vec<u8>> + Sync),
    ) -> Applying<'s> {
        let snapshots = Snapshots::new(snapshots, self.reporter);
        Applying { store: &self.store, elsewhere: &self.elsewhere, project: &self.project, moment, snapshots }
    }

    /// Where suggested commands act.
    pub(super) fn hint(&self, environment: &EnvironmentName) -> Hint {
        Hint { state: self.url.to_string(), project: self.project.clone(), environment: environment.clone() }
    }

    /// The only environment, for a command that takes exactly one.
    pub(super) fn environment(&self) -> Result<&EnvironmentName, Failure> {
        match self.environments.as_slice() {
            [one] => Ok(one),
            _ => Err(Failure::request("this command takes one --environment")),
        }
    }

    /// Warns about services that have a mark but are not in the map, once for an environment.
    pub(super) fn warn_of_orphans(&self, orphans: &[Key]) {
        for orphans in orphans.chunk_by(|one, other| one.environment == other.environment) {
            let environment = &orphans[0].environment;
            let names: Vec<&str> = orphans.iter().map(|key| key.service.as_str()).collect();
            let hint = self.hint(environment).state_rm_orphans();
            self.reporter.warn(&format!(
                "{environment} has marks of services that the map does not have: {} (once they are gone, `{hint}`)",
                few(&names)
            ));
        }
    }

    /// Without a name for whoever deploys, no deploy counts as its own.
    pub(super) fn warn_if_nameless(&self) {
        if self.settings.home().is_none() {
            let text = "nothing says which pipeline this is, so nothing is skipped";
            self.reporter.warn(&format!("{text}: name it with --pipeline NAME or SHIPMARK_PIPELINE"));
        }
    }

    /// The default store of a build is deleted with the build.
    pub(super) fn warn_if_forgetful(&self) {
        if self.settings.environment.in_build() && self.url.is_local() {
            let text = format!(
                "the state is on this machine, in `{}`: the next build finds it only if that outlives this one",
                self.url
            );
            self.reporter.warn(&format!("{text} (name another store with --state or SHIPMARK_STATE)"));
        }
    }
}

/// The map for the services that are named, with a warning for each mistake that does not concern them.
fn map(settings: &Settings, reporter: Reporter, names: &[String]) -> Result<ServiceMap, Failure> {
    let map = settings.map_for(names)?;
    for Problem { message, file, position, hint, .. } in map.elsewhere.iter().take(MISTAKES_NAMED) {
        reporter.warn(&format!("{file}:{}:{}: {message} ({hint})", position.line, position.column));
    }
    if !map.elsewhere.is_empty() {
        let (mistakes, names) = (count(map.elsewhere.len(), "mistake"), list(names));
        let verb = if map.elsewhere.len() == 1 { "does" } else { "do" };
        reporter
            .warn(&format!("the map has {mistakes} that {verb} not concern {names}; `shipmark check` fails on them"));
    }
    Ok(map)
}

/// The map for the services that are named, and the environments of the call: all of the map, or those that are named.
fn settled(
    settings: &Settings,
    reporter: Reporter,
    names: &[String],
    all: bool,
) -> Result<(ServiceMap, Vec<EnvironmentName>), Failure> {
    let map = map(settings, reporter, names)?;
    let environments = if all { settings.every_environment(&map) } else { settings.environments(Some(&map)) };
    Ok((map, environments?))
}

/// The map's settings for an environment.
fn policy(map: &ServiceMap, environment: &EnvironmentName) -> EnvironmentPolicy {
    let know_environment = map.know_environment();
    let there = map.services.iter().enumerate().filter(|(at, _)| map.exists(*at, environment));
    let services = there.map(|(at, service)| {
        let redeploys = service.redeploys.iter().filter(|other| map.exists(**other, environment));
        let redeploys = redeploys.map(|other| map.services[*other].name.clone());
        let policy = ServicePolicy {
            outputs: service.outputs.clone(),
            redeploys: redeploys.collect(),
            max_skip_age: map.max_skip_age(service, environment),
            build_timeout_seconds: map.build_timeout(service).as_secs(),
            shadow: map.shadow(service, environment),
            reuse_from: map.reuse_from(environment).filter(|from| map.exists(at, from)).cloned(),
            per_environment: know_environment[at],
        };
        (service.name.clone(), policy)
    });
    EnvironmentPolicy {
        services: services.collect(),
        pipelines: map.pipelines(environment).to_vec(),
        deploy_timeout_seconds: map.defaults.deploy_timeout.as_secs(),
    }
}

/// The revision label (shown only; never used to decide).
pub(super) fn revision(settings: &Settings, named: Option<&str>) -> Result<Option<String>, Failure> {
    let named = given("--revision", named)?.map(str::to_owned);
    let named = named.or_else(|| settings.environment.source_version.clone());
    Ok(named.or_else(|| settings.source.head_revision()))
}

/// A build of an open pull request does not deploy anything that production should record, so it must not decide by
/// accident.
pub(super) fn refuse_pull_request(settings: &Settings, verb: &str) -> Result<(), Failure> {
    match settings.environment.pull_request() {
        Some(event) if !settings.names_environment() => {
            let text = format!("`{verb}` is not for a build of an open pull request ({event})");
            let hint = "use `shipmark plan`; where such builds deploy to an environment of their own, name it with --environment";
            Err(Failure::request(text).hint(hint))
        }
        _ => Ok(()),
    }
}
