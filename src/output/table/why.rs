//! `--explain`: what a service was compared with, what else changed, and what to do.

use super::change_tone;
use std::collections::BTreeMap;

use crate::base::text::{count, list, printable, short_revision};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::hint::{Hint, Suggestion};
use crate::output::options::Options;
use crate::output::paint::{Paint, Tone};
use crate::output::sentences::{deploy, through};
use crate::protocol::answer::{Answer, Elsewhere, Origin, Reason, ServiceAnswer, Since, Why};
use crate::source::difference::Change;

/// How many changes are shown by default.
const SHOWN: usize = 20;

/// What the service was compared with.
pub(super) fn baseline(service: &ServiceAnswer, options: &Options) -> String {
    let baseline = service.baseline.as_ref();
    baseline.map(|baseline| format!("  compared with {}\n", deploy(baseline, options.now))).unwrap_or_default()
}

/// The last lines of a service: how much else changed, and what to do.
pub(super) fn render(service: &ServiceAnswer, why: &Why, hint: Option<&Hint>) -> String {
    let mut text = match &why.since {
        Since::NotAsked => String::new(),
        Since::Unknown(cause) => format!("  what else changed since is unknown: {}\n", printable(cause.as_bytes())),
        Since::Known(changes) => format!("  {}\n", since(service, changes)),
    };
    text.extend(advice(service, hint).map(|advice| format!("  what to do: {advice}\n")));
    text
}

/// What else changed since each of the revisions that skipped services were deployed from; each revision once, however
/// many services share it.
pub(super) fn elsewhere(answer: &Answer, options: &Options, paint: Paint) -> String {
    let mut known = BTreeMap::new();
    for service in &answer.services {
        if let (Some(Why { since: Since::Known(changes), .. }), Some(baseline)) = (&service.why, &service.baseline) {
            known.insert(baseline.revision.as_deref().unwrap_or_default(), changes);
        }
    }
    let lists = known.into_iter().filter(|(_, changes)| !changes.is_empty());
    lists.map(|(revision, changes)| changed_since(revision, changes, options, paint)).collect()
}

/// The pattern, its place in the map and how it reaches the service; the map may no longer contain it.
pub(super) fn rule(change: &Change, origin: Option<&Origin>) -> String {
    let rule = printable(change.rule.as_bytes());
    let Some(origin) = origin else { return format!("`{rule}`, which the map has no more") };
    let names: Vec<&str> = origin.chain.iter().map(|service| service.as_str()).collect();
    format!("`{rule}` ({}){}", origin.at, through(&names, origin.left_out, origin.group.as_deref()))
}

/// How many of the source's changes are the service's own: zero, unless what was recorded differs from what was
/// committed.
fn since(service: &ServiceAnswer, changes: &[Elsewhere]) -> String {
    let own = changes.iter().filter(|change| change.services.contains(&service.service)).count();
    let files = count(changes.len(), "file");
    match own {
        _ if changes.is_empty() => "nothing in the source changed since that revision".to_owned(),
        0 if changes.len() == 1 => {
            format!("since that revision {files} changed, which is no input of {}", service.service)
        }
        0 => format!("since that revision {files} changed, none of them an input of {}", service.service),
        own => format!(
            "since that revision {files} changed, {own} of them inputs of {}: what was recorded is not that commit",
            service.service
        ),
    }
}

fn changed_since(revision: &str, changes: &[Elsewhere], options: &Options, paint: Paint) -> String {
    let heading = format!("changed since {}", short_revision(revision));
    let mut text = format!("{}:\n", paint.tone(Tone::Strong, &heading));
    let shown = if options.all_changes { changes.len() } else { changes.len().min(SHOWN) };
    let mut columns = Columns::new([Align::Left, Align::Left, Align::Left]);
    for change in &changes[..shown] {
        let names: Vec<&str> = change.services.iter().map(|service| service.as_str()).collect();
        let of = if names.is_empty() { "of no service".to_owned() } else { format!("of {}", list(&names)) };
        columns.row([
            Cell::new(Tone::Plain, &printable(&change.path)),
            Cell::new(change_tone(change.kind), change.kind.word()),
            Cell::new(Tone::Faint, &of),
        ]);
    }
    text.push_str(&columns.text("  ", paint));
    if changes.len() > shown {
        text.push_str(&format!("  … and {} more (--all-changes)\n", changes.len() - shown));
    }
    text.push('\n');
    text
}

/// What a person can do about a reason; `None` if there is nothing to do.
pub(in crate::output) fn advice(service: &ServiceAnswer, hint: Option<&Hint>) -> Option<String> {
    let name = &service.service;
    let command = |what: Suggestion| hint.map_or_else(|| format!("shipmark {what}"), |hint| hint.command(&what));
    Some(match service.reason {
        Reason::Changed | Reason::SameExecution => return None,
        // A comparison of commits does not involve a deploy.
        Reason::Unchanged if service.baseline.as_ref().is_none_or(|baseline| baseline.recorded_at.is_none()) => {
            return None;
        }
        Reason::Unchanged => format!("nothing; to build it anyway, `{}`", command(Suggestion::Taint(name.clone()))),
        Reason::Forced => "leave out --force and SHIPMARK_FORCE, and it is decided".to_owned(),
        Reason::NoInputs => "correct its patterns: `shipmark check` names those that match nothing".to_owned(),
        Reason::SourceUnreadable => "make the file readable, or exclude it if it is no input".to_owned(),
        Reason::StateUnavailable => match service.full.as_ref().zip(hint) {
            Some(((environment, service), hint)) => {
                Hint { environment: environment.clone(), ..hint.clone() }.full_list(service)
            }
            None => "make the store reachable: `shipmark doctor` says what is wrong".to_owned(),
        },
        Reason::StateUnreadable => format!(
            "a newer shipmark's mark needs that shipmark; a damaged one is removed by `{}`",
            command(Suggestion::StateRm(name.clone()))
        ),
        Reason::NeverDeployed => format!(
            "deploy it and record that; what is deployed already is adopted by `{}`",
            command(Suggestion::Adopt(name.clone()))
        ),
        Reason::OtherPipeline => "two pipelines deploy it here: list both in `pipelines` of the environment, or give each an --environment of its own".to_owned(),
        Reason::Uncertain => format!(
            "a deploy that begins after all others have ended is certain again: `{}` lists what is open",
            command(Suggestion::Status(Some(name.clone())))
        ),
        Reason::DeployPending => format!(
            "the deploy of this build settles it once the other has ended: `{}` lists what is open",
            command(Suggestion::Status(Some(name.clone())))
        ),
        Reason::OutputMissing => {
            format!("record the output with the next deploy: `shipmark record {name} --output NAME=VALUE`")
        }
        Reason::EnvMissing => "set the variables that are inputs, before `decide`".to_owned(),
        Reason::Gone => "what is recorded is not there any more: the deploy of this build makes it anew".to_owned(),
        Reason::Shadow => "it is in shadow, so it always builds".to_owned(),
        Reason::SkipTooOld => "deploy it again, or raise `max_skip_age` in the map".to_owned(),
    })
}
