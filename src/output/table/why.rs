//! `--explain`: what a service was compared with, what changed besides, and what to do.

use super::change_tone;
use crate::answer::{Change, Elsewhere, Origin, Reason, ServiceAnswer, Since, Why};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::options::Options;
use crate::output::paint::{Paint, Tone};
use crate::output::sentences::{deploy, through};
use crate::text::{count, list, printable};

/// How many changes are shown unless all are asked for.
const SHOWN: usize = 20;

/// The lines below a service.
pub(super) fn render(service: &ServiceAnswer, why: &Why, options: &Options, paint: Paint) -> String {
    let mut text = String::new();
    if let Some(baseline) = &service.baseline {
        text.push_str(&format!("  compared with {}\n", deploy(baseline, options.now)));
    }
    match &why.since {
        Since::NotAsked => {}
        Since::Unknown(cause) => {
            text.push_str(&format!("  what else changed since is unknown: {}\n", printable(cause.as_bytes())));
        }
        Since::Known(changes) => text.push_str(&since(service, changes, options, paint)),
    }
    if let Some(advice) = advice(service) {
        text.push_str(&format!("  what to do: {advice}\n"));
    }
    text
}

/// The pattern, its place in the map and through what it reaches the service; the map may have it no more.
pub(super) fn rule(change: &Change, origin: Option<&Origin>) -> String {
    let rule = printable(change.rule.as_bytes());
    let Some(origin) = origin else { return format!("`{rule}`, which the map has no more") };
    let names: Vec<&str> = origin.chain.iter().map(|service| service.as_str()).collect();
    format!("`{rule}` ({}){}", origin.at, through(&names, origin.group.as_deref()))
}

/// What changed in the source since the revision that was deployed, and whose that is.
fn since(service: &ServiceAnswer, changes: &[Elsewhere], options: &Options, paint: Paint) -> String {
    if changes.is_empty() {
        return "  nothing in the source changed since that revision\n".to_owned();
    }
    let own = changes.iter().filter(|change| change.services.contains(&service.service)).count();
    let whose = match own {
        0 => format!("none of them an input of {}", service.service),
        own => format!("{own} of them inputs of {}, whose bytes are as recorded all the same", service.service),
    };
    let mut text = format!("  since that revision {} changed, {whose}:\n", count(changes.len(), "file"));
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
    text.push_str(&columns.text("    ", paint));
    if changes.len() > shown {
        text.push_str(&format!("    … and {} more (--all-changes)\n", changes.len() - shown));
    }
    text
}

/// What a person can do about a reason; `None` where nothing has to be done.
pub(in crate::output) fn advice(service: &ServiceAnswer) -> Option<String> {
    let name = &service.service;
    Some(match service.reason {
        Reason::Changed | Reason::SameExecution => return None,
        Reason::Unchanged => format!("nothing; to build it anyway, `shipmark taint {name} --reason '…'`"),
        Reason::Forced => "leave out --force and SHIPMARK_FORCE, and it is decided".to_owned(),
        Reason::NoInputs => "correct its patterns: `shipmark check` names those that match nothing".to_owned(),
        Reason::SourceUnreadable => "make the file readable, or exclude it if it is no input".to_owned(),
        Reason::StateUnavailable => "make the store reachable: `shipmark doctor` says what is wrong".to_owned(),
        Reason::StateUnreadable => format!(
            "a newer shipmark's mark needs that shipmark; a damaged one is removed by `shipmark state rm {name}`"
        ),
        Reason::NeverDeployed => format!(
            "deploy it and record that; what is deployed already is adopted by `shipmark record {name} --from-git REV`"
        ),
        Reason::OtherPipeline => "name --environment in both pipelines, so that each has a mark of its own".to_owned(),
        Reason::Uncertain => format!(
            "a deploy that begins after all others have ended is certain again: `shipmark status {name}` lists what is open"
        ),
        Reason::DeployPending => format!(
            "the deploy of this build settles it once the other has ended: `shipmark status {name}` lists what is open"
        ),
        Reason::OutputMissing => {
            format!("record the output with the next deploy: `shipmark record {name} --output NAME=VALUE`")
        }
        Reason::SkipTooOld => "deploy it again, or raise `max_skip_age` in the map".to_owned(),
    })
}
