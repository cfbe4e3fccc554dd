//! Answers as JSON, in the form that `schema/decision.schema.json` describes.

mod why;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::{BStr, BString};
use jiff::Timestamp;
use serde::Serialize;

use crate::base::fingerprint::Fingerprint;
use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::base::text;
use crate::map::rules::Via;
use crate::output::hint::Hint;
use crate::protocol::answer::{Answer, Baseline, Origin, ServiceAnswer};
use crate::source::difference::Change;
use crate::source::tree::SourceKind;

use why::WhyDocument;

/// The version of the form. New keys may be added without changing it.
const SCHEMA: u32 = 1;

/// How many changes and unowned files are listed by default.
const LISTED: usize = 100;

/// A single answer as an object, several as an array of objects.
pub(super) fn render(answers: &[Answer], all_changes: bool) -> String {
    let listed = if all_changes { usize::MAX } else { LISTED };
    let documents: Vec<Document<'_>> = answers.iter().map(|answer| Document::of(answer, listed)).collect();
    match documents.as_slice() {
        [only] => pretty(only),
        several => pretty(&several),
    }
}

/// What `stage` hands to deploy stages.
pub(super) fn candidates(services: &[(ServiceName, String)], all: &str) -> String {
    let services = services.iter().map(|(service, value)| (service, value.as_str())).collect();
    pretty(&CandidatesDocument { schema: SCHEMA, services, candidate: all })
}

/// Why there is no answer.
pub(super) fn refusal(message: &str) -> String {
    pretty(&RefusalDocument { schema: SCHEMA, error: message })
}

pub(super) fn pretty(document: &impl Serialize) -> String {
    // Serialization only fails for maps with non-string keys and for types that refuse it; these documents have
    // neither.
    let mut text = serde_json::to_string_pretty(document).expect("these types are JSON");
    text.push('\n');
    text
}

/// What `shipmark stage --format json` prints, to be handed to deploy stages. In a failed build the values are `false`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(super) struct CandidatesDocument<'a> {
    /// The version of this form. New keys may be added without changing it.
    schema: u32,
    /// The value of each service, for a stage that deploys it alone: one word of letters, digits, `-` and `_`.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    services: BTreeMap<&'a ServiceName, &'a str>,
    /// The value for a stage that deploys all of them.
    candidate: &'a str,
}

#[derive(Serialize)]
struct RefusalDocument<'a> {
    schema: u32,
    error: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    project: &'a ProjectName,
    environment: &'a EnvironmentName,
    revision: Option<&'a str>,
    source: SourceDocument,
    services: Vec<ServiceDocument<'a>>,
    unowned: Option<Vec<PathDocument<'a>>>,
    unowned_total: Option<usize>,
}

#[derive(Serialize)]
struct SourceDocument {
    kind: &'static str,
    files: usize,
}

#[derive(Serialize)]
struct ServiceDocument<'a> {
    service: &'a ServiceName,
    skip: bool,
    reason: &'static str,
    detail: &'a str,
    fingerprint: Option<Fingerprint>,
    fingerprint_short: Option<String>,
    baseline: Option<BaselineDocument<'a>>,
    changes: Vec<ChangeDocument<'a>>,
    changes_total: Option<usize>,
    rules_changed: bool,
    outputs: &'a BTreeMap<OutputName, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reused_from: Option<&'a EnvironmentName>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    redeploys: &'a BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<&'a str>,
    #[serde(flatten)]
    why: Option<WhyDocument<'a>>,
}

#[derive(Serialize)]
struct BaselineDocument<'a> {
    revision: Option<&'a str>,
    recorded_at: Option<String>,
    certain: bool,
}

/// A path, as all documents write it.
#[derive(Serialize)]
pub(super) struct PathDocument<'a> {
    path: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ChangeDocument<'a> {
    #[serde(flatten)]
    path: PathDocument<'a>,
    change: &'static str,
    rule: &'a str,
    via: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'a [ServiceName]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain_left_out: Option<usize>,
}

/// The word for how a rule reached a service; `None` for the service's own rules.
pub(super) fn via_word(via: &Via) -> Option<String> {
    match via {
        Via::Own => None,
        Via::Group(group) => Some(format!("group:{group}")),
        Via::Dependency(service) => Some(format!("dependency:{service}")),
        Via::Link(link) => Some(format!("link:{}", text::printable(link))),
    }
}

impl<'a> Document<'a> {
    fn of(answer: &'a Answer, listed: usize) -> Self {
        let hint = Hint::of(answer);
        let paths = |files: &'a Vec<BString>| files.iter().take(listed).map(|path| PathDocument::of(path.as_ref()));
        Self {
            schema: SCHEMA,
            project: &answer.project,
            environment: &answer.environment,
            revision: answer.revision.as_deref(),
            source: SourceDocument { kind: source_word(answer.source), files: answer.files },
            services: answer
                .services
                .iter()
                .map(|service| ServiceDocument::of(service, hint.as_ref(), listed))
                .collect(),
            unowned: answer.unowned.as_ref().map(|files| paths(files).collect()),
            unowned_total: answer.unowned.as_ref().map(Vec::len),
        }
    }
}

impl<'a> ServiceDocument<'a> {
    fn of(answer: &'a ServiceAnswer, hint: Option<&Hint>, listed: usize) -> Self {
        let origin = |at: usize| answer.why.as_ref().and_then(|why| why.origins.get(at)?.as_ref());
        let changes = answer.changes.iter().enumerate();
        Self {
            service: &answer.service,
            skip: answer.skip(),
            reason: answer.reason.word(),
            detail: &answer.detail,
            fingerprint: answer.fingerprint,
            fingerprint_short: answer.fingerprint.as_ref().map(Fingerprint::short),
            baseline: answer.baseline.as_ref().map(BaselineDocument::of),
            changes: changes.take(listed).map(|(at, change)| ChangeDocument::of(change, origin(at))).collect(),
            changes_total: answer.changes_total,
            rules_changed: answer.rules_changed,
            outputs: &answer.outputs,
            reused_from: answer.reused.as_ref(),
            redeploys: &answer.redeploys,
            candidate: answer.candidate.as_deref(),
            why: answer.why.as_ref().map(|why| WhyDocument::of(answer, why, hint, listed)),
        }
    }
}

impl<'a> BaselineDocument<'a> {
    fn of(baseline: &'a Baseline) -> Self {
        Self {
            revision: baseline.revision.as_deref(),
            recorded_at: baseline.recorded_at.map(whole_seconds),
            certain: baseline.certain,
        }
    }
}

impl<'a> PathDocument<'a> {
    /// The text is lossy if the path is not UTF-8; the exact bytes are then given beside it.
    pub(super) fn of(path: &'a BStr) -> Self {
        let path_base64 = std::str::from_utf8(path).is_err().then(|| STANDARD.encode(path));
        Self { path: String::from_utf8_lossy(path), path_base64 }
    }
}

impl<'a> ChangeDocument<'a> {
    pub(super) fn of(change: &'a Change, origin: Option<&'a Origin>) -> Self {
        Self {
            path: PathDocument::of(change.path.as_ref()),
            change: change.kind.word(),
            rule: &change.rule,
            via: via_word(&change.via),
            at: origin.map(|origin| origin.at.as_str()),
            chain: origin.map(|origin| origin.chain.as_slice()),
            chain_left_out: origin.map(|origin| origin.left_out).filter(|left_out| *left_out > 0),
        }
    }
}

/// The stable word for a kind of source.
fn source_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Directory => "directory",
        SourceKind::Zip => "zip",
        SourceKind::Commit => "commit",
    }
}

/// RFC 3339 in UTC, without a fraction.
pub(super) fn whole_seconds(time: Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests;
