//! `taint`, `output` and `state rm`: one look or one write each.

use std::io::Write as _;

use crate::app::cli::{OutputArgs, RmArgs, TaintArgs};
use crate::app::report::Reporter;
use crate::app::settings::{self, Settings, given, key, now};
use crate::base::failure::{Failure, Status};
use crate::base::names::OutputName;
use crate::protocol::decide::Known;
use crate::protocol::mark::{Mark, Taint};

use super::context::{Context, Transition, UpdateError, read_one, update};
use super::print::emit;
use super::recording::not_recorded;
use super::whole_store::WholeStore;

/// A human says that something else is deployed.
pub(super) fn taint(settings: &Settings, reporter: Reporter, args: &TaintArgs) -> Result<Status, Failure> {
    given("--reason", Some(&args.reason))?;
    let context = Context::new(settings, reporter)?;
    let service = settings::service(&context.map, &args.service)?;
    let environment = &settings.environment;
    let by = environment.user.clone().or_else(|| environment.build_id.clone()).unwrap_or_else(|| "somebody".to_owned());
    for name in &context.environments {
        let key = context.key(name, service);
        let tainted = update(&context.store, &key, settings.timeout(), |mark: &mut Mark| {
            let taint = Taint { reason: args.reason.clone(), by: by.clone(), at: now() };
            mark.taint(taint, args.ended, now());
            Transition::Write(mark.attempts.len())
        });
        let open = tainted.map_err(UpdateError::failure)?;
        context.reporter.say(&format!("{}: tainted in {name}: its next decision builds", key.service));
        if open > 0 {
            let attempts = crate::base::text::count(open, "attempt");
            let text = format!(
                "{}: {attempts} may still deploy; if you know that nothing runs, say so with --ended",
                key.service
            );
            context.reporter.say(&text);
        }
    }
    Ok(Status::Done)
}

/// Prints a recorded output.
pub(super) fn output(settings: &Settings, reporter: Reporter, args: &OutputArgs) -> Result<Status, Failure> {
    let context = Context::new(settings, reporter)?;
    let service = settings::service(&context.map, &args.service)?;
    let name = OutputName::new(args.name.as_str()).map_err(Failure::request)?;
    given("--default", args.default.as_deref())?;
    let key = context.key(context.environment()?, service);
    let value = match read_one(&context.store, &key).known {
        Known::Unavailable(cause) => return Err(Failure::other(cause).hint("make the store reachable")),
        Known::Damaged(cause) => {
            let failure = Failure::other(format!("the mark of `{}` is damaged: {cause}", key.service));
            return Err(failure.hint(format!("look at it, then remove it: shipmark state rm {}", key.service)));
        }
        Known::Mark(mark) if mark.newer.is_some() => {
            let failure = Failure::other(format!("the mark of `{}` was written by a newer shipmark", key.service));
            return Err(failure.hint("upgrade this shipmark"));
        }
        Known::Mark(mark) => {
            let value = mark.outputs().and_then(|outputs| outputs.get(&name)).cloned();
            if value.is_some() && !mark.certain {
                context
                    .reporter
                    .warn(&format!("{}: the last deploy is uncertain: something else may be live", key.service));
            }
            value
        }
        Known::Absent => None,
    };
    let Some(value) = value.or_else(|| args.default.clone()) else {
        let failure =
            Failure::other(format!("no output {name} of `{}` is recorded in {}", key.service, key.environment));
        return Err(failure.with_status(Status::Denied).hint("give --default VALUE for the first deploy"));
    };
    let mut line = value.into_bytes();
    writeln!(line).map_err(Failure::other)?;
    emit(None, &line)?;
    Ok(Status::Done)
}

/// Forgets services.
pub(super) fn forget(settings: &Settings, reporter: Reporter, args: &RmArgs) -> Result<Status, Failure> {
    let place = WholeStore::new(settings)?;
    let environments = settings.environments(place.map.as_ref())?;
    let services = place.services(&environments, &args.services)?;
    for environment in &environments {
        for service in &services {
            let there = place.store.remove(&key(&place.project, environment, service)).map_err(not_recorded)?;
            let done = if there { "forgotten: its next decision builds" } else { "there was nothing to forget" };
            reporter.say(&format!("{service} in {environment}: {done}"));
        }
    }
    Ok(Status::Done)
}
