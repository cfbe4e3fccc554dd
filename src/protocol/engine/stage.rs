//! `stage` and `decide --stage`: candidates for deploy stages, and claims for what is skipped ahead of them.

use std::collections::{BTreeMap, BTreeSet};

use super::core::{Engine, Verified};
use super::decide::Decided;
use super::drafting::StepDraft;
use super::judgement::{Deploys, Judgement};
use super::mark::Lane;
use super::marks::{Known, Marks, Moment, StoredNames};
use super::noted::Noted;
use super::policy::Asked;
use super::record::{BuildReport, Outcome};
use super::refusal::Refusal;
use super::staging::{DeployStage, Staging};
use super::step::Step;
use super::ticket::{Closed, Orphan, Ticket, TicketEntry};
use super::tokens::Claim;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};

pub use super::staging::StagedService;

/// The result of one call of `stage`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Staged {
    /// The services with their candidates. Empty if the build failed.
    pub services: Vec<StagedService>,
    /// What was ended instead, if the build failed.
    pub noted: Vec<Noted>,
}

/// The result of one call of `decide --stage`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StagedDecisions {
    /// The decisions.
    pub decided: Decided,
    /// The services that build, with their candidates.
    pub staged: Vec<StagedService>,
    /// The services that are skipped, each with its claim.
    pub claims: Vec<(Key, Claim)>,
}

impl Engine {
    /// Stages services for one deploy stage, or ends their attempts if the build failed. If one cannot be staged, none
    /// is, and the build must fail.
    ///
    /// # Errors
    /// The request does not fit the ticket, something was deployed since, or a mark cannot be written.
    pub fn stage(
        &self,
        ticket: &Ticket,
        report: &BuildReport,
        stage: Option<&str>,
        marks: &Marks,
        now: &Moment,
    ) -> Result<Step<Staged>, Refusal> {
        let draft = StepDraft::new(marks, now);
        if report.outcome == Outcome::Failed {
            let failed = self.fail(ticket, report, draft);
            return Ok(failed.map(|noted| Staged { services: Vec::new(), noted }));
        }
        for key in &report.keys {
            let entry = ticket.entry(&self.caller.store, key).ok_or_else(|| Refusal::NotDecided(key.clone()))?;
            self.recordable(entry, report)?;
        }
        let mut ticket = ticket.clone();
        self.find_orphans(&mut ticket, &report.keys, marks)?;
        let mut staging = Staging { draft, ticket: &mut ticket, store: &self.caller.store, report };
        let mut services = Vec::new();
        for own in by_environment(&report.keys) {
            let stage = DeployStage { name: stage.map(str::to_owned), own, builds: false };
            services.extend(staging.stage(&stage)?);
        }
        let told = Staged { services, noted: Vec::new() };
        let draft = staging.draft;
        Ok(draft.step(told, Some(ticket)))
    }

    /// Decides and stages in one call, before anything is built: services that build get candidates, skipped ones get a
    /// claim. Without a name, each service has a deploy stage of its own.
    ///
    /// # Errors
    /// The request does not fit the ticket or the map, or a mark cannot be written.
    pub fn decide_staged(
        &self,
        asked: &[Asked],
        stage: Option<&str>,
        marks: &Marks,
        ticket: &Ticket,
        verified: Option<&Verified>,
        now: &Moment,
    ) -> Result<Step<StagedDecisions>, Refusal> {
        let judgement = Judgement::new(self, asked, marks, ticket, now, Deploys::ByStages).verified(verified);
        let lane = |key: &Key| self.lane(asked, stage, key);
        let (decided, opened) = judgement.settled(&lane)?;
        let mut ticket = ticket.clone();
        let Some(opened) = opened else {
            let told = StagedDecisions { decided, ..StagedDecisions::default() };
            return Ok(StepDraft::new(marks, now).step(told, Some(ticket)));
        };
        ticket.put(opened.entries.iter().cloned());
        let building: Vec<&TicketEntry> = opened.entries.iter().filter(|entry| !entry.skips()).collect();
        let report = BuildReport::of(building.iter().map(|entry| entry.key.clone()).collect());
        let (before, to_stage): (Vec<&TicketEntry>, Vec<&TicketEntry>) =
            building.into_iter().partition(|entry| entry.closed == Some(Closed::Staged));
        let keys: Vec<Key> = to_stage.into_iter().map(|entry| entry.key.clone()).collect();
        let stages = match stage {
            Some(_) => by_environment(&keys),
            None => keys.into_iter().map(|key| vec![key]).collect(),
        };
        let mut staged: Vec<StagedService> = before.into_iter().map(staged_before).collect();
        self.find_orphans(&mut ticket, &stages.concat(), marks)?;
        let mut staging =
            Staging { draft: opened.draft, ticket: &mut ticket, store: &self.caller.store, report: &report };
        for own in stages {
            let stage = DeployStage { name: stage.map(str::to_owned), own, builds: true };
            staged.extend(staging.stage(&stage)?);
        }
        let draft = staging.draft;
        let claims = decided.services.iter().filter(|service| service.skips()).filter_map(|service| {
            let Known::Mark(mark) = &marks.get(&service.key)?.known else { return None };
            let claim = Claim {
                service: service.key.service.clone(),
                home: self.home(&service.key.environment),
                content: service.inputs.content?,
                serial: mark.serial,
                lane: lane(&service.key),
            };
            Some((service.key.clone(), claim))
        });
        let told = StagedDecisions { claims: claims.collect(), decided, staged };
        Ok(draft.step(told, Some(ticket)))
    }

    /// Finds orphans that `decide` could not determine, whose marks have not been warned. If they still cannot be
    /// determined, nothing may be staged.
    fn find_orphans(&self, ticket: &mut Ticket, keys: &[Key], marks: &Marks) -> Result<(), Refusal> {
        for key in keys {
            let Some(entry) = ticket.entry_mut(&self.caller.store, key).filter(|entry| entry.orphans_unknown) else {
                continue;
            };
            match marks.names(&key.environment) {
                Some(StoredNames::Names { .. }) => {}
                Some(StoredNames::Unavailable(cause)) => return Err(Refusal::Unwritten(key.clone(), cause.clone())),
                None => {
                    return Err(Refusal::Unwritten(key.clone(), "the names of the services were not read".to_owned()));
                }
            }
            let orphans = self.orphans(&key.environment, marks).into_iter();
            entry.orphans = orphans.map(|orphan| Orphan { service: orphan.service, unwritten: true }).collect();
            entry.orphans_unknown = false;
        }
        Ok(())
    }

    /// The lane of a mark, if only one of the deploy stages of this call can deploy to it.
    fn lane(&self, asked: &[Asked], stage: Option<&str>, key: &Key) -> Option<Lane> {
        let touches = |service: &ServiceName, other: &ServiceName| {
            let policy = self.policy(&Key { service: service.clone(), ..key.clone() });
            service == other || policy.is_some_and(|policy| policy.redeploys.contains(other))
        };
        let orphan = self.policy(key).is_none();
        let asked = asked.iter().filter(|asked| asked.key.environment == key.environment);
        let stages: BTreeSet<&str> = asked
            .map(|asked| &asked.key.service)
            .filter(|service| orphan || touches(service, &key.service))
            .map(|service| stage.unwrap_or(service.as_str()))
            .collect();
        let mut stages = stages.into_iter();
        match (stages.next(), stages.next()) {
            (Some(only), None) => self.caller.home.as_ref()?.lane(only),
            _ => None,
        }
    }
}

impl BuildReport {
    /// Nothing is built yet.
    fn of(keys: Vec<Key>) -> Self {
        Self { keys, outcome: Outcome::Succeeded, outputs: BTreeMap::new(), revision: None, execution: None }
    }
}

fn staged_before(entry: &TicketEntry) -> StagedService {
    let candidate = |staged: &super::ticket::StagedCandidate| (entry.key_of(&staged.service), staged.id.clone());
    StagedService { key: entry.key.clone(), candidates: entry.candidates.iter().map(candidate).collect() }
}

fn by_environment(keys: &[Key]) -> Vec<Vec<Key>> {
    let mut by: BTreeMap<&EnvironmentName, Vec<Key>> = BTreeMap::new();
    for key in keys {
        by.entry(&key.environment).or_default().push(key.clone());
    }
    by.into_values().collect()
}
