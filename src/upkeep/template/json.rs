//! JSON with the position of every value.

use std::collections::HashSet;

use serde::de::IgnoredAny;

use super::bounds::{Bounds, TemplateFlaw};
use super::node::{Entry, NodeForm, Spot, TemplateNode};

use crate::base::text::printable;

/// Reads a file.
pub(super) fn parse(text: &str) -> Result<TemplateNode, TemplateFlaw> {
    // Whether it is JSON at all is serde's to say; what follows only finds the values and their positions.
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        let number = |number: usize| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let at = Spot::new(number(error.line()), number(error.column()));
        TemplateFlaw::new(at, format!("it is not valid JSON: {said}"))
    })?;
    let bytes = text.as_bytes();
    JsonTemplate { text, bytes, next: 0, line: 1, begins: 0, counted: (0, 0), bounds: Bounds::new() }.value(0)
}

struct JsonTemplate<'t> {
    text: &'t str,
    bytes: &'t [u8],
    next: usize,
    line: u32,
    /// Where the line begins.
    begins: usize,
    /// A byte of the line, and how many characters begin before it: lines may be long.
    counted: (usize, u32),
    bounds: Bounds,
}

impl JsonTemplate<'_> {
    /// Goes over blanks and `also`, to the next token.
    fn skip(&mut self, also: &[u8]) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.next)?;
            if byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.begins = self.next + 1;
                self.counted = (self.begins, 0);
            } else if !byte.is_ascii_whitespace() && !also.contains(&byte) {
                return Some(byte);
            }
            self.next += 1;
        }
    }

    fn spot(&mut self) -> Spot {
        let (from, before) = self.counted;
        let more = self.text[from..self.next].chars().count();
        self.counted = (self.next, before.saturating_add(u32::try_from(more).unwrap_or(u32::MAX)));
        Spot::new(self.line, self.counted.1.saturating_add(1))
    }

    /// The text up to the end of a string, or of another plain value.
    fn token(&mut self) -> &str {
        let start = self.next;
        let mut escaped = false;
        let quoted = self.bytes[start] == b'"';
        let ends = |byte: &u8| {
            let ends = match quoted {
                true => *byte == b'"' && !escaped,
                false => matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace(),
            };
            escaped = *byte == b'\\' && !escaped;
            ends
        };
        let rest = &self.bytes[start + 1..];
        let length = rest.iter().position(ends).map_or(rest.len(), |at| at + usize::from(quoted));
        self.next = start + 1 + length;
        &self.text[start..self.next]
    }

    fn string(&mut self, at: Spot) -> Result<String, TemplateFlaw> {
        serde_json::from_str(self.token()).map_err(|_| TemplateFlaw::new(at, "a text is not valid JSON"))
    }

    fn value(&mut self, depth: usize) -> Result<TemplateNode, TemplateFlaw> {
        let first = self.skip(b"");
        let at = self.spot();
        self.bounds.count(1, depth, at)?;
        let form = match first {
            Some(b'"') => NodeForm::Text(self.string(at)?),
            Some(b'[') => {
                self.next += 1;
                let mut items = Vec::new();
                while self.skip(b",") != Some(b']') {
                    items.push(self.value(depth + 1)?);
                }
                self.next += 1;
                NodeForm::List(items)
            }
            Some(b'{') => {
                self.next += 1;
                NodeForm::Table(self.entries(depth)?)
            }
            Some(_) => match self.token() {
                "null" => NodeForm::Absent,
                plain => NodeForm::Text(plain.to_owned()),
            },
            None => return Err(TemplateFlaw::new(at, "it ends in the middle")),
        };
        Ok(TemplateNode { at, form })
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<Entry>, TemplateFlaw> {
        let mut entries = Vec::new();
        let mut names = HashSet::new();
        while self.skip(b",") != Some(b'}') {
            let at = self.spot();
            let name = self.string(at)?;
            self.skip(b":");
            let value = self.value(depth + 1)?;
            if !names.insert(name.clone()) {
                return Err(TemplateFlaw::new(
                    at,
                    format!("the key `{}` is written twice", printable(name.as_bytes())),
                ));
            }
            entries.push(Entry { name, at, value });
        }
        self.next += 1;
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_positions() {
        let node = parse("{ \"é\\n\\\"\": [1, -2.5e3,\n  true, null, \"x\\\\\"],\n \"b\" : {} }").unwrap();
        let items = node.get("é\n\"").items();
        let texts: Vec<_> = items.iter().map(TemplateNode::symbol).collect();
        assert_eq!(texts, [Some("1"), Some("-2.5e3"), Some("true"), None, Some("x\\")]);
        let spots: Vec<_> = items.iter().map(|item| (item.at.line, item.at.column)).collect();
        assert_eq!(spots, [(1, 13), (1, 16), (2, 3), (2, 9), (2, 15)]);
        assert_eq!(node.entries()[1].at, Spot::new(3, 2));
    }

    #[test]
    fn what_is_broken_is_said_with_its_line() {
        let flaw = |text: &str| {
            let flaw = parse(text).unwrap_err();
            (flaw.at.line, flaw.what)
        };
        assert_eq!(flaw("{\"a\": 1,\n\"b\": }"), (2, "it is not valid JSON: expected value".to_owned()));
        assert_eq!(flaw("{\"a\": 1,\n\"a\": 2}"), (2, "the key `a` is written twice".to_owned()));
        let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
        assert_eq!(flaw(&deep).1, "it nests more than 100 levels deep");
        assert_eq!(flaw(&"[".repeat(100_000)).1, "it is not valid JSON: EOF while parsing a list");
    }
}
