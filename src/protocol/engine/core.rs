//! The engine itself: the map's policy and the caller, which are the same for a whole call.

use std::collections::{BTreeMap, BTreeSet};

use super::drafting::unread;
use super::evidence::Evidence;
use super::mark::{AttemptId, Home, Mark};
use super::marks::{Known, Marks, StoredNames};
use super::policy::{Caller, EnvironmentPolicy, ServicePolicy};
use super::step::Unread;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};

/// Decides, records and stages. Operations that need neither map nor source are free functions.
#[derive(Debug, Clone)]
pub struct Engine {
    /// The project.
    pub project: ProjectName,
    /// The environments of this call.
    pub environments: BTreeMap<EnvironmentName, EnvironmentPolicy>,
    /// The caller.
    pub caller: Caller,
}

impl Engine {
    /// What must still be read before these services can be decided: their marks and those of what they redeploy or may
    /// reuse, the names of the services of their environments, and the marks of orphans, which are known only once the
    /// names are.
    pub fn keys<'k>(&self, asked: impl IntoIterator<Item = &'k Key>, marks: &Marks) -> Unread {
        let mut needed = BTreeSet::new();
        let mut reused = BTreeSet::new();
        let mut environments = BTreeSet::new();
        for key in asked {
            if let Some(policy) = self.policy(key) {
                needed.extend(policy.redeploys.iter().map(|other| Key { service: other.clone(), ..key.clone() }));
                reused.extend(self.reusable_key(key));
            }
            environments.insert(&key.environment);
            needed.insert(key.clone());
        }
        needed.extend(environments.into_iter().flat_map(|environment| self.orphans(environment, marks)));
        let mut missing = unread(&needed, marks);
        missing.keys.extend(reused.into_iter().filter(|key| marks.get(key).is_none()));
        missing
    }

    /// The caller's home for an environment, with the homes that the map lists together there.
    pub(super) fn home(&self, environment: &EnvironmentName) -> Option<Home> {
        let mut home = self.caller.home.clone()?;
        let listed = self.environments.get(environment).map(|policy| policy.pipelines.as_slice());
        home.joined.extend_from_slice(listed.unwrap_or_default());
        Some(home)
    }

    /// The map's settings for a service.
    pub(super) fn policy(&self, key: &Key) -> Option<&ServicePolicy> {
        self.environments.get(&key.environment)?.services.get(&key.service)
    }

    /// The mark of the environment whose deploy the service may reuse.
    pub(super) fn reusable_key(&self, key: &Key) -> Option<Key> {
        let policy = self.policy(key).filter(|policy| !policy.per_environment)?;
        let environment = policy.reuse_from.clone()?;
        (self.environments.len() == 1 && environment != key.environment).then(|| Key { environment, ..key.clone() })
    }

    /// The services that have a mark in an environment but are not in its map, as far as their names were read.
    pub(super) fn orphans(&self, environment: &EnvironmentName, marks: &Marks) -> Vec<Key> {
        let (Some(policy), Some(StoredNames::Names { names, .. })) =
            (self.environments.get(environment), marks.names(environment))
        else {
            return Vec::new();
        };
        let key = |service: &ServiceName| Key {
            project: self.project.clone(),
            environment: environment.clone(),
            service: service.clone(),
        };
        names.iter().filter(|name| !policy.services.contains_key(*name)).map(key).collect()
    }
}

/// The results of `--verify` for the deploys that a skip or a reuse would rely on, keyed by the service that was
/// decided.
pub type Verified = BTreeMap<Key, Verification>;

/// The result of `--verify` for one deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The deploy.
    pub deploy: AttemptId,
    /// How the command failed, if it did.
    pub failed: Option<String>,
}

/// A deploy that must be verified before it can be skipped or reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToVerify {
    /// The service that is being decided.
    pub key: Key,
    /// The deploy.
    pub deploy: AttemptId,
    /// Its declared outputs.
    pub outputs: BTreeMap<OutputName, String>,
}

/// What the store returned for marks, and what this call cannot use: unread marks, marks without a name, full lists.
pub(super) struct View<'m> {
    pub(super) marks: &'m Marks,
    full: BTreeMap<Key, Known>,
    nameless: BTreeMap<&'m EnvironmentName, Known>,
    unread: Known,
}

impl<'m> View<'m> {
    pub(super) fn new(marks: &'m Marks) -> Self {
        let nameless = marks.all_names().filter_map(|(environment, stored)| match stored {
            StoredNames::Names { .. } => None,
            StoredNames::Unavailable(cause) => Some((environment, Known::Unavailable(cause.clone()))),
        });
        let unread = Known::Unavailable("its mark was not read".to_owned());
        Self { marks, full: BTreeMap::new(), nameless: nameless.collect(), unread }
    }

    /// From then on, nothing can be written to that mark.
    pub(super) fn is_full(&mut self, key: &Key, cause: String) {
        self.full.insert(key.clone(), Known::Unavailable(cause));
    }

    /// Whether nothing can be written to that mark because its list is full.
    pub(super) fn holds_no_more(&self, key: &Key) -> bool {
        self.full.contains_key(key)
    }

    /// The evidence for that, with the oldest entry of the list.
    pub(super) fn list_full(&self, key: &Key) -> Evidence {
        let oldest = match self.marks.get(key).map(|read| &read.known) {
            Some(Known::Mark(mark)) => mark.attempts.iter().find(|attempt| attempt.alive()),
            _ => None,
        };
        Evidence::ListFull { service: key.service.clone(), oldest: oldest.cloned().map(Box::new) }
    }

    /// What the store returned for a mark.
    pub(super) fn known(&self, key: &Key) -> &Known {
        let read = || self.marks.get(key).map(|read| &read.known);
        self.full.get(key).or_else(|| self.nameless.get(&key.environment)).or_else(read).unwrap_or(&self.unread)
    }

    /// The mark, if it was read and is valid.
    pub(super) fn mark(&self, key: &Key) -> Option<&Mark> {
        match self.known(key) {
            Known::Mark(mark) => Some(mark),
            _ => None,
        }
    }
}
