//! From decided subjects to answers: what is deployed, what differs, and which outputs are returned.

use std::collections::BTreeMap;

use crate::base::fingerprint::same;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};
use crate::base::text;
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::mark::{Deploy, Mark};
use crate::source::difference;
use crate::source::difference::Change;
use crate::source::snapshot::Snapshot;
use crate::source::tree::Tree;

use super::context::Context;
use super::subject::{Request, Subject};

/// The answer for one environment.
pub(super) fn answer(
    context: &Context<'_>,
    environment: &EnvironmentName,
    request: &Request,
    tree: &Tree,
    subjects: &[Subject],
) -> Answer {
    Answer {
        project: context.project.clone(),
        environment: environment.clone(),
        revision: request.revision.clone(),
        base: None,
        source: tree.source,
        files: tree.files,
        services: context.each(subjects, |subject| service(context, tree, subject)),
        unowned: tree.unowned.clone(),
    }
}

fn service(context: &Context<'_>, tree: &Tree, subject: &Subject) -> ServiceAnswer {
    let deploy = subject.deployed();
    let (changes, changes_total) = changes(context, tree, subject, deploy);
    let outputs = deploy.filter(|_| subject.skip()).map(|deploy| deploy.release.outputs.clone());
    ServiceAnswer {
        service: subject.key.service.clone(),
        reason: subject.reason,
        detail: detail(subject, changes_total, &changes),
        baseline: deploy.map(|deploy| baseline(subject.mark(), deploy)),
        changes,
        changes_total,
        rules_changed: deploy.is_some_and(|deploy| deploy.release.rules.is_some_and(|rules| rules != subject.rules)),
        outputs: outputs.unwrap_or_default(),
        redeploys: redeploys(subject),
        inputs: Some(subject.count),
        why: None,
    }
}

fn baseline(mark: Option<&Mark>, deploy: &Deploy) -> Baseline {
    Baseline {
        revision: deploy.release.revision.clone(),
        recorded_at: Some(deploy.recorded_at),
        certain: mark.is_some_and(|mark| mark.certain),
        build: deploy.release.build.id.clone(),
    }
}

/// The differences. They need the stored inputs, which are only read if something differs, and only explain.
fn changes(
    context: &Context<'_>,
    tree: &Tree,
    subject: &Subject,
    deploy: Option<&Deploy>,
) -> (Vec<Change>, Option<usize>) {
    let Some(deploy) = deploy else { return (Vec::new(), Some(0)) };
    if same(subject.now.content.as_ref(), deploy.release.content.as_ref()) {
        return (Vec::new(), Some(0));
    }
    // If the source was unreadable, or was read before the build wrote into it, changes cannot be listed now.
    if subject.now.unreadable.is_some() || subject.earlier.is_some() {
        return (Vec::new(), None);
    }
    let Some(old) = snapshot(context, subject, deploy) else { return (Vec::new(), None) };
    let changes = difference::since(&old, tree, subject.service);
    let total = changes.len();
    (changes, Some(total))
}

fn snapshot(context: &Context<'_>, subject: &Subject, deploy: &Deploy) -> Option<Snapshot> {
    let hash = deploy.release.snapshot.as_deref()?;
    let bytes = match context.store.snapshot(&subject.key, hash) {
        Ok(bytes) => bytes?,
        Err(error) => {
            context.reporter.warn(&format!("{}: the changes cannot be listed: {error}", subject.key.service));
            return None;
        }
    };
    match Snapshot::decode(&bytes, hash) {
        Ok(snapshot) => Some(snapshot),
        Err(error) => {
            context.reporter.warn(&format!("{}: the changes cannot be listed: {error}", subject.key.service));
            None
        }
    }
}

/// The sentence, with the numbers that the pure decision does not have.
fn detail(subject: &Subject, total: Option<usize>, changes: &[Change]) -> String {
    let inputs = text::count(subject.count, "input");
    match (subject.reason, total, changes.first()) {
        (Reason::Changed, Some(total), Some(first)) => {
            let differ = if total == 1 { "change" } else { "changes" };
            let more = if total > 1 { " and others" } else { "" };
            let path = text::printable(&first.path);
            format!("{total} {differ} among {inputs} ({} {path}{more})", first.kind.word())
        }
        (Reason::Changed, Some(0), None) => format!("an --extra differs; the {inputs} are as deployed"),
        (Reason::Unchanged, ..) => format!("{inputs}, all as deployed"),
        (Reason::NoInputs | Reason::SourceUnreadable, ..) => subject.detail.clone(),
        _ => format!("{} ({inputs})", subject.detail),
    }
}

/// The recorded outputs of the services that this one's deploy redeploys, as they were pinned.
fn redeploys(subject: &Subject) -> BTreeMap<ServiceName, BTreeMap<OutputName, String>> {
    let recorded = subject.pins.iter().filter_map(|pin| Some((pin, pin.release.as_ref()?)));
    recorded.map(|(pin, release)| (pin.service.clone(), release.outputs.clone())).collect()
}
