//! All environments side by side: services as rows, environments as columns.

use super::{StatusView, since, summary, tone};
use crate::base::names::EnvironmentName;
use crate::base::text::{count, printable, short_revision};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::paint::{Paint, Tone};
use crate::protocol::engine::status::{Certainty, ServiceStatus};

/// The standings as one table. Each environment has the same services in the same order.
pub fn matrix(standings: &[ServiceStatus], view: &StatusView<'_>) -> String {
    let paint = Paint::new(view.color);
    let environments: Vec<&[ServiceStatus]> =
        standings.chunk_by(|one, other| one.key.environment == other.key.environment).collect();
    let services = environments.first().map_or(0, |first| first.len());
    let title =
        format!("{}: {} in {}", view.project, count(services, "service"), count(environments.len(), "environment"));
    let name = |environment: &EnvironmentName| Cell::new(Tone::Faint, &printable(environment.as_str().as_bytes()));
    let mut columns = Columns::new(vec![Align::Left; environments.len() + 1]);
    let head = environments.iter().map(|block| name(&block[0].key.environment));
    columns.row(std::iter::once(Cell::new(Tone::Faint, "SERVICE")).chain(head).collect::<Vec<_>>());
    for service in 0..services {
        let cells = environments.iter().map(|block| Cell::new(tone(&block[service]), &brief(&block[service], view)));
        let name = Cell::new(Tone::Plain, environments[0][service].key.service.as_str());
        columns.row(std::iter::once(name).chain(cells).collect::<Vec<_>>());
    }
    let mut text = format!("{}\n\n", paint.tone(Tone::Strong, &printable(title.as_bytes())));
    text.push_str(&columns.text("", paint));
    text.push('\n');
    if standings.iter().any(|standing| standing.behind.inputs.is_some_and(|inputs| inputs > 0)) {
        text.push_str(&paint.tone(Tone::Faint, "+2: two inputs of the source differ from what is deployed"));
        text.push('\n');
    }
    text.push_str(&paint.tone(Tone::Strong, summary(standings).trim_end()));
    text.push('\n');
    text
}

/// The short form that fits into a matrix.
fn brief(standing: &ServiceStatus, view: &StatusView<'_>) -> String {
    let Some(deploy) = &standing.deployed else { return standing.certainty.word().to_owned() };
    let revision = deploy.release.revision.as_deref().map_or_else(|| "unnamed".to_owned(), short_revision);
    let mut text = format!("{revision}, {}", since(view.now, deploy.recorded_at));
    if let Some(inputs) = standing.behind.inputs.filter(|inputs| *inputs > 0) {
        text += &format!(", +{inputs}");
    }
    if standing.certainty != Certainty::Deployed {
        text += &format!(", {}", standing.certainty.word());
    }
    if standing.open() > 0 {
        text += &format!(", {} open", standing.open());
    }
    text
}
