//! `begin` and `promote`: the deploy stage. They need neither map nor source (R7, R8, R14).

use std::collections::BTreeMap;

use super::decision::{confirmed, declared_as, repeats};
use super::drafting::StepDraft;
use super::evidence::Evidence;
use super::mark::{AttemptId, Began, Candidate, Clock, Finish, Full, Rest, ToldRun};
use super::marks::{Marks, Moment, Version};
use super::noted::{Noted, What};
use super::refusal::Refusal;
use super::step::{Put, Step};
use super::tokens::Claim;
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};

/// A candidate as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCandidate {
    /// The candidate.
    pub candidate: Candidate,
    /// The version that a write must still find.
    pub version: Option<Version>,
}

/// What a deploy stage received for one mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The mark's key.
    pub key: Key,
    /// The candidate; `None` if it is not in the store, damaged, or of an older version.
    pub candidate: Option<StoredCandidate>,
}

/// The arguments of `promote`.
#[derive(Debug, Clone, Default)]
pub struct Promotion {
    /// The build, or the action's job, that deployed: a second delivery has the same one. If `None`, the call's own id
    /// is used.
    pub job: Option<String>,
    /// The outputs by service, if they were built after staging.
    pub outputs: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// The pipeline execution, if given now.
    pub execution: Option<String>,
}

/// The deploy stage begins. It must not continue if one of its candidates [failed](Noted::failed): then nothing is
/// written.
pub fn begin(targets: &[Target], job: Option<&str>, marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let job = job_of(job, now);
    let told: Vec<Noted> =
        targets.iter().map(|target| Noted::new(&target.key, begin_one(&mut draft, target, &job))).collect();
    if told.iter().any(Noted::failed) {
        let failed = told.into_iter().filter(Noted::failed).collect();
        return StepDraft::new(marks, now).step(failed, None);
    }
    draft.step(told, None)
}

fn begin_one(draft: &mut StepDraft<'_>, target: &Target, job: &str) -> What {
    let key = &target.key;
    let Some(StoredCandidate { candidate, version }) = &target.candidate else { return What::MustNotBegin };
    let run = AttemptId::of_run(&candidate.id, job);
    let (mark, clock) = match draft.mark(key) {
        Ok(drafted) => drafted,
        Err(cause) => return cause.into(),
    };
    match mark.begin(candidate, candidate.began.is_some(), &run, clock) {
        Ok(true) => {}
        Ok(false) => return What::MustNotBegin,
        Err(Full) => return What::Full,
    }
    if candidate.began.is_none() {
        let began = Some(Began { at: clock.shown(), by: run.clone(), rest: Rest::new() });
        let candidate = Candidate { began, ..candidate.clone() };
        draft.then(key, Put::Candidate(Box::new(candidate), version.clone()));
    }
    What::Begun(run)
}

/// The deploy stage has deployed: its candidates are recorded.
pub fn promote(targets: &[Target], promotion: &Promotion, marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let told = targets.iter().map(|target| {
        let what = match &target.candidate {
            Some(stored) => promote_one(&mut draft, &target.key, stored, promotion),
            None => lost(&mut draft, &target.key),
        };
        Noted::new(&target.key, what)
    });
    let told = told.collect();
    draft.step(told, None)
}

fn promote_one(draft: &mut StepDraft<'_>, key: &Key, stored: &StoredCandidate, promotion: &Promotion) -> What {
    let StoredCandidate { candidate, version } = stored;
    let mut deployed = candidate.clone();
    if let Some(given) = promotion.outputs.get(&key.service).filter(|given| !given.is_empty()) {
        if candidate.reused.is_some() && !repeats(given, &candidate.release.outputs) {
            return What::Refused(Refusal::ReusedOutputs(key.clone()));
        }
        // A service that another deploy redeploys keeps its recorded release.
        if candidate.pinned_by.is_none() {
            deployed.release.outputs.extend(given.clone());
        }
    }
    if let Some(missing) = declared_as(&candidate.declared, &deployed.release.outputs) {
        return What::Refused(Refusal::Outputs(key.clone(), Box::new(missing)));
    }
    let build = &mut deployed.release.build;
    build.execution = promotion.execution.clone().or(build.execution.take());
    let job = job_of(promotion.job.as_deref(), draft.now);
    let call = draft.now.call.clone();
    let doubt = draft.id(key, &["doubt"]);
    let (mark, clock) = match draft.mark(key) {
        Ok(drafted) => drafted,
        Err(cause) => return What::unrecorded(cause),
    };
    let failed = mark.told_failed(candidate);
    let mut finish = mark.promote(&mut deployed, &job, &call, clock);
    if failed {
        finish = mark.had_failed(finish, &doubt, clock);
    }
    if finish == Finish::Already && candidate.promoted.get(&job).is_some_and(|before| before.by == call) {
        // Another try of the same call: it reports what the first would have.
        let otherwise = if candidate.is_placeholder() { Finish::Unknown } else { Finish::Already };
        finish = deployed.finished_as(&job).and_then(|id| mark.finished(&id)).unwrap_or(otherwise);
    }
    if deployed.promoted != candidate.promoted {
        let candidate = Candidate { promoted: deployed.promoted, ..candidate.clone() };
        draft.first(key, Put::Candidate(Box::new(candidate), version.clone()));
    }
    match candidate.pinned_by.clone() {
        Some(by) => What::Redeployed(by, finish),
        None => What::Recorded(finish),
    }
}

/// R9: it is unknown what was deployed.
fn lost(draft: &mut StepDraft<'_>, key: &Key) -> What {
    let id = draft.id(key, &["doubt"]);
    match draft.mark(key) {
        Ok((mark, clock)) => {
            let why = "a candidate that is not in the store was deployed";
            mark.doubt(&id, why, &super::mark::Build::default(), clock);
            What::LostCandidate
        }
        Err(cause) => cause.into(),
    }
}

/// The deploy stage has failed (`promote --failed`): anything it has deployed is doubt.
pub fn promote_failed(targets: &[Target], job: Option<&str>, marks: &Marks, now: &Moment) -> Step<Vec<Noted>> {
    let mut draft = StepDraft::new(marks, now);
    let job = job_of(job, now);
    let told = targets.iter().map(|target| {
        let key = &target.key;
        let what = match &target.candidate {
            None => lost(&mut draft, key),
            Some(stored) => match draft.mark(key) {
                Err(cause) => What::stays_open(cause),
                Ok((mark, clock)) => match mark.tell(&stored.candidate, &job, clock) {
                    ToldRun::Ended(_) => What::Ended,
                    ToldRun::Several => What::SeveralRuns,
                    ToldRun::NoRun => What::NoRun,
                },
            },
        };
        Noted::new(key, what)
    });
    let told = told.collect();
    draft.step(told, None)
}

/// R14: `promote` of claims. Each skip that still holds is [`Evidence::Unchanged`]; any other evidence says why it does
/// not, and the execution must fail. Nothing is written.
pub fn confirm(claims: &[(Key, Claim)], marks: &Marks, now: &Moment) -> Vec<(Key, Evidence)> {
    let confirm = |(key, claim): &(Key, Claim)| {
        let evidence = match marks.get(key) {
            None => Evidence::StateUnavailable("its mark was not read".to_owned()),
            Some(read) => {
                let now: Clock = now.clock(read);
                confirmed(claim, &read.known, now)
            }
        };
        (key.clone(), evidence)
    };
    claims.iter().map(confirm).collect()
}

fn job_of(job: Option<&str>, now: &Moment) -> String {
    job.map_or_else(|| now.call.to_string(), str::to_owned)
}
