//! The service map: which paths are inputs of which service, as checked values.
//!
//! `raw` is the TOML as it was typed, `check` turns it into a [`ServiceMap`] or into all its [`Problem`]s at once. A
//! [`Draft`] stands between: what it asks the source for, whoever has the source must answer. Nothing here looks at files;
//! what a pattern selects is the business of [`crate::map::rules`].

pub mod lint_codes;
pub mod rules;
mod check;
mod discover;
mod draft;
mod graph;
mod environments;
pub mod keys;
mod lints;
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
use crate::base::names::{OutputName, ProjectName, ServiceName};
use crate::map::lint_codes::{Code, Level};
use crate::pattern::shape::OutputShape;
use crate::pattern::{Pattern, Position};

pub use draft::{Answers, Draft, MapQuery, Sought};
pub use environments::{DeclaredEnvironment, Environments};
pub use excerpt::{Excerpt, MapFile};
pub use problem::{Problem, Problems};

/// A checked service map.
#[derive(Debug, Clone)]
pub struct ServiceMap {
    /// The map's file as it is shown to people, e.g. `config/shipmark.toml`.
    pub file: String,
    /// The files that it includes, as paths in the source.
    pub included: Vec<String>,
    /// First part of every key in the store.
    pub project: ProjectName,
    /// Whether the map names it.
    pub names_project: bool,
    /// The allowed environments, where the map names them.
    pub environments: Option<Environments>,
    /// `[state] url`, not yet parsed.
    pub state_url: Option<String>,
    /// `[defaults]`.
    pub defaults: Defaults,
    /// Named pattern lists that services share.
    pub groups: BTreeMap<String, Vec<Pattern>>,
    /// All services in dependency order: repeatedly the bytewise smallest whose dependencies stand.
    pub services: Vec<Service>,
    /// Tests of the rules themselves.
    pub expects: Vec<Expect>,
    /// `[lints]`: the levels that differ from those of [`crate::map::lint_codes`].
    pub lints: BTreeMap<Code, Level>,
    /// The texts of the map's files, in the order of [`Position::file`], to show lines of them.
    texts: Vec<Arc<str>>,
    /// The index of each service by its name.
    indices: HashMap<ServiceName, usize>,
}

/// `[defaults]`: what holds for every service.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Subtracted from every service.
    pub exclude: Vec<Pattern>,
    /// What a file means that no service covers.
    pub unowned: Unowned,
    /// Where `unowned` stands in the map, if it does.
    pub unowned_position: Option<Position>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// How long a build may live: CodeBuild's timeout, whose own default is one hour.
    pub build_timeout: Duration,
    /// How long an action of an abandoned deploy stage may still act: its queue, its build, the update that it started.
    pub deploy_timeout: Duration,
}

/// What a file means that no service covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unowned {
    /// Nothing.
    Ignore,
    /// It is listed and warned about.
    Warn,
    /// It is an input of all services.
    BuildAll,
}

/// One unit that is built and deployed together.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// Where its name stands; of one that was only discovered, the pattern that found it.
    pub position: Position,
    /// The directory of which `[discover]` made it, if it did.
    pub discovered: Option<Discovered>,
    /// Its own inputs.
    pub include: Vec<Pattern>,
    /// Cut from its includes and groups.
    pub exclude: Vec<Pattern>,
    /// Shared pattern lists that are inputs too; each names an entry of [`ServiceMap::groups`].
    pub groups: Vec<String>,
    /// Services whose inputs are inputs of this one too, as indices into [`ServiceMap::services`]; direct ones only.
    pub depends_on: Vec<usize>,
    /// Required outputs and the shapes of their values.
    pub outputs: BTreeMap<OutputName, OutputShape>,
    /// Services that deploying this one deploys again, as indices into [`ServiceMap::services`].
    pub redeploys: Vec<usize>,
    /// For `check`: a Dockerfile whose copied files must be inputs.
    pub dockerfile: Option<String>,
    /// For `check`: the build context of the Dockerfile.
    pub context: Option<String>,
    /// For `check`: copied into the image and still no input, said on purpose.
    pub not_inputs: Vec<Pattern>,
    /// How long its builds may live, where that differs from the defaults.
    pub build_timeout: Option<Duration>,
    /// A deploy older than this builds anyway, where that differs from the environment's or the defaults.
    pub max_skip_age: Option<Duration>,
}

/// Of which directory a service was made.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The directory.
    pub directory: String,
    /// Where the pattern stands that found it.
    pub position: Position,
}

/// One `[[expect]]`: if these paths change, exactly these services build.
#[derive(Debug, Clone)]
pub struct Expect {
    /// Where it stands.
    pub position: Position,
    /// The changed paths.
    pub changed: Vec<String>,
    /// The services that must build, as indices into [`ServiceMap::services`], sorted.
    pub builds: Vec<usize>,
}

impl ServiceMap {
    /// Reads a map from its text alone, as in an empty source: whatever else it asks for (see [`Draft`]) is not there, which
    /// is a problem. `file` is the name shown in problems.
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

    /// The services and all that they depend on, transitively, sorted.
    pub fn with_dependencies(&self, services: &[usize]) -> Vec<usize> {
        graph::closure(services, |service| &self.services[service].depends_on)
    }
}
