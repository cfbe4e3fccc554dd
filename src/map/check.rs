//! Turns the typed map into a checked one, or into all its problems.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::needed::{self, Needed};
use super::problem::Table;
use super::problem::collect::{Report, Span, Text, shown};
use super::raw::{RawDefaults, RawExpect, RawMap};
use super::services::{self, Names};
use super::{Defaults, Expect, Pattern, Problems, Service, ServiceMap, Unowned, environments, graph, lints, variables};
use crate::base::names::ProjectName;

/// CodeBuild's own default is 60 minutes (AWS CodeBuild user guide, "Quotas": build timeout).
const DEFAULT_BUILD_TIMEOUT: Duration = Duration::from_secs(3600);
/// At most 8 hours in CodeBuild's queue ("Quotas": queued build timeout), and one hour to build.
const DEFAULT_DEPLOY_TIMEOUT: Duration = Duration::from_secs(9 * 3600);
const ADD_A_SERVICE: &str = "give it at least one `[services.NAME]` with an `include`";

/// Opens a file of the map: its bytes as text, if they are valid text. A binary file gets one problem instead of
/// thousands.
pub(super) fn readable<'a>(file: &str, bytes: &'a [u8], report: &mut Report<'a>) -> Option<&'a str> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let (text, whole) = match bytes.utf8_chunks().next() {
        Some(chunk) => (chunk.valid(), chunk.invalid().is_empty()),
        None => ("", true),
    };
    report.open(file, text);
    let hint = "write the map as a TOML text in UTF-8";
    if let Some(at) = text.find('\0') {
        report.add("not-text", &report.span(at..at + 1), "the map is not a text: it has a NUL byte".to_owned(), hint);
    } else if !whole {
        let message = "the map is not a text: it has bytes that are not UTF-8".to_owned();
        report.add("not-text", &report.span(text.len()..text.len()), message, hint);
    } else if text.trim().is_empty() && !report.is_included() {
        report.add("no-services", &Span::default(), "the map is empty".to_owned(), ADD_A_SERVICE);
    } else {
        return Some(text);
    }
    // What it would have contributed is unknown.
    report.broken = true;
    None
}

/// Checks everything; returns a map only if there is no problem that concerns the `asked` services (all if there are
/// none).
pub(super) fn resolve(
    file: &str,
    included: Vec<String>,
    raw: &RawMap,
    mut report: Report<'_>,
    asked: &[String],
) -> Result<ServiceMap, Problems> {
    let report = &mut report;
    if raw.services.is_empty() {
        report.add_missing("no-services", &Span::default(), "the map has no services".to_owned(), ADD_A_SERVICE);
    }
    let groups: BTreeMap<_, _> = raw
        .groups
        .iter()
        .map(|(name, list)| report.within([Table::Group(name.text.clone())], |report| group(name, list, report)))
        .collect();
    let names = Names::new(&raw.services);
    let mut services: Vec<Option<Service>> = (raw.services.iter())
        .map(|service| {
            let table = Table::Service(service.name.text.clone());
            report.within([table], |report| services::check(service, &names, &groups, report))
        })
        .collect();
    services::check_cycles(&raw.services, &names, report);
    variables::check(&raw.services, report);
    let environments = raw.environments.as_ref().map(|raw| environments::check(raw, report));
    environments::check_services(&raw.services, environments.as_ref(), report);
    let mut map = ServiceMap {
        file: file.to_owned(),
        included,
        names_project: raw.project.is_some(),
        project: raw.project.as_ref().and_then(|text| report.name(text, ProjectName::new)).unwrap_or_default(),
        environments,
        state_url: raw.state_url.as_ref().map(|url| report.filled(url, "the store's `url`")),
        defaults: defaults(&raw.defaults, report),
        groups,
        services: Vec::new(),
        expects: report
            .within([Table::Expect], |report| raw.expects.iter().map(|raw| expect(raw, &names, report)).collect()),
        lints: report.within([Table::Lints], |report| lints::check(&raw.lints, report)),
        elsewhere: Vec::new(),
        texts: report.texts(),
        indices: HashMap::new(),
    };
    if let Some(needed) = Needed::of(asked, raw, map.defaults.unowned) {
        let elsewhere = report.finish_but(|problem| needed.spares(problem))?;
        needed::set_aside(&elsewhere, &mut services, map.environments.as_ref());
        map.elsewhere = Problems::new(elsewhere).into_list();
    }
    report.finish()?;
    arrange(&mut map, services);
    Ok(map)
}

/// Puts the services, which are sorted by name, into dependency order. Those without a valid name are left out.
fn arrange(map: &mut ServiceMap, services: Vec<Option<Service>>) {
    let on = |service: &Option<Service>| service.as_ref().map_or_else(Vec::new, |service| service.depends_on.clone());
    let dependencies: Vec<Vec<usize>> = services.iter().map(on).collect();
    let mut places: Vec<Option<usize>> = vec![None; services.len()];
    let order = graph::order(&dependencies).into_iter().filter(|index| services[*index].is_some());
    for (place, index) in order.enumerate() {
        places[index] = Some(place);
    }
    let renumber = |list: &mut Vec<usize>| *list = list.iter().filter_map(|index| places[*index]).collect();
    let placed = places.iter().zip(services);
    let mut placed: Vec<(usize, Service)> = placed.filter_map(|(place, service)| Some(((*place)?, service?))).collect();
    placed.sort_by_key(|(place, _)| *place);
    for (place, mut service) in placed {
        renumber(&mut service.depends_on);
        renumber(&mut service.redeploys);
        map.indices.insert(service.name.clone(), place);
        map.services.push(service);
    }
    for expect in &mut map.expects {
        renumber(&mut expect.builds);
        expect.builds.sort_unstable();
    }
}

fn group(name: &Text, list: &[Text], report: &mut Report<'_>) -> (String, Vec<Pattern>) {
    let patterns = report.patterns(list);
    if name.text.trim().is_empty() || name.text.chars().any(char::is_control) {
        let message = "the name of a group is empty or has a control character".to_owned();
        report.add("bad-name", &name.span, message, "name it after what its files have in common");
    }
    (name.text.clone(), patterns)
}

fn defaults(raw: &RawDefaults, report: &mut Report<'_>) -> Defaults {
    let words = [("ignore", Unowned::Ignore), ("warn", Unowned::Warn), ("build-all", Unowned::BuildAll)];
    let mut unowned = Unowned::Warn;
    if let Some(text) = &raw.unowned {
        match words.iter().find(|(word, _)| *word == text.text) {
            Some((_, meaning)) => unowned = *meaning,
            None => {
                let hint = match report.meant(&text.text, words.map(|(word, _)| word)) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "it is `ignore`, `warn` or `build-all`".to_owned(),
                };
                let message = format!("`unowned` may not be `{}`", shown(&text.text));
                report.add("bad-value", &text.span, message, hint);
            }
        }
    }
    Defaults {
        exclude: report.patterns(&raw.exclude),
        unowned,
        unowned_position: raw.unowned.as_ref().map(|text| report.position(&text.span)),
        max_skip_age: report.duration(raw.max_skip_age.as_ref()),
        build_timeout: report.duration(raw.build_timeout.as_ref()).unwrap_or(DEFAULT_BUILD_TIMEOUT),
        deploy_timeout: report.duration(raw.deploy_timeout.as_ref()).unwrap_or(DEFAULT_DEPLOY_TIMEOUT),
    }
}

fn expect(raw: &RawExpect, names: &Names<'_>, report: &mut Report<'_>) -> Expect {
    let mut changed = Vec::new();
    match &raw.changed {
        Some(list) if !list.empty => {
            for text in &list.items {
                let bad = text.text.split('/').any(|component| matches!(component, "" | "." | ".."));
                if bad {
                    let message = format!("`{}` is not the path of a file in the source", shown(&text.text));
                    report.add("bad-path", &text.span, message, "write it from the root, without a `/` in front");
                }
                changed.push(text.text.clone());
            }
        }
        _ => {
            let message = "an `[[expect]]` without `changed` tests nothing".to_owned();
            let hint = "add `changed` with the paths that change".to_owned();
            report.add_missing("missing-key", &raw.span, message, hint);
        }
    }
    let builds = match &raw.builds {
        Some(list) => {
            report.duplicates(&list.items, "service");
            list.items.iter().filter_map(|text| names.find(text, "builds", report)).collect()
        }
        None => {
            let message = "an `[[expect]]` needs `builds`".to_owned();
            let hint = "add `builds` with the services that must build; `[]` if none must".to_owned();
            report.add_missing("missing-key", &raw.span, message, hint);
            Vec::new()
        }
    };
    Expect { position: report.position(&raw.span), changed, builds }
}
