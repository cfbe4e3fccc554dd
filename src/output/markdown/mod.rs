//! A plan as a comment of a pull request: what would build and why, what belongs to no service, and what the change of the
//! map changes about that.

mod escape;
mod map_change;

pub use map_change::{MapChange, MapFlip};

use crate::base::text::{count, short_revision};
use crate::map::rules::Via;
use crate::output::options::Options;
use crate::output::sentences::deploy;
use crate::protocol::answer::{Answer, Reason, ServiceAnswer};
use crate::source::difference::Change;
use crate::source::tree::SourceKind;
use escape::{code, prose};

/// How many files of a service its row names.
const FILES: usize = 3;

/// How many rows a table has, and how many names a list.
const ROWS: usize = 50;

/// How many names of skipped services and of files that belong to no service are listed.
const NAMES: usize = 20;

/// A block for each environment. `changes` has what the change of the map means in each, if it changes.
pub(super) fn render(answers: &[Answer], changes: &[Option<MapChange>], options: &Options) -> String {
    let block = |(place, answer): (usize, &Answer)| {
        let change = changes.get(place).and_then(Option::as_ref);
        let mut text = overview(answer, options);
        text += &files(answer, options);
        text += &unowned(answer, options);
        text + &change.map(|change| map_change::render(change, options)).unwrap_or_default()
    };
    answers.iter().enumerate().map(block).collect::<Vec<_>>().join("\n")
}

/// The heading, the services that would build, and the names of the others.
fn overview(answer: &Answer, options: &Options) -> String {
    let (skipped, built): (Vec<_>, Vec<_>) = answer.services.iter().partition(|service| service.skip());
    let verdict = match (built.len(), answer.services.len()) {
        (_, 0) => "there is no service to build".to_owned(),
        (0, _) => "nothing would build".to_owned(),
        (number, total) => format!("{number} of {} would build", count(total, "service")),
    };
    let place =
        format!("{}, {}", code(answer.project.as_str().as_bytes()), code(answer.environment.as_str().as_bytes()));
    let mut text = format!("### {place}: {verdict}\n\n{}\n", compared(answer));
    let rows: Vec<String> = built.iter().map(|service| row(service, answer, options)).collect();
    text += &table("| service | decision | why |\n|---|---|---|\n", &rows, options);
    if !skipped.is_empty() {
        let names: Vec<String> = skipped.iter().map(|service| code(service.service.as_str().as_bytes())).collect();
        text += &format!("\nSkipped, unchanged: {}\n", some(&names, NAMES, options));
    }
    text
}

/// Which two versions were compared.
fn compared(answer: &Answer) -> String {
    let revision = answer.revision.as_deref().map(|revision| code(short_revision(revision).as_bytes()));
    let source = match (answer.source, revision) {
        (SourceKind::Commit, Some(revision)) => format!("Commit {revision}"),
        (_, Some(revision)) => format!("The source at {revision}, with what is not committed"),
        (_, None) => "The source".to_owned(),
    };
    match (&answer.base, &answer.state) {
        (Some(base), _) => format!("{source}, compared with {}.", code(short_revision(base).as_bytes())),
        (None, Some(_)) => format!("{source}, compared with what is deployed."),
        (None, None) => format!("{source}."),
    }
}

fn row(service: &ServiceAnswer, answer: &Answer, options: &Options) -> String {
    let why = match service.reason {
        Reason::Changed if !service.changes.is_empty() => {
            let names: Vec<String> = service.changes.iter().map(|change| code(&change.path)).collect();
            let verb = if names.len() == 1 { "differs" } else { "differ" };
            format!("{} {verb}: {}", count(names.len(), "input"), some(&names, FILES, options))
        }
        _ => prose(&service.detail),
    };
    // Beside a base, what is deployed is not known.
    let deployed = service.baseline.as_ref().filter(|_| answer.base.is_none());
    let deployed = deployed.map(|baseline| format!("; deployed: {}", prose(&deploy(baseline, options.now))));
    let decision = if service.reason == Reason::Shadow { "skip, in shadow" } else { service.decision() };
    let name = code(service.service.as_str().as_bytes());
    format!("| {name} | **{decision}**, {} | {why}{} |\n", service.reason.word(), deployed.unwrap_or_default())
}

/// Each changed input and the rule that makes it one, folded away.
fn files(answer: &Answer, options: &Options) -> String {
    let services = answer.services.iter().filter(|service| !service.skip());
    let rows = services.flat_map(|service| service.changes.iter().map(|change| file(service, change)));
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let table = table("| service | input | change | rule |\n|---|---|---|---|\n", &rows, options);
    format!("\n<details><summary>Changed inputs and their rules</summary>\n{table}\n</details>\n")
}

fn file(service: &ServiceAnswer, change: &Change) -> String {
    let name = code(service.service.as_str().as_bytes());
    let via = match &change.via {
        Via::Own => String::new(),
        Via::Group(group) => format!(" of group {}", code(group.as_bytes())),
        Via::Dependency(service) => format!(" of {}", code(service.as_str().as_bytes())),
        Via::Link(link) => format!(" by the link {}", code(link)),
    };
    let (path, rule) = (code(&change.path), code(change.rule.as_bytes()));
    format!("| {name} | {path} | {} | {rule}{via} |\n", change.kind.word())
}

/// What no service covers.
fn unowned(answer: &Answer, options: &Options) -> String {
    let files = match &answer.unowned {
        Some(files) if !files.is_empty() => files,
        _ => return String::new(),
    };
    let verb = if files.len() == 1 { "belongs" } else { "belong" };
    let names: Vec<String> = files.iter().map(|file| code(file)).collect();
    format!("\n**{} {verb} to no service**: {}\n", count(files.len(), "file"), some(&names, NAMES, options))
}

/// A table of the first rows, and how many more there are; nothing if there is none.
fn table(head: &str, rows: &[String], options: &Options) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown = if options.all_changes { rows.len() } else { rows.len().min(ROWS) };
    let more = match rows.len() - shown {
        0 => String::new(),
        more => format!("\n… and {more} more\n"),
    };
    format!("\n{head}{}{more}", rows[..shown].concat())
}

/// The first of some names, and how many more there are.
fn some(names: &[String], most: usize, options: &Options) -> String {
    let shown = if options.all_changes { names.len() } else { names.len().min(most) };
    let text = names[..shown].join(", ");
    if names.len() > shown { format!("{text} and {} more", names.len() - shown) } else { text }
}

#[cfg(test)]
mod tests;
