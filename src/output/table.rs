//! Answers for people: what would build and why, first at a glance, then file by file.

mod matrix;
mod why;

pub(super) use why::advice;

use crate::base::text::{count, list, printable, short_revision};
use crate::map::rules::Via;
use crate::output::columns::{Align, Cell, Columns};
use crate::output::hint::Hint;
use crate::output::options::Options;
use crate::output::paint::{Paint, Tone};
use crate::output::sentences::deployed;
use crate::protocol::answer::{Answer, Reason, ServiceAnswer};
use crate::source::difference::{Change, ChangeKind};
use crate::source::tree::SourceKind;

/// How many changes of a service are shown by default: enough to recognise a push.
const CHANGES: usize = 5;

/// How many of them with `--explain`.
const EXPLAINED: usize = 100;

/// How many names or unowned files are shown; the rest are only counted.
const NAMES: usize = 10;

/// One block per environment, or all environments side by side.
pub(super) fn render(answers: &[Answer], options: &Options) -> String {
    if options.side_by_side {
        return matrix::render(answers, options);
    }
    let blocks: Vec<String> = answers.iter().map(|answer| block(answer, options)).collect();
    blocks.join("\n")
}

fn block(answer: &Answer, options: &Options) -> String {
    let paint = Paint::new(options.color);
    let hint = Hint::of(answer);
    let mut text = title(answer, paint);
    text.push_str(&overview(answer, options, paint));
    for service in answer.services.iter().filter(|service| !service.skip() || service.why.is_some()) {
        text.push('\n');
        text.push_str(&block_of(service, options, paint));
        if let Some(why) = &service.why {
            text.push_str(&why::render(service, why, hint.as_ref()));
        }
    }
    text.push('\n');
    text.push_str(&why::elsewhere(answer, options, paint));
    text.push_str(&unowned(answer, options, paint));
    text.push_str(&paint.tone(Tone::Strong, &summary(answer)));
    text.push('\n');
    text
}

/// Project, environment and source: `cqrs, prod: 69 files, revision 3c12540a1b2c`.
fn title(answer: &Answer, paint: Paint) -> String {
    let names = format!("{}, {}", answer.project, answer.environment);
    let names = paint.tone(Tone::Strong, &printable(names.as_bytes()));
    let revision = answer.revision.as_deref().map(|r| format!(", revision {}", short_revision(r))).unwrap_or_default();
    let files = count(answer.files, "file");
    match &answer.base {
        None => format!("{names}: {files}{revision}\n\n"),
        // Between two commits only what differs is read.
        Some(base) if answer.source == SourceKind::Commit => {
            format!("{names}: {files} differ among inputs since {}{revision}\n\n", short_revision(base))
        }
        Some(base) => format!("{names}: {files}{revision}, compared with {}\n\n", short_revision(base)),
    }
}

fn overview(answer: &Answer, options: &Options, paint: Paint) -> String {
    let head = |text: &str| Cell::new(Tone::Faint, text);
    let mut columns = Columns::new([Align::Left, Align::Left, Align::Left, Align::Right, Align::Left]);
    // Compared with a commit, nothing is said of what is deployed.
    let against = if answer.base.is_some() { "BASE" } else { "DEPLOYED" };
    columns.row(["SERVICE", "DECISION", "REASON", "INPUTS", against].map(head));
    for service in &answer.services {
        let tone = decision_tone(service);
        columns.row([
            Cell::new(Tone::Plain, service.service.as_str()),
            Cell::new(tone, planned(service).0),
            Cell::new(tone, planned(service).1),
            Cell::new(Tone::Plain, &service.inputs.map_or_else(|| "-".to_owned(), |inputs| inputs.to_string())),
            deployed_cell(service, options),
        ]);
    }
    columns.text("", paint)
}

/// Decision and reason in a plan. What is in shadow builds, and a plan shows what would be skipped without it.
fn planned(service: &ServiceAnswer) -> (&'static str, &'static str) {
    match service.reason {
        Reason::Shadow => ("skip", "in shadow"),
        reason => (service.decision(), reason.word()),
    }
}

fn decision_tone(service: &ServiceAnswer) -> Tone {
    match service.reason {
        Reason::Unchanged => Tone::Good,
        reason if reason.is_doubt() => Tone::Bad,
        _ => Tone::Notice,
    }
}

fn deployed_cell(service: &ServiceAnswer, options: &Options) -> Cell {
    match &service.baseline {
        Some(baseline) if baseline.certain => Cell::new(Tone::Plain, &deployed(baseline, options.now)),
        Some(baseline) => Cell::new(Tone::Notice, &deployed(baseline, options.now)),
        None if service.reason == Reason::NeverDeployed => Cell::new(Tone::Plain, "never"),
        None => Cell::new(Tone::Plain, "not known"),
    }
}

/// Why a service builds or is skipped: its sentence, then its first changes.
fn block_of(service: &ServiceAnswer, options: &Options, paint: Paint) -> String {
    let name = paint.tone(Tone::Strong, service.service.as_str());
    let decision = service.decision();
    let decision = service.why.as_ref().map(|_| format!("{decision}, {}: ", service.reason.word())).unwrap_or_default();
    let mut text = format!("{name}: {decision}{}\n", printable(service.detail.as_bytes()));
    text.extend(service.why.as_ref().map(|_| why::baseline(service, options)));
    let most = match service.why {
        _ if options.all_changes => usize::MAX,
        Some(_) => EXPLAINED,
        None => CHANGES,
    };
    let shown = service.changes.len().min(most);
    let mut columns = Columns::new([Align::Left, Align::Left, Align::Left]);
    for (place, change) in service.changes[..shown].iter().enumerate() {
        let rule = match &service.why {
            Some(why) => why::rule(change, why.origins.get(place).and_then(Option::as_ref)),
            None => rule(change),
        };
        columns.row([
            Cell::new(Tone::Plain, &printable(&change.path)),
            Cell::new(change_tone(change.kind), change.kind.word()),
            Cell::new(Tone::Faint, &format!("by {rule}")),
        ]);
    }
    text.push_str(&columns.text("  ", paint));
    let mut note = |note: &str| {
        text.push_str("  ");
        text.push_str(&paint.tone(Tone::Faint, note));
        text.push('\n');
    };
    let more = service.changes.len() - shown;
    if more > 0 {
        note(&format!("… and {more} more (--all-changes)"));
    }
    if service.changes_total.is_none() {
        note("which inputs differ is not known: the list of those last deployed is missing");
    }
    if service.rules_changed {
        note("its rules differ from those of its last deploy");
    }
    if !service.redeploys.is_empty() {
        let names: Vec<&str> = service.redeploys.keys().map(|name| name.as_str()).collect();
        note(&format!("deploying it deploys {} again, as last recorded", list(&names)));
    }
    text
}

/// The pattern, and the chain it applies through unless it is the service's own.
fn rule(change: &Change) -> String {
    let rule = printable(change.rule.as_bytes());
    match &change.via {
        Via::Own => rule,
        Via::Group(group) => format!("{rule} (group {})", printable(group.as_bytes())),
        Via::Dependency(service) => format!("{rule} (dependency {service})"),
        Via::Link(link) => format!("{rule} (link {})", printable(link)),
    }
}

fn change_tone(kind: ChangeKind) -> Tone {
    match kind {
        ChangeKind::Added => Tone::Good,
        ChangeKind::Modified | ChangeKind::Mode => Tone::Notice,
        ChangeKind::Deleted => Tone::Bad,
    }
}

/// The files that no service covers, if any.
fn unowned(answer: &Answer, options: &Options, paint: Paint) -> String {
    let files = match &answer.unowned {
        Some(files) if !files.is_empty() => files,
        _ => return String::new(),
    };
    let verb = if files.len() == 1 { "belongs" } else { "belong" };
    let warning = paint.tone(Tone::Notice, "warning:");
    let mut text = format!("{warning} {} {verb} to no service:\n", count(files.len(), "file"));
    let shown = if options.all_changes { files.len() } else { files.len().min(NAMES) };
    for file in &files[..shown] {
        text.push_str(&format!("  {}\n", printable(file)));
    }
    if files.len() > shown {
        let more = format!("… and {} more (--all-changes)", files.len() - shown);
        text.push_str(&format!("  {}\n", paint.tone(Tone::Faint, &more)));
    }
    text.push('\n');
    text
}

/// A one-sentence summary for people who read only the last line.
fn summary(answer: &Answer) -> String {
    let total = answer.services.len();
    let same = match &answer.base {
        None => "as deployed".to_owned(),
        Some(base) => format!("as in {}", short_revision(base)),
    };
    let builds: Vec<&str> = answer.services.iter().filter(|s| !s.skip()).map(|s| s.service.as_str()).collect();
    let text = match builds.len() {
        0 if total == 0 => "There is no service to build.".to_owned(),
        0 if total == 1 => format!("Nothing would build: {} is {same}.", answer.services[0].service),
        0 => format!("Nothing would build: all {total} services are {same}."),
        number if number > NAMES => {
            let rest = format!("{} more", number - NAMES);
            let shown: Vec<&str> = builds[..NAMES].iter().copied().chain([rest.as_str()]).collect();
            format!("{number} of {} would build: {}.", count(total, "service"), list(&shown))
        }
        number => format!("{number} of {} would build: {}.", count(total, "service"), list(&builds)),
    };
    let shadow = answer.services.iter().filter(|service| service.reason == Reason::Shadow).count();
    match shadow {
        0 => text,
        1 => format!("{text} Without shadow, 1 of them would be skipped."),
        _ => format!("{text} Without shadow, {shadow} of them would be skipped."),
    }
}

#[cfg(test)]
mod tests;
