//! The TOML as it was typed: texts and where they stand, of the right types and without unknown keys.
//!
//! The generic spanned value is walked by hand, since deserialising stops at the first mistake.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::report::{Report, Span, Text, shown};

/// The whole map.
#[derive(Debug, Default)]
pub(super) struct RawMap {
    pub(super) project: Option<Text>,
    pub(super) environments: Option<RawList>,
    pub(super) state_url: Option<Text>,
    pub(super) defaults: RawDefaults,
    pub(super) groups: Vec<(Text, Vec<Text>)>,
    pub(super) services: Vec<RawService>,
    pub(super) expects: Vec<RawExpect>,
}

/// A list of texts.
#[derive(Debug, Default)]
pub(super) struct RawList {
    pub(super) items: Vec<Text>,
    pub(super) span: Span,
    /// Whether it holds nothing at all, not even something wrong.
    pub(super) empty: bool,
}

impl RawList {
    /// Whether the key is missing, or its list holds nothing at all.
    pub(super) fn empty_or_absent(&self) -> bool {
        self.empty || self.span.bytes.is_empty()
    }
}

/// `[defaults]`.
#[derive(Debug, Default)]
pub(super) struct RawDefaults {
    pub(super) exclude: Vec<Text>,
    pub(super) unowned: Option<Text>,
    pub(super) max_skip_age: Option<Text>,
    pub(super) attempt_timeout: Option<Text>,
}

/// `[services.NAME]`.
#[derive(Debug)]
pub(super) struct RawService {
    pub(super) name: Text,
    pub(super) include: RawList,
    pub(super) exclude: Vec<Text>,
    pub(super) groups: RawList,
    pub(super) depends_on: RawList,
    pub(super) outputs: Vec<(Text, Text)>,
    pub(super) redeploys: Vec<Text>,
    pub(super) dockerfile: Option<Text>,
    pub(super) context: Option<Text>,
    pub(super) not_inputs: Vec<Text>,
}

/// `[[expect]]`.
#[derive(Debug)]
pub(super) struct RawExpect {
    pub(super) span: Span,
    pub(super) changed: Option<RawList>,
    pub(super) builds: Option<RawList>,
}

/// How many lines that are no TOML are told one by one: a file that is something else altogether has thousands.
const SYNTAX_LINES: usize = 5;

/// Tells the first mistake of each line, for the others mostly follow from it.
fn syntax<'e>(text: &str, errors: impl Iterator<Item = (Option<Range<usize>>, &'e str)>, report: &mut Report<'_>) {
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
        report.add("syntax", &report.span(span), message, "see https://toml.io for the format");
    }
}

/// Reads the text as far as it can be read. Services and groups come in the order of their names.
pub(super) fn read(text: &str, report: &mut Report<'_>) -> RawMap {
    let (document, errors) = DeTable::parse_recoverable(text);
    report.broken = !errors.is_empty();
    syntax(text, errors.iter().map(|error| (error.span(), error.message())), report);
    let known = ["project", "environments", "state", "defaults", "groups", "services", "expect"];
    let top = Section::new(document.get_ref(), "the map", &known, report);
    RawMap {
        project: top.text("project", report),
        environments: top.list("environments", report),
        state_url: top.section("state", "[state]", &["url"], report).and_then(|state| state.text("url", report)),
        defaults: defaults(&top, report),
        groups: top
            .entries("groups", report)
            .into_iter()
            .map(|(name, value)| {
                let what = format!("the group `{}`", shown(&name.text));
                (name, list(value, &what, report).items)
            })
            .collect(),
        services: top
            .entries("services", report)
            .into_iter()
            .filter_map(|(name, value)| service(name, value, report))
            .collect(),
        expects: expects(&top, report),
    }
}

fn defaults(top: &Section<'_>, report: &mut Report<'_>) -> RawDefaults {
    let known = ["exclude", "unowned", "max_skip_age", "attempt_timeout"];
    let Some(defaults) = top.section("defaults", "[defaults]", &known, report) else {
        return RawDefaults::default();
    };
    RawDefaults {
        exclude: defaults.items("exclude", report),
        unowned: defaults.text("unowned", report),
        max_skip_age: defaults.text("max_skip_age", report),
        attempt_timeout: defaults.text("attempt_timeout", report),
    }
}

fn service(name: Text, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) -> Option<RawService> {
    let known =
        ["include", "exclude", "groups", "depends_on", "outputs", "redeploys", "dockerfile", "context", "not_inputs"];
    let what = format!("the service `{}`", shown(&name.text));
    let service = Section::new(table(value, &what, report)?, &what, &known, report);
    Some(RawService {
        include: service.list("include", report).unwrap_or_default(),
        exclude: service.items("exclude", report),
        groups: service.list("groups", report).unwrap_or_default(),
        depends_on: service.list("depends_on", report).unwrap_or_default(),
        outputs: service
            .entries("outputs", report)
            .into_iter()
            .filter_map(|(output, value)| {
                let what = format!("the shape of the output `{}`", shown(&output.text));
                Some((output, text(value, &what, report)?))
            })
            .collect(),
        redeploys: service.items("redeploys", report),
        dockerfile: service.text("dockerfile", report),
        context: service.text("context", report),
        not_inputs: service.items("not_inputs", report),
        name,
    })
}

fn expects(top: &Section<'_>, report: &mut Report<'_>) -> Vec<RawExpect> {
    let Some((_, value)) = top.table.get_key_value("expect") else {
        return Vec::new();
    };
    let DeValue::Array(array) = value.get_ref() else {
        wrong(value, "`expect`", "an array of tables, written `[[expect]]`", report);
        return Vec::new();
    };
    let mut all = Vec::new();
    for value in array.iter() {
        let what = "[[expect]]";
        if let Some(table) = table(value, what, report) {
            let expect = Section::new(table, what, &["changed", "builds"], report);
            let (changed, builds) = (expect.list("changed", report), expect.list("builds", report));
            all.push(RawExpect { span: report.span(value.span()), changed, builds });
        }
    }
    all
}

/// A table whose keys have been checked.
struct Section<'a> {
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    fn new(table: &'a DeTable<'a>, what: &str, known: &[&'static str], report: &mut Report<'_>) -> Self {
        for (key, _) in table.iter() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let hint = match report.meant(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.len() == 1 => format!("the only key here is {}", quoted(known)),
                None => format!("the known keys are {}", quoted(known)),
            };
            let message = format!("unknown key `{}` in {what}", shown(name));
            report.add("unknown-key", &report.span(key.span()), message, hint);
        }
        Self { table }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    fn text(&self, key: &str, report: &mut Report<'_>) -> Option<Text> {
        text(self.value(key)?, &format!("`{key}`"), report)
    }

    fn list(&self, key: &str, report: &mut Report<'_>) -> Option<RawList> {
        Some(list(self.value(key)?, &format!("`{key}`"), report))
    }

    fn items(&self, key: &str, report: &mut Report<'_>) -> Vec<Text> {
        self.list(key, report).unwrap_or_default().items
    }

    fn section(&self, key: &str, what: &str, known: &[&'static str], report: &mut Report<'_>) -> Option<Section<'a>> {
        let table = table(self.value(key)?, &format!("`{key}`"), report)?;
        Some(Section::new(table, what, known, report))
    }

    /// The entries of a table whose keys are names.
    fn entries(&self, key: &str, report: &mut Report<'_>) -> Vec<(Text, &'a Spanned<DeValue<'a>>)> {
        let table = self.value(key).and_then(|value| table(value, &format!("`{key}`"), report));
        let entries = table.into_iter().flat_map(|table| table.iter());
        let text =
            |name: &Spanned<DeString<'_>>| Text { text: name.get_ref().to_string(), span: report.span(name.span()) };
        let mut all: Vec<_> = entries.map(|(name, value)| (text(name), value)).collect();
        // The parser's own order depends on how it was built.
        all.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
        all
    }
}

fn text(value: &Spanned<DeValue<'_>>, what: &str, report: &mut Report<'_>) -> Option<Text> {
    match value.get_ref() {
        DeValue::String(text) => Some(Text { text: text.to_string(), span: report.span(value.span()) }),
        _ => {
            wrong(value, what, "a text in quotes", report);
            None
        }
    }
}

fn list(value: &Spanned<DeValue<'_>>, what: &str, report: &mut Report<'_>) -> RawList {
    let DeValue::Array(array) = value.get_ref() else {
        wrong(value, what, "a list of texts, as in `[\"one\", \"two\"]`", report);
        return RawList { items: Vec::new(), span: report.span(value.span()), empty: false };
    };
    let what = format!("an item of {what}");
    let items = array.iter().filter_map(|item| text(item, &what, report)).collect();
    RawList { items, span: report.span(value.span()), empty: array.is_empty() }
}

fn table<'a>(value: &'a Spanned<DeValue<'a>>, what: &str, report: &mut Report<'_>) -> Option<&'a DeTable<'a>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        wrong(value, what, "a table", report);
    }
    table
}

fn wrong(value: &Spanned<DeValue<'_>>, what: &str, wanted: &str, report: &mut Report<'_>) {
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
