//! The TOML as typed: texts and their spans, of the right types and without unknown keys.
//!
//! The generic spanned value is walked by hand, because deserialising stops at the first mistake.

mod section;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;
use super::problem::Table;
use super::problem::collect::{Report, Span, Text, shown};
use section::{Section, list, syntax, table, wrong};

/// One of the map's files.
#[derive(Debug, Default)]
pub(super) struct RawMap {
    pub(super) include_maps: RawList,
    pub(super) project: Option<Text>,
    pub(super) environments: Option<RawEnvironments>,
    pub(super) state_url: Option<Text>,
    pub(super) defaults: RawDefaults,
    pub(super) groups: Vec<(Text, Vec<Text>)>,
    pub(super) services: Vec<RawService>,
    pub(super) discovers: Vec<RawDiscover>,
    pub(super) expects: Vec<RawExpect>,
    pub(super) lints: Vec<(Text, Text)>,
}

/// `environments`: a list of names, or a table for each.
#[derive(Debug)]
pub(super) struct RawEnvironments {
    pub(super) span: Span,
    /// Whether it is empty, without even an invalid entry.
    pub(super) empty: bool,
    pub(super) declared: Vec<RawEnvironment>,
}

/// One environment, or a pattern that stands for several.
#[derive(Debug)]
pub(super) struct RawEnvironment {
    pub(super) name: Text,
    pub(super) pipelines: RawList,
    pub(super) reuse_from: Option<Text>,
    pub(super) state: Option<Text>,
    pub(super) shadow: Option<bool>,
    pub(super) max_skip_age: Option<Text>,
}

/// A list of texts.
#[derive(Debug, Default, Clone)]
pub(super) struct RawList {
    pub(super) items: Vec<Text>,
    pub(super) span: Span,
    /// Whether it is empty, without even an invalid entry.
    pub(super) empty: bool,
}

impl RawList {
    /// Whether the key is missing.
    pub(super) fn absent(&self) -> bool {
        self.span.bytes.is_empty()
    }

    /// Whether the key is missing or its list is empty.
    pub(super) fn empty_or_absent(&self) -> bool {
        self.empty || self.absent()
    }
}

/// `[defaults]`.
#[derive(Debug, Default)]
pub(super) struct RawDefaults {
    pub(super) exclude: Vec<Text>,
    pub(super) unowned: Option<Text>,
    pub(super) max_skip_age: Option<Text>,
    pub(super) build_timeout: Option<Text>,
    pub(super) deploy_timeout: Option<Text>,
}

/// `[services.NAME]`, or a service that `[discover]` made from a directory.
#[derive(Debug)]
pub(super) struct RawService {
    pub(super) name: Text,
    pub(super) keys: RawKeys,
    /// The value of `${directory}`: the directory of an included map, or else the one that was found.
    pub(super) directory: Option<String>,
    /// The directory that it was made from, if any, with the span of the pattern that found it.
    pub(super) discovered: Option<Text>,
}

/// The keys of a service.
#[derive(Debug, Default, Clone)]
pub(super) struct RawKeys {
    pub(super) include: RawList,
    pub(super) exclude: RawList,
    pub(super) groups: RawList,
    pub(super) depends_on: RawList,
    pub(super) outputs: Option<Vec<(Text, Text)>>,
    pub(super) redeploys: RawList,
    pub(super) environments: RawList,
    pub(super) env: RawList,
    pub(super) dockerfile: Option<Text>,
    pub(super) context: Option<Text>,
    pub(super) not_inputs: RawNotInputs,
    pub(super) build_timeout: Option<Text>,
    pub(super) max_skip_age: Option<Text>,
    pub(super) shadow: Option<bool>,
}

impl RawKeys {
    /// Takes over the keys that are missing here.
    pub(super) fn extend_with(&mut self, other: &Self) {
        let lists = [
            (&mut self.include, &other.include),
            (&mut self.exclude, &other.exclude),
            (&mut self.groups, &other.groups),
            (&mut self.depends_on, &other.depends_on),
            (&mut self.redeploys, &other.redeploys),
            (&mut self.environments, &other.environments),
            (&mut self.env, &other.env),
        ];
        for (list, other) in lists {
            if list.absent() {
                other.clone_into(list);
            }
        }
        if !self.not_inputs.given {
            other.not_inputs.clone_into(&mut self.not_inputs);
        }
        self.shadow = self.shadow.or(other.shadow);
        self.outputs = self.outputs.take().or_else(|| other.outputs.clone());
        let texts = [
            (&mut self.dockerfile, &other.dockerfile),
            (&mut self.context, &other.context),
            (&mut self.build_timeout, &other.build_timeout),
            (&mut self.max_skip_age, &other.max_skip_age),
        ];
        for (text, other) in texts {
            *text = text.take().or_else(|| other.clone());
        }
    }
}

/// `not_inputs`: a list of patterns, or a table that gives the reason of each.
#[derive(Debug, Default, Clone)]
pub(super) struct RawNotInputs {
    pub(super) items: Vec<(Text, Option<Text>)>,
    /// Whether the key is there.
    pub(super) given: bool,
}

/// `[discover."PATTERN"]`.
#[derive(Debug)]
pub(super) struct RawDiscover {
    pub(super) pattern: Text,
    pub(super) except: Vec<Text>,
    pub(super) keys: RawKeys,
}

/// `[[expect]]`.
#[derive(Debug)]
pub(super) struct RawExpect {
    pub(super) span: Span,
    pub(super) changed: Option<RawList>,
    pub(super) builds: Option<RawList>,
}

/// Reads as much of the text as possible. Named items are sorted by name.
pub(super) fn read(text: &str, report: &mut Report<'_>) -> RawMap {
    let (document, errors) = DeTable::parse_recoverable(text);
    report.broken |= !errors.is_empty();
    syntax(text, errors.iter().map(|error| (error.span(), error.message())), report);
    let top = Section::new(document.get_ref(), "the map", keys::MAP, report);
    if report.is_included() {
        top.only(keys::INCLUDED, report);
    }
    RawMap {
        include_maps: top.list("include_maps", report).unwrap_or_default(),
        project: top.text("project", report),
        environments: top.value("environments").map(|value| environments(&top, value, report)),
        state_url: top.section("state", "[state]", report).and_then(|state| state.text("url", report)),
        defaults: defaults(&top, report),
        groups: top
            .entries("groups", report)
            .into_iter()
            .map(|(name, value)| {
                let what = format!("the group `{}`", shown(&name.text));
                let items = report.within([Table::Group(name.text.clone())], |report| list(value, &what, report).items);
                (name, items)
            })
            .collect(),
        services: top
            .entries("services", report)
            .into_iter()
            .filter_map(|(name, value)| service(name, value, report))
            .collect(),
        discovers: top
            .entries("discover", report)
            .into_iter()
            .filter_map(|(pattern, value)| discover(pattern, value, report))
            .collect(),
        expects: report.within([Table::Expect], |report| expects(&top, report)),
        lints: report.within([Table::Lints], |report| top.texts("lints", "the level of", report)),
    }
}

fn environments(top: &Section<'_>, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) -> RawEnvironments {
    let span = report.span(value.span());
    let Some(tables) = value.get_ref().as_table() else {
        let list = list(value, "`environments`", report);
        let declared = |name| RawEnvironment {
            name,
            pipelines: RawList::default(),
            reuse_from: None,
            state: None,
            shadow: None,
            max_skip_age: None,
        };
        return RawEnvironments { span, empty: list.empty, declared: list.items.into_iter().map(declared).collect() };
    };
    let empty = tables.is_empty();
    let declared = top.entries("environments", report).into_iter().filter_map(|(name, value)| {
        let what = format!("the environment `{}`", shown(&name.text));
        let section = Section::new(table(value, &what, report)?, &what, keys::ENVIRONMENT, report);
        Some(RawEnvironment {
            name,
            pipelines: section.list("pipelines", report).unwrap_or_default(),
            reuse_from: section.text("reuse_from", report),
            state: section.text("state", report),
            shadow: section.flag("shadow", report),
            max_skip_age: section.text("max_skip_age", report),
        })
    });
    RawEnvironments { span, empty, declared: declared.collect() }
}

fn defaults(top: &Section<'_>, report: &mut Report<'_>) -> RawDefaults {
    let Some(defaults) = top.section("defaults", "[defaults]", report) else {
        return RawDefaults::default();
    };
    RawDefaults {
        exclude: defaults.list("exclude", report).unwrap_or_default().items,
        unowned: defaults.text("unowned", report),
        max_skip_age: defaults.text("max_skip_age", report),
        build_timeout: defaults.text("build_timeout", report),
        deploy_timeout: defaults.text("deploy_timeout", report),
    }
}

fn service(name: Text, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) -> Option<RawService> {
    let what = format!("the service `{}`", shown(&name.text));
    // One that is no table has no keys, so nothing of it is known.
    let table = table(value, &what, report)?;
    let keys = report.within([Table::Service(name.text.clone())], |report| {
        service_keys(&Section::new(table, &what, keys::SERVICE, report), report)
    });
    Some(RawService { keys, name, directory: None, discovered: None })
}

fn discover(pattern: Text, value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) -> Option<RawDiscover> {
    let what = format!("[discover.\"{}\"]", shown(&pattern.text));
    let discover = Section::new(table(value, &what, report)?, &what, keys::DISCOVER, report);
    let except = discover.list("except", report).unwrap_or_default().items;
    Some(RawDiscover { except, keys: service_keys(&discover, report), pattern })
}

fn service_keys(service: &Section<'_>, report: &mut Report<'_>) -> RawKeys {
    RawKeys {
        include: service.list("include", report).unwrap_or_default(),
        exclude: service.list("exclude", report).unwrap_or_default(),
        groups: service.list("groups", report).unwrap_or_default(),
        depends_on: service.list("depends_on", report).unwrap_or_default(),
        outputs: service.has("outputs").then(|| service.texts("outputs", "the shape of the output", report)),
        redeploys: service.list("redeploys", report).unwrap_or_default(),
        environments: service.list("environments", report).unwrap_or_default(),
        env: service.list("env", report).unwrap_or_default(),
        dockerfile: service.text("dockerfile", report),
        context: service.text("context", report),
        not_inputs: not_inputs(service, report),
        build_timeout: service.text("build_timeout", report),
        max_skip_age: service.text("max_skip_age", report),
        shadow: service.flag("shadow", report),
    }
}

fn not_inputs(service: &Section<'_>, report: &mut Report<'_>) -> RawNotInputs {
    let table = service.value("not_inputs").is_some_and(|value| value.get_ref().as_table().is_some());
    let items = match table {
        true => service
            .texts("not_inputs", "the reason for", report)
            .into_iter()
            .map(|(pattern, reason)| (pattern, Some(reason)))
            .collect(),
        false => {
            let list = service.list("not_inputs", report).unwrap_or_default();
            list.items.into_iter().map(|pattern| (pattern, None)).collect()
        }
    };
    RawNotInputs { items, given: service.has("not_inputs") }
}

fn expects(top: &Section<'_>, report: &mut Report<'_>) -> Vec<RawExpect> {
    let Some(value) = top.value("expect") else {
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
            let expect = Section::new(table, what, keys::EXPECT, report);
            let (changed, builds) = (expect.list("changed", report), expect.list("builds", report));
            all.push(RawExpect { span: report.span(value.span()), changed, builds });
        }
    }
    all
}
