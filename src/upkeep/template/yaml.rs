//! CloudFormation's YAML: the short forms of functions become the long ones, aliases what they stand for.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::bounds::{Bounds, TemplateFlaw};
use super::node::{Entry, NodeForm, Spot, TemplateNode};

use crate::base::text::printable;
use crate::upkeep::manifests::yaml::indented;

/// Reads a file of one document.
pub(super) fn parse(text: &str) -> Result<TemplateNode, TemplateFlaw> {
    let text = indented(text);
    let parser = Parser::new_from_str(&text);
    let mut reader = YamlTemplate { parser, anchors: HashMap::new(), bounds: Bounds::new() };
    let mut document = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if document.is_some() => {
                return Err(TemplateFlaw::new(spot(span.start), "it has a second document"));
            }
            event => document = Some(reader.value(event, span, 0)?),
        }
    }
    document.ok_or_else(|| TemplateFlaw::new(Spot::first(0), "it is empty"))
}

struct YamlTemplate<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// What anchors name, and how many values that is.
    anchors: HashMap<usize, (TemplateNode, usize)>,
    bounds: Bounds,
}

impl<'t> YamlTemplate<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), TemplateFlaw> {
        let flaw = |error: ScanError| {
            TemplateFlaw::new(
                spot(*error.marker()),
                format!("it is not valid YAML: {}", printable(error.info().as_bytes())),
            )
        };
        match self.parser.next_event() {
            Some(event) => event.map_err(flaw),
            None => Err(TemplateFlaw::new(Spot::first(0), "it ends in the middle")),
        }
    }

    fn value(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<TemplateNode, TemplateFlaw> {
        let at = spot(span.start);
        let before = self.bounds.counted();
        self.bounds.count(1, depth, at)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let absent = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                let form = if absent { NodeForm::Absent } else { NodeForm::Text(text.into_owned()) };
                (tagged(TemplateNode { at, form }, tag.as_deref(), at), anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => items.push(self.value(event, span, depth + 1)?),
                    }
                }
                (tagged(TemplateNode { at, form: NodeForm::List(items) }, tag.as_deref(), at), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let entries = self.entries(depth)?;
                (tagged(TemplateNode { at, form: NodeForm::Table(entries) }, tag.as_deref(), at), anchor)
            }
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id) else {
                    return Err(TemplateFlaw::new(at, "an alias refers to a value that contains it"));
                };
                self.bounds.count(*size, depth, at)?;
                (node.clone(), 0)
            }
            _ => return Err(TemplateFlaw::new(at, "it ends in the middle")),
        };
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), self.bounds.counted() - before));
            // The copy takes as much space as the value.
            self.bounds.count(self.bounds.counted() - before, depth, at)?;
        }
        Ok(node)
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<Entry>, TemplateFlaw> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut names = HashSet::new();
        loop {
            let (name, at) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (Event::Scalar(text, ..), span) => (text.into_owned(), spot(span.start)),
                (_, span) => return Err(TemplateFlaw::new(spot(span.start), "a key is not a text")),
            };
            if name == "<<" {
                return Err(TemplateFlaw::new(at, "CloudFormation does not merge with `<<`: write the lines out"));
            }
            let (event, span) = self.next()?;
            let value = self.value(event, span, depth + 1)?;
            if !names.insert(name.clone()) {
                return Err(TemplateFlaw::new(
                    at,
                    format!("the key `{}` is written twice", printable(name.as_bytes())),
                ));
            }
            entries.push(Entry { name, at, value });
        }
    }
}

/// The long form of a value with a tag.
fn tagged(value: TemplateNode, tag: Option<&Tag>, at: Spot) -> TemplateNode {
    let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) else { return value };
    let name = match tag.suffix.as_str() {
        plain @ ("Ref" | "Condition") => plain.to_owned(),
        function => format!("Fn::{function}"),
    };
    TemplateNode { at, form: NodeForm::Table(vec![Entry { name, at, value }]) }
}

fn spot(marker: Marker) -> Spot {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Spot::new(number(marker.line().max(1)), number(marker.col() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> (u32, String) {
        let flaw = parse(text).unwrap_err();
        (flaw.at.line, flaw.what)
    }

    #[test]
    fn short_forms_are_long_ones_at_their_lines() {
        let node = parse("a:\n  b: !Sub 'x-${Y}'\n  c:\n    - !Ref Z\n    - !GetAtt [A, Arn]\n").unwrap();
        let sub = node.path(&["a", "b"]);
        assert_eq!((sub.at, sub.get("Fn::Sub").symbol()), (Spot::new(2, 6), Some("x-${Y}")));
        let items = node.path(&["a", "c"]).items();
        assert_eq!((items[0].at.line, items[0].get("Ref").symbol()), (4, Some("Z")));
        assert_eq!(items[1].get("Fn::GetAtt").items()[1].symbol(), Some("Arn"));
    }

    #[test]
    fn aliases_are_what_they_name_within_bounds() {
        let node = parse("a: &x { k: v }\nb: *x\n").unwrap();
        assert_eq!(node.path(&["b", "k"]).symbol(), Some("v"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let below = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![below; 10].join(", "));
        }
        assert_eq!(flaw(&bomb).1, "it has more than 1000000 values, aliases included");
        assert_eq!(flaw("a: &x\n  b: *x\n"), (2, "an alias refers to a value that contains it".to_owned()));
    }

    #[test]
    fn what_is_broken_is_said_with_its_line() {
        assert_eq!(flaw("a: 1\nb: 2\na: 3\n"), (3, "the key `a` is written twice".to_owned()));
        assert_eq!(flaw("a: 1\n---\nb: 2\n"), (3, "it has a second document".to_owned()));
        assert_eq!(flaw(&"[".repeat(120)).1, "it nests more than 100 levels deep");
        assert_eq!(flaw(&"[".repeat(100_000)).1, "it is not valid YAML: recursion limit exceeded");
        assert!(flaw("a: [1\nb: 2\n").1.starts_with("it is not valid YAML: "));
        assert_eq!(flaw("a: {<<: 1}").0, 1);
    }
}
