//! One service: its patterns, and the other parts of the map that it names.

use std::collections::{BTreeMap, HashMap};

use super::problem::Table;
use super::problem::collect::{Report, Text, shown};
use super::raw::RawService;
use super::{Discovered, NotInput, Pattern, Position, Service, graph};
use crate::base::names::{OutputName, ServiceName};
use crate::pattern::shape::OutputShape;

/// The names of all services, numbered in the order of the names.
pub(super) struct Names<'a> {
    sorted: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    pub(super) fn new(services: &'a [RawService]) -> Self {
        let sorted: Vec<&str> = services.iter().map(|service| service.name.text.as_str()).collect();
        let numbers = sorted.iter().enumerate().map(|(number, name)| (*name, number)).collect();
        Self { sorted, numbers }
    }

    fn number(&self, name: &Text) -> Option<usize> {
        self.numbers.get(name.text.as_str()).copied()
    }

    /// The service that a text of the list `key` names; reports a problem if there is none.
    pub(super) fn find(&self, text: &Text, key: &str, report: &mut Report<'_>) -> Option<usize> {
        let found = self.number(text);
        if found.is_none() {
            unknown(text, "service", key, self.sorted.iter().copied(), report);
        }
        found
    }
}

/// Checks a service. The services that it names are numbered in the order of their names.
pub(super) fn check(
    raw: &RawService,
    names: &Names<'_>,
    groups: &BTreeMap<String, Vec<Pattern>>,
    report: &mut Report<'_>,
) -> Option<Service> {
    let name = report.name(&raw.name, ServiceName::new);
    let keys = &raw.keys;
    if keys.include.empty_or_absent() && keys.groups.empty_or_absent() && keys.depends_on.empty_or_absent() {
        let message = format!("the service `{}` selects nothing", shown(&raw.name.text));
        let hint = "give it `include`, `groups` or `depends_on`".to_owned();
        report.add_missing("selects-nothing", &raw.name.span, message, hint);
    }
    report.duplicates(&keys.groups.items, "group");
    report.duplicates(&keys.depends_on.items, "service");
    report.duplicates(&keys.redeploys.items, "service");
    report.duplicates(&keys.env.items, "variable");
    for group in keys.groups.items.iter().filter(|group| !groups.contains_key(&group.text)) {
        unknown(group, "group", "groups", groups.keys().map(String::as_str), report);
    }
    for itself in keys.redeploys.items.iter().filter(|other| other.text == raw.name.text) {
        let message = format!("`{}` redeploys itself", shown(&raw.name.text));
        report.add("redeploys-itself", &itself.span, message, "remove it: deploying a service deploys it");
    }
    let redeploys = keys.redeploys.items.iter().filter_map(|other| names.find(other, "redeploys", report)).collect();
    let filled =
        |text: &Option<Text>, what, report: &mut Report<'_>| text.as_ref().map(|text| report.filled(text, what));
    let discovered = raw
        .discovered
        .as_ref()
        .map(|found| Discovered { directory: found.text.clone(), position: report.position(&found.span) });
    Some(Service {
        discovered,
        position: report.position(&raw.name.span),
        include: report.patterns(&keys.include.items),
        exclude: report.patterns(&keys.exclude.items),
        groups: keys.groups.items.iter().map(|group| group.text.clone()).collect(),
        depends_on: keys.depends_on.items.iter().filter_map(|other| names.find(other, "depends_on", report)).collect(),
        outputs: keys.outputs.iter().flatten().filter_map(|(name, text)| output(name, text, report)).collect(),
        redeploys,
        environments: (!keys.environments.absent())
            .then(|| keys.environments.items.iter().map(|name| name.text.clone()).collect()),
        env: keys.env.items.iter().filter_map(|name| variable(name, report)).collect(),
        dockerfile: filled(&keys.dockerfile, "`dockerfile`", report),
        context: filled(&keys.context, "`context`", report),
        not_inputs: keys.not_inputs.items.iter().filter_map(|item| not_input(item, report)).collect(),
        build_timeout: report.duration(keys.build_timeout.as_ref()),
        max_skip_age: report.duration(keys.max_skip_age.as_ref()),
        shadow: keys.shadow,
        // Last, so that an invalid name does not hide other mistakes.
        name: name?,
    })
}

fn not_input((pattern, reason): &(Text, Option<Text>), report: &mut Report<'_>) -> Option<NotInput> {
    let reason = reason.as_ref().map(|reason| report.filled(reason, "the reason why this is not an input"));
    Some(NotInput { pattern: report.pattern(pattern)?, reason })
}

/// The name of an environment variable that is an input, with its position.
fn variable(name: &Text, report: &mut Report<'_>) -> Option<(String, Position)> {
    let mut bytes = name.text.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Some((name.text.clone(), report.position(&name.span)));
    }
    let message = format!("`{}` is not the name of an environment variable", shown(&name.text));
    report.add("bad-name", &name.span, message, "write the name only, such as `BASE_DIGEST`");
    None
}

fn output(name: &Text, shape: &Text, report: &mut Report<'_>) -> Option<(OutputName, OutputShape)> {
    let name = report.name(name, OutputName::new);
    match OutputShape::parse(&shape.text) {
        Ok(shape) => Some((name?, shape)),
        Err(flaw) => {
            let message = format!("the shape `{}` {}", shown(&shape.text), flaw.message);
            report.add("bad-pattern", &shape.span, message, flaw.hint);
            None
        }
    }
}

/// Reports services that depend on themselves, directly or through others.
pub(super) fn check_cycles(services: &[RawService], names: &Names<'_>, report: &mut Report<'_>) {
    let dependencies: Vec<Vec<usize>> = services
        .iter()
        .map(|service| service.keys.depends_on.items.iter().filter_map(|name| names.number(name)).collect())
        .collect();
    for cycle in graph::cycles(&dependencies) {
        let [first, ..] = cycle[..] else { continue };
        let next = cycle.get(1).copied().unwrap_or(first);
        let Some(edge) = services[first].keys.depends_on.items.iter().find(|name| names.number(name) == Some(next))
        else {
            continue;
        };
        let around = cycle.iter().chain([&first]).map(|index| format!("`{}`", services[*index].name.text));
        let message = match cycle.len() {
            1 => format!("`{}` depends on itself", services[first].name.text),
            _ => format!("a cycle of dependencies: {}", around.collect::<Vec<_>>().join(" -> ")),
        };
        let tables = cycle.iter().map(|index| Table::Service(services[*index].name.text.clone()));
        report.within(tables, |report| {
            let hint = "what both need belongs into a group, or into a service of its own";
            report.add("cycle", &edge.span, message, hint);
        });
    }
}

fn unknown<'c>(text: &Text, what: &str, key: &str, candidates: impl Iterator<Item = &'c str>, report: &mut Report<'_>) {
    let hint = match report.meant(&text.text, candidates) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if what == "group" => "add it to `[groups]`, or remove it here".to_owned(),
        None => format!("add `[services.{}]`, or remove it here", shown(&text.text)),
    };
    let code = if what == "group" { "unknown-group" } else { "unknown-service" };
    let message = format!("`{key}` names the unknown {what} `{}`", shown(&text.text));
    report.add_missing(code, &text.span, message, hint);
}
