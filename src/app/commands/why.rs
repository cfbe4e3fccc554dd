//! `--explain`: the chain of dependencies by which a change affects a service, and which services own the changes that
//! do not affect it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::failure::Failure;
use crate::base::names::EnvironmentName;
use crate::base::text::{commit_like, short_revision};
use crate::map::ServiceMap;
use crate::map::rules::{Explanation, Rules};
use crate::protocol::answer::{Answer, Elsewhere, Origin, Reason, ServiceAnswer, Since, Why};
use crate::source::difference;
use crate::source::difference::Change;
use crate::source::extras::Extras;
use crate::source::snapshot::Snapshot;
use crate::source::tree::commit::Repository;
use crate::source::tree::{Tree, TreeError};

use super::context::Context;

/// A map that makes every file an input, so that every difference shows up.
const EVERYTHING: &[u8] = b"[services.everything]\ninclude = [\"**\"]\n";

/// Explains each service of an answer. `target` is the commit of the plan; `None` means the working tree.
pub(super) fn explain(
    context: &Context<'_>,
    environment: &EnvironmentName,
    answer: &mut Answer,
    target: Option<&str>,
) -> Result<(), Failure> {
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let map = ServiceMap::parse("everything", EVERYTHING).map_err(Failure::other)?;
    let mut explainer = Explainer {
        context,
        rules: Rules::compile(&context.map, environment, &all, true),
        everything: Rules::compile(&map, environment, &[0], false),
        target,
        now: None,
        known: BTreeMap::new(),
    };
    for service in &mut answer.services {
        service.why = Some(explainer.why(service));
    }
    Ok(())
}

/// What changed since a revision, or why that is unknown.
type Changed = Result<Arc<Vec<Elsewhere>>, String>;

struct Explainer<'a> {
    context: &'a Context<'a>,
    /// The rules of all services, whichever were requested.
    rules: Rules,
    everything: Rules,
    target: Option<&'a str>,
    /// The working tree, once it has been read.
    now: Option<Tree>,
    /// By the baseline's revision, which many services share.
    known: BTreeMap<String, Changed>,
}

impl Explainer<'_> {
    fn why(&mut self, answer: &ServiceAnswer) -> Why {
        let origins = answer.changes.iter().map(|change| self.origin(answer, change)).collect();
        let since = match answer.baseline.as_ref().filter(|_| answer.reason == Reason::Unchanged) {
            None => Since::NotAsked,
            Some(baseline) => match baseline.revision.as_deref().ok_or("its deploy names no revision".to_owned()) {
                Ok(revision) => self.since(revision).map_or_else(Since::Unknown, Since::Known),
                Err(why) => Since::Unknown(why),
            },
        };
        Why { origins, since }
    }

    /// The position of the change's rule, if the map still has it, and the services through which it reaches this one.
    fn origin(&self, answer: &ServiceAnswer, change: &Change) -> Option<Origin> {
        let map = &self.context.map;
        let service = map.index(&answer.service)?;
        let origin = |explanation: &Explanation<'_>| {
            let concern = explanation.concern(service)?;
            let claim =
                concern.claim.as_ref().filter(|claim| *claim.rule == *change.rule && claim.via == change.via)?;
            Some(Origin {
                at: map.line(claim.position),
                left_out: concern.chain.left_out,
                chain: concern.chain.services.iter().map(|service| map.services[*service].name.clone()).collect(),
                group: concern.group.map(str::to_owned),
            })
        };
        // A change does not say whether it is to a submodule, which is an input of more services than a file.
        let file = origin(&self.rules.explanation(&change.path));
        file.or_else(|| origin(&self.rules.explanation_of_submodule(&change.path)))
    }

    fn since(&mut self, revision: &str) -> Changed {
        if let Some(known) = self.known.get(revision) {
            return known.clone();
        }
        let changed = self.changed(revision);
        self.known.insert(revision.to_owned(), changed.clone());
        changed
    }

    /// What now differs from a revision, provided it is a commit in this repository.
    fn changed(&mut self, revision: &str) -> Changed {
        let shown = short_revision(revision);
        if !commit_like(revision) {
            return Err(format!("its revision `{shown}` is no commit id"));
        }
        let repository = self.context.settings.repository().map_err(|error| error.to_string())?;
        let changes = self.differing(&repository, revision).map_err(|error| error.to_string())?;
        let services = |change: &Change| {
            let claims = self.rules.path(&change.path).claims.clone();
            claims.iter().map(|claim| self.context.name(claim.service).clone()).collect()
        };
        let elsewhere = changes.into_iter().map(|change| {
            let services = services(&change);
            Elsewhere { path: change.path, kind: change.kind, services }
        });
        Ok(Arc::new(elsewhere.collect()))
    }

    fn differing(&mut self, repository: &Repository, base: &str) -> Result<Vec<Change>, TreeError> {
        if let Some(target) = self.target {
            return Ok(difference::between(&repository.changes(base, target, &self.everything)?, 0));
        }
        let base = repository.read(base, &self.everything)?;
        if let Some(unreadable) = base.unreadable.first() {
            return Err(TreeError::Git(format!("`{}` {}", unreadable.path, unreadable.cause)));
        }
        let now = match &mut self.now {
            Some(now) => now,
            none => none.insert(self.context.settings.source.read_as_git(&self.everything)?),
        };
        Ok(difference::since(&Snapshot::of(&base, 0, &Extras::default()), now, 0))
    }
}
