//! R6: the candidates of a deploy stage, in every mark that its deploy touches.

use std::collections::{BTreeMap, BTreeSet};

use super::drafting::StepDraft;
use super::mark::stored::SCHEMA;
use super::mark::{AttemptId, Candidate, Full, Release, Wait};
use super::marks::Known;
use super::record::BuildReport;
use super::refusal::Refusal;
use super::step::Put;
use super::ticket::{Closed, StagedCandidate, Ticket, TicketEntry};
use crate::base::key::Key;
use crate::base::names::ServiceName;

/// A deploy stage: what one action of a pipeline deploys, in one environment.
#[derive(Debug, Clone)]
pub(super) struct DeployStage {
    /// Its name; without one it is named after the service, in each mark.
    pub(super) name: Option<String>,
    /// The services that it deploys.
    pub(super) own: Vec<Key>,
    /// Whether it also builds them, so that nothing has been built yet.
    pub(super) builds: bool,
}

/// A staged service, with all candidates that its deploy needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedService {
    /// The service.
    pub key: Key,
    /// Its candidate, and those of the other services that its deploy touches.
    pub candidates: Vec<(Key, AttemptId)>,
}

/// A candidate for one mark.
struct Waiting<'e> {
    key: Key,
    /// The entry of the service that is deployed.
    by: &'e TicketEntry,
    decided: AttemptId,
    artifact: Option<AttemptId>,
    release: Release,
    /// Whether `decide` has ensured that there is a lasting attempt of unknown content.
    covered: bool,
    unwritten: bool,
    staged_before_built: bool,
}

impl Waiting<'_> {
    fn is_pin(&self) -> bool {
        self.key != self.by.key
    }
}

/// Candidates on copies of the marks.
pub(super) struct Staging<'m, 't> {
    pub(super) draft: StepDraft<'m>,
    pub(super) ticket: &'t mut Ticket,
    pub(super) store: &'t str,
    pub(super) report: &'t BuildReport,
}

impl Staging<'_, '_> {
    /// Stages everything that a deploy stage deploys.
    pub(super) fn stage(&mut self, stage: &DeployStage) -> Result<Vec<StagedService>, Refusal> {
        let entries: Vec<TicketEntry> = stage.own.iter().map(|key| self.entry(key)).collect::<Result<_, _>>()?;
        let used = self.used();
        let mut ids: BTreeMap<Key, AttemptId> = BTreeMap::new();
        let mut staged = Vec::new();
        for entry in &entries {
            let mut candidates = Vec::new();
            let mut touches = BTreeMap::new();
            // The other services that its deploy touches come first: so all of them have candidates once its own
            // candidate waits.
            for waiting in self.touched(stage, entry)?.into_iter().chain([self.own(stage, entry)]) {
                let key = waiting.key.clone();
                let name = stage.name.clone().unwrap_or_else(|| entry.key.service.to_string());
                if waiting.is_pin() && stage.own.contains(&key) {
                    continue;
                }
                let id = match ids.get(&key) {
                    Some(id) => id.clone(),
                    None if used.contains(&(key.clone(), name.clone())) => {
                        return Err(Refusal::StagedTwice(key, name));
                    }
                    None => self.wait(&waiting, &name, &touches)?,
                };
                ids.insert(key.clone(), id.clone());
                touches.insert(key.service.clone(), id.clone());
                candidates.push((key, id, name));
            }
            staged.push(self.close(entry, candidates));
        }
        Ok(staged)
    }

    fn entry(&self, key: &Key) -> Result<TicketEntry, Refusal> {
        let entry = self.ticket.entry(self.store, key).ok_or_else(|| Refusal::NotDecided(key.clone()))?;
        match entry.closed {
            Some(Closed::Recorded) => Err(Refusal::Recorded(key.clone())),
            Some(Closed::Failed) => Err(Refusal::Failed(key.clone())),
            _ if entry.failed => Err(Refusal::Failed(key.clone())),
            Some(Closed::Staged) | None => Ok(entry.clone()),
        }
    }

    /// The names of deploy stages that this build has used, by mark.
    fn used(&self) -> BTreeSet<(Key, String)> {
        let mine = self.ticket.entries.iter().filter(|entry| entry.store == self.store);
        mine.flat_map(|entry| {
            let key = |candidate: &StagedCandidate| entry.key_of(&candidate.service);
            entry.candidates.iter().map(move |candidate| (key(candidate), candidate.stage.clone()))
        })
        .collect()
    }

    /// The service itself: what was built, or the deploy that a skip relies on, which its deploy stage will redeploy.
    fn own<'e>(&self, stage: &DeployStage, entry: &'e TicketEntry) -> Waiting<'e> {
        let (artifact, release) = match &entry.basis {
            Some(basis) if entry.skips() => (basis.artifact.clone(), basis.release.clone()),
            _ => (Some(entry.attempt.clone()), self.report.release(entry)),
        };
        Waiting {
            key: entry.key.clone(),
            by: entry,
            decided: entry.attempt.clone(),
            artifact,
            release,
            covered: false,
            unwritten: entry.unwritten,
            staged_before_built: stage.builds && !entry.skips(),
        }
    }

    /// What else its deploy touches: what it redeploys, as recorded or as built by this build, and orphans.
    fn touched<'e>(&self, stage: &DeployStage, entry: &'e TicketEntry) -> Result<Vec<Waiting<'e>>, Refusal> {
        let waiting = |key: Key, decided: &AttemptId, artifact, release| Waiting {
            key,
            by: entry,
            decided: decided.clone(),
            artifact,
            release,
            covered: false,
            unwritten: false,
            staged_before_built: false,
        };
        let mut touched = Vec::new();
        for pin in &entry.pins {
            let release = pin.deploy.as_ref().map(|deploy| deploy.release.clone()).unwrap_or_default();
            let pinned = waiting(entry.key_of(&pin.service), &pin.attempt, pin.artifact(), release);
            touched.push(Waiting { unwritten: pin.unwritten, ..pinned });
        }
        for service in &entry.built_along {
            let key = entry.key_of(service);
            let other = self.ticket.entry(self.store, &key).filter(|other| !other.skips());
            let other = other.ok_or_else(|| Refusal::NotDecided(key.clone()))?;
            if stage.own.contains(&key) {
                continue;
            }
            let release = self.report.release(other);
            let outputs = if release.outputs.is_empty() { other.outputs.clone() } else { release.outputs };
            let release = Release { outputs, ..release };
            let along = waiting(key, &other.attempt, Some(other.attempt.clone()), release);
            touched.push(Waiting { unwritten: other.unwritten, ..along });
        }
        for orphan in &entry.orphans {
            let key = entry.key_of(&orphan.service);
            // A service without a mark, or with a damaged one, cannot be skipped, so there is no need to warn it.
            let known = self.draft.marks.get(&key).map(|read| &read.known);
            if matches!(known, Some(Known::Absent | Known::Damaged { .. })) {
                continue;
            }
            let unknown = self.draft.id(&key, &["orphan", entry.key.service.as_str()]);
            let gone = waiting(key, &unknown, Some(unknown.clone()), Release::default());
            touched.push(Waiting { covered: !orphan.unwritten, unwritten: orphan.unwritten, ..gone });
        }
        Ok(touched)
    }

    /// Stores a candidate, and adds it to the mark as waiting.
    fn wait(
        &mut self,
        waiting: &Waiting<'_>,
        name: &str,
        touches: &BTreeMap<ServiceName, AttemptId>,
    ) -> Result<AttemptId, Refusal> {
        let Waiting { key, by, .. } = waiting;
        let pinned = waiting.is_pin();
        let mut candidate = Candidate {
            schema: SCHEMA,
            id: self.draft.id(key, &["candidate", name]),
            decided: waiting.decided.clone(),
            stage: name.to_owned(),
            lane: by.home.as_ref().and_then(|home| home.lane(name)),
            place: 0,
            staged_at: self.draft.now.at,
            began: None,
            promoted: BTreeMap::new(),
            staged_before_built: waiting.staged_before_built,
            unwritten: waiting.unwritten,
            artifact: waiting.artifact.clone(),
            home: by.home.clone(),
            build_timeout_seconds: by.build_timeout_seconds,
            deploy_timeout_seconds: by.deploy_timeout_seconds,
            pinned_by: pinned.then(|| by.key.service.clone()),
            touches: if pinned { BTreeMap::new() } else { touches.clone() },
            reason: (!pinned).then(|| by.reason.word().to_owned()),
            reused: by.reused.as_ref().filter(|_| !pinned).map(|reused| reused.origin.clone()),
            shadow: by.shadow.clone().filter(|_| !pinned),
            declared: if pinned || by.skips() { BTreeMap::new() } else { by.declared.clone() },
            release: waiting.release.clone(),
        };
        let (mark, clock) = self.draft.mark(key).map_err(|cause| cause.refusal(key))?;
        match mark.stage(&mut candidate, waiting.covered, clock) {
            Ok(Wait::Added) => {}
            Ok(Wait::Known) => return Ok(candidate.id),
            Ok(Wait::Refused) => return Err(Refusal::Overtaken(key.clone(), by.key.service.clone())),
            Err(Full) => return Err(Refusal::Full(key.clone())),
        }
        if let Some(hash) = candidate.release.snapshot.clone().filter(|_| !pinned && !by.skips()) {
            self.draft.first(key, Put::Snapshot(hash));
        }
        let id = candidate.id.clone();
        self.draft.first(key, Put::Candidate(Box::new(candidate), None));
        Ok(id)
    }

    /// Records on the ticket what was staged.
    fn close(&mut self, entry: &TicketEntry, candidates: Vec<(Key, AttemptId, String)>) -> StagedService {
        let outputs = self.report.release(entry).outputs;
        if let Some(entry) = self.ticket.entry_mut(self.store, &entry.key) {
            entry.closed = Some(Closed::Staged);
            if !entry.skips() {
                entry.outputs = outputs;
            }
            for (key, id, stage) in &candidates {
                let staged = StagedCandidate { service: key.service.clone(), stage: stage.clone(), id: id.clone() };
                if !entry.candidates.contains(&staged) {
                    entry.candidates.push(staged);
                }
            }
        }
        let candidates = candidates.into_iter().map(|(key, id, _)| (key, id)).collect();
        StagedService { key: entry.key.clone(), candidates }
    }
}
