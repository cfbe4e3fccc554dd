//! A decision as an event of the log (`--log-format json`), for metric filters and alarms.

use serde::Serialize;

use crate::protocol::answer::{Answer, ServiceAnswer};

/// What `decide` and `run` write to standard error for each decision, one object a line, with `--log-format json`. A
/// metric filter of CloudWatch that counts doubt: `{ $.event = "decision" && $.reason = "state-unavailable" }`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct DecisionEvent<'a> {
    /// As of every message: `info`.
    level: &'static str,
    /// Which event this is: `decision`. Readers ignore those that they do not know.
    event: &'static str,
    /// The project.
    project: &'a str,
    /// The environment.
    environment: &'a str,
    /// The service.
    service: &'a str,
    /// Whether it needs no build: true exactly where the reason is `unchanged`.
    skip: bool,
    /// Whether what another environment has deployed is deployed without building.
    reused: bool,
    /// A reason of `decision.schema.json`.
    reason: &'static str,
    /// One sentence for people. Its wording may change.
    detail: &'a str,
    /// The id of the build that decides: `CODEBUILD_BUILD_ID`, or the run of a workflow; null outside of a build.
    build: Option<&'a str>,
}

impl<'a> DecisionEvent<'a> {
    /// The event of one decision. `build` is the id of the build that decides, if any.
    pub fn new(answer: &'a Answer, service: &'a ServiceAnswer, build: Option<&'a str>) -> Self {
        Self {
            level: "info",
            event: "decision",
            project: answer.project.as_str(),
            environment: answer.environment.as_str(),
            service: service.service.as_str(),
            skip: service.skip(),
            reused: service.reused.is_some(),
            reason: service.reason.word(),
            detail: &service.detail,
            build,
        }
    }
}
