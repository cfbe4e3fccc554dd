//! A replay for people: the services first, then the costs of failures and the differences from another map.

use super::{ReplayReport, day};
use crate::base::text::{count, list, printable, short_revision};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::options::Options;
use crate::output::paint::{Paint, Tone};
use crate::upkeep::replay::ReplayedCommit;
use crate::upkeep::replay::against::{Flip, FlipKind};
use crate::upkeep::replay::loss::{Builds, Loss, Lost};
use crate::upkeep::replay::tally::Run;

/// How many flips and lost deploys are shown by default.
const SHOWN: usize = 10;

/// The whole report.
pub fn render(report: &ReplayReport<'_>, options: &Options) -> String {
    let paint = Paint::new(options.color);
    let mut text = title(report, paint);
    text.push_str(&services(report, paint));
    if let Some(loss) = report.loss {
        text.push_str(&losses(report, loss, options, paint));
    }
    if report.against.is_some() {
        text.push_str(&flips(report, options, paint));
    }
    text.push('\n');
    text.push_str(&paint.tone(Tone::Strong, &summary(report)));
    text.push('\n');
    text
}

fn title(report: &ReplayReport<'_>, paint: Paint) -> String {
    let names = format!("{}, {}", report.project, report.environment);
    let names = paint.tone(Tone::Strong, &printable(names.as_bytes()));
    let commits = &report.replay.commits;
    let span = match (commits.first(), commits.last()) {
        (Some(first), Some(last)) => {
            let end = |it: &ReplayedCommit| format!("{} ({})", short_revision(&it.step.commit), day(it));
            format!(", {} to {}", end(first), end(last))
        }
        _ => format!(" up to {}", short_revision(report.revision)),
    };
    let mut text = format!("{names}: {}{span}, each against its first parent\n", count(commits.len(), "commit"));
    for left_out in report.left_out {
        let line = format!("not replayed: {}", printable(left_out.detail.as_bytes()));
        text.push_str(&paint.tone(Tone::Faint, &line));
        text.push('\n');
    }
    text
}

fn services(report: &ReplayReport<'_>, paint: Paint) -> String {
    let with_minutes = report.tallies.iter().any(|tally| tally.minutes.is_some());
    let mut columns = Columns::new([Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left]);
    let minutes = if with_minutes { "MINUTES SAVED" } else { "" };
    columns.row(
        ["SERVICE", "BUILDS", "SKIPS", "SKIPPED", minutes, "LONGEST RUN OF SKIPS"].map(|it| Cell::new(Tone::Faint, it)),
    );
    let mut row = |name: &str, (builds, skips): (usize, usize), saved: Option<f64>, run: &str, tone| {
        let saved = if with_minutes { saved.map_or_else(|| "?".to_owned(), number) } else { String::new() };
        let (builds, skipped, skips) = (builds.to_string(), share(skips, builds + skips), skips.to_string());
        columns.row([name, &builds, &skips, &skipped, &saved, run].map(|it| Cell::new(tone, it)));
    };
    for tally in report.tallies {
        let run = tally.longest.map_or_else(|| "none".to_owned(), |run| longest(report, run));
        let name = report.replay.name(tally.service).as_str();
        row(name, (tally.builds, tally.skips), tally.saved(), &run, Tone::Plain);
    }
    let totals = report.totals();
    if report.tallies.len() > 1 {
        let saved = totals.minutes.map(|(saved, _)| saved);
        row("all", (totals.builds, totals.skips), saved, "", Tone::Strong);
    }
    format!("\n{}{}", columns.text("", paint), empty(report, paint))
}

/// Services whose rules select nothing at some commits: they build there, which would surprise a reader.
fn empty(report: &ReplayReport<'_>, paint: Paint) -> String {
    let empty = report.tallies.iter().filter(|tally| tally.empty > 0);
    let mut words: Vec<String> = empty
        .map(|tally| format!("{} at {}", report.replay.name(tally.service), count(tally.empty, "commit")))
        .collect();
    if words.is_empty() {
        return String::new();
    }
    if words.len() > SHOWN {
        let rest = words.split_off(SHOWN - 1).len();
        words.push(format!("{rest} more services"));
    }
    let line = format!("no file is selected, which builds: {}", list(&words));
    format!("{}\n", paint.tone(Tone::Faint, &line))
}

/// A run of skips, with its days.
pub(super) fn longest(report: &ReplayReport<'_>, run: Run) -> String {
    let (first, last) = (day(report.commit(run.first)), day(report.commit(run.last)));
    let span = if first == last { first } else { format!("{first} to {last}") };
    format!("{} ({span})", run.commits())
}

fn losses(report: &ReplayReport<'_>, loss: &Loss, options: &Options, paint: Paint) -> String {
    let head = format!("If {} of builds fail (--seed {}):", percent(loss.rate), loss.seed);
    let mut text = format!("\n{}\n", paint.tone(Tone::Strong, &head));
    let built = |builds: Builds| format!("{}, {} failed", count(builds.builds, "build"), builds.failed);
    let tone = if loss.lost.is_empty() { Tone::Good } else { Tone::Bad };
    let lost = match loss.lost.len() {
        0 => "no deploy lost".to_owned(),
        lost => format!("{} lost, {}", count(lost, "deploy"), count(loss.false_skips(), "false skip")),
    };
    let mut columns = Columns::new([Align::Left, Align::Left, Align::Left]);
    columns.row([
        Cell::new(Tone::Plain, "a HEAD~1 rule"),
        Cell::new(Tone::Plain, &built(loss.head)),
        Cell::new(tone, &lost),
    ]);
    let extra = format!("no deploy lost, {} more than HEAD~1", count(loss.extra, "build"));
    columns.row([
        Cell::new(Tone::Plain, "shipmark's mark"),
        Cell::new(Tone::Plain, &built(loss.mark)),
        Cell::new(Tone::Good, &extra),
    ]);
    text.push_str(&columns.text("  ", paint));
    if loss.lost.is_empty() {
        return text;
    }
    text.push('\n');
    let mut columns = Columns::new([Align::Left; 5]);
    columns.row(["LOST AT", "SERVICE", "BEHIND FOR", "DEPLOYED AT", "INPUTS"].map(|it| Cell::new(Tone::Faint, it)));
    let shown = shown(options, loss.lost.len());
    loss.lost[..shown].iter().for_each(|lost| columns.row(lost_row(report, lost)));
    text.push_str(&columns.text("  ", paint));
    text.push_str(&more(loss.lost.len() - shown, paint));
    text
}

fn lost_row(report: &ReplayReport<'_>, lost: &Lost) -> [Cell; 5] {
    let name = |number| short_revision(report.commit_id(number));
    let mut paths = lost.paths.first().map(|path| printable(path)).unwrap_or_default();
    if lost.paths.len() > 1 {
        paths.push_str(&format!(" and {} more", lost.paths.len() - 1));
    }
    [
        Cell::new(Tone::Plain, &name(lost.commit)),
        Cell::new(Tone::Plain, report.replay.name(lost.service).as_str()),
        Cell::new(Tone::Plain, &pushes(lost.behind)),
        Cell::new(Tone::Plain, &lost.until.map_or_else(|| "never".to_owned(), name)),
        Cell::new(Tone::Faint, &paths),
    ]
}

fn flips(report: &ReplayReport<'_>, options: &Options, paint: Paint) -> String {
    let Some((other, against)) = report.against else { return String::new() };
    let (this, other) = (printable(report.map.as_bytes()), printable(other.as_bytes()));
    let decisions = against.compared * report.replay.commits.len();
    let flipped = against.flips.len();
    let head = format!("Against {other}: {flipped} of {} differ", count(decisions, "decision"));
    let mut text = format!("\n{}\n", paint.tone(Tone::Strong, &head));
    let mut note = |line: String| text.push_str(&format!("  {line}\n"));
    for (names, map) in [(&against.only_here, &this), (&against.only_there, &other)] {
        if !names.is_empty() {
            note(format!(
                "only {map} has {}, not compared",
                list(names.iter().map(|it| it.as_str()).collect::<Vec<_>>().as_slice())
            ));
        }
    }
    if against.incomparable > 0 {
        note(format!("{} could be read for one map only", count(against.incomparable, "commit")));
    }
    for (kind, tone, what, builds, skips) in [
        (FlipKind::PossibleFalseSkip, Tone::Bad, ["possible false skip", "possible false skips"], &other, &this),
        (FlipKind::BuildsMore, Tone::Notice, ["build more", "builds more"], &this, &other),
    ] {
        let of_kind: Vec<&Flip> = against.flips.iter().filter(|flip| flip.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let what = what[usize::from(of_kind.len() > 1)];
        let line = format!("{} {what} ({builds} builds, {skips} skips):", of_kind.len());
        text.push_str(&format!("  {}\n", paint.tone(tone, &line)));
        let mut columns = Columns::new([Align::Left; 5]);
        let shown = shown(options, of_kind.len());
        of_kind[..shown].iter().for_each(|flip| columns.row(flip_row(report, flip)));
        text.push_str(&columns.text("    ", paint));
        text.push_str(&more(of_kind.len() - shown, paint));
    }
    text
}

fn flip_row(report: &ReplayReport<'_>, flip: &Flip) -> [Cell; 5] {
    let commit = report.commit(flip.commit);
    let (path, rule) = match flip.changes.first() {
        None => ("it selects no file there".to_owned(), String::new()),
        Some(change) => {
            let more = flip.changes.len() - 1;
            let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
            (printable(&change.path), format!("by {}{more}", printable(change.rule.as_bytes())))
        }
    };
    [
        Cell::new(Tone::Plain, &short_revision(&commit.step.commit)),
        Cell::new(Tone::Plain, &day(commit)),
        Cell::new(Tone::Plain, report.replay.name(flip.service).as_str()),
        Cell::new(Tone::Plain, &path),
        Cell::new(Tone::Faint, &rule),
    ]
}

/// A one-sentence summary for people who read only the last line.
fn summary(report: &ReplayReport<'_>) -> String {
    let totals = report.totals();
    let all = totals.builds + totals.skips;
    if all == 0 {
        return "There is nothing to replay.".to_owned();
    }
    let minutes = match totals.minutes {
        Some((saved, all)) => format!(" That saves {} of {} minutes.", number(saved), number(all)),
        None => String::new(),
    };
    let builds = count(all, "build");
    format!(
        "Instead of {builds}, {} ({}): {} skipped.{minutes}",
        totals.builds,
        share(totals.builds, all),
        totals.skips
    )
}

fn shown(options: &Options, all: usize) -> usize {
    if options.all_changes { all } else { all.min(SHOWN) }
}

fn more(more: usize, paint: Paint) -> String {
    match more {
        0 => String::new(),
        more => format!("    {}\n", paint.tone(Tone::Faint, &format!("… and {more} more (--all-changes)"))),
    }
}

fn pushes(number: usize) -> String {
    if number == 1 { "1 push".to_owned() } else { format!("{number} pushes") }
}

/// A share in whole percent; 0% and 100% only for exactly none and all.
fn share(part: usize, all: usize) -> String {
    if all == 0 {
        return "-".to_owned();
    }
    match part * 100 / all {
        0 if part > 0 => "<1%".to_owned(),
        percent => format!("{percent}%"),
    }
}

fn percent(rate: f64) -> String {
    format!("{}%", number(rate * 100.0))
}

/// A number with one decimal place if it needs one.
fn number(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}
