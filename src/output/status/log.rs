//! What was deployed before, newest first.

use super::StatusView;
use crate::base::clock::age;
use crate::base::text::{count, printable, short_revision};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::paint::{Paint, Tone};
use crate::protocol::engine::mark::Logged;
use crate::protocol::engine::status::{Certainty, ServiceStatus};

const HEAD: [&str; 5] = ["RECORDED", "", "REVISION", "STATE", "BUILD"];

/// One block per standing.
pub fn log(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let paint = Paint::new(view.color);
    let blocks: Vec<String> = standings.iter().map(|standing| block(standing, view, paint)).collect();
    blocks.join("\n")
}

fn block(standing: &ServiceStatus, view: &StatusView<'_>, paint: Paint) -> String {
    let title = format!("{} in {}", standing.key.service, standing.key.environment);
    let title = paint.tone(Tone::Strong, &printable(title.as_bytes()));
    if standing.deploys.is_empty() {
        let detail = standing.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
        return format!("{title}: {}{}\n", standing.certainty.word(), printable(detail.as_bytes()));
    }
    let mut text = format!("{title}: {}, newest first\n\n", count(standing.deploys.len(), "recorded deploy"));
    let mut columns = Columns::new([Align::Left; HEAD.len()]);
    columns.row(HEAD.map(|head| Cell::new(Tone::Faint, head)));
    for (place, logged) in standing.deploys.iter().enumerate() {
        columns.row(row(logged, place == 0, view));
    }
    let mut lines = columns.lines(paint);
    text.extend(lines.next().map(|head| head + "\n"));
    for (place, (line, logged)) in lines.zip(&standing.deploys).enumerate() {
        text.push_str(&line);
        text.push('\n');
        // A mark that can no longer be trusted says why itself.
        let unreadable = standing.detail.iter().filter(|_| place == 0 && standing.certainty > Certainty::Uncertain);
        for note in unreadable.cloned().chain(notes(logged, view)) {
            text.push_str(&format!("  {}\n", printable(note.as_bytes())));
        }
    }
    text
}

fn row(logged: &Logged, last: bool, view: &StatusView<'_>) -> [Cell; HEAD.len()] {
    let (tone, state) = match (logged.certain, &logged.taint, last) {
        (true, _, true) => (Tone::Good, "deployed"),
        (true, ..) => (Tone::Plain, "certain"),
        (false, Some(_), _) => (Tone::Notice, "tainted"),
        (false, None, _) => (Tone::Notice, "uncertain"),
    };
    let none = || "-".to_owned();
    let build = [
        logged.build.id.as_deref(),
        logged.home.as_ref().and_then(|home| home.pipeline.as_deref()),
        logged.build.execution.as_deref(),
    ];
    let build: Vec<&str> = build.into_iter().flatten().collect();
    [
        Cell::new(Tone::Plain, &format!("{:.0}", logged.recorded_at)),
        Cell::new(Tone::Faint, &age(view.now, logged.recorded_at)),
        Cell::new(Tone::Plain, &logged.revision.as_deref().map_or_else(none, short_revision)),
        Cell::new(tone, state),
        Cell::new(Tone::Plain, &if build.is_empty() { none() } else { printable(build.join(", ").as_bytes()) }),
    ]
}

/// The lines below a deploy: why it is in doubt, and what it produced.
fn notes(logged: &Logged, view: &StatusView<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    match (&logged.taint, &logged.doubt) {
        (Some(taint), _) => {
            notes.push(format!("tainted by {}, {}: {}", taint.by, age(view.now, taint.at), taint.reason));
        }
        (None, doubt) => notes.extend(doubt.iter().filter(|_| !logged.certain).cloned()),
    }
    notes.extend(logged.outputs.iter().map(|(name, value)| format!("{name}={value}")));
    notes
}
