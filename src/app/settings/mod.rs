//! Turns what was typed into checked values. The only place that reads the environment and the clock.

mod environment;
mod environments;
mod fetching;
mod force;
mod home;
mod paths;
mod job;
mod observed;
mod replay;
mod services;
mod source;

pub use environment::{ActionJob, Environment};
pub use force::Forced;
pub use replay::{minutes, rate};
pub use services::{service, service_name, services};
pub use source::OpenSource;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::cli::Global;
use crate::app::fetched::FetchedObjects;
use crate::base::duration;
use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::map::{Draft, ServiceMap};
use crate::protocol::engine::mark::{AttemptId, Home};
use crate::protocol::engine::marks::Moment;
use crate::store::{Budget, Store, StoreUrl};
use source::FoundSource;

/// The version that is written into marks.
pub const WRITER: &str = concat!("shipmark ", env!("CARGO_PKG_VERSION"));

/// How long all requests of a command that reads or decides may take together, unless `--timeout` says so.
const READING: Duration = Duration::from_secs(10);

/// The same for a command that writes what was done.
const WRITING: Duration = Duration::from_mins(1);

/// What every command needs to know.
#[derive(Debug)]
pub struct Settings {
    /// The environment variables.
    pub environment: Environment,
    /// The source.
    pub source: OpenSource,
    /// The current directory.
    here: PathBuf,
    /// `--project`.
    project: Option<ProjectName>,
    /// `--environment`, else `SHIPMARK_ENVIRONMENT`.
    environments: Vec<EnvironmentName>,
    /// Whether `--environment` was typed.
    environment_typed: bool,
    state: Option<String>,
    /// Whether it comes from `--state`.
    state_typed: bool,
    config: Option<PathBuf>,
    /// `--timeout`.
    timeout: Option<Duration>,
    /// The time that all requests of this command share.
    budget: Budget,
    /// Who deploys, as far as the map need not be asked.
    home: Option<Home>,
    /// The id of the call, if it is not a new one: a second delivery of a job is the same call.
    call: Option<AttemptId>,
    /// Commits that the source's repository does not have.
    fetched: OnceLock<FetchedObjects>,
}

impl Settings {
    /// Interprets what was typed. `writes` says whether the command records something, which has more time.
    ///
    /// # Errors
    /// A flag is empty or invalid.
    pub fn new(global: &Global, writes: bool, environment: Environment) -> Result<Self, Failure> {
        let here = here()?;
        let timeout = global.timeout.as_deref().map(|text| duration("--timeout", text)).transpose()?;
        let source = OpenSource::locate(&here, global, &environment, timeout.unwrap_or(READING))?;
        Self::with_source(global, writes, environment, source)
    }

    fn with_source(
        global: &Global,
        writes: bool,
        environment: Environment,
        source: OpenSource,
    ) -> Result<Self, Failure> {
        let here = here()?;
        let timeout = global.timeout.as_deref().map(|text| duration("--timeout", text)).transpose()?;
        let project = given("--project", global.project.as_deref())?.map(ProjectName::new).transpose();
        let mut environments = Vec::new();
        let named = global.environment.iter().map(String::as_str);
        for name in named.chain(environment.environment.as_deref().filter(|_| global.environment.is_empty())) {
            let name = EnvironmentName::new(name).map_err(Failure::request)?;
            if !environments.contains(&name) {
                environments.push(name);
            }
        }
        given("--config", global.config.as_deref().and_then(Path::to_str))?;
        let config = global.config.clone().or_else(|| environment.config.as_ref().map(PathBuf::from));
        let pipeline = given("--pipeline", global.pipeline.as_deref())?.map(|pipeline| ("--pipeline", pipeline));
        let variable = || environment.pipeline.as_deref().map(|pipeline| ("SHIPMARK_PIPELINE", pipeline));
        let home = home::home_of(&environment, pipeline.or_else(variable))?;
        Ok(Self {
            home,
            call: None,
            fetched: OnceLock::new(),
            project: project.map_err(Failure::request)?,
            state: given("--state", global.state.as_deref())?.map(str::to_owned).or_else(|| environment.state.clone()),
            state_typed: global.state.is_some(),
            environment_typed: !global.environment.is_empty(),
            config: config.map(|path| here.join(path)),
            here,
            timeout,
            budget: Budget::new(timeout.unwrap_or(if writes { WRITING } else { READING })),
            environments,
            environment,
            source,
        })
    }

    /// Reads the service map.
    ///
    /// # Errors
    /// There is no map, or it has problems; the error lists all of them.
    pub fn map(&self) -> Result<ServiceMap, Failure> {
        self.map_for(&[])
    }

    /// The service map for these services; for all if none is named. Mistakes that do not concern them are in
    /// [`ServiceMap::elsewhere`].
    ///
    /// # Errors
    /// There is no map, or it has problems that concern these services; the error lists all of them.
    pub fn map_for(&self, asked: &[String]) -> Result<ServiceMap, Failure> {
        self.map_if_any(asked)?.ok_or_else(|| {
            Failure::request(format!("there is no service map in `{}`", self.source.shown()))
                .hint("write a shipmark.toml (or config/shipmark.toml) there, or name one with --config PATH")
        })
    }

    /// The map for these services, if there is one: for commands that work without.
    ///
    /// # Errors
    /// It has problems that concern these services.
    pub fn map_if_any(&self, asked: &[String]) -> Result<Option<ServiceMap>, Failure> {
        self.found()?.map(|found| self.source.complete(&found.shown, &found.bytes, asked)).transpose()
    }

    /// The map's own settings for project, environments and store, if there is a map. It has no services, so the source
    /// need not contain what the map refers to.
    ///
    /// # Errors
    /// It has problems.
    pub fn head_if_any(&self) -> Result<Option<ServiceMap>, Failure> {
        let head = |found: FoundSource| {
            Draft::read(&found.shown, &found.bytes).and_then(Draft::head).map_err(Failure::request)
        };
        self.found()?.map(head).transpose()
    }

    /// Another map over the same source, from a given file.
    ///
    /// # Errors
    /// It cannot be read, or has problems.
    pub fn map_at(&self, path: &Path) -> Result<ServiceMap, Failure> {
        let found = self.named(path)?;
        self.source.complete(&found.shown, &found.bytes, &[])
    }

    fn found(&self) -> Result<Option<FoundSource>, Failure> {
        self.config.as_deref().map_or_else(|| self.source.map(), |path| self.named(path).map(Some))
    }

    fn named(&self, path: &Path) -> Result<FoundSource, Failure> {
        let shown = path.strip_prefix(&self.source.directory).unwrap_or(path).display().to_string();
        Ok(FoundSource { bytes: source::read(path, &shown)?, shown })
    }

    /// The project: `--project`, else the map's, else `default`.
    pub fn project(&self, map: Option<&ServiceMap>) -> ProjectName {
        self.project.clone().or_else(|| map.map(|map| map.project.clone())).unwrap_or_default()
    }

    /// Two repositories that share a table would share marks, were both called `default`.
    ///
    /// # Errors
    /// The store is in the cloud, and nothing names the project.
    pub fn require_project(&self, map: Option<&ServiceMap>, url: &StoreUrl) -> Result<(), Failure> {
        if url.is_local() || self.project.is_some() || map.is_some_and(|map| map.names_project) {
            return Ok(());
        }
        let failure = Failure::request(format!("the store `{url}` needs a named project"));
        Err(failure
            .hint("write `project = \"NAME\"` into the map, or add --project NAME: others may use the same store"))
    }

    /// The value of `--project`.
    pub fn named_project(&self) -> Option<&ProjectName> {
        self.project.as_ref()
    }

    /// The store's address for these environments: `--state`, else `SHIPMARK_STATE`, else the environment's in the map,
    /// else the map's, else the default.
    ///
    /// # Errors
    /// It is not a valid address, or the environments have different ones.
    pub fn store_url(&self, map: Option<&ServiceMap>, environments: &[EnvironmentName]) -> Result<StoreUrl, Failure> {
        let of = |environment: Option<&EnvironmentName>| map.and_then(|map| map.state_url(environment));
        let first = of(environments.first());
        let other = environments.iter().find(|other| of(Some(other)) != first);
        if let (None, Some(first), Some(other)) = (&self.state, environments.first(), other) {
            let text = format!("the environments `{first}` and `{other}` keep their state in different stores");
            return Err(Failure::request(text).hint("name one of them with --environment, or one store with --state"));
        }
        self.store_at(first)
    }

    /// The store's address: `--state`, else `SHIPMARK_STATE`, else `fallback` (such as one that came with a candidate),
    /// else the default.
    ///
    /// # Errors
    /// It is not a valid address.
    pub fn store_at(&self, fallback: Option<&str>) -> Result<StoreUrl, Failure> {
        let named = self.state.as_deref().or(fallback);
        let url = named.map_or_else(
            || Ok(StoreUrl::in_source(&self.source.directory)),
            |named| StoreUrl::parse(named, &self.source.directory),
        );
        url.map_err(|error| Failure::request(error).hint("give it with --state, SHIPMARK_STATE or `[state] url`"))
    }

    /// The origin of the address from [`Settings::store_url`].
    pub fn store_origin(&self, map: Option<&ServiceMap>) -> &'static str {
        let environments = map.map(|map| self.environments_if_known(map)).unwrap_or_default();
        match (&self.state, map.and_then(|map| map.state_url(environments.first()))) {
            (Some(_), _) if self.state_typed => "--state",
            (Some(_), _) => "SHIPMARK_STATE",
            (None, Some(_)) => "the map",
            (None, None) => "the default, since nothing names one",
        }
    }

    /// Whether a flag or a variable names the store, so that the map is not needed for that.
    pub fn names_store(&self) -> bool {
        self.state.is_some()
    }

    /// The file of the map, if it can be written: not in an artifact, and there.
    pub fn map_path(&self) -> Option<PathBuf> {
        let usual = || self.source.has_map().map(|name| self.source.directory.join(name));
        self.config.clone().or_else(usual)
    }

    /// Opens a store.
    pub fn open(&self, url: &StoreUrl) -> Store {
        Store::open(url, &self.budget)
    }

    /// Starts the second half of a command that decides, builds and records. It has its own time limit.
    pub fn start_recording(&self) {
        self.budget.renew(self.timeout.unwrap_or(WRITING));
    }
}

/// The key of a service's mark.
pub fn key(project: &ProjectName, environment: &EnvironmentName, service: &ServiceName) -> Key {
    Key { project: project.clone(), environment: environment.clone(), service: service.clone() }
}

/// The current time.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The time and the id of one call.
pub fn moment() -> Moment {
    Moment { at: now(), call: AttemptId::new(now(), fastrand::u64(..)) }
}

/// A flag's value, which may be omitted but not empty: an empty one comes from an unset variable.
///
/// # Errors
/// It is empty.
pub fn given<'a>(flag: &str, value: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
    match value {
        Some(value) if value.trim().is_empty() => Err(empty(flag)),
        value => Ok(value),
    }
}

/// A duration such as `10s`, `90m` or `30d`.
///
/// # Errors
/// It is not a duration.
pub fn duration(flag: &str, text: &str) -> Result<Duration, Failure> {
    given(flag, Some(text))?;
    duration::parse(text).map_err(|problem| {
        Failure::request(format!("{flag}: `{text}` {problem}")).hint("write a time like 10s, 90m, 1h or 30d")
    })
}

fn empty(what: &str) -> Failure {
    Failure::request(format!("{what} is empty")).hint("leave it out, or set the variable that it comes from")
}

#[cfg(test)]
mod tests;

/// The directory in which the program runs.
///
/// # Errors
/// It is gone.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|cause| Failure::other(format!("there is no current directory: {cause}")))
}
