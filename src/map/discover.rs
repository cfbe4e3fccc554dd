//! `[discover]`: one service for each directory.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice as _};

use super::problem::Table;
use super::problem::collect::{Report, Text};
use super::raw::{RawDiscover, RawKeys, RawList, RawService};
use super::scope::Scope;
use super::{Pattern, toml_text};
use crate::base::names::{EnvironmentName, ServiceName};
use crate::base::text;
use crate::pattern::component::Component;
use crate::pattern::finder::Finder;
use crate::pattern::literal;

/// Adds the services for the directories that each table found, and fills in the variables of all services.
pub(super) fn services(
    tables: &[(&RawDiscover, Vec<&BString>)],
    services: &mut BTreeMap<String, RawService>,
    report: &mut Report<'_>,
) {
    let mut made: BTreeMap<String, Text> = BTreeMap::new();
    for (table, directories) in tables {
        for path in directories {
            let Some((directory, name)) = named(table, path, report) else { continue };
            let found = Text { text: directory.clone(), span: table.pattern.span.clone() };
            if let Some(first) = made.insert(name.to_string(), found.clone()) {
                let message = format!("`{}` and `{directory}` would both be the service `{name}`", first.text);
                let hint = "leave one of them out with `except`, or rename it";
                report.add("duplicate", &found.span, message, hint);
                continue;
            }
            let keys = keys(table, &found);
            match services.get_mut(name.as_str()) {
                Some(service) => {
                    service.keys.extend_with(&keys);
                    service.directory.get_or_insert(directory);
                    service.discovered = Some(found);
                }
                None => {
                    let name = Text { text: name.to_string(), span: found.span.clone() };
                    let service = RawService { name, keys, directory: Some(directory), discovered: Some(found) };
                    services.insert(service.name.text.clone(), service);
                }
            }
        }
    }
    for service in services.values_mut() {
        let scope = Scope { service: Some(&service.name.text), directory: service.directory.as_deref() };
        let table = Table::Service(service.name.text.clone());
        report.within([table], |report| scope.fill_keys(&mut service.keys, report));
    }
}

/// Whether a pattern matches exactly this path.
pub(super) fn is_at(pattern: &Pattern, path: &[u8]) -> bool {
    let finder = Finder::new([pattern]);
    let mut at = (finder.root(), Vec::new());
    for component in path.split(|byte| *byte == b'/') {
        at = finder.enter(&at.0, component);
    }
    !at.1.is_empty()
}

/// Whether a pattern names this path, and something below it.
fn leads_through(pattern: &Pattern, path: &[u8]) -> bool {
    pattern.resolve(&EnvironmentName::default()).iter().any(|components| {
        let mut components = components.iter();
        let is_next = |name: &[u8]| matches!(components.next(), Some(Component::Literal(literal)) if literal == name);
        path.split(|byte| *byte == b'/').all(is_next) && components.next().is_some()
    })
}

/// Reports the links to directories in the place of services, or above them: a zip has text files instead, so none of
/// them is a service by itself. Returns whether there are any.
pub(super) fn behind_links<'l>(
    table: &RawDiscover,
    pattern: &Pattern,
    links: impl Iterator<Item = &'l BString>,
    services: &BTreeMap<String, RawService>,
    report: &mut Report<'_>,
) -> bool {
    let mut found = false;
    for link in links {
        let shown = text::printable(link);
        let whole = literal(shown.as_bytes());
        let leave_out = toml_text::list("except", [&whole]);
        let (what, hint) = if is_at(pattern, link) {
            let name = shown.rsplit('/').next().unwrap_or_default();
            if services.contains_key(name) {
                continue;
            }
            let hint = match ServiceName::new(name) {
                Ok(_) => {
                    let include = toml_text::list("include", [&whole]);
                    format!(
                        "write `[services.{}]` with `{include}`, or leave it out with `{leave_out}`",
                        toml_text::key(name)
                    )
                }
                Err(_) => format!("leave it out with `{leave_out}`"),
            };
            ("which does not make it a service", hint)
        } else if leads_through(pattern, link) {
            let hint = format!("name the directory that it leads to instead, or leave it out with `{leave_out}`");
            ("and services below it are not found", hint)
        } else {
            continue;
        };
        let message = format!("`{shown}` is a link to a directory, {what}");
        report.add("linked-directory", &table.pattern.span, message, hint);
        report.broken = true;
        found = true;
    }
    found
}

/// The directory as a text, and the name of its service.
fn named(table: &RawDiscover, path: &BString, report: &mut Report<'_>) -> Option<(String, ServiceName)> {
    let checked = match path.to_str() {
        Err(_) => Err("its path is not UTF-8".to_owned()),
        Ok(path) if path.chars().any(char::is_control) => Err("its path has a control character".to_owned()),
        Ok(path) => {
            let last = path.rsplit('/').next().unwrap_or_default();
            ServiceName::new(last).map(|name| (path.to_owned(), name)).map_err(|error| error.to_string())
        }
    };
    checked.map_or_else(
        |cause| {
            let message = format!("the directory `{}` cannot be a service: {cause}", text::printable(path));
            report.add("bad-name", &table.pattern.span, message, "rename it, or leave it out with `except`");
            None
        },
        Some,
    )
}

/// The keys of a table; if it has no includes, the directory itself is the input.
fn keys(table: &RawDiscover, found: &Text) -> RawKeys {
    let mut keys = table.keys.clone();
    if keys.include.absent() {
        let itself = Text { text: literal(found.text.as_bytes()), span: found.span.clone() };
        keys.include = RawList { items: vec![itself], span: found.span.clone(), empty: false };
    }
    keys
}
