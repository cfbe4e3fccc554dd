//! `stage`: the build is done, and a later stage of the pipeline will deploy it.

use std::collections::BTreeMap;

use crate::app::cli::StageArgs;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given, moment};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::output::{self, Format};
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::record::Outcome;
use crate::protocol::engine::refusal::Refusal;
use crate::protocol::engine::stage::{StagedDecisions, StagedService};
use crate::protocol::engine::tokens::{CandidateToken, ClaimToken};

use super::context::{Context, refuse_pull_request};
use super::print::emit;
use super::recording::{Recording, named, say, why_failed};
use super::refusals;

/// Stages candidates and prints the values for their deploy stages; on failure prints text that makes `eval` fail.
pub(super) fn stage(settings: &Settings, reporter: Reporter, args: &StageArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter, &named(settings, &args.built))?;
    refuse_pull_request(settings, "stage")?;
    let name = given("--stage", args.stage.as_deref())?;
    let mut recording = Recording::new(&context, &args.built)?;
    let failed = recording.report.outcome == Outcome::Failed;
    if failed {
        context.reporter.warn(&format!("not staged: {}; no deploy was recorded", why_failed(settings)));
    }
    let moment = moment();
    let staged = recording.apply(&context, &moment, Engine::ticket_keys, |engine, ticket, report, marks, now| {
        engine.stage(ticket, report, name, marks, now)
    });
    let staged = staged.map_err(|refusal| not_staged(&context, &refusal))?.told;
    if failed {
        let store = &recording.engine.caller.store;
        if let Err(failure) = say(&context, reporter, &recording.ticket, store, &staged.noted) {
            context.reporter.warn(&failure.to_string());
        }
        // An exported variable must not be empty, and this value is not a valid candidate.
        let services: Vec<&ServiceName> = recording.report.keys.iter().map(|key| &key.service).collect();
        let none: Vec<(ServiceName, String)> =
            services.into_iter().map(|service| (service.clone(), "false".to_owned())).collect();
        emit(None, &output::candidates(args.format, &none, "false").map_err(Failure::request)?)?;
        return Ok(Status::Done);
    }
    for entry in recording.entries() {
        let Key { service, environment, .. } = &entry.key;
        let text = if entry.skips() { "the deploy that it stands on is staged again" } else { "staged" };
        context.reporter.say(&format!("{service}: {text} for {environment}"));
    }
    let services = by_service(&staged.services);
    let mut values = Vec::new();
    for (service, staged) in &services {
        values.push(((*service).clone(), token(&context, staged.iter().copied())?));
    }
    let all = token(&context, staged.services.iter())?;
    emit(None, &output::candidates(args.format, &values, &all).map_err(Failure::request)?)?;
    Ok(Status::Done)
}

/// The output of a failed `stage`: the shell that evaluates it fails.
pub(super) fn refuse(format: Format, failure: &Failure) {
    // If even this cannot be written, there is nothing to evaluate or export.
    let _ = emit(None, &output::candidates_refusal(format, &failure.to_string()));
}

fn by_service(staged: &[StagedService]) -> BTreeMap<&ServiceName, Vec<&StagedService>> {
    let mut by: BTreeMap<&ServiceName, Vec<&StagedService>> = BTreeMap::new();
    for staged in staged {
        by.entry(&staged.key.service).or_default().push(staged);
    }
    by
}

/// The candidates of services, and of everything else that their deploys touch, as one word.
fn token<'s>(context: &Context<'_>, staged: impl Iterator<Item = &'s StagedService>) -> Result<String, Failure> {
    let candidates = staged.flat_map(|staged| &staged.candidates).map(|(key, id)| (key, id));
    CandidateToken::new(&context.url.to_string(), &context.project, candidates).encode().map_err(Failure::other)
}

/// The token of each service's deploy stage for `decide --stage`: a candidate, or a claim if it is skipped.
pub(super) fn tokens(
    context: &Context<'_>,
    engine: &Engine,
    staged: &StagedDecisions,
) -> Result<BTreeMap<Key, String>, Failure> {
    let mut values = BTreeMap::new();
    for staged in &staged.staged {
        values.insert(staged.key.clone(), token(context, std::iter::once(staged))?);
    }
    for (key, claim) in &staged.claims {
        let claim = ClaimToken::new(&engine.caller.store, &engine.project, [(&key.environment, claim)]);
        values.insert(key.clone(), claim.encode().map_err(Failure::other)?);
    }
    Ok(values)
}

fn not_staged(context: &Context<'_>, refusal: &Refusal) -> Failure {
    let failure = refusals::failure(refusal, &|key| context.hint(&key.environment));
    Failure { error: format!("not staged: {}", failure.error).into(), ..failure }
}
