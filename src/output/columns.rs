//! Columns as wide as their cells, measured the way a terminal does: `日` takes two places.

use unicode_width::UnicodeWidthStr;

use super::paint::{Paint, Tone};

/// A cell wider than this does not widen its column: one long path must not push everything else aside.
const WIDEST: usize = 64;

/// Which side of its column a cell is aligned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Text that is already printable, and what it means.
#[derive(Debug)]
pub(super) struct Cell {
    tone: Tone,
    text: String,
}

impl Cell {
    pub(super) fn new(tone: Tone, text: &str) -> Self {
        Self { tone, text: text.to_owned() }
    }
}

/// Rows, each with one cell per column.
#[derive(Debug)]
pub(super) struct Columns {
    aligns: Vec<Align>,
    rows: Vec<Vec<Cell>>,
}

impl Columns {
    pub(super) fn new(aligns: impl Into<Vec<Align>>) -> Self {
        Self { aligns: aligns.into(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    /// The rows as lines, indented by `indent`, without trailing blanks.
    pub(super) fn text(&self, indent: &str, paint: Paint) -> String {
        self.lines(paint).map(|line| format!("{indent}{line}\n")).collect()
    }

    /// The rows as lines, without line endings.
    pub(super) fn lines(&self, paint: Paint) -> impl Iterator<Item = String> {
        let mut widths = vec![0; self.aligns.len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width()).min(WIDEST);
            }
        }
        self.rows.iter().map(move |row| self.line(row, &widths, paint))
    }

    fn line(&self, row: &[Cell], widths: &[usize], paint: Paint) -> String {
        let mut line = String::new();
        // Cells after the last non-empty one are dropped.
        let cells = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
        for (place, cell) in row[..cells].iter().enumerate() {
            let blanks = " ".repeat(widths[place].saturating_sub(cell.text.width()));
            let text = paint.tone(cell.tone, &cell.text);
            let last = place + 1 == cells;
            match self.aligns[place] {
                Align::Right => line.extend([blanks.as_str(), &text]),
                Align::Left if last => line.push_str(&text),
                Align::Left => line.extend([text.as_str(), &blanks]),
            }
            line.push_str(if last { "" } else { "  " });
        }
        line
    }
}
