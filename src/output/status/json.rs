//! The state as JSON, as `schema/status.schema.json` and `schema/log.schema.json` describe it. New keys may be added
//! without changing the version.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{StatusView, state_word};
use crate::output::json::pretty;
use crate::protocol::engine::mark::{Attempt, Home, Logged};
use crate::protocol::engine::status::ServiceStatus;

/// The version of both forms.
const SCHEMA: u32 = 1;

/// What is deployed where.
pub fn json(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let services = standings.iter().map(StatusEntry::of).collect();
    pretty(&StatusDocument { schema: SCHEMA, project: view.project.to_string(), services })
}

/// What was deployed before.
pub fn log_json(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let logs = standings.iter().map(LogEntry::of).collect();
    pretty(&LogDocument { schema: SCHEMA, project: view.project.to_string(), logs })
}

/// What `shipmark status --format json` prints: what is deployed where, and what is open.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::output) struct StatusDocument {
    /// The version of this form. New keys may be added without changing it.
    schema: u32,
    /// The project.
    project: String,
    /// Each service in each environment.
    services: Vec<StatusEntry>,
}

/// What `shipmark status --log --format json` prints: what was deployed before.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::output) struct LogDocument {
    /// The version of this form. New keys may be added without changing it.
    schema: u32,
    /// The project.
    project: String,
    /// Each service in each environment.
    logs: Vec<LogEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct StatusEntry {
    /// The service.
    service: String,
    /// The environment.
    environment: String,
    /// `deployed`, `uncertain`, `never-deployed`, `state-unreadable` or `state-unavailable`.
    state: &'static str,
    /// Why it is not certain, in a sentence for people.
    detail: Option<String>,
    /// The revision label of what is deployed.
    revision: Option<String>,
    /// When it was recorded, by the store's clock, RFC 3339.
    recorded_at: Option<String>,
    /// How many seconds the deploy took.
    seconds: Option<u64>,
    /// The build that built it.
    build: Option<String>,
    /// Who started that build, where the environment said so.
    actor: Option<String>,
    /// The pipeline that deployed it.
    pipeline: Option<String>,
    /// The pipeline execution that deployed it.
    execution: Option<String>,
    /// The environment whose deploy was deployed here without building.
    reused_from: Option<String>,
    /// The recorded outputs.
    outputs: Option<BTreeMap<String, String>>,
    /// What is under way, or has ended and may have left something.
    attempts: Vec<AttemptEntry>,
    /// How many inputs of the source in front of it differ; null where that is unknown.
    behind: Option<usize>,
    /// How many commits of the source touch an input and are not deployed.
    commits_behind: Option<usize>,
    /// Why that is unknown.
    commits_unknown: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct AttemptEntry {
    /// The attempt.
    id: String,
    /// `building`, `pending`, `deploying` or `failed`.
    state: &'static str,
    /// The revision label of its source.
    revision: Option<String>,
    /// The build that opened it.
    build: Option<String>,
    /// The number of that build.
    number: Option<String>,
    /// Where that build can be found.
    url: Option<String>,
    /// The pipeline of that build.
    pipeline: Option<String>,
    /// When it was opened, RFC 3339.
    opened_at: String,
    /// How many seconds it may live.
    timeout_seconds: u64,
    /// Whether it has outlived that.
    expired: bool,
    /// When it ends at the latest, by the store's clock, RFC 3339; null where nothing bounds it.
    ends_at: Option<String>,
    /// `record`, `begin` or `promote`, where it looks as if that command was forgotten.
    forgotten: Option<&'static str>,
    /// How many attempts it stands for, where a full list was compacted.
    stands_for: u32,
    /// The service whose deploy touches this one.
    pinned_by: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct LogEntry {
    /// The service.
    service: String,
    /// The environment.
    environment: String,
    /// As of `shipmark status`.
    state: &'static str,
    /// Why it is not certain, in a sentence for people.
    detail: Option<String>,
    /// The last deploys, newest first.
    deploys: Vec<DeployEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct DeployEntry {
    /// The attempt that finished.
    id: String,
    /// The revision label of its source.
    revision: Option<String>,
    /// When it was recorded, by the store's clock, RFC 3339.
    recorded_at: String,
    /// How many seconds it took.
    seconds: Option<u64>,
    /// Whether it was certainly live until the next one.
    certain: bool,
    /// Why it was not.
    doubt: Option<String>,
    /// The last statement of a person that something else was deployed.
    taint: Option<TaintEntry>,
    /// The build that built it.
    build: Option<String>,
    /// Who started that build, where the environment said so.
    actor: Option<String>,
    /// The pipeline that deployed it.
    pipeline: Option<String>,
    /// The pipeline execution that deployed it.
    execution: Option<String>,
    /// The recorded outputs.
    outputs: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct TaintEntry {
    /// Why.
    reason: String,
    /// Who said so.
    by: String,
    /// When, RFC 3339.
    at: String,
}

impl StatusEntry {
    fn of(standing: &ServiceStatus) -> Self {
        let deploy = standing.deployed.as_ref();
        let release = deploy.map(|deploy| &deploy.release);
        let build = release.map(|release| &release.build);
        let commits = standing.behind.commits.as_ref();
        Self {
            service: standing.key.service.to_string(),
            environment: standing.key.environment.to_string(),
            state: standing.certainty.word(),
            detail: standing.detail.clone(),
            revision: release.and_then(|release| release.revision.clone()),
            recorded_at: deploy.map(|deploy| seconds(deploy.recorded_at)),
            seconds: deploy.and_then(|deploy| deploy.seconds),
            build: build.and_then(|build| build.id.clone()),
            actor: build.and_then(|build| build.actor.clone()),
            pipeline: pipeline(deploy.and_then(|deploy| deploy.home.as_ref())),
            execution: build.and_then(|build| build.execution.clone()),
            reused_from: deploy.and_then(|deploy| deploy.reused.as_ref()).map(|reused| reused.environment.to_string()),
            outputs: release.map(|release| texts(&release.outputs)),
            attempts: standing.attempts.iter().map(|one| AttemptEntry::of(one, standing)).collect(),
            behind: standing.behind.inputs,
            commits_behind: commits.and_then(|commits| commits.as_ref().ok().copied()),
            commits_unknown: commits.and_then(|commits| commits.as_ref().err().cloned()),
        }
    }
}

impl AttemptEntry {
    fn of(attempt: &Attempt, standing: &ServiceStatus) -> Self {
        let forgotten = standing.forgotten.iter().find(|(_, id)| *id == attempt.id);
        Self {
            id: attempt.id.to_string(),
            state: state_word(attempt.state),
            revision: attempt.revision.clone(),
            build: attempt.build.clone(),
            number: attempt.number.clone(),
            url: attempt.url.clone(),
            pipeline: pipeline(attempt.home.as_ref()),
            ends_at: attempt.deadline.filter(|_| attempt.alive()).map(seconds),
            forgotten: forgotten.map(|(kind, _)| kind.word()),
            opened_at: seconds(attempt.opened_at),
            timeout_seconds: attempt.timeout_seconds,
            expired: attempt.alive() && standing.is_over(attempt),
            stands_for: attempt.stands_for.unwrap_or(1),
            pinned_by: attempt.pinned_by.as_ref().map(ToString::to_string),
        }
    }
}

impl LogEntry {
    fn of(standing: &ServiceStatus) -> Self {
        Self {
            service: standing.key.service.to_string(),
            environment: standing.key.environment.to_string(),
            state: standing.certainty.word(),
            detail: standing.detail.clone(),
            deploys: standing.deploys.iter().map(DeployEntry::of).collect(),
        }
    }
}

impl DeployEntry {
    fn of(logged: &Logged) -> Self {
        let taint = logged.taint.as_ref().map(|taint| TaintEntry {
            reason: taint.reason.clone(),
            by: taint.by.clone(),
            at: taint.at.to_string(),
        });
        Self {
            id: logged.id.to_string(),
            revision: logged.revision.clone(),
            recorded_at: seconds(logged.recorded_at),
            seconds: logged.seconds,
            certain: logged.certain,
            doubt: logged.doubt.clone(),
            taint,
            build: logged.build.id.clone(),
            actor: logged.build.actor.clone(),
            pipeline: pipeline(logged.home.as_ref()),
            execution: logged.build.execution.clone(),
            outputs: texts(&logged.outputs),
        }
    }
}

/// To the second: nobody reads more.
fn seconds(time: Timestamp) -> String {
    format!("{time:.0}")
}

fn pipeline(home: Option<&Home>) -> Option<String> {
    home.and_then(|home| home.pipeline.clone())
}

fn texts<N: ToString>(outputs: &BTreeMap<N, String>) -> BTreeMap<String, String> {
    outputs.iter().map(|(name, value)| (name.to_string(), value.clone())).collect()
}
