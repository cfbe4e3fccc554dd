//! `begin` and `promote`: the first and the last action of a deploy stage. They need neither source nor map.

use crate::app::cli::{DeployArgs, PromoteArgs};
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given};
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
    if !args.claims.is_empty() {
        return confirm(settings, reporter, &args.claims).map(|()| Status::Done);
    }
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

/// The end of a pipeline whose stages may have been skipped: each skip must still hold, and what was to be built must have begun.
/// A deploy that was promoted in its own stage is left as it is.
///
/// # Errors
/// A skip no longer holds, or a stage was skipped that was to run.
pub(super) fn confirm(settings: &Settings, reporter: Reporter, values: &[String]) -> Result<(), Failure> {
    let values = values.iter().map(|value| given("--claims", Some(value))).collect::<Result<Vec<_>, _>>()?;
    let targets = Targets::by_values(settings, values.into_iter().flatten())?;
    targets.confirm(reporter, &targets.claims)?;
    for target in targets.stored(&targets.candidates)? {
        let began = target.candidate.is_some_and(|stored| stored.candidate.began.is_some());
        if !began {
            let text = format!("`{}` was to be built, and its deploy stage has not begun", target.key.service);
            return Err(Failure::other(text)
                .hint("its stage was skipped, or is not in this pipeline: start the pipeline again"));
        }
    }
    Ok(())
}
