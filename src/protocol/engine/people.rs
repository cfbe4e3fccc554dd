//! Marks changed by people: `taint`, `state rm`, `import`.

use std::collections::BTreeSet;

use super::drafting::StepDraft;
use super::mark::{Attempt, Build, Mark, Taint};
use super::marks::{Known, Marks, Moment, StoredNames};
use super::noted::{Noted, What};
use super::refusal::Refusal;
use super::step::Step;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName, ServiceName};

/// R9: a person states that something else is deployed, and with `nothing_running` that nothing else is under way.
///
/// # Errors
/// There is nothing to taint, or a mark cannot be read: then none is written.
pub fn taint(
    keys: &[Key],
    said: &Taint,
    nothing_running: bool,
    marks: &Marks,
    now: &Moment,
) -> Result<Step<Vec<Noted>>, Refusal> {
    let mut draft = StepDraft::new(marks, now);
    let mut told = Vec::new();
    for key in keys {
        if matches!(marks.get(key).map(|read| &read.known), Some(Known::Absent)) {
            return Err(Refusal::NoMark(key.clone()));
        }
        let id = draft.id(key, &["taint"]);
        let (mark, clock) = draft.mark(key).map_err(|cause| cause.refusal(key))?;
        if mark.deployed.is_none() && mark.attempts.is_empty() && mark.newer.is_none() {
            return Err(Refusal::NoMark(key.clone()));
        }
        // A job that is delivered twice taints once.
        if !mark.tainted(&id) {
            mark.taint(&id, said.clone(), nothing_running, clock);
        }
        told.push(Noted::new(key, What::Tainted(open(mark))));
    }
    Ok(draft.step(told, None))
}

/// `status --shadow --clear`: the counts and contradictions of shadow builds are forgotten. They decide nothing. Services
/// without any are not reported.
pub fn clear_shadow(keys: &[Key], marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let mut told = Vec::new();
    for key in keys {
        let what = match marks.get(key).map(|read| &read.known) {
            Some(Known::Mark(_)) => match draft.mark(key) {
                Ok((mark, clock)) => mark.clear_shadow(clock).then_some(What::ShadowCleared),
                Err(cause) => Some(cause.into()),
            },
            // (A mark that a newer version wrote shows no counts, and keeps its own.)
            Some(Known::Absent) => None,
            Some(Known::Unavailable(cause)) => Some(What::Unwritten(cause.clone())),
            Some(Known::Damaged { cause, .. }) => Some(What::Damaged(cause.clone())),
            None => Some(What::Unwritten("its mark was not read".to_owned())),
        };
        told.extend(what.map(|what| Noted::new(key, what)));
    }
    draft.step(told, None)
}

/// R10: `state rm`. The deploys are forgotten, the attempts are not, and what they deploy is in doubt (R9); an invalid mark is
/// replaced with an attempt of unknown content, which lasts until a person states that nothing is running.
pub fn state_rm(keys: &[Key], marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let told = keys.iter().map(|key| Noted::new(key, forget(&mut draft, key))).collect();
    draft.step(told, None)
}

/// `state rm --orphans`: the marks of services that are not in the map of the environment. Those without live attempts
/// are removed; the others are forgotten, as by `state rm`. Their names are removed, so that decisions no longer write
/// there.
pub fn rm_orphans(
    project: &ProjectName,
    environment: &EnvironmentName,
    services: &BTreeSet<ServiceName>,
    marks: &Marks,
    now: &Moment,
) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let mut told = Vec::new();
    for key in orphans(project, environment, services, marks) {
        let what = match marks.get(&key).map(|read| &read.known) {
            Some(Known::Mark(mark)) if mark.newer.is_none() && open(mark) == 0 => {
                draft.remove(&key);
                What::Removed
            }
            _ => forget(&mut draft, &key),
        };
        if !matches!(what, What::Unwritten(_)) {
            draft.drop_name(&key);
        }
        told.push(Noted::new(&key, what));
    }
    draft.step(told, None)
}

/// The services that have a mark in an environment but are not in its map, as far as their names were read.
pub fn orphans(
    project: &ProjectName,
    environment: &EnvironmentName,
    services: &BTreeSet<ServiceName>,
    marks: &Marks,
) -> Vec<Key> {
    let Some(StoredNames::Names { names, .. }) = marks.names(environment) else { return Vec::new() };
    let key = |service: &ServiceName| Key {
        project: project.clone(),
        environment: environment.clone(),
        service: service.clone(),
    };
    names.difference(services).map(key).collect()
}

fn forget(draft: &mut StepDraft<'_>, key: &Key) -> What {
    let id = draft.id(key, &["removed"]);
    let Some(read) = draft.marks.get(key) else { return What::Unwritten("its mark was not read".to_owned()) };
    match &read.known {
        Known::Absent => What::Nothing,
        Known::Unavailable(cause) => What::Unwritten(cause.clone()),
        Known::Damaged { serial, .. } => {
            let mark = Mark::forget_damaged(&id, *serial, draft.now.clock(read));
            let open = open(&mark);
            draft.replace(key, mark);
            What::Forgotten(open)
        }
        Known::Mark(_) => match draft.mark(key) {
            Ok((mark, clock)) => {
                // An entry without a name that has ended is nobody's, so nobody will record it.
                let running = mark.attempts.iter().any(|attempt| attempt.alive() || !attempt.id.is_nameless());
                let doubt = id.derive(&["running"]);
                // Another try finds it forgotten.
                if mark.attempts.iter().any(|attempt| attempt.id == doubt.nameless()) {
                    return What::Forgotten(open(mark));
                }
                if mark.deployed.is_some() || !mark.log.is_empty() || mark.shadow.is_some() || mark.newer.is_some() {
                    mark.forget(&id, clock);
                }
                // Whoever removes a record may have removed what was deployed, also by those that have not recorded it yet.
                if running {
                    let why = "its record was removed while a deploy may have been under way";
                    mark.doubt(&doubt, why, &Build::default(), clock);
                }
                What::Forgotten(open(mark))
            }
            Err(cause) => cause.into(),
        },
    }
}

/// Imports an exported mark. What was there before stays as doubt, and what is imported is doubt unless a person
/// vouches for it.
///
/// It handles one service at a time, because an imported mark looks like one that is still to be replaced.
pub fn import(key: &Key, exported: &Mark, trusted: bool, marks: &Marks, now: &Moment) -> Step<Noted> {
    let mut draft = StepDraft::new(marks, now);
    let id = draft.id(key, &["import"]);
    let unwritten = |cause: &str| Noted::new(key, What::Unwritten(cause.to_owned()));
    let Some(read) = marks.get(key) else { return draft.step(unwritten("its mark was not read"), None) };
    let clock = now.clock(read);
    let replaced = match &read.known {
        Known::Unavailable(cause) => return draft.step(unwritten(cause), None),
        Known::Absent => None,
        Known::Mark(mark) => Some(mark.as_ref().clone()),
        Known::Damaged { serial, .. } => Some(Mark::forget_damaged(&id.derive(&["damaged"]), *serial, clock)),
    };
    draft.replace(key, exported.clone().imported(replaced.as_ref(), &id, trusted, clock));
    draft.step(Noted::new(key, What::Imported), None)
}

fn open(mark: &Mark) -> usize {
    mark.attempts.iter().filter(|attempt| Attempt::alive(attempt)).count()
}
