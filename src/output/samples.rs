//! Answers for the tests of these formats.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Options;
use crate::base::fingerprint::Fingerprint;
use crate::base::names::{EnvironmentName, OutputName, ProjectName, ServiceName};
use crate::map::rules::Via;
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::SourceKind;

pub(super) const REVISION: &str = "3c12540a1b2c3d4e5f60718293a4b5c6d7e8f901";

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn options() -> Options {
    Options { all_changes: false, side_by_side: false, now: time("2026-11-23T20:20:00Z"), color: false }
}

pub(super) fn answer(environment: &str, services: Vec<ServiceAnswer>) -> Answer {
    Answer {
        project: ProjectName::new("cqrs").unwrap(),
        environment: EnvironmentName::new(environment).unwrap(),
        state: Some("file:/s".to_owned()),
        revision: Some(REVISION.to_owned()),
        base: None,
        source: SourceKind::Directory,
        files: 69,
        services,
        unowned: None,
    }
}

pub(super) fn baseline() -> Baseline {
    Baseline {
        revision: Some(REVISION.to_owned()),
        recorded_at: Some(time("2026-11-21T20:20:00.75Z")),
        certain: true,
        build: Some("deploy-prod:42".to_owned()),
    }
}

pub(super) fn build(service: &str, reason: Reason) -> ServiceAnswer {
    let deployed = !matches!(reason, Reason::NeverDeployed | Reason::StateUnavailable | Reason::StateUnreadable);
    ServiceAnswer {
        service: ServiceName::new(service).unwrap(),
        reason,
        detail: format!("a sentence about {}", reason.word()),
        fingerprint: Some(Fingerprint([7; 32])),
        baseline: deployed.then(baseline),
        changes: Vec::new(),
        changes_total: Some(0),
        rules_changed: false,
        outputs: BTreeMap::new(),
        reused: None,
        declared: Default::default(),
        redeploys: BTreeMap::new(),
        inputs: Some(69),
        full: None,
        candidate: None,
        why: None,
    }
}

pub(super) fn skip(service: &str, outputs: &[(&str, &str)]) -> ServiceAnswer {
    let outputs = outputs_of(outputs);
    ServiceAnswer { declared: outputs.keys().cloned().collect(), outputs, ..build(service, Reason::Unchanged) }
}

pub(super) fn changed(service: &str, changes: Vec<Change>) -> ServiceAnswer {
    ServiceAnswer { changes_total: Some(changes.len()), changes, ..build(service, Reason::Changed) }
}

pub(super) fn change(path: impl Into<Vec<u8>>, kind: ChangeKind, via: Via) -> Change {
    Change { path: path.into().into(), kind, rule: "Server/Sources/**".to_owned(), via }
}

pub(super) fn outputs_of(outputs: &[(&str, &str)]) -> BTreeMap<OutputName, String> {
    outputs.iter().map(|(name, value)| (OutputName::new(*name).unwrap(), (*value).to_owned())).collect()
}
