//! From decisions to answers: what differs from the last deploy, and the sentence that says so.

use std::collections::BTreeMap;

use crate::base::fingerprint::same;
use crate::base::key::Key;
use crate::base::text;
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::decide::{Decided, ServiceDecision};
use crate::protocol::engine::mark::Deploy;
use crate::protocol::engine::ticket::Ticket;
use crate::source::difference;
use crate::source::difference::Change;
use crate::source::snapshot::Snapshot;
use crate::source::tree::Tree;

use super::context::Context;
use super::gather::Seen;

/// The answers, one for each environment. `before` is the earlier ticket: its entries were seen before the build may
/// have written into the source.
pub(super) fn answers(
    context: &Context<'_>,
    engine: &Engine,
    seen: &[Seen<'_>],
    decided: &Decided,
    before: &Ticket,
    candidates: &BTreeMap<Key, String>,
) -> Vec<Answer> {
    let of = |seen: &Seen<'_>| {
        let mine = decided.services.iter().filter(|decision| decision.key.environment == *seen.environment);
        let decisions: Vec<&ServiceDecision> = mine.collect();
        let services = context.each(decisions, |decision| {
            let earlier = before.entry(&engine.caller.store, &decision.key);
            let first = !earlier.is_some_and(crate::protocol::engine::ticket::TicketEntry::stands);
            let index = seen.index(&decision.key);
            let candidate = candidates.get(&decision.key).cloned();
            ServiceAnswer { candidate, ..service(context, &seen.tree, index.filter(|_| first), decision) }
        });
        Answer {
            project: context.project.clone(),
            environment: seen.environment.clone(),
            state: Some(context.url.to_string()),
            revision: engine.caller.revision.clone(),
            base: None,
            source: seen.tree.source,
            files: seen.tree.files,
            services,
            unowned: seen.tree.unowned.clone(),
        }
    };
    seen.iter().map(of).collect()
}

/// `index` is the service's index in the map, given if the tree is the one that the decision saw.
fn service(context: &Context<'_>, tree: &Tree, index: Option<usize>, decision: &ServiceDecision) -> ServiceAnswer {
    let deploy = decision.baseline.as_ref();
    let (changes, changes_total) = changes(context, tree, index, decision, deploy);
    let rules = decision.inputs.rules;
    let differs = |deploy: &Deploy| deploy.release.rules.is_some_and(|recorded| Some(recorded) != rules);
    ServiceAnswer {
        service: decision.key.service.clone(),
        reason: decision.evidence.reason(),
        detail: detail(decision, changes_total, &changes),
        baseline: deploy.map(|deploy| Baseline {
            revision: deploy.release.revision.clone(),
            recorded_at: Some(deploy.recorded_at),
            certain: decision.certain,
            build: deploy.release.build.id.clone(),
        }),
        changes,
        changes_total,
        rules_changed: deploy.is_some_and(differs),
        outputs: decision.outputs.clone(),
        redeploys: decision.redeploys.clone(),
        inputs: Some(decision.inputs.count),
        full: decision
            .evidence
            .full()
            .map(|(environment, service)| (environment.unwrap_or(&decision.key.environment).clone(), service.clone())),
        candidate: None,
        why: None,
    }
}

/// The differences. They need the stored inputs, which are only read if something differs, and only explain.
fn changes(
    context: &Context<'_>,
    tree: &Tree,
    index: Option<usize>,
    decision: &ServiceDecision,
    deploy: Option<&Deploy>,
) -> (Vec<Change>, Option<usize>) {
    let Some(deploy) = deploy else { return (Vec::new(), Some(0)) };
    if same(decision.inputs.content.as_ref(), deploy.release.content.as_ref()) {
        return (Vec::new(), Some(0));
    }
    // If the source was unreadable, or was read before the build wrote into it, changes cannot be listed now.
    let Some(index) = index.filter(|_| decision.inputs.unreadable.is_none()) else { return (Vec::new(), None) };
    let Some(old) = snapshot(context, &decision.key, deploy) else { return (Vec::new(), None) };
    let changes = difference::since(&old, tree, index);
    let total = changes.len();
    (changes, Some(total))
}

fn snapshot(context: &Context<'_>, key: &Key, deploy: &Deploy) -> Option<Snapshot> {
    let hash = deploy.release.snapshot.as_deref()?;
    let bytes = match context.store.snapshot(key, hash) {
        Ok(bytes) => bytes?,
        Err(error) => {
            context.reporter.warn(&format!("{}: the changes cannot be listed: {error}", key.service));
            return None;
        }
    };
    match Snapshot::decode(&bytes, hash) {
        Ok(snapshot) => Some(snapshot),
        Err(error) => {
            context.reporter.warn(&format!("{}: the changes cannot be listed: {error}", key.service));
            None
        }
    }
}

/// The sentence, with the numbers that are not available to the engine.
fn detail(decision: &ServiceDecision, total: Option<usize>, changes: &[Change]) -> String {
    use crate::protocol::engine::evidence::Evidence;
    let inputs = text::count(decision.inputs.count, "input");
    match (&decision.evidence, total, changes.first()) {
        (Evidence::Changed, Some(total), Some(first)) => {
            let differ = if total == 1 { "change" } else { "changes" };
            let more = if total > 1 { " and others" } else { "" };
            let path = text::printable(&first.path);
            format!("{total} {differ} among {inputs} ({} {path}{more})", first.kind.word())
        }
        (Evidence::Changed, Some(0), None) => format!("an --extra differs; the {inputs} are as deployed"),
        (Evidence::Unchanged, ..) => format!("{inputs}, all as deployed"),
        (evidence, ..) if matches!(evidence.reason(), Reason::NoInputs | Reason::SourceUnreadable) => {
            evidence.to_string()
        }
        (evidence, ..) => format!("{evidence} ({inputs})"),
    }
}
