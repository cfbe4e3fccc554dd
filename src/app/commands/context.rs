//! What the commands share: the settled request, the map, the store, and the one way in which a mark is changed.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::app::report::Reporter;
use crate::app::settings::{Settings, WRITER, key, now};
use crate::base::failure::{Failure, chain};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::map::ServiceMap;
use crate::protocol::decide::Known;
use crate::protocol::mark::stored::{Damaged, decode_mark, encode_mark};
use crate::protocol::mark::{AttemptId, Mark};
use crate::store::{Store, StoreError, StoreUrl, Version, WriteError};

/// A command's surroundings.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) reporter: Reporter,
    pub(super) map: ServiceMap,
    pub(super) project: ProjectName,
    pub(super) environments: Vec<EnvironmentName>,
    pub(super) url: StoreUrl,
    pub(super) store: Store,
}

impl<'a> Context<'a> {
    /// With a map and a store.
    pub(super) fn new(settings: &'a Settings, reporter: Reporter) -> Result<Self, Failure> {
        Self::among(settings, reporter, false)
    }

    /// With a map and a store, for a command that may be asked for all environments.
    pub(super) fn among(settings: &'a Settings, reporter: Reporter, all: bool) -> Result<Self, Failure> {
        let map = settings.map()?;
        let environments = environments(settings, &map, all)?;
        let url = settings.store_url(Some(&map), None)?;
        Ok(Self::with(settings, reporter, map, environments, url))
    }

    /// For a comparison that asks no store: whatever the address of one is, it is not looked at.
    pub(super) fn without_store(settings: &'a Settings, reporter: Reporter, all: bool) -> Result<Self, Failure> {
        let map = settings.map()?;
        let environments = environments(settings, &map, all)?;
        let url = StoreUrl::in_source(&settings.source.directory);
        Ok(Self::with(settings, reporter, map, environments, url))
    }

    /// For commands that look at rules only: where no environment is named, all that the map has.
    pub(super) fn for_rules(settings: &'a Settings, reporter: Reporter) -> Result<Self, Failure> {
        let map = settings.map()?;
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
        Self { project: settings.project(Some(&map)), settings, reporter, map, environments, url, store }
    }

    /// The key of a service of the map.
    pub(super) fn key(&self, environment: &EnvironmentName, service: usize) -> Key {
        key(&self.project, environment, self.name(service))
    }

    pub(super) fn name(&self, service: usize) -> &ServiceName {
        &self.map.services[service].name
    }

    /// How many seconds a build of a service may live.
    pub(super) fn build_timeout(&self, service: usize) -> u64 {
        self.map.build_timeout(&self.map.services[service]).as_secs()
    }

    /// Does something for each of some items that asks the store, as many at once as that is worth; the results in order.
    pub(super) fn each<T: Send, R: Send>(
        &self,
        items: impl IntoParallelIterator<Item = T, Iter: IndexedParallelIterator>,
        act: impl Fn(T) -> R + Send + Sync,
    ) -> Vec<R> {
        let items = items.into_par_iter();
        let threads = items.len().min(self.store.abreast());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let work = || items.map(act).collect();
        // A machine that gives no more threads has those that are there.
        if let Ok(pool) = pool { pool.install(work) } else { work() }
    }

    /// The only environment, for a command that takes one.
    pub(super) fn environment(&self) -> Result<&EnvironmentName, Failure> {
        match self.environments.as_slice() {
            [one] => Ok(one),
            _ => Err(Failure::request("this command takes one --environment")),
        }
    }

    /// CodePipeline's zip has no submodules, and without `.git` nobody can tell which commit of one belongs here.
    pub(super) fn warn_of_submodules(&self) {
        if self.settings.source.lacks_submodules() {
            self.reporter.warn(
                "the source has submodules and no .git: what changes in a submodule that is not there is not seen",
            );
        }
    }

    /// Inside a build the default store is gone with the build.
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

fn environments(settings: &Settings, map: &ServiceMap, all: bool) -> Result<Vec<EnvironmentName>, Failure> {
    if all { settings.every_environment(map) } else { settings.environments(Some(map)) }
}

/// A mark as it was read, and what a write is conditional on.
pub(super) struct Read {
    pub(super) known: Known,
    pub(super) version: Option<Version>,
}

/// Reads one mark.
pub(super) fn read_one(store: &Store, key: &Key) -> Read {
    interpret(key, store.read_mark(key))
}

/// Reads marks, in the order of the keys.
pub(super) fn read(store: &Store, keys: &[Key]) -> Vec<Read> {
    let answers = store.read_marks(keys).into_iter();
    answers.zip(keys).map(|(answer, key)| interpret(key, answer)).collect()
}

fn interpret(key: &Key, answer: Result<Option<crate::store::Stored>, StoreError>) -> Read {
    match answer {
        Err(error) => Read { known: Known::Unavailable(chain(&error)), version: None },
        Ok(None) => Read { known: Known::Absent, version: None },
        Ok(Some(stored)) => {
            let known = match decode_mark(key, &stored.bytes) {
                Ok(mark) => Known::Mark(Box::new(mark)),
                Err(damaged) => Known::Damaged(damaged.to_string()),
            };
            Read { known, version: Some(stored.version) }
        }
    }
}

/// A mark could not be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpdateError {
    #[error("the mark of `{service}` is damaged, and is not overwritten: {cause}")]
    Damaged { service: ServiceName, cause: Damaged },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the mark of `{0}` was written by others again and again")]
    Busy(ServiceName),
}

impl UpdateError {
    /// The failure of a command, with what to do.
    pub(super) fn failure(self) -> Failure {
        let hint = match &self {
            Self::Damaged { service, .. } => format!("look at it, then remove it: shipmark state rm {service}"),
            Self::Store(_) => "make the store reachable and writable, then run the same command again".to_owned(),
            Self::Busy(_) => "run the same command again, perhaps with a longer --timeout".to_owned(),
        };
        Failure::other(self).hint(hint)
    }
}

/// Whether a change of a mark is to be written.
pub(super) enum Transition<T> {
    Write(T),
    Keep(T),
}

/// Reads a mark, changes it, and writes it if it is still what was read; else all again. A mark that does not exist is new.
pub(super) fn update<T>(
    store: &Store,
    key: &Key,
    patience: Duration,
    mut change: impl FnMut(&mut Mark) -> Transition<T>,
) -> Result<T, UpdateError> {
    let start = Instant::now();
    loop {
        let stored = store.read_mark(key)?;
        let damaged = |cause| UpdateError::Damaged { service: key.service.clone(), cause };
        let mark = stored.as_ref().map(|stored| decode_mark(key, &stored.bytes)).transpose().map_err(damaged)?;
        let mut mark = mark.unwrap_or_else(|| Mark::new(now()));
        let value = match change(&mut mark) {
            Transition::Keep(value) => return Ok(value),
            Transition::Write(value) => value,
        };
        match write(store, key, &mark, stored.as_ref().map(|stored| &stored.version)) {
            Ok(()) => return Ok(value),
            Err(WriteError::Store(error)) => return Err(error.into()),
            Err(WriteError::Conflict) if start.elapsed() > patience => {
                return Err(UpdateError::Busy(key.service.clone()));
            }
            Err(WriteError::Conflict) => pause(),
        }
    }
}

/// Writes a mark if it is still what was read.
pub(super) fn write(store: &Store, key: &Key, mark: &Mark, expected: Option<&Version>) -> Result<(), WriteError> {
    let bytes = encode_mark(key, mark, WRITER, now()).map_err(|cause| StoreError::Io {
        verb: "write",
        path: key.service.to_string(),
        cause: std::io::Error::other(cause).into(),
    })?;
    store.write_mark(key, &bytes, expected)
}

/// Keeps a candidate, whatever is there of that id.
pub(super) fn keep_candidate(store: &Store, key: &Key, id: &AttemptId, bytes: &[u8]) -> Result<(), UpdateError> {
    let mut seen = None;
    for _ in 0..8 {
        match store.put_candidate(key, id, bytes, seen.as_ref()) {
            Ok(()) => return Ok(()),
            Err(WriteError::Conflict) => seen = store.candidate(key, id)?.map(|found| found.version),
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(UpdateError::Busy(key.service.clone()))
}

/// A moment between two tries, of a length that differs from process to process.
pub(super) fn pause() {
    std::thread::sleep(Duration::from_millis(fastrand::u64(2..20)));
}
