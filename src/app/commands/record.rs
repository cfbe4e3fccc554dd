//! `record`: a deploy succeeded, or in a failing build did not.

use crate::app::cli::Built;
use crate::app::report::Reporter;
use crate::app::settings::{Settings, moment};
use crate::base::failure::{Failure, Status};
use crate::base::key::Key;
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::noted::{Noted, What};
use crate::protocol::engine::record::Outcome;

use super::adoption::{Adoption, Deployed, adoptions};
use super::context::{Context, refuse_pull_request, revision};
use super::prune;
use super::recording::{Recording, named, say, why_failed};

/// Records deploys.
pub(super) fn record(settings: &Settings, reporter: Reporter, args: &Built) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter, &named(settings, args))?;
    refuse_pull_request(settings, "record")?;
    let mut recording = Recording::new(&context, args)?;
    if recording.report.outcome == Outcome::Failed {
        context.reporter.warn(&format!("not recorded: {}; no deploy was recorded", why_failed(settings)));
    }
    // Outside a build, a service without a ticket entry is recorded as deployed from the current source.
    let adopted = if settings.environment.in_build() || recording.report.outcome == Outcome::Failed {
        Vec::new()
    } else {
        let store = recording.engine.caller.store.clone();
        let ticket = recording.ticket.clone();
        let (adopted, ticketed) =
            std::mem::take(&mut recording.report.keys).into_iter().partition(|key| ticket.entry(&store, key).is_none());
        recording.report.keys = ticketed;
        adopted
    };
    let adopted = adopted_from_source(&context, &recording, &adopted, args)?;
    let mut not_all = None;
    if !recording.report.keys.is_empty() {
        let record = |recording: &mut Recording| {
            let applied =
                recording.apply(&context, &moment(), Engine::record_keys, |engine, ticket, report, marks, now| {
                    Ok::<_, std::convert::Infallible>(engine.record(ticket, report, marks, now))
                });
            let Ok(step) = applied;
            step
        };
        let mut step = record(&mut recording);
        let refused = |noted: &&Noted| matches!(noted.what, What::Refused(_));
        let refused: Vec<Key> = step.told.iter().filter(refused).map(|noted| noted.key.clone()).collect();
        if args.all && !refused.is_empty() && refused.len() < recording.report.keys.len() {
            // Nothing was recorded yet. What can be is, and the rest is named.
            let said = say(&context, reporter, &recording.ticket, &recording.engine.caller.store, &step.told);
            not_all = said.err().map(|failure| failure.with_status(Status::Other));
            recording.report.keys.retain(|key| !refused.contains(key));
            step = record(&mut recording);
        }
        let failed = recording.report.outcome == Outcome::Failed;
        match say(&context, reporter, &recording.ticket, &recording.engine.caller.store, &step.told) {
            // The build has already failed, and attempts that could not be ended end by their age.
            Err(failure) if failed => context.reporter.warn(&failure.to_string()),
            said => said?,
        }
        if !failed {
            prune::after(&context.store, &step.writes);
        }
    }
    adopted.iter().try_for_each(|adoption| adoption.write(&context, &recording.engine))?;
    not_all.map_or(Ok(Status::Done), Err)
}

/// The deploys that are not on a ticket: whoever records one outside of a build says that the source is deployed.
fn adopted_from_source(
    context: &Context<'_>,
    recording: &Recording,
    keys: &[Key],
    args: &Built,
) -> Result<Vec<Adoption>, Failure> {
    let mut adopted = Vec::new();
    for environment in &context.environments {
        let mine = keys.iter().filter(|key| key.environment == *environment);
        let services: Vec<usize> = mine.filter_map(|key| context.map.index(&key.service)).collect();
        if services.is_empty() {
            continue;
        }
        let revision = revision(context.settings, args.revision.as_deref())?;
        let deployed = Deployed { commit: None, revision, outputs: &recording.report.outputs };
        let found = adoptions(context, &recording.engine, environment, &services, &deployed)?;
        for (service, adoption) in services.iter().zip(found) {
            adopted.push(adoption.map_err(|not| not.failure(context.name(*service)))?);
        }
    }
    Ok(adopted)
}
