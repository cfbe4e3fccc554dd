//! The map's text by lines: from byte offsets to what people read.

use std::ops::Range;

/// How many bytes one entry of [`Source::blocks`] stands for.
const BLOCK: usize = 256;
/// How many characters of a source line are shown.
const SHOWN: usize = 160;

/// A text and where its lines begin.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
    /// How many characters begin before each multiple of [`BLOCK`], so that a map written in one endless line does not
    /// cost a count from its beginning for each place in it.
    blocks: Vec<usize>,
}

/// A source line as it is shown, perhaps cut, with what to point at.
pub(super) struct Excerpt {
    pub(super) text: String,
    /// Characters before the marked part.
    pub(super) before: usize,
    /// Characters of the marked part, at least 1.
    pub(super) length: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let mut characters = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = characters;
            characters += count(block);
            before
        });
        Self { text, lines: std::iter::once(0).chain(newlines).collect(), blocks: blocks.collect() }
    }

    /// The line and column of a byte offset; one beyond the end counts as the end.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        // The first line begins at 0, so there is always one that begins at or before the offset.
        let line = self.lines.partition_point(|start| *start <= offset);
        let column = self.characters(offset) - self.characters(self.lines[line - 1]) + 1;
        (line, column)
    }

    /// The line of a span's beginning. Control characters are replaced, so that a map cannot steer a terminal.
    pub(super) fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, _) = self.place(span.start);
        let line_start = self.lines[line - 1];
        let line_end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        // Whoever made the span may have counted bytes within a character.
        let start = self.text.floor_char_boundary(span.start.min(line_end));
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end));
        let (front, back) = (&self.text[line_start..start], &self.text[start..line_end]);
        let marked = self.text[start..end].chars().take(SHOWN / 2).count();
        let shown = |character: char| match character {
            '\t' => ' ',
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
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

    /// How many characters begin before the offset.
    fn characters(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let Some(before) = self.blocks.get(block) else {
            // Only the very end of a text that fills its last block lies behind all blocks.
            return self.blocks.last().map_or(0, |last| last + count(&self.text.as_bytes()[(block - 1) * BLOCK..]));
        };
        before + count(&self.text.as_bytes()[block * BLOCK..offset])
    }
}

/// How many characters begin in the bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = format!("é = 1\n{}x\nlast", "ü".repeat(300));
        let source = Source::new(&text);
        assert_eq!(source.place(3), (1, 3));
        assert_eq!(source.place(text.find('x').unwrap()), (2, 301));
        assert_eq!(source.place(usize::MAX), (3, 5));
        let full = "a".repeat(BLOCK);
        assert_eq!(Source::new(&full).place(BLOCK), (1, BLOCK + 1));
        assert_eq!(Source::new("").place(0), (1, 1));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}HERE{}", "a".repeat(1000), "b".repeat(1000));
        let excerpt = Source::new(&text).excerpt(&(1000..1004));
        assert_eq!(excerpt.text, format!("…{}HERE{}…", "a".repeat(80), "b".repeat(76)));
        assert_eq!((excerpt.before, excerpt.length), (81, 4));
    }

    #[test]
    fn a_map_cannot_steer_the_terminal() {
        assert_eq!(Source::new("a\t\u{1b}[31mb\r\n").excerpt(&(0..1)).text, "a \u{fffd}[31mb");
    }
}
