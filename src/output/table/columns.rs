//! Columns of a width that fits their cells, measured as a terminal does: `日` takes two places.

use unicode_width::UnicodeWidthStr;

use super::paint::{Paint, Tone};

/// A cell wider than this does not widen its column: one long path must not push all others aside.
const WIDEST: usize = 64;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A text, already printable, and what it means.
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

/// Rows of `N` cells.
#[derive(Debug)]
pub(super) struct Columns<const N: usize> {
    aligns: [Align; N],
    rows: Vec<[Cell; N]>,
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(aligns: [Align; N]) -> Self {
        Self { aligns, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: [Cell; N]) {
        self.rows.push(cells);
    }

    /// The rows as lines, each after `indent`, without blanks at their ends.
    pub(super) fn text(&self, indent: &str, paint: Paint) -> String {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width()).min(WIDEST);
            }
        }
        self.rows.iter().map(|row| format!("{indent}{}\n", self.line(row, &widths, paint))).collect()
    }

    fn line(&self, row: &[Cell; N], widths: &[usize; N], paint: Paint) -> String {
        let mut line = String::new();
        for (place, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[place].saturating_sub(cell.text.width()));
            let text = paint.tone(cell.tone, &cell.text);
            let last = place + 1 == N;
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
