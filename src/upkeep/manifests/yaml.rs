//! As much YAML as manifests need: the values of a file, ignoring tags. CloudFormation's `!Sub` and `!Ref` are tags on
//! plain values, and those values are kept.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// How deeply values may nest: far more than anyone writes.
const DEEPEST: usize = 64;

/// The documents of a file; empty if one is not valid YAML (usually because it is a template for a template engine).
pub(super) fn documents(text: &str) -> Vec<Value> {
    let text = indented(text);
    let mut reader = YamlReader { parser: Parser::new_from_str(&text) };
    let mut documents = Vec::new();
    loop {
        match reader.next() {
            Some(Event::StreamEnd) => return documents,
            Some(Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing) => {}
            Some(event) => match reader.value(event, 0) {
                Some(value) => documents.push(value),
                None => return Vec::new(),
            },
            None => return Vec::new(),
        }
    }
}

/// CloudFormation allows a list's closing bracket at the indentation of its key; YAML 1.2 does not.
pub(in crate::upkeep) fn indented(text: &str) -> String {
    let closes = |line: &&str| line.trim_start().starts_with([']', '}']);
    let lines = text
        .lines()
        .map(|line| if closes(&line) { format!("{:64}{}\n", "", line.trim_start()) } else { format!("{line}\n") });
    lines.collect()
}

/// The first document.
pub(super) fn parse(text: &str) -> Option<Value> {
    documents(text).into_iter().next()
}

struct YamlReader<'t> {
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> YamlReader<'t> {
    /// The next event; `None` if the text is not valid YAML.
    fn next(&mut self) -> Option<Event<'t>> {
        self.parser.next_event()?.ok().map(|(event, _)| event)
    }

    fn value(&mut self, event: Event<'t>, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        match event {
            Event::Scalar(text, style, ..) => Some(scalar(text, style)),
            // Aliases are dropped: what manifests say about directories does not come from one.
            Event::Alias(_) => Some(Value::Null),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => return Some(Value::Array(items)),
                        event => items.push(self.value(event, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut entries = Map::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => return Some(Value::Object(entries)),
                        event => self.value(event, depth + 1)?,
                    };
                    let event = self.next()?;
                    let value = self.value(event, depth + 1)?;
                    if let Value::String(key) = key {
                        entries.insert(key, value);
                    }
                }
            }
            _ => None,
        }
    }
}

/// Only strings and absent values are distinguished: no manifest has a number as a path.
fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Value {
    let absent = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
    if absent { Value::Null } else { Value::String(text.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_cloudformation_do_not_matter() {
        let text = "Resources:\n  F:\n    CodeUri: !Sub 'a/${B}'\n    Layers: [!Ref L, !GetAtt [A, Arn]]\n    X: ~\n";
        let value = parse(text).unwrap();
        assert_eq!(value["Resources"]["F"]["CodeUri"], "a/${B}");
        assert_eq!(value["Resources"]["F"]["Layers"][0], "L");
        assert_eq!(value["Resources"]["F"]["X"], Value::Null);
    }

    #[test]
    fn brackets_may_close_at_the_left() {
        let value = parse("a:\n  b: [\n    'x'\n  ]\n  c: y\n").unwrap();
        assert_eq!((&value["a"]["b"][0], &value["a"]["c"]), (&"x".into(), &"y".into()));
    }

    #[test]
    fn what_is_no_yaml_is_nothing() {
        assert!(documents("a: {{ .Values.x }\n  - b: [").is_empty());
        assert!(documents(&"[".repeat(100_000)).is_empty());
        assert_eq!(documents("a: 1\n---\nb: 2\n").len(), 2);
    }
}
