//! A decision as an event of the log (`--log-format json`), for metric filters and alarms.

use serde_json::{Value, json};

use crate::protocol::answer::{Answer, ServiceAnswer};

/// One event, as `schema/event.schema.json` describes it. `build` is the id of the build that decides, if any.
pub fn event(answer: &Answer, service: &ServiceAnswer, build: Option<&str>) -> Value {
    json!({
        "level": "info",
        "event": "decision",
        "project": answer.project,
        "environment": answer.environment,
        "service": service.service,
        "skip": service.skip(),
        "reused": service.reused.is_some(),
        "reason": service.reason.word(),
        "detail": service.detail,
        "build": build,
    })
}
