//! From decisions to answers: what differs from the last deploy, and the sentence that says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::report::ByCause;
use crate::app::settings::now;
use crate::base::failure::chain;
use crate::base::fingerprint::same;
use crate::base::key::Key;
use crate::base::names::OutputName;
use crate::base::text;
use crate::protocol::answer::{Answer, Baseline, Reason, ServiceAnswer};
use crate::protocol::engine::core::Engine;
use crate::protocol::engine::decide::{Decided, Reuse, ServiceDecision};
use crate::protocol::engine::evidence::Evidence;
use crate::protocol::engine::mark::Deploy;
use crate::protocol::engine::ticket::Ticket;
use crate::source::difference;
use crate::source::difference::{Change, ChangeKind};
use crate::source::renamed::{self, Renamed};
use crate::source::snapshot::Snapshot;

use super::context::Context;
use super::gather::Seen;
use super::peculiarities::peculiarities;
use super::pipelines_line::to_paste;

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
    let unlisted = ByCause::default();
    let of = |seen: &Seen<'_>| {
        let mine = decided.services.iter().filter(|decision| decision.key.environment == *seen.environment);
        let decisions: Vec<&ServiceDecision> = mine.collect();
        let services = context.each(decisions, |decision| {
            let earlier = before.entry(&engine.caller.store, &decision.key);
            let first = !earlier.is_some_and(crate::protocol::engine::ticket::TicketEntry::inputs_stand);
            let index = seen.index(&decision.key);
            let candidate = candidates.get(&decision.key).cloned();
            ServiceAnswer { candidate, ..service(context, seen, index.filter(|_| first), decision, &unlisted) }
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
    let answers = seen.iter().map(of).collect();
    unlisted.warn(context.reporter, |services| format!("the changes of {services} cannot be listed"));
    answers
}

/// `index` is the service's index in the map, given if the tree is the one that the decision saw.
fn service(
    context: &Context<'_>,
    seen: &Seen<'_>,
    index: Option<usize>,
    decision: &ServiceDecision,
    unlisted: &ByCause,
) -> ServiceAnswer {
    let deploy = decision.baseline.as_ref();
    let changes = changes(context, seen, index, decision, deploy).unwrap_or_else(|cause| {
        unlisted.add(&decision.key.service, cause);
        None
    });
    let changes_total = changes.as_ref().map(|(changes, ..)| changes.len());
    let (changes, extras, renamed) = changes.unwrap_or_default();
    let rules = decision.inputs.rules;
    let differs = |deploy: &Deploy| deploy.release.rules.is_some_and(|recorded| Some(recorded) != rules);
    let mut sentence = detail(decision, changes_total, &changes, &extras);
    if let Some(renamed) = &renamed {
        sentence = format!("{sentence}; {}, which builds it once", renamed.sentence());
    }
    if let Evidence::OtherHome { theirs: Some(theirs), mine: Some(mine) } = &decision.evidence
        && let Some(line) = to_paste(&context.map, &decision.key.environment, mine, theirs)
    {
        sentence = format!("{sentence}; {line}");
    }
    sentence.extend(peculiarities(&context.settings.source, &decision.evidence, &changes));
    ServiceAnswer {
        service: decision.key.service.clone(),
        reason: decision.evidence.reason(),
        detail: match &decision.reuse {
            Reuse::NotConsidered => sentence,
            Reuse::No(why) => format!("{sentence}; {why}"),
            Reuse::Yes(reused) => {
                let from = &reused.origin.environment;
                format!("{sentence}; `{from}` has deployed the same inputs, so there is nothing to build")
            }
        },
        fingerprint: (decision.inputs.content.as_ref())
            .map(|content| content.of_service(&context.project, &decision.key.service)),
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
        reused: match &decision.reuse {
            Reuse::Yes(reused) => Some(reused.origin.environment.clone()),
            Reuse::No(_) | Reuse::NotConsidered => None,
        },
        declared: declared(context, decision),
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

/// The outputs that the map declares for the service.
fn declared(context: &Context<'_>, decision: &ServiceDecision) -> BTreeSet<OutputName> {
    let service = context.map.index(&decision.key.service).map(|service| &context.map.services[service]);
    service.iter().flat_map(|service| service.outputs.keys().cloned()).collect()
}

/// The changes of files, the names of extras that differ, and the folder that was renamed, if that is most of it.
type Differences = (Vec<Change>, Vec<String>, Option<Renamed>);

/// The differences, if they can be known. They need the stored inputs, which are only
/// read if something differs, and only explain.
///
/// # Errors
/// Why the stored inputs cannot be used.
fn changes(
    context: &Context<'_>,
    seen: &Seen<'_>,
    index: Option<usize>,
    decision: &ServiceDecision,
    deploy: Option<&Deploy>,
) -> Result<Option<Differences>, String> {
    let none = || Ok(Some(Differences::default()));
    let Some(deploy) = deploy else { return none() };
    if same(decision.inputs.content.as_ref(), deploy.release.content.as_ref()) {
        return none();
    }
    // If the source was unreadable, or was read before the build wrote into it, changes cannot be listed now.
    let Some(index) = index.filter(|_| decision.inputs.unreadable.is_none()) else { return Ok(None) };
    let Some(hash) = deploy.release.snapshot.as_deref() else { return Ok(None) };
    let stored = context.store.snapshot(&decision.key, hash).map_err(|error| chain(&error))?;
    let Some(bytes) = stored else { return Ok(None) };
    let old = Snapshot::decode(&bytes, hash).map_err(|error| chain(&error))?;
    let changes = difference::since(&old, &seen.tree, index);
    let renamed = renamed_folder(&changes, &old, seen);
    Ok(Some((changes, old.extras.differing(seen.extras(index)), renamed)))
}

/// The folder that deleted files have moved from, to where files were added.
fn renamed_folder(changes: &[Change], old: &Snapshot, seen: &Seen<'_>) -> Option<Renamed> {
    let of = |kind: ChangeKind| changes.iter().filter(move |change| change.kind == kind).map(|change| &change.path);
    let gone = of(ChangeKind::Deleted).filter_map(|path| {
        let at = old.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        Some((path.clone(), old.entries[at].id))
    });
    let new = of(ChangeKind::Added).filter_map(|path| {
        let at = seen.tree.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        Some((path.clone(), seen.tree.entries[at].id))
    });
    renamed::folder(&gone.collect::<Vec<_>>(), &new.collect::<Vec<_>>())
}

/// The sentence, with the numbers that are not available to the engine.
fn detail(decision: &ServiceDecision, total: Option<usize>, changes: &[Change], extras: &[String]) -> String {
    let inputs = text::count(decision.inputs.count, "input");
    // Names only: a value may be a secret.
    let names: Vec<String> = extras.iter().map(|name| format!("`{}`", text::printable(name.as_bytes()))).collect();
    let names = text::list(&names);
    let differ = if extras.len() == 1 { "differs" } else { "differ" };
    match (&decision.evidence, total, changes.first()) {
        (Evidence::Changed, Some(total), Some(first)) => {
            let changes = if total == 1 { "change" } else { "changes" };
            let more = if total > 1 { " and others" } else { "" };
            let path = text::printable(&first.path);
            let also = if extras.is_empty() { String::new() } else { format!("; {names} {differ}") };
            format!("{total} {changes} among {inputs} ({} {path}{more}){also}", first.kind.word())
        }
        (Evidence::Changed, Some(0), None) if !extras.is_empty() => {
            let verb = if decision.inputs.count == 1 { "is" } else { "are" };
            format!("{names} {differ}; the {inputs} {verb} as deployed")
        }
        (Evidence::Unchanged, ..) => format!("{inputs}, all as deployed"),
        (evidence, ..) if matches!(evidence.reason(), Reason::NoInputs | Reason::SourceUnreadable) => {
            evidence.sentence(now())
        }
        (evidence, ..) => format!("{} ({inputs})", evidence.sentence(now())),
    }
}
