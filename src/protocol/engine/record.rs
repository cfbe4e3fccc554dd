//! `record` and `adopt`: a deploy is done, or its build has failed.

use std::collections::BTreeMap;

use super::core::Engine;
use super::decision::{declared, repeats};
use super::drafting::{StepDraft, Unusable, unread};
use super::mark::{Attempt, AttemptId, Build, Finish, Finishing, Home, Mark, Release};
use super::marks::{Marks, Moment};
use super::noted::{Noted, What};
use super::reason::Reason;
use super::refusal::Refusal;
use super::step::{Put, Step, Unread};
use super::ticket::{Closed, Pin, Ticket, TicketEntry};
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};

/// How a build has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has deployed or built what it should.
    Succeeded,
    /// It failed, was cancelled, or its command could not be started: anything it has deployed is doubt.
    Failed,
}

/// The request of `record` and `stage`.
#[derive(Debug, Clone)]
pub struct BuildReport {
    /// The services.
    pub keys: Vec<Key>,
    /// How the build has ended.
    pub outcome: Outcome,
    /// The outputs of the build, by service.
    pub outputs: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// The revision label of the source, if a different one is given now.
    pub revision: Option<String>,
    /// The pipeline execution, if given now.
    pub execution: Option<String>,
}

impl BuildReport {
    fn build(&self, entry: &TicketEntry) -> Build {
        let execution = self.execution.clone().or_else(|| entry.build.execution.clone());
        Build { execution, ..entry.build.clone() }
    }

    /// What was built for an entry, with its outputs.
    pub(super) fn release(&self, entry: &TicketEntry) -> Release {
        let revision = self.revision.as_deref().or(entry.revision.as_deref());
        let outputs = match &entry.reused {
            Some(reused) => reused.release.outputs.clone(),
            None => self.outputs.get(&entry.key.service).cloned().unwrap_or_default(),
        };
        Release { outputs, ..entry.inputs.release(revision, &self.build(entry)) }
    }
}

impl Engine {
    /// What must still be read before these services can be recorded or staged.
    pub fn ticket_keys(&self, ticket: &Ticket, keys: &[Key], marks: &Marks) -> Unread {
        let mut needed = Vec::new();
        for key in keys {
            needed.push(key.clone());
            let entry = ticket.entry(&self.caller.store, key);
            needed.extend(entry.iter().flat_map(|entry| entry.others()));
            if entry.is_some_and(|entry| entry.orphans_unknown) {
                needed.extend(self.orphans(&key.environment, marks));
            }
        }
        unread(&needed, marks)
    }

    /// The same for `record`, which reads nothing for services that were skipped, or that it has already recorded or
    /// staged.
    pub fn record_keys(&self, ticket: &Ticket, keys: &[Key], marks: &Marks) -> Unread {
        let moves = |key: &&Key| {
            ticket.entry(&self.caller.store, key).is_none_or(|entry| {
                let over = entry.skips() || matches!(entry.closed, Some(Closed::Recorded | Closed::Staged));
                !over || entry.binds(&self.caller).is_err()
            })
        };
        let keys: Vec<Key> = keys.iter().filter(moves).cloned().collect();
        self.ticket_keys(ticket, &keys, marks)
    }

    /// Records the deploys of a build, or its failure. If one of the services cannot be recorded, none is; services
    /// that are not on the ticket become doubt anyway, because the build may have deployed them.
    pub fn record(&self, ticket: &Ticket, report: &BuildReport, marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
        let mut draft = StepDraft::new(marks, now);
        if report.outcome == Outcome::Failed {
            return self.fail(ticket, report, draft);
        }
        let mut told = Vec::new();
        let mut entries = Vec::new();
        for key in &report.keys {
            let refused = match ticket.entry(&self.caller.store, key) {
                None => Some(Refusal::NotDecided(key.clone())),
                Some(entry) => match self.recordable(entry, report) {
                    Ok(()) => {
                        entries.push(entry);
                        None
                    }
                    Err(refusal) => Some(refusal),
                },
            };
            let Some(refusal) = refused else { continue };
            let untrue = matches!(
                refusal,
                Refusal::NotDecided(_) | Refusal::OtherSource(..) | Refusal::OtherMap(_) | Refusal::ExtrasDiffer(_)
            );
            told.push(Noted::new(key, What::Refused(refusal)));
            if untrue {
                told.extend(self.undecided(&mut draft, key));
            }
        }
        let mut ticket = ticket.clone();
        if told.is_empty() {
            for entry in entries {
                let noted = self.record_entry(&mut draft, entry, report);
                let done = !noted.iter().any(Noted::failed);
                told.extend(noted);
                if let Some(entry) = ticket.entry_mut(&entry.store, &entry.key).filter(|entry| done && !entry.skips()) {
                    entry.closed.get_or_insert(Closed::Recorded);
                }
            }
        }
        draft.step(told, Some(ticket))
    }

    /// R9: a build without a decision may have deployed something. Without a mark, there is nothing to skip.
    fn undecided(&self, draft: &mut StepDraft<'_>, key: &Key) -> Option<Noted> {
        let id = draft.id(key, &["doubt"]);
        let why = "a build recorded a deploy that it had not decided";
        match draft.mark(key) {
            Err(cause) => Some(Noted::new(key, cause.into())),
            Ok((mark, _)) if mark.deployed.is_none() && mark.attempts.is_empty() && mark.newer.is_none() => None,
            Ok((mark, clock)) => {
                mark.doubt(&id, why, &self.caller.build, clock);
                Some(Noted::new(key, What::Doubted(why.to_owned())))
            }
        }
    }

    /// Checks whether an entry can be recorded or staged.
    pub(super) fn recordable(&self, entry: &TicketEntry, report: &BuildReport) -> Result<(), Refusal> {
        let key = &entry.key;
        entry.binds(&self.caller)?;
        if entry.skips() || entry.closed == Some(Closed::Recorded) {
            return Ok(());
        }
        // An input that could not be read is one all the same.
        let selects = entry.inputs.selects || entry.inputs.unreadable.is_some();
        if entry.reason == Reason::NoInputs || !selects {
            return Err(Refusal::NoInputs(key.clone()));
        }
        let given = report.outputs.get(&key.service);
        match &entry.reused {
            Some(reused) if given.is_some_and(|given| !repeats(given, &reused.release.outputs)) => {
                Err(Refusal::ReusedOutputs(key.clone()))
            }
            Some(_) => Ok(()),
            None => {
                let policy = self.policy(key).ok_or_else(|| Refusal::NotInMap(key.clone()))?;
                let none = BTreeMap::new();
                match declared(&policy.outputs, given.unwrap_or(&none)) {
                    Some(missing) => Err(Refusal::Outputs(key.clone(), Box::new(missing))),
                    None => Ok(()),
                }
            }
        }
    }

    /// Finishes the attempt of an entry, after those of the services that its deploy has redeployed.
    fn record_entry(&self, draft: &mut StepDraft<'_>, entry: &TicketEntry, report: &BuildReport) -> Vec<Noted> {
        let key = &entry.key;
        match entry.closed {
            _ if entry.skips() => return vec![Noted::new(key, What::Skipped)],
            Some(Closed::Recorded) => return vec![Noted::new(key, What::RecordedBefore)],
            Some(Closed::Staged) => return vec![Noted::new(key, What::StagedBefore)],
            // A failure was reported, but there was a deploy all the same: it is recorded, and remains in doubt.
            Some(Closed::Failed) | None => {}
        }
        let mut told: Vec<Noted> = entry.pins.iter().map(|pin| redeployed(draft, entry, pin)).collect();
        told.extend(self.unwritten_orphans(draft, entry));
        let release = report.release(entry);
        let snapshot = release.snapshot.clone();
        let done = Finishing {
            id: entry.attempt.clone(),
            artifact: Some(entry.attempt.clone()),
            candidate: None,
            home: entry.home.clone(),
            reused: entry.reused.as_ref().map(|reused| reused.origin.clone()),
            pinned: false,
            unwritten: entry.unwritten,
            release,
        };
        let finish = finish(draft, key, &entry.attempt, done, entry.failed);
        if let (Ok(_), Some(hash)) = (&finish, snapshot) {
            draft.first(key, Put::Snapshot(hash));
        }
        told.push(Noted::new(key, finish.map_or_else(What::unrecorded, What::Recorded)));
        told
    }

    /// Orphans that `decide` could not warn: the deploy may have removed them.
    fn unwritten_orphans(&self, draft: &mut StepDraft<'_>, entry: &TicketEntry) -> Vec<Noted> {
        let unwritten = entry.orphans.iter().filter(|orphan| orphan.unwritten);
        let mut keys: Vec<Key> = unwritten.map(|orphan| entry.key_of(&orphan.service)).collect();
        if entry.orphans_unknown {
            keys.extend(self.orphans(&entry.key.environment, draft.marks));
        }
        let why = "a build whose map lacks this service has deployed, and could not say so before";
        let mut told = Vec::new();
        for key in keys {
            let id = draft.id(&key, &["doubt"]);
            let what = match draft.mark(&key) {
                Ok((mark, clock)) => {
                    mark.doubt(&id, why, &entry.build, clock);
                    What::Doubted(why.to_owned())
                }
                // It is doubt in itself.
                Err(Unusable::Damaged(_)) => continue,
                Err(cause) => cause.into(),
            };
            told.push(Noted::new(&key, what));
        }
        told
    }

    /// R2: the build has failed. Everything it has opened has ended.
    pub(super) fn fail(&self, ticket: &Ticket, report: &BuildReport, mut draft: StepDraft<'_>) -> Step<Vec<Noted>> {
        let mut told = Vec::new();
        let mut after = ticket.clone();
        let entries = report.keys.iter().filter_map(|key| ticket.entry(&self.caller.store, key));
        for entry in entries.filter(|entry| !entry.skips() && entry.closed.is_none()) {
            let pins = entry.pins.iter().map(|pin| (entry.key_of(&pin.service), &pin.attempt));
            let mut noted = Vec::new();
            for (key, id) in pins.chain([(entry.key.clone(), &entry.attempt)]) {
                let what = match draft.mark(&key) {
                    Ok((mark, clock)) => {
                        mark.fail(id, clock);
                        What::Ended
                    }
                    Err(cause) => What::stays_open(cause),
                };
                noted.push(Noted::new(&key, what));
            }
            noted.extend(self.unwritten_orphans(&mut draft, entry));
            // A failure that could not be recorded can be recorded again.
            let done = !noted.iter().any(Noted::failed);
            told.extend(noted);
            if let Some(entry) = after.entry_mut(&entry.store, &entry.key) {
                entry.failed = true;
                entry.closed = done.then_some(Closed::Failed);
            }
        }
        draft.step(told, Some(after))
    }

    /// Records what a person says is already deployed: it does not have an attempt, so it does not drop anything.
    pub fn adopt(
        &self,
        key: &Key,
        release: Release,
        home: Option<Home>,
        marks: &Marks,
        now: &Moment,
    ) -> Step<Vec<Noted>> {
        let mut draft = StepDraft::new(marks, now);
        let id = now.id(key, &["adopt"]);
        let snapshot = release.snapshot.clone();
        let done = Finishing {
            id: id.clone(),
            artifact: Some(id.clone()),
            candidate: None,
            home,
            reused: None,
            pinned: false,
            unwritten: false,
            release,
        };
        let finish = finish(&mut draft, key, &id, done, false);
        if let (Ok(_), Some(hash)) = (&finish, snapshot) {
            draft.first(key, Put::Snapshot(hash));
        }
        let what = finish.map_or_else(What::unrecorded, What::Recorded);
        draft.step(vec![Noted::new(key, what)], None)
    }
}

fn redeployed(draft: &mut StepDraft<'_>, entry: &TicketEntry, pin: &Pin) -> Noted {
    let key = entry.key_of(&pin.service);
    let done = Finishing {
        id: pin.attempt.clone(),
        artifact: pin.artifact(),
        candidate: None,
        home: entry.home.clone(),
        reused: pin.deploy.as_ref().and_then(|deploy| deploy.reused.clone()),
        pinned: true,
        unwritten: pin.unwritten,
        release: pin.deploy.as_ref().map(|deploy| deploy.release.clone()).unwrap_or_default(),
    };
    let what = match finish(draft, &key, &pin.attempt, done, entry.failed) {
        Ok(finish) => What::Redeployed(entry.key.service.clone(), finish),
        // Its own decisions build until a person has looked at it.
        Err(Unusable::Damaged(cause)) => What::Doubted(format!("its mark is damaged: {cause}")),
        Err(cause) => What::unrecorded(cause),
    };
    Noted::new(&key, what)
}

/// Finishes an attempt, which may have failed before. Another try of the same call finds it finished, and reports the same.
fn finish(
    draft: &mut StepDraft<'_>,
    key: &Key,
    id: &AttemptId,
    done: Finishing,
    failed: bool,
) -> Result<Finish, Unusable> {
    let doubt = draft.id(key, &["doubt"]);
    let (mark, clock) = draft.mark(key)?;
    let mark: &mut Mark = mark;
    // Another process of the build may have reported the failure.
    let failed = failed || mark.attempt(id).is_some_and(Attempt::told_failed);
    let finish = match mark.finish(Some(id), done, clock) {
        Finish::Already => mark.finished(id).unwrap_or(Finish::Already),
        finish => finish,
    };
    Ok(if failed { mark.had_failed(finish, &doubt, clock) } else { finish })
}
