//! What shadow builds showed: how much skipping would have saved, and which skips their outputs contradict.

use serde::Serialize;

use super::StatusView;
use crate::base::text::{count, list, printable};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::json::pretty;
use crate::output::paint::{Paint, Tone};
use crate::protocol::engine::mark::{AttemptId, Contradiction, Shadow};
use crate::protocol::engine::status::ServiceStatus;

/// The version of the form.
const SCHEMA: u32 = 1;

const HEAD: [&str; 6] = ["SERVICE", "IN SHADOW", "WOULD SKIP", "AGREED", "CONTRADICTED", "MINUTES SAVED"];

/// One service in one environment.
#[derive(Debug)]
pub struct Shadowed {
    /// Its state, with the counts.
    pub status: ServiceStatus,
    /// Whether it is in shadow now, by the map.
    pub active: bool,
}

/// What `shipmark status --shadow --format json` prints: what skipping would have saved, and what contradicts it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub(in crate::output) struct ShadowDocument {
    /// The version of this form. New keys may be added without changing it.
    schema: u32,
    /// The project.
    project: String,
    /// Each service that is in shadow, or has counts that nobody has cleared.
    services: Vec<ShadowEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct ShadowEntry {
    /// The service.
    service: String,
    /// The environment.
    environment: String,
    /// Whether the map has it in shadow now.
    active: bool,
    /// How many builds a skip would have saved.
    would_skip: u64,
    /// How many of these made the recorded outputs again.
    agreed: u64,
    /// How many made something else.
    contradicted: u64,
    /// The median of its recorded builds in seconds; null where none is known.
    build_seconds: Option<u64>,
    /// What the skips would have saved, in minutes; null where that is unknown.
    minutes_saved: Option<f64>,
    /// The last contradictions, newest first.
    contradictions: Vec<ContradictionEntry>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
struct ContradictionEntry {
    /// When it was recorded, RFC 3339.
    at: String,
    /// The build that made something else.
    build: Option<String>,
    /// Where that build can be found.
    url: Option<String>,
    /// The outputs that differ.
    outputs: Vec<String>,
    /// The build whose deploy a skip would have kept; null where the log no longer has it.
    instead_of_build: Option<String>,
}

impl Shadowed {
    fn counts(&self) -> Shadow {
        self.status.shadow.clone().unwrap_or_default()
    }

    /// What the skips would have saved; `None` if no build's time is known.
    fn minutes(&self) -> Option<f64> {
        let seconds = self.status.build_seconds()?;
        Some(seconds as f64 / 60.0 * self.counts().saved() as f64)
    }

    /// The build that recorded a deploy, as far as the log goes back.
    fn build_of(&self, deploy: &AttemptId) -> Option<&str> {
        self.status.deploys.iter().find(|logged| logged.id == *deploy)?.build.id.as_deref()
    }
}

/// For programs.
pub fn json(shadowed: &[Shadowed], view: &StatusView<'_>) -> String {
    let contradiction = |shadowed: &Shadowed, found: &Contradiction| ContradictionEntry {
        at: format!("{:.0}", found.at),
        build: found.build.clone(),
        url: found.url.clone(),
        outputs: found.outputs.iter().map(ToString::to_string).collect(),
        instead_of_build: shadowed.build_of(&found.instead_of).map(str::to_owned),
    };
    let entry = |shadowed: &Shadowed| {
        let counts = shadowed.counts();
        ShadowEntry {
            service: shadowed.status.key.service.to_string(),
            environment: shadowed.status.key.environment.to_string(),
            active: shadowed.active,
            would_skip: counts.saved(),
            agreed: counts.agreed,
            contradicted: counts.contradicted,
            build_seconds: shadowed.status.build_seconds(),
            minutes_saved: shadowed.minutes(),
            contradictions: counts.contradictions.iter().map(|found| contradiction(shadowed, found)).collect(),
        }
    };
    let services = shadowed.iter().map(entry).collect();
    pretty(&ShadowDocument { schema: SCHEMA, project: view.project.to_string(), services })
}

/// One block per environment, and what all of it amounts to.
pub fn text(shadowed: &[Shadowed], view: &StatusView<'_>) -> String {
    let paint = Paint::new(view.color);
    if shadowed.is_empty() {
        return "No service is in shadow: `shadow = true` in an environment or a service of the map starts it.\n"
            .to_owned();
    }
    let mut text = String::new();
    for block in shadowed.chunk_by(|one, other| one.status.key.environment == other.status.key.environment) {
        let title = format!("{}, {}", view.project, block[0].status.key.environment);
        text.push_str(&format!("{}\n\n", paint.tone(Tone::Strong, &printable(title.as_bytes()))));
        let mut columns =
            Columns::new([Align::Left, Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
        columns.row(HEAD.map(|head| Cell::new(Tone::Faint, head)));
        block.iter().for_each(|shadowed| columns.row(row(shadowed)));
        let mut lines = columns.lines(paint);
        text.extend(lines.next().map(|head| head + "\n"));
        for (line, shadowed) in lines.zip(block) {
            text.push_str(&line);
            text.push('\n');
            for found in &shadowed.counts().contradictions {
                let line = contradicted(shadowed, found, view);
                text.push_str(&format!("  {}\n", printable(line.as_bytes())));
            }
        }
        text.push('\n');
    }
    text.push_str(&paint.tone(Tone::Strong, &summary(shadowed)));
    text.push('\n');
    text
}

fn row(shadowed: &Shadowed) -> [Cell; HEAD.len()] {
    let counts = shadowed.counts();
    let tone = if counts.contradicted == 0 { Tone::Plain } else { Tone::Bad };
    let minutes = shadowed.minutes().map_or_else(|| "-".to_owned(), |minutes| format!("{minutes:.0}"));
    [
        Cell::new(Tone::Plain, shadowed.status.key.service.as_str()),
        Cell::new(Tone::Plain, if shadowed.active { "yes" } else { "no" }),
        Cell::new(Tone::Plain, &counts.saved().to_string()),
        Cell::new(Tone::Plain, &counts.agreed.to_string()),
        Cell::new(tone, &counts.contradicted.to_string()),
        Cell::new(Tone::Plain, &minutes),
    ]
}

/// `IMAGE_URI differed in build x:4 (https://…), 3 days ago; a skip would have kept that of build x:1`.
fn contradicted(shadowed: &Shadowed, found: &Contradiction, view: &StatusView<'_>) -> String {
    let kept = match shadowed.build_of(&found.instead_of) {
        Some(build) => format!("the deploy of build {build}"),
        None => "a deploy that is no longer in the log".to_owned(),
    };
    format!("{}; a skip would have kept {kept}", found.sentence(view.now))
}

/// What all of it amounts to.
fn summary(shadowed: &[Shadowed]) -> String {
    let sum = |of: fn(&Shadow) -> u64| shadowed.iter().map(|one| of(&one.counts())).fold(0, u64::saturating_add);
    let number = |number: u64, noun: &str| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (saved, contradicted) = (sum(Shadow::saved), sum(|counts| counts.contradicted));
    let minutes: Vec<f64> = shadowed.iter().filter_map(Shadowed::minutes).collect();
    let unknown: Vec<&str> = (shadowed.iter().filter(|one| one.counts().saved() > 0 && one.minutes().is_none()))
        .map(|one| one.status.key.service.as_str())
        .collect();
    let minutes = match (minutes.is_empty(), unknown.is_empty()) {
        _ if saved == 0 => String::new(),
        (true, _) => "; how long they took is unknown".to_owned(),
        (false, true) => format!(", saving {:.0} minutes", minutes.iter().sum::<f64>()),
        (false, false) => {
            format!(", saving at least {:.0} minutes (unknown for {})", minutes.iter().sum::<f64>(), list(&unknown))
        }
    };
    let wrong = match contradicted {
        0 => "no skip is contradicted".to_owned(),
        1 => "1 skip is contradicted".to_owned(),
        many => format!("{many} skips are contradicted"),
    };
    format!("{} would have been skipped{minutes}; {wrong}.", number(saved, "build"))
}
