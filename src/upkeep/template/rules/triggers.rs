//! File filters of a trigger that hide an input: a push that changes only that file starts no execution.

use super::Checks;
use crate::base::names::EnvironmentName;
use crate::base::text::{count, printable};
use crate::map::lint_codes::Code;
use crate::map::rules::Rules;
use crate::upkeep::template::glob::Wildcard;
use crate::upkeep::template::node::{NodeForm, Spot, TemplateNode};
use crate::upkeep::template::story::{Placed, Story};

/// How many files a finding lists.
const SHOWN: usize = 3;
/// How many patterns AWS allows in a list.
const MOST_PATTERNS: usize = 8;

/// A file filter.
struct Filter {
    at: Spot,
    includes: Vec<Wildcard>,
    excludes: Vec<Wildcard>,
}

pub(super) fn find(checks: &Checks<'_>, story: &Story<'_>) -> Vec<Placed> {
    let mut found = Vec::new();
    for trigger in story.pipeline.properties.get("Triggers").items() {
        let pushes = trigger.path(&["GitConfiguration", "Push"]);
        // A filter by tags starts executions for tags, not for commits.
        let pushes: Vec<&TemplateNode> = pushes.items().iter().filter(|push| push.get("Tags").is_absent()).collect();
        let files: Vec<&TemplateNode> = pushes.iter().map(|push| push.get("FilePaths")).collect();
        // A push that matches any of them starts an execution.
        if files.is_empty() || files.iter().any(|files| files.is_absent()) {
            continue;
        }
        let mut filters = Vec::new();
        for files in &files {
            match filter(story, files, trigger.at) {
                Ok(filter) => filters.push(filter),
                Err(unknown) => found.push(*unknown),
            }
        }
        if filters.len() == files.len() {
            found.extend(hidden(checks, story, &filters));
        }
    }
    found
}

fn filter(story: &Story<'_>, files: &TemplateNode, outer: Spot) -> Result<Filter, Box<Placed>> {
    let at = files.at_or(outer);
    let read = |key: &str| -> Result<Vec<Wildcard>, Box<Placed>> {
        let items = files.get(key).items().iter();
        let one = |item: &TemplateNode| match (&item.form, item.known().map(Wildcard::of_files)) {
            (_, Some(Some(wildcard))) => Ok(wildcard),
            (NodeForm::Unknown(why), _) => {
                Err(Box::new(story.unknown(item.at_or(at), format!("cannot tell a file filter of the trigger: {why}"))))
            }
            _ => {
                let text = printable(item.symbol().unwrap_or_default().as_bytes());
                Err(Box::new(
                    story.unknown(item.at_or(at), format!("cannot parse the file filter `{text}` of the trigger")),
                ))
            }
        };
        items.map(one).collect()
    };
    let patterns = ["Includes", "Excludes"].map(|key| files.get(key)).into_iter().find(|list| !list.is_absent());
    let at = patterns.map_or(at, |list| list.at_or(at));
    Ok(Filter { at, includes: read("Includes")?, excludes: read("Excludes")? })
}

/// The inputs that no filter lets through.
fn hidden(checks: &Checks<'_>, story: &Story<'_>, filters: &[Filter]) -> Option<Placed> {
    let services: Vec<usize> = story.services(checks.map).into_iter().collect();
    let environments: Vec<EnvironmentName> = match story.environment() {
        Some(environment) => vec![environment],
        None => checks.environments.to_vec(),
    };
    let rules = environments.iter().map(|environment| Rules::compile(checks.map, environment, &services, false));
    let rules: Vec<Rules> = rules.collect();
    let is_input = |path: &[u8]| {
        rules.iter().any(|rules| rules.path(path).claims.iter().any(|claim| services.contains(&claim.service)))
    };
    let starts = |path: &str| {
        filters.iter().any(|filter| {
            let included = filter.includes.is_empty() || filter.includes.iter().any(|wildcard| wildcard.fits(path));
            included && !filter.excludes.iter().any(|wildcard| wildcard.fits(path))
        })
    };
    let hidden: Vec<_> =
        checks.names.iter().filter(|name| !starts(&String::from_utf8_lossy(name)) && is_input(name)).collect();
    let first = hidden.first()?;
    let noun = if hidden.len() == 1 { "input" } else { "inputs" };
    let message = format!(
        "the trigger's file filter hides {} {noun} of its services, such as `{}`: a push that changes only that starts nothing",
        hidden.len(),
        printable(first)
    );
    let includes = includes(checks, &services);
    let hint = match includes.len() <= MOST_PATTERNS {
        true => format!(
            "write `{}`, and no `{}`",
            story.template.notation.list("Includes", &includes),
            story.template.notation.key("Excludes")
        ),
        false => format!(
            "remove the filter: AWS allows {MOST_PATTERNS} patterns, and these services have {}",
            includes.len()
        ),
    };
    let mut notes: Vec<String> = hidden.iter().take(SHOWN).map(|name| printable(name)).collect();
    if hidden.len() > SHOWN {
        notes.push(format!("and {}", count(hidden.len() - SHOWN, "other file")));
    }
    let mut found = story.found(Code::TriggerHidesInput, filters[0].at, message).hint(hint).notes(notes);
    found.finding = found.finding.paths(hidden.into_iter().cloned());
    Some(found)
}

/// The patterns of the services, as a file filter has them.
fn includes(checks: &Checks<'_>, services: &[usize]) -> Vec<String> {
    let mut patterns = Vec::new();
    for service in checks.map.with_dependencies(services) {
        let service = &checks.map.services[service];
        let shared = service.groups.iter().filter_map(|group| checks.map.groups.get(group)).flatten();
        for pattern in service.include.iter().chain(shared) {
            let text = pattern.text.trim_end_matches('/');
            // A pattern of the map that names a directory covers what is below it.
            let last = text.rsplit('/').next().unwrap_or_default();
            let texts = match last {
                "**" => vec![text.to_owned()],
                last if last.contains(['*', '.']) => vec![text.to_owned()],
                _ => vec![text.to_owned(), format!("{text}/**")],
            };
            patterns.extend(texts);
        }
    }
    patterns.sort();
    patterns.dedup();
    patterns
}
