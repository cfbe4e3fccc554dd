//! The commands as actions of a pipeline, which a Lambda function does: what they need comes from a request, and what they give are
//! variables of the pipeline.

use std::collections::BTreeSet;

use crate::app::cli::{Deciding, DeployArgs, PromoteArgs, TaintArgs};
use crate::app::report::Reporter;
use crate::app::settings::{Settings, given};
use crate::base::failure::{Failure, Status};
use crate::base::names::{OutputName, ServiceName};
use crate::output::{OfMap, job_variables};
use crate::protocol::engine::mark::AttemptId;

use super::context::Context;
use super::decide::{Keep, Request, look_and_decide, say};
use super::targets::Targets;
use super::{begin_promote, small};

/// A service that builds, whose pipeline is to be started.
#[derive(Debug)]
pub struct ToStart {
    /// The service.
    pub service: ServiceName,
    /// Its candidate.
    pub id: AttemptId,
    /// The value for its deploy stage.
    pub value: String,
}

/// Decides and stages, and gives the variables of all services of the map, whether they were decided or not.
///
/// # Errors
/// As of `decide --stage`; or a value has no variable.
pub fn decide(
    settings: &Settings,
    reporter: Reporter,
    services: &[String],
    deciding: &Deciding,
) -> Result<Vec<(String, String)>, Failure> {
    // The whole map must be right: a service that it cannot name would have no variable, and its stage no condition.
    let context = Context::new(settings, reporter, &[])?;
    let environment = context.environment()?;
    let asked = context.asked(services)?;
    let request = Request { asked: &asked, find_unowned: false, keep: Keep::OnTicket, stage: Some(None) };
    let decided = look_and_decide(&context, deciding, None, &request)?;
    say(&context, &decided.answers);
    let of_map: Vec<OfMap<'_>> = (context.map.services.iter().enumerate())
        .map(|(at, service)| {
            let recorded = decided.recorded.get(&context.key(environment, at));
            let recorded = recorded.into_iter().flat_map(|outputs| outputs.keys());
            let outputs: BTreeSet<&OutputName> = service.outputs.keys().chain(recorded).collect();
            OfMap { service: &service.name, exists: context.map.exists(at, environment), outputs }
        })
        .collect();
    job_variables(&decided.answers, &of_map).map_err(Failure::request)
}

/// `begin`.
///
/// # Errors
/// As of the command.
pub fn begin(settings: &Settings, reporter: Reporter, candidate: &str) -> Result<(), Failure> {
    begin_promote::begin(settings, reporter, &deploy(candidate, None)).map(drop)
}

/// `promote`, with the outputs as `[SERVICE:]NAME=VALUE`.
///
/// # Errors
/// As of the command.
pub fn promote(
    settings: &Settings,
    reporter: Reporter,
    candidate: &str,
    execution: Option<&str>,
    output: Vec<String>,
    failed: bool,
) -> Result<(), Failure> {
    let args = PromoteArgs { deploy: deploy(candidate, execution), output, failed, claims: Vec::new() };
    begin_promote::promote(settings, reporter, &args).map(drop)
}

/// The end of a pipeline whose stages were skipped, as `promote --claims`.
///
/// # Errors
/// As of the command.
pub fn confirm(settings: &Settings, reporter: Reporter, candidate: &str) -> Result<(), Failure> {
    begin_promote::confirm(settings, reporter, &[candidate.to_owned()])
}

/// `taint`.
///
/// # Errors
/// As of the command.
pub fn taint(settings: &Settings, reporter: Reporter, services: &[String], reason: &str) -> Result<(), Failure> {
    for service in services {
        let args = TaintArgs { service: service.clone(), reason: reason.to_owned(), nothing_running: false };
        let Status::Done = small::taint(settings, reporter, &args)? else {
            return Err(Failure::other(format!("`{service}` was not tainted")));
        };
    }
    Ok(())
}

/// The services that a decision has staged and that have not begun yet, and a confirmation of all that it skipped.
///
/// # Errors
/// A skip no longer holds, or the values are not those of a decision.
pub fn to_start(settings: &Settings, reporter: Reporter, candidate: &str) -> Result<Vec<ToStart>, Failure> {
    given("candidate", Some(candidate))?;
    let mut found = Vec::new();
    let all = Targets::new(settings, &deploy(candidate, None))?;
    all.confirm(reporter, &all.claims)?;
    for value in candidate.split_ascii_whitespace() {
        let targets = Targets::new(settings, &deploy(value, None))?;
        for target in targets.stored(&targets.candidates)? {
            let Some(stored) = target.candidate else {
                let text = format!("the candidate of `{}` is not in the store", target.key.service);
                return Err(Failure::other(text).hint("start the pipeline again: it decides anew"));
            };
            let candidate = stored.candidate;
            if candidate.pinned_by.is_some() {
                continue;
            }
            let service = target.key.service;
            match candidate.began {
                Some(_) => reporter.say(&format!("{service}: its deploy has begun, it is not started again")),
                None => found.push(ToStart { service, id: candidate.id, value: value.to_owned() }),
            }
        }
    }
    Ok(found)
}

fn deploy(candidate: &str, execution: Option<&str>) -> DeployArgs {
    DeployArgs {
        candidate: vec![candidate.to_owned()],
        stage: None,
        execution: execution.map(str::to_owned),
        services: Vec::new(),
    }
}
