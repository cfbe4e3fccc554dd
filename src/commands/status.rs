//! `status`: what is deployed where, since when, what is open or uncertain, and how far behind the source it is.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::cli::StatusArgs;
use crate::content::same;
use crate::decide::Known;
use crate::difference;
use crate::extras::Extras;
use crate::failure::{Failure, Status};
use crate::inputs::Inputs;
use crate::mark::{Attempt, Deploy, Mark, State};
use crate::names::EnvironmentName;
use crate::report::Reporter;
use crate::rules::Rules;
use crate::settings::{self, Settings, duration, now};
use crate::snapshot::Snapshot;
use crate::text;
use crate::tree::Tree;

use super::context::Context;
use super::evidence::gather;
use super::print::show;

/// One service in one environment.
#[derive(Serialize)]
struct Line {
    service: String,
    environment: String,
    /// `deployed`, `uncertain`, `never-deployed`, `state-unreadable` or `state-unavailable`.
    state: &'static str,
    detail: Option<String>,
    revision: Option<String>,
    recorded_at: Option<String>,
    build: Option<String>,
    outputs: serde_json::Value,
    attempts: Vec<serde_json::Value>,
    /// How many inputs differ from those deployed; `None` where that cannot be told.
    behind: Option<usize>,
    #[serde(skip)]
    at: Option<Timestamp>,
}

/// Shows the state.
pub(super) fn status(settings: &Settings, reporter: Reporter, args: &StatusArgs) -> Result<Status, Failure> {
    let max_age = args.max_age.as_deref().map(|text| duration("--max-age", text)).transpose()?;
    let context = Context::new(settings, reporter)?;
    let asked = settings::services(&context.map, &args.services)?;
    let mut lines = Vec::new();
    for environment in &context.environments {
        let rules = Rules::compile(&context.map, environment, &asked, false);
        let read = |rules: &Rules| settings.source.read_as_git(rules).map_err(Failure::request);
        let evidence = gather(&context, environment, &rules, &Extras::default(), read)?;
        for (inputs, found) in evidence.inputs.iter().zip(&evidence.marks) {
            lines.push(line(&context, environment, &evidence.tree, inputs, &found.known));
        }
    }
    let printed = if args.json { json_text(&context, &lines) } else { table(&lines, now()) };
    show(printed.as_bytes())?;
    let late = max_age.is_some_and(|max_age| lines.iter().any(|line| !fresh(line, max_age, now())));
    Ok(if late { Status::Denied } else { Status::Done })
}

fn fresh(line: &Line, max_age: Duration, now: Timestamp) -> bool {
    let limit = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
    let young = line.at.is_some_and(|at| now.duration_since(at) <= limit);
    line.state == "deployed" && line.attempts.is_empty() && young
}

fn line(context: &Context<'_>, environment: &EnvironmentName, tree: &Tree, inputs: &Inputs, known: &Known) -> Line {
    let mark = match known {
        Known::Mark(mark) => Some(mark.as_ref()),
        _ => None,
    };
    let deploy = mark.and_then(|mark| mark.deployed.as_ref());
    let (state, detail) = match known {
        Known::Unavailable(cause) => ("state-unavailable", Some(cause.clone())),
        Known::Damaged(cause) => ("state-unreadable", Some(cause.clone())),
        Known::Absent => ("never-deployed", None),
        Known::Mark(mark) if mark.newer.is_some() => {
            ("state-unreadable", Some("written by a newer shipmark".to_owned()))
        }
        Known::Mark(mark) if mark.deployed.is_none() => ("never-deployed", doubt(mark)),
        Known::Mark(mark) if !mark.certain => ("uncertain", doubt(mark)),
        Known::Mark(_) => ("deployed", None),
    };
    let release = deploy.map(|deploy| &deploy.release);
    Line {
        service: context.name(inputs.service).to_string(),
        environment: environment.to_string(),
        state,
        detail,
        revision: release.and_then(|release| release.revision.clone()),
        recorded_at: deploy.map(|deploy| format!("{:.0}", deploy.recorded_at)),
        build: release.and_then(|release| release.build.id.clone()),
        outputs: json!(release.map(|release| &release.outputs)),
        attempts: mark.iter().flat_map(|mark| &mark.attempts).map(attempt).collect(),
        behind: deploy.and_then(|deploy| behind(context, environment, tree, inputs, deploy)),
        at: deploy.map(|deploy| deploy.recorded_at),
    }
}

fn doubt(mark: &Mark) -> Option<String> {
    let taint = mark.taint.as_ref().map(|taint| format!("tainted by {}: {}", taint.by, taint.reason));
    taint.or_else(|| mark.doubt.clone())
}

fn attempt(attempt: &Attempt) -> serde_json::Value {
    let state = match attempt.state {
        State::Building => "building",
        State::Pending => "pending",
        State::Deploying => "deploying",
        State::Failed => "failed",
    };
    json!({
        "id": attempt.id.as_str(),
        "state": state,
        "revision": attempt.revision,
        "build": attempt.build,
        "opened_at": format!("{:.0}", attempt.opened_at),
    })
}

/// How many inputs differ; the extras of a decision are not known here, so equal files count as nothing.
fn behind(
    context: &Context<'_>,
    environment: &EnvironmentName,
    tree: &Tree,
    inputs: &Inputs,
    deploy: &Deploy,
) -> Option<usize> {
    if same(inputs.content.as_ref(), deploy.release.content.as_ref()) {
        return Some(0);
    }
    let hash = deploy.release.snapshot.as_deref()?;
    let bytes = context.store.snapshot(&context.key(environment, inputs.service), hash).ok()??;
    let old = Snapshot::decode(&bytes, hash).ok()?;
    Some(difference::since(&old, tree, inputs.service).len())
}

fn json_text(context: &Context<'_>, lines: &[Line]) -> String {
    let whole = json!({ "schema": 1, "project": context.project, "services": lines });
    format!("{whole:#}\n")
}

fn table(lines: &[Line], now: Timestamp) -> String {
    let mut rows = vec![["SERVICE", "ENVIRONMENT", "STATE", "REVISION", "SINCE", "BEHIND", "OPEN"].map(str::to_owned)];
    rows.extend(lines.iter().map(|line| {
        [
            line.service.clone(),
            text::printable(line.environment.as_bytes()),
            line.state.to_owned(),
            line.revision.as_deref().map_or_else(|| "-".to_owned(), text::short_revision),
            line.at.map_or_else(|| "-".to_owned(), |at| text::age(now, at)),
            line.behind.map_or_else(|| "-".to_owned(), |behind| text::count(behind, "input")),
            if line.attempts.is_empty() { "-".to_owned() } else { text::count(line.attempts.len(), "attempt") },
        ]
    }));
    let width =
        |column: usize| rows.iter().map(|row| unicode_width::UnicodeWidthStr::width(row[column].as_str())).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        let mut shown = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let gap = width - unicode_width::UnicodeWidthStr::width(cell.as_str());
            // Writing to a String cannot fail.
            let _ = write!(shown, "{cell}{}  ", " ".repeat(gap));
        }
        let _ = writeln!(out, "{}", shown.trim_end());
        let line = at.checked_sub(1).and_then(|at| lines.get(at));
        if let Some(detail) = line.and_then(|line| line.detail.as_ref()) {
            let _ = writeln!(out, "  {}", text::printable(detail.as_bytes()));
        }
    }
    out
}
