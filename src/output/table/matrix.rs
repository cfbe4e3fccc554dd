//! Several environments side by side: services as rows, environments as columns.

use super::{decision_tone, planned, summary};
use crate::base::text::{count, printable};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::options::Options;
use crate::output::paint::{Paint, Tone};
use crate::protocol::answer::{Answer, ServiceAnswer};

/// The answers as one table, then a sentence per environment. All answers are about the same services.
pub(super) fn render(answers: &[Answer], options: &Options) -> String {
    let paint = Paint::new(options.color);
    let services = answers.first().map_or(&[][..], |answer| &answer.services);
    let sizes = (count(services.len(), "service"), count(answers.len(), "environment"));
    let project = answers.first().map(|answer| format!("{}: ", answer.project)).unwrap_or_default();
    let title = format!("{project}{} in {}", sizes.0, sizes.1);
    let mut columns = Columns::new(vec![Align::Left; answers.len() + 1]);
    let row = |first: Cell, cells: &dyn Fn(&Answer) -> Cell| -> Vec<Cell> {
        std::iter::once(first).chain(answers.iter().map(cells)).collect()
    };
    let head = |answer: &Answer| Cell::new(Tone::Faint, &printable(answer.environment.as_str().as_bytes()));
    columns.row(row(Cell::new(Tone::Faint, "SERVICE"), &head));
    for (place, service) in services.iter().enumerate() {
        columns.row(row(Cell::new(Tone::Plain, service.service.as_str()), &|answer| cell(&answer.services[place])));
    }
    let mut text =
        format!("{}\n\n{}\n", paint.tone(Tone::Strong, &printable(title.as_bytes())), columns.text("", paint));
    for answer in answers {
        let environment = paint.tone(Tone::Strong, &printable(answer.environment.as_str().as_bytes()));
        text.push_str(&format!("{environment}: {}\n", summary(answer)));
    }
    text
}

fn cell(service: &ServiceAnswer) -> Cell {
    let (decision, reason) = planned(service);
    Cell::new(decision_tone(service), &format!("{decision}, {reason}"))
}
