//! A text by lines, of a map or another file: from byte offsets to what people read.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::base::text::drives_a_terminal;

/// How many bytes one entry of [`MapFile::blocks`] covers.
const BLOCK: usize = 256;
/// How many characters of a source line are shown.
const SHOWN: usize = 160;

/// A text and the offsets of its lines.
#[derive(Debug)]
pub struct MapFile<'a> {
    text: &'a str,
    /// The byte offsets of line starts.
    lines: Vec<usize>,
    /// How many characters start before each multiple of [`BLOCK`], so that locating a position in a map with one very
    /// long line does not mean counting from the start of the line each time.
    blocks: Vec<usize>,
}

/// A source line as shown, possibly truncated, with the part to mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without control characters.
    pub text: String,
    /// Characters before the marked part.
    pub before: usize,
    /// Characters of the marked part, at least 1.
    pub length: usize,
}

impl Excerpt {
    /// The location and the line with carets below the marked part: four lines, as in compiler messages.
    pub fn frame(&self, file: &str, line: usize, column: usize) -> [String; 4] {
        let gutter = " ".repeat(line.to_string().len());
        let marked = self.text.chars().skip(self.before).take(self.length).collect::<String>();
        let front = self.text.chars().take(self.before).collect::<String>();
        // A Japanese character is two columns wide on a terminal.
        let (indent, carets) = (" ".repeat(front.width()), "^".repeat(marked.width().max(1)));
        [
            format!("{gutter}--> {file}:{line}:{column}"),
            format!("{gutter} |"),
            format!("{line} | {}", self.text),
            format!("{gutter} | {indent}{carets}"),
        ]
    }
}

impl<'a> MapFile<'a> {
    /// Finds the lines of a text.
    pub fn new(text: &'a str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let mut characters = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = characters;
            characters += count(block);
            before
        });
        Self { text, lines: std::iter::once(0).chain(newlines).collect(), blocks: blocks.collect() }
    }

    /// The line and column of a byte offset; an offset beyond the end counts as the end.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        // The first line starts at 0, so there is always one that starts at or before the offset.
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let before = match offset - start {
            0..=BLOCK => count(&self.text.as_bytes()[start..offset]),
            _ => self.characters(offset) - self.characters(start),
        };
        (line, before + 1)
    }

    /// The text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The token at a line and column: a quoted text, a heading in brackets, or else a word.
    pub fn token(&self, line: usize, column: usize) -> Range<usize> {
        let line = self.line(line);
        let rest = &self.text[line.clone()];
        let start = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        let rest = &rest[start..];
        let end = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(rest, quote),
            Some('[') => rest.rfind(']').map(|at| at + 1),
            _ => rest.find(|character: char| !character.is_alphanumeric() && !matches!(character, '_' | '-')),
        };
        line.start + start..line.start + start + end.unwrap_or(rest.len())
    }

    /// A line, counted from 1, without its line ending.
    pub fn line(&self, number: usize) -> Range<usize> {
        let start = self.lines.get(number.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.lines.get(number).map_or(self.text.len(), |next| next - 1);
        start..start + self.text[start..end].trim_end().len()
    }

    /// The line where a span starts. Control characters are replaced, so that a map cannot control a terminal.
    pub fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, _) = self.place(span.start);
        let line_start = self.lines[line - 1];
        let line_end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        // The span may start or end within a character.
        let start = self.text.floor_char_boundary(span.start.min(line_end));
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end));
        let (front, back) = (&self.text[line_start..start], &self.text[start..line_end]);
        let marked = self.text[start..end].chars().take(SHOWN / 2).count();
        let shown = |character: char| match character {
            '\t' => ' ',
            control if drives_a_terminal(control) => char::REPLACEMENT_CHARACTER,
            plain => plain,
        };
        let mut kept: Vec<char> = front.chars().rev().take(SHOWN / 2).collect();
        if kept.iter().map(|character| character.len_utf8()).sum::<usize>() < front.len() {
            kept.push('…');
        }
        kept.reverse();
        let before = kept.len();
        let back = back.trim_end_matches('\r');
        kept.extend(back.chars().take(SHOWN / 2));
        if kept[before..].iter().map(|character| character.len_utf8()).sum::<usize>() < back.len() {
            kept.push('…');
        }
        Excerpt { text: kept.into_iter().map(shown).collect(), before, length: marked.max(1) }
    }

    /// How many characters start before the offset.
    fn characters(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let Some(before) = self.blocks.get(block) else {
            // Only the very end of a text that fills its last block is beyond all blocks.
            return self.blocks.last().map_or(0, |last| last + count(&self.text.as_bytes()[(block - 1) * BLOCK..]));
        };
        before + count(&self.text.as_bytes()[block * BLOCK..offset])
    }
}

/// The length of a quoted text, including its quotes.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, character)| {
        let ends = *character == quote && !escaped;
        escaped = *character == '\\' && quote == '"' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

/// How many characters start in the bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = format!("é = 1\n{}x\nlast", "ü".repeat(300));
        let source = MapFile::new(&text);
        assert_eq!(source.place(3), (1, 3));
        assert_eq!(source.place(text.find('x').unwrap()), (2, 301));
        assert_eq!(source.place(usize::MAX), (3, 5));
        let full = "a".repeat(BLOCK);
        assert_eq!(MapFile::new(&full).place(BLOCK), (1, BLOCK + 1));
        assert_eq!(MapFile::new("").place(0), (1, 1));
    }

    #[test]
    fn what_begins_at_a_position_is_found() {
        let source = MapFile::new("a = [\"é\\\"x\", 'b\\']\n[[expect]]  # c\n[services.api-x]\n'open  \n");
        for (line, column, token) in [
            (1, 6, "\"é\\\"x\""),
            (1, 14, "'b\\'"),
            (2, 1, "[[expect]]"),
            (3, 11, "api-x"),
            (4, 1, "'open"),
            (4, 90, ""),
            (9, 1, ""),
        ] {
            assert_eq!(&source.text[source.token(line, column)], token);
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}HERE{}", "a".repeat(1000), "b".repeat(1000));
        let excerpt = MapFile::new(&text).excerpt(&(1000..1004));
        assert_eq!(excerpt.text, format!("…{}HERE{}…", "a".repeat(80), "b".repeat(76)));
        assert_eq!((excerpt.before, excerpt.length), (81, 4));
    }

    #[test]
    fn a_map_cannot_steer_the_terminal() {
        assert_eq!(MapFile::new("a\t\u{1b}[31mb\r\n").excerpt(&(0..1)).text, "a \u{fffd}[31mb");
    }
}
