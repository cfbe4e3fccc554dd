//! One environment after the other, with everything known about each service.

use std::collections::BTreeMap;

use super::{StatusView, state_word, summary, tone};
use crate::base::clock::age;
use crate::base::text::{count, list, printable, short_revision};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::paint::{Paint, Tone};
use crate::protocol::engine::attempt_text::date;
use crate::protocol::engine::forgotten::Forgotten;
use crate::protocol::engine::mark::{Attempt, AttemptId, State};
use crate::protocol::engine::status::{Behind, ServiceStatus};

/// How many services are named; the rest are only counted.
const NAMES: usize = 5;

const HEAD: [&str; 7] = ["SERVICE", "STATE", "REVISION", "SINCE", "BUILD", "BEHIND", "OPEN"];

/// The standings as blocks, one per environment, in order.
pub fn table(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let paint = Paint::new(view.color);
    let blocks = standings.chunk_by(|one, other| one.key.environment == other.key.environment);
    let mut text = String::new();
    for block in blocks {
        let title = format!("{}, {}", view.project, block[0].key.environment);
        text.push_str(&format!("{}\n\n", paint.tone(Tone::Strong, &printable(title.as_bytes()))));
        rows(&mut text, block, view, paint);
        text.push('\n');
    }
    text.push_str(&paint.tone(Tone::Strong, summary(standings).trim_end()));
    text.push('\n');
    text
}

fn rows(text: &mut String, standings: &[ServiceStatus], view: &StatusView<'_>, paint: Paint) {
    let mut columns = Columns::new([Align::Left; HEAD.len()]);
    columns.row(HEAD.map(|head| Cell::new(Tone::Faint, head)));
    standings.iter().for_each(|standing| columns.row(row(standing, view)));
    let mut lines = columns.lines(paint);
    text.extend(lines.next().map(|head| head + "\n"));
    for (line, standing) in lines.zip(standings) {
        text.push_str(&line);
        text.push('\n');
        for note in notes(standing, view) {
            text.push_str(&format!("  {}\n", printable(note.as_bytes())));
        }
    }
    for line in unknown(standings) {
        text.push_str(&format!("{}\n", paint.tone(Tone::Faint, &printable(line.as_bytes()))));
    }
}

fn row(standing: &ServiceStatus, view: &StatusView<'_>) -> [Cell; HEAD.len()] {
    let none = || "-".to_owned();
    let deploy = standing.deployed.as_ref();
    let release = deploy.map(|deploy| &deploy.release);
    let revision = release.and_then(|release| release.revision.as_deref()).map_or_else(none, short_revision);
    let build = release.and_then(|release| release.build.id.as_deref());
    let open = count(standing.open(), "attempt");
    [
        Cell::new(Tone::Plain, standing.key.service.as_str()),
        Cell::new(tone(standing), standing.certainty.word()),
        Cell::new(Tone::Plain, &revision),
        Cell::new(Tone::Plain, &deploy.map_or_else(none, |deploy| age(view.now, deploy.recorded_at))),
        Cell::new(Tone::Plain, &build.map_or_else(none, |build| printable(build.as_bytes()))),
        Cell::new(Tone::Plain, &behind(&standing.behind)),
        Cell::new(Tone::Plain, if standing.open() == 0 { "-" } else { &open }),
    ]
}

/// `3 inputs, 1 commit`; unknown parts are left out, and a dash means that nothing is known.
fn behind(behind: &Behind) -> String {
    let commits = behind.commits.as_ref().and_then(|commits| commits.as_ref().ok());
    let parts = [behind.inputs.map(|inputs| count(inputs, "input")), commits.map(|commits| count(*commits, "commit"))];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "-".to_owned() } else { parts.join(", ") }
}

/// Why the commits of some services could not be counted, each cause once.
fn unknown(standings: &[ServiceStatus]) -> Vec<String> {
    let mut causes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for standing in standings {
        if let Some(Err(cause)) = &standing.behind.commits {
            causes.entry(cause).or_default().push(standing.key.service.as_str());
        }
    }
    let known = standings.iter().any(|standing| matches!(standing.behind.commits, Some(Ok(_))));
    let line = |(cause, mut services): (&str, Vec<&str>)| {
        let more = services.len().saturating_sub(NAMES);
        services.truncate(NAMES);
        let more = (more > 0).then(|| format!("{more} more"));
        let services: Vec<&str> = services.into_iter().chain(more.as_deref()).collect();
        // If nothing is known about any of them, naming them all adds nothing.
        let whose = if known { format!(" of {}", list(&services)) } else { String::new() };
        format!("commits behind{whose}: unknown: {cause}")
    };
    causes.into_iter().map(line).collect()
}

/// The lines below a service: why it is in doubt, and each attempt.
pub(super) fn notes(standing: &ServiceStatus, view: &StatusView<'_>) -> Vec<String> {
    let mut notes: Vec<String> = standing.detail.iter().cloned().collect();
    // The detail already explains the doubt.
    notes.extend(
        standing.attempts.iter().filter(|attempt| attempt.alive()).map(|attempt| opened(attempt, standing, view)),
    );
    notes.extend(forgotten(standing, view));
    notes
}

/// `building: opened 5 minutes ago by build x:4, of 3c125408cfe2; it ends at the latest 2026-11-26 14:30 UTC`.
fn opened(attempt: &Attempt, standing: &ServiceStatus, view: &StatusView<'_>) -> String {
    let mut text = format!("{}: opened {}", state_word(attempt.state), age(view.now, attempt.opened_at));
    if let Some(build) = attempt.build_text() {
        text += &format!(" by {build}");
    }
    if let Some(revision) = &attempt.revision {
        text += &format!(", of {}", short_revision(revision));
    }
    if let Some(number) = attempt.stands_for {
        text += &format!(", one entry for {}", count(number as usize, "attempt"));
    }
    if let Some(service) = &attempt.pinned_by {
        text += &format!(", deployed again by {service}");
    }
    let over = attempt.alive() && standing.is_over(attempt);
    if over {
        text += match attempt.state {
            State::Building => {
                "; it has outlived its timeout, so its build is dead: was it stopped, or is `shipmark record` (or `stage`) missing at its end?"
            }
            _ => {
                "; it has outlived its deadline: was it stopped, or is `shipmark promote` missing at the end of its deploy stage?"
            }
        };
    } else if let Some(deadline) = attempt.deadline {
        text += &format!("; it ends at the latest {}", date(deadline));
    }
    text
}

/// What was forgotten, but for what the doubt and the attempts above say already.
fn forgotten(standing: &ServiceStatus, view: &StatusView<'_>) -> Vec<String> {
    let told = |kind: Forgotten| standing.detail.as_ref().is_some_and(|detail| kind.is_asked_in(detail));
    let line = |(kind, id): &(Forgotten, AttemptId)| {
        let attempt = standing.attempts.iter().find(|attempt| attempt.id == *id)?;
        let shown = attempt.alive() && standing.is_over(attempt);
        (!shown && !told(*kind)).then(|| kind.sentence(attempt, view.now))
    };
    standing.forgotten.iter().filter_map(line).collect()
}
