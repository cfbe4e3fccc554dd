//! The state as JSON, schema 1. New keys may be added without changing the version.

use serde_json::{Value, json as value};

use super::{StatusView, state_word};
use crate::protocol::engine::mark::Attempt;
use crate::protocol::engine::mark::Logged;
use crate::protocol::engine::status::ServiceStatus;

/// What is deployed where.
pub fn json(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let services: Vec<Value> = standings.iter().map(service).collect();
    format!("{:#}\n", value!({ "schema": 1, "project": view.project, "services": services }))
}

/// What was deployed before.
pub fn log_json(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let logs: Vec<Value> = standings
        .iter()
        .map(|standing| {
            value!({
                "service": standing.key.service,
                "environment": standing.key.environment,
                "state": standing.certainty.word(),
                "detail": standing.detail,
                "deploys": standing.deploys.iter().map(deploy).collect::<Vec<_>>(),
            })
        })
        .collect();
    format!("{:#}\n", value!({ "schema": 1, "project": view.project, "logs": logs }))
}

fn service(standing: &ServiceStatus) -> Value {
    let deploy = standing.deployed.as_ref();
    let release = deploy.map(|deploy| &deploy.release);
    let commits = standing.behind.commits.as_ref();
    value!({
        "service": standing.key.service,
        "environment": standing.key.environment,
        "state": standing.certainty.word(),
        "detail": standing.detail,
        "revision": release.and_then(|release| release.revision.as_ref()),
        "recorded_at": deploy.map(|deploy| format!("{:.0}", deploy.recorded_at)),
        "build": release.and_then(|release| release.build.id.as_ref()),
        "pipeline": standing.deployed.as_ref().and_then(|deploy| deploy.home.as_ref()?.pipeline.as_deref()),
        "execution": release.and_then(|release| release.build.execution.as_ref()),
        "outputs": release.map(|release| &release.outputs),
        "attempts": standing.attempts.iter().map(|one| attempt(one, standing)).collect::<Vec<_>>(),
        "behind": standing.behind.inputs,
        "commits_behind": commits.and_then(|commits| commits.as_ref().ok()),
        "commits_unknown": commits.and_then(|commits| commits.as_ref().err()),
    })
}

fn attempt(attempt: &Attempt, standing: &ServiceStatus) -> Value {
    value!({
        "id": attempt.id.as_str(),
        "state": state_word(attempt.state),
        "revision": attempt.revision,
        "build": attempt.build,
        "pipeline": attempt.home.as_ref().and_then(|home| home.pipeline.as_deref()),
        "opened_at": format!("{:.0}", attempt.opened_at),
        "timeout_seconds": attempt.timeout_seconds,
        "expired": attempt.alive() && standing.is_over(attempt),
        "stands_for": attempt.stands_for.unwrap_or(1),
        "pinned_by": attempt.pinned_by,
    })
}

fn deploy(logged: &Logged) -> Value {
    value!({
        "id": logged.id.as_str(),
        "revision": logged.revision,
        "recorded_at": format!("{:.0}", logged.recorded_at),
        "certain": logged.certain,
        "doubt": logged.doubt,
        "taint": logged.taint,
        "build": logged.build.id,
        "pipeline": logged.home.as_ref().and_then(|home| home.pipeline.as_deref()),
        "execution": logged.build.execution,
        "outputs": logged.outputs,
    })
}
