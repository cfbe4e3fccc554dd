//! Tables with known keys, and values of the right types.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::RawList;
use crate::map::keys::{Form, MapKey};
use crate::map::problem::collect::{Report, Text, shown};

/// How many lines with syntax errors are reported individually: a file that is not TOML at all has thousands.
const SYNTAX_LINES: usize = 5;

/// Reports the first mistake of each line, because the others mostly follow from it.
pub(super) fn syntax<'e>(
    text: &str,
    errors: impl Iterator<Item = (Option<Range<usize>>, &'e str)>,
    report: &mut Report<'_>,
) {
    let end = text.len()..text.len();
    let mut errors: Vec<_> = errors.map(|(span, message)| (span.unwrap_or(end.clone()), message)).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut lines = BTreeMap::new();
    for (span, message) in errors {
        let line = text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count();
        lines.entry(line).or_insert((span, message));
    }
    let more = lines.len().saturating_sub(SYNTAX_LINES + 1);
    for (at, (span, message)) in lines.into_values().take(SYNTAX_LINES + 1).enumerate() {
        let message = match at {
            SYNTAX_LINES if more > 0 => format!("this is not TOML, nor are {more} lines below"),
            _ => format!("this is not TOML: {message}"),
        };
        let key = text.get(span.start..).unwrap_or_default();
        let hint = match key.starts_with("environments") && message.contains("cannot extend") {
            true => "each environment has a table here, so leave the list out: `[environments.stage]` declares one too",
            false => "see https://toml.io for the format",
        };
        report.add("syntax", &report.span(span), message, hint);
    }
}

/// A table whose keys have been checked.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    keys: &'static [MapKey],
}

impl<'a> Section<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, what: &str, keys: &'static [MapKey], report: &mut Report<'_>) -> Self {
        let known: Vec<&str> = keys.iter().map(|key| key.name).collect();
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let hint = match report.meant(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.len() == 1 => format!("the only key here is {}", quoted(&known)),
                None => format!("the known keys are {}", quoted(&known)),
            };
            let message = format!("unknown key `{}` in {what}", shown(name));
            report.add("unknown-key", &report.span(key.span()), message, hint);
        }
        Self { table, keys }
    }

    /// Reports the keys that an included map may not have.
    pub(super) fn only(&self, allowed: &[&str], report: &mut Report<'_>) {
        for (key, _) in self.table.iter() {
            let name: &str = key.get_ref();
            let known = self.keys.iter().any(|known| known.name == name);
            if known && !allowed.contains(&name) {
                let message = format!("`{name}` may not stand in a map that another one includes");
                let hint = format!("move it to `{}`; here may stand {}", report.root(), quoted(allowed));
                report.add("not-here", &report.span(key.span()), message, hint);
            }
        }
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.keys.iter().any(|known| known.name == key), "{key} has no description");
        self.table.get(key)
    }

    pub(super) fn text(&self, key: &str, report: &mut Report<'_>) -> Option<Text> {
        text(self.value(key)?, format_args!("`{key}`"), report)
    }

    pub(super) fn flag(&self, key: &str, report: &mut Report<'_>) -> Option<bool> {
        let value = self.value(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            wrong(value, format_args!("`{key}`"), "`true` or `false`", report);
        }
        flag
    }

    pub(super) fn list(&self, key: &str, report: &mut Report<'_>) -> Option<RawList> {
        Some(list(self.value(key)?, format_args!("`{key}`"), report))
    }

    /// The table of a key; also `None` if the key is not described as a table.
    pub(super) fn section(&self, key: &str, what: &str, report: &mut Report<'_>) -> Option<Section<'a>> {
        let Form::Table(keys) = self.keys.iter().find(|known| known.name == key)?.form else { return None };
        let table = table(self.value(key)?, format_args!("`{key}`"), report)?;
        Some(Section::new(table, what, keys, report))
    }

    /// The entries of a table whose keys are names.
    pub(super) fn entries(&self, key: &str, report: &mut Report<'_>) -> Vec<(Text, &'a Spanned<DeValue<'a>>)> {
        let table = self.value(key).and_then(|value| table(value, format_args!("`{key}`"), report));
        let entries = table.into_iter().flat_map(|table| table.iter());
        let text =
            |name: &Spanned<DeString<'_>>| Text { text: name.get_ref().to_string(), span: report.span(name.span()) };
        let mut all: Vec<_> = entries.map(|(name, value)| (text(name), value)).collect();
        // The parser's own order depends on its build features.
        all.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
        all
    }

    /// The entries of a table whose keys are names and whose values are texts.
    pub(super) fn texts(&self, key: &str, what: &str, report: &mut Report<'_>) -> Vec<(Text, Text)> {
        let entries = self.entries(key, report).into_iter();
        let entry = |(name, value): (Text, &Spanned<DeValue<'_>>)| {
            let value = text(value, format_args!("{what} `{}`", shown(&name.text)), report)?;
            Some((name, value))
        };
        entries.filter_map(entry).collect()
    }
}

pub(super) fn text(value: &Spanned<DeValue<'_>>, what: impl fmt::Display, report: &mut Report<'_>) -> Option<Text> {
    match value.get_ref() {
        DeValue::String(text) => Some(Text { text: text.to_string(), span: report.span(value.span()) }),
        _ => {
            wrong(value, what, "a text in quotes", report);
            None
        }
    }
}

pub(super) fn list(value: &Spanned<DeValue<'_>>, what: impl fmt::Display, report: &mut Report<'_>) -> RawList {
    let DeValue::Array(array) = value.get_ref() else {
        wrong(value, what, "a list of texts, as in `[\"one\", \"two\"]`", report);
        return RawList { items: Vec::new(), span: report.span(value.span()), empty: false };
    };
    let items = array.iter().filter_map(|item| text(item, format_args!("an item of {what}"), report)).collect();
    RawList { items, span: report.span(value.span()), empty: array.is_empty() }
}

pub(super) fn table<'a>(
    value: &'a Spanned<DeValue<'a>>,
    what: impl fmt::Display,
    report: &mut Report<'_>,
) -> Option<&'a DeTable<'a>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        wrong(value, what, "a table", report);
    }
    table
}

pub(super) fn wrong(value: &Spanned<DeValue<'_>>, what: impl fmt::Display, wanted: &str, report: &mut Report<'_>) {
    let kind = value.get_ref().type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    report.add(
        "wrong-type",
        &report.span(value.span()),
        format!("{what} is {article} {kind}"),
        format!("it must be {wanted}"),
    );
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
