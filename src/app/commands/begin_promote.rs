//! `begin` and `promote`: the first and the last action of a deploy stage. They need neither source nor map.

use crate::app::cli::{DeployArgs, PromoteArgs};
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::{Failure, Status};
use crate::protocol::engine::deploy::{self, Promotion};

use super::prune;
use super::targets::Targets;

/// Begins the deploy stage.
pub(super) fn begin(settings: &Settings, reporter: Reporter, args: &DeployArgs) -> Result<Status, Failure> {
    let targets = Targets::new(settings, args)?;
    if let Some((key, _)) = targets.claims.first() {
        let text = format!("`{}` was skipped when this was decided: its deploy stage must not deploy", key.service);
        return Err(Failure::other(text).hint("only `shipmark promote` takes what a skip has handed out"));
    }
    let job = settings.environment.job();
    let (step, _) =
        targets.apply(&targets.candidates, |found, marks, now| deploy::begin(found, job.as_deref(), marks, now))?;
    targets.say(reporter, &step.told, &[])?;
    Ok(Status::Done)
}

/// The deploy stage is done, or has failed.
pub(super) fn promote(settings: &Settings, reporter: Reporter, args: &PromoteArgs) -> Result<Status, Failure> {
    let targets = Targets::new(settings, &args.deploy)?;
    if !args.failed {
        targets.confirm(reporter, &targets.claims)?;
    }
    if targets.candidates.is_empty() {
        return Ok(Status::Done);
    }
    let outputs = targets.outputs(&args.output)?;
    let promotion = Promotion {
        job: settings.environment.job(),
        outputs,
        execution: settings.environment.build(args.deploy.execution.as_deref())?.execution,
    };
    let (step, found) = targets.apply(&targets.candidates, |found, marks, now| match args.failed {
        true => deploy::promote_failed(found, promotion.job.as_deref(), marks, now),
        false => deploy::promote(found, &promotion, marks, now),
    })?;
    if !args.failed {
        prune::after(&targets.store, &step.writes);
    }
    targets.say(reporter, &step.told, &found)?;
    Ok(Status::Done)
}
