//! `begin` and `promote`: the first and the last action of a deploy stage. They need neither source nor map.

use crate::app::cli::DeployArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, key, now};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ServiceName};
use crate::protocol::candidate_token::CandidateToken;
use crate::protocol::mark::stored::decode_candidate;
use crate::protocol::mark::{AttemptId, Candidate};
use crate::store::Store;

use super::context::{Transition, UpdateError, update};
use super::recording::{finish, not_recorded};

/// The candidates that a stage is about, and where they are kept.
struct Targets {
    store: Store,
    candidates: Vec<(Key, FoundCandidate)>,
}

/// Which candidate of a service.
enum FoundCandidate {
    Id(AttemptId),
    Missing,
}

/// The deploy stage begins.
pub(super) fn begin(settings: &Settings, reporter: Reporter, args: &DeployArgs) -> Result<Status, Failure> {
    each(settings, args, |store, key, candidate| {
        let run = AttemptId::new(now(), fastrand::u64(..));
        let begun = update(store, key, settings.timeout(), |mark| {
            mark.begin(candidate, run.clone(), now());
            Transition::Write(())
        });
        begun.map_err(UpdateError::failure)?;
        reporter.say(&format!("{}: its deploy to {} has begun", key.service, key.environment));
        Ok(())
    })
}

/// The deploy stage is done.
pub(super) fn promote(settings: &Settings, reporter: Reporter, args: &DeployArgs) -> Result<Status, Failure> {
    each(settings, args, |store, key, candidate| {
        finish(store, key, settings, reporter, &candidate.release, |mark| mark.promote(candidate, now()))
    })
}

/// Does all that can be done, then fails with the first that failed.
fn each(
    settings: &Settings,
    args: &DeployArgs,
    mut act: impl FnMut(&Store, &Key, &Candidate) -> Result<(), Failure>,
) -> Result<Status, Failure> {
    let targets = targets(settings, args)?;
    let mut failed = None;
    for (key, found) in &targets.candidates {
        let done =
            candidate(settings, &targets.store, key, found).and_then(|candidate| act(&targets.store, key, &candidate));
        failed = failed.or(done.err());
    }
    failed.map_or(Ok(Status::Done), Err)
}

/// Reads a candidate. Without it nobody knows what is deployed, so the mark is in doubt.
fn candidate(settings: &Settings, store: &Store, key: &Key, found: &FoundCandidate) -> Result<Candidate, Failure> {
    let cause = match found {
        FoundCandidate::Missing => "there is none of that execution".to_owned(),
        FoundCandidate::Id(id) => match store.candidate(key, id).map_err(not_recorded)? {
            None => format!("`{}` is not in the store: candidates are kept for 90 days", id.as_str()),
            Some(stored) => match decode_candidate(&stored.bytes) {
                Ok(candidate) => return Ok(candidate),
                Err(damaged) => format!("`{}` is damaged: {damaged}", id.as_str()),
            },
        },
    };
    let doubted = update(store, key, settings.timeout(), |mark| {
        mark.doubt("a candidate that could not be found was deployed", now());
        Transition::Write(())
    });
    doubted.map_err(UpdateError::failure)?;
    let failure = Failure::other(format!("`{}` has no such candidate: {cause}", key.service));
    Err(failure.hint("its mark is uncertain now: the next decision builds"))
}

fn targets(settings: &Settings, args: &DeployArgs) -> Result<Targets, Failure> {
    if let Some(value) = given("--candidate", args.candidate.as_deref())? {
        return by_value(settings, value);
    }
    let execution = settings.environment.build(args.execution.as_deref())?.execution;
    let Some(execution) = execution.filter(|_| !args.services.is_empty()) else {
        let failure = Failure::request("no candidate was named");
        return Err(failure.hint("add --candidate \"$SHIPMARK_CANDIDATE\", or --execution ID and the services"));
    };
    by_execution(settings, &execution, &args.services)
}

fn by_value(settings: &Settings, value: &str) -> Result<Targets, Failure> {
    let handoff = CandidateToken::decode(value)
        .map_err(|error| Failure::request(error).hint("pass the exported SHIPMARK_CANDIDATE on as it is"))?;
    if let Some(project) = settings.named_project().filter(|project| **project != handoff.project) {
        return Err(Failure::request(format!("the candidate is of project `{}`, not of `{project}`", handoff.project)));
    }
    let environment = environment(settings, &handoff)?;
    let none = || Failure::request(format!("the candidate has nothing for the environment `{environment}`"));
    let services = handoff.candidates.get(&environment).filter(|services| !services.is_empty()).ok_or_else(none)?;
    let target = |(service, id): &(ServiceName, AttemptId)| {
        (key(&handoff.project, &environment, service), FoundCandidate::Id(id.clone()))
    };
    let candidates = services.iter().map(target).collect();
    let url = settings.store_url(None, Some(&handoff.state))?;
    Ok(Targets { store: settings.open(&url), candidates })
}

/// A deploy stage deploys to one environment.
fn environment(settings: &Settings, handoff: &CandidateToken) -> Result<EnvironmentName, Failure> {
    let known: Vec<&EnvironmentName> = handoff.candidates.keys().collect();
    match (settings.named_environments(), known.as_slice()) {
        ([one], _) => Ok(one.clone()),
        ([], [one]) => Ok((*one).clone()),
        ([], _) => {
            let names: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
            let failure = Failure::request(format!("the candidate is for {}", crate::base::text::list(&names)));
            Err(failure.hint("say with --environment which of them this stage deploys to"))
        }
        _ => Err(Failure::request("a deploy stage deploys to one environment").hint("name one --environment")),
    }
}

/// The newest candidate that an execution staged, of each service and of what its deploy deploys again.
fn by_execution(settings: &Settings, execution: &str, services: &[String]) -> Result<Targets, Failure> {
    // A deploy stage may have the map and not the services.
    let map = settings.head_if_any()?;
    let environment = settings.one_environment(map.as_ref())?;
    let project = settings.project(map.as_ref());
    let store = settings.open(&settings.store_url(map.as_ref(), None)?);
    let mut candidates = Vec::new();
    for name in services {
        let service = ServiceName::new(name.as_str()).map_err(Failure::request)?;
        let key = key(&project, &environment, &service);
        let mut found = FoundCandidate::Missing;
        let mut again = Vec::new();
        for (id, bytes) in store.candidates(&key).map_err(not_recorded)? {
            let Ok(candidate) = decode_candidate(&bytes) else { continue };
            if candidate.release.build.execution.as_deref() == Some(execution) {
                again = candidate
                    .redeploys
                    .into_iter()
                    .map(|other| (Key { service: other, ..key.clone() }, id.clone()))
                    .collect();
                found = FoundCandidate::Id(id);
            }
        }
        candidates.extend(again.into_iter().map(|(key, id)| (key, FoundCandidate::Id(id))));
        candidates.push((key, found));
    }
    Ok(Targets { store, candidates })
}
