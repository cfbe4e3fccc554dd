//! The service map: which paths are inputs of which service, as checked values.
//!
//! `raw` is the TOML as typed, and `check` turns it into a [`ServiceMap`] or into all its [`Problem`]s at once. In
//! between is a [`Draft`]: it has questions for the source, which must be answered by code that has access to the
//! source. Nothing here looks at files; [`crate::map::rules`] decides what a pattern selects.

pub mod lint_codes;
pub mod lint_examples;
pub mod rules;
mod check;
mod discover;
mod draft;
mod graph;
mod environments;
pub mod keys;
mod lints;
mod needed;
mod observed;
mod print;
mod problem;
mod raw;
mod scope;
mod services;
pub mod toml_text;
mod excerpt;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::base::fingerprint::Fingerprint;
use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::map::lint_codes::{Code, Level};
use crate::pattern::pattern_set::PatternSet;
use crate::pattern::shape::OutputShape;
use crate::pattern::{Pattern, Position};

pub use draft::{Answers, Draft, MapQuery, Sought};
pub use environments::{DeclaredEnvironment, Environments};
pub use excerpt::{Excerpt, MapFile};
pub use problem::{Problem, Problems, Table};

/// A checked service map.
#[derive(Debug, Clone)]
pub struct ServiceMap {
    /// The map's file as shown to people, e.g. `config/shipmark.toml`.
    pub file: String,
    /// The files that the map includes, as paths in the source.
    pub included: Vec<String>,
    /// The first part of every key in the store.
    pub project: ProjectName,
    /// Whether the map sets the project name.
    pub names_project: bool,
    /// The allowed environments, if the map lists them.
    pub environments: Option<Environments>,
    /// `[state] url`, not yet parsed.
    pub state_url: Option<String>,
    /// `[defaults]`.
    pub defaults: Defaults,
    /// Named pattern lists that services share.
    pub groups: BTreeMap<String, Vec<Pattern>>,
    /// All services in dependency order: repeatedly the bytewise smallest whose dependencies have been placed.
    pub services: Vec<Service>,
    /// Tests of the rules themselves.
    pub expects: Vec<Expect>,
    /// `[lints]`: the levels that differ from the defaults in [`crate::map::lint_codes`].
    pub lints: BTreeMap<Code, Level>,
    /// The problems in tables that the services it was read for do not need.
    pub elsewhere: Vec<Problem>,
    /// The texts of the map's files, in the order of [`Position::file`], for excerpts.
    texts: Vec<Arc<str>>,
    /// The index of each service by its name.
    indices: HashMap<ServiceName, usize>,
}

/// `[defaults]`: settings that apply to every service.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Subtracted from every service.
    pub exclude: Vec<Pattern>,
    /// What to do with a file that no service covers.
    pub unowned: Unowned,
    /// The position of `unowned` in the map, if it is set.
    pub unowned_position: Option<Position>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// How long a build may run: CodeBuild's timeout, whose own default is one hour.
    pub build_timeout: Duration,
    /// How long an action of an abandoned deploy stage may still have an effect: its queue, its build, the update that
    /// it started.
    pub deploy_timeout: Duration,
}

/// What to do with a file that no service covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unowned {
    /// Nothing.
    Ignore,
    /// It is listed with a warning.
    Warn,
    /// It is an input of all services.
    BuildAll,
}

/// A unit that is built and deployed as a whole.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// The position of its name; for a service that was only discovered, of the pattern that found it.
    pub position: Position,
    /// The directory that `[discover]` made it from, if it did.
    pub discovered: Option<Discovered>,
    /// Its own inputs.
    pub include: Vec<Pattern>,
    /// Subtracted from its includes and groups.
    pub exclude: Vec<Pattern>,
    /// Shared pattern lists that are inputs too; each names an entry of [`ServiceMap::groups`].
    pub groups: Vec<String>,
    /// Services whose inputs are also inputs of this one, as indices into [`ServiceMap::services`]; only direct ones.
    pub depends_on: Vec<usize>,
    /// Required outputs and the shapes of their values.
    pub outputs: BTreeMap<OutputName, OutputShape>,
    /// Services that are redeployed when this one is deployed, as indices into [`ServiceMap::services`].
    pub redeploys: Vec<usize>,
    /// The environments where it exists, as the map declares them (names or patterns); `None` for all.
    pub environments: Option<Vec<String>>,
    /// The environment variables that are inputs, with their positions; only its own (see [`ServiceMap::variables`]).
    pub env: BTreeMap<String, Position>,
    /// For `check`: a Dockerfile whose copied files must be inputs.
    pub dockerfile: Option<String>,
    /// For `check`: the build context of the Dockerfile.
    pub context: Option<String>,
    /// For `check`: files that are copied into the image but deliberately are not inputs.
    pub not_inputs: Vec<NotInput>,
    /// How long its builds may run, if different from the defaults.
    pub build_timeout: Option<Duration>,
    /// A deploy older than this builds anyway, if different from the environment's value and the defaults.
    pub max_skip_age: Option<Duration>,
    /// Whether it never skips, if different from the environment's value.
    pub shadow: Option<bool>,
}

/// A pattern for files that deliberately are not inputs.
#[derive(Debug, Clone)]
pub struct NotInput {
    /// The pattern.
    pub pattern: Pattern,
    /// Why they are not, if the map says so.
    pub reason: Option<String>,
}

impl Service {
    /// The patterns of [`Service::not_inputs`] in an environment, numbered as there.
    pub fn not_inputs_in(&self, environment: &EnvironmentName) -> PatternSet {
        let numbered = self.not_inputs.iter().enumerate();
        PatternSet::new(numbered.flat_map(|(number, not_input)| {
            not_input.pattern.resolve(environment).into_iter().map(move |components| (number, components))
        }))
    }
}

/// The directory that a service was made from.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The directory.
    pub directory: String,
    /// The position of the pattern that found it.
    pub position: Position,
}

/// One `[[expect]]`: if these paths change, exactly these services build.
#[derive(Debug, Clone)]
pub struct Expect {
    /// Its position.
    pub position: Position,
    /// The changed paths.
    pub changed: Vec<String>,
    /// The services that must build, as indices into [`ServiceMap::services`], sorted.
    pub builds: Vec<usize>,
}

/// Environment variables, each with a service that names it, and where.
pub type ServiceVariables<'m> = BTreeMap<&'m str, (usize, Position)>;

impl ServiceMap {
    /// Reads a map from its text alone, as if the source were empty: everything else that it asks for (see [`Draft`])
    /// is missing, which is a problem. `file` is the name shown in problems.
    ///
    /// # Errors
    /// All problems of the map at once.
    pub fn parse(file: &str, text: &[u8]) -> Result<Self, Problems> {
        Draft::read(file, text)?.complete(&Answers::default())
    }

    /// The digest of all files of the map.
    pub fn digest(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for text in &self.texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        Fingerprint(hash.finalize().into())
    }

    /// Where the observed builds of a service are kept: `observed/SERVICE.json` beside the map. From the source if the map is
    /// in it.
    pub fn observed_file(&self, service: &ServiceName) -> String {
        let beside = self.file.rfind('/').map_or("", |slash| &self.file[..=slash]);
        format!("{beside}observed/{service}.json")
    }

    /// The file of a position, for people.
    pub fn file_of(&self, position: Position) -> &str {
        position.file.checked_sub(1).and_then(|at| self.included.get(at)).unwrap_or(&self.file)
    }

    /// The file and line of a position, for people.
    pub fn line(&self, position: Position) -> String {
        format!("{}:{}", self.file_of(position), position.line)
    }

    /// The file, line and column of a position, for people.
    pub fn place(&self, position: Position) -> String {
        format!("{}:{}", self.line(position), position.column)
    }

    /// The text of the file that a position is in.
    pub fn text(&self, position: Position) -> &str {
        self.texts.get(position.file).map_or("", |text| text)
    }

    /// The index of a service in [`ServiceMap::services`].
    pub fn index(&self, name: &ServiceName) -> Option<usize> {
        self.indices.get(name).copied()
    }

    /// The environment variables that are inputs of each of these services, their dependencies' included, each with the
    /// first service in dependency order that names it. Services with the same variables share them.
    pub fn variables_of(&self, services: &[usize]) -> BTreeMap<usize, Arc<ServiceVariables<'_>>> {
        let mut all: BTreeMap<usize, Arc<ServiceVariables<'_>>> = BTreeMap::new();
        for service in self.with_dependencies(services) {
            let Service { env, depends_on, .. } = &self.services[service];
            let mut inherited = depends_on.iter().filter_map(|dependency| all.get(dependency));
            let mut variables = inherited.next().map(Arc::clone).unwrap_or_default();
            for other in inherited.filter(|other| !Arc::ptr_eq(other, &variables)).cloned().collect::<Vec<_>>() {
                let variables = Arc::make_mut(&mut variables);
                for (name, owner) in &*other {
                    variables.entry(name).and_modify(|first| *first = (*first).min(*owner)).or_insert(*owner);
                }
            }
            if !env.is_empty() {
                // Dependencies come first, so their names stay with them.
                let variables = Arc::make_mut(&mut variables);
                for (name, position) in env {
                    variables.entry(name).or_insert((service, *position));
                }
            }
            all.insert(service, variables);
        }
        all
    }

    /// [`ServiceMap::variables_of`] for one service.
    pub fn variables(&self, service: usize) -> Arc<ServiceVariables<'_>> {
        self.variables_of(&[service]).remove(&service).unwrap_or_default()
    }

    /// The services and all their dependencies, transitively, sorted.
    pub fn with_dependencies(&self, services: &[usize]) -> Vec<usize> {
        graph::closure(services, |service| &self.services[service].depends_on)
    }
}
