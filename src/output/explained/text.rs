//! Explanations for people.

use super::{Below, Explained, Presence, Said, VariableOf, by, observed, on_purpose, slip};
use crate::base::text::{count, list, printable};
use crate::map::ServiceMap;
use crate::map::rules::{Concern, Explanation, RuleHit, SelectedBy, Via};
use crate::output::columns::{Align, Cell, Columns};
use crate::output::paint::{Paint, Tone};

/// How many files or rules are named; the rest are only counted.
const NAMED: usize = 5;

/// One block per path. What holds in all environments is said once.
pub fn text(paths: &[Explained<'_>], map: &ServiceMap, color: bool) -> String {
    let paint = Paint::new(color);
    let mut text = String::new();
    for path in paths {
        let name = if path.path.is_empty() { ".".to_owned() } else { printable(&path.path) };
        let directory = if matches!(path.presence, Presence::Directory(_)) && name != "." { "/" } else { "" };
        let name = paint.tone(Tone::Strong, &format!("{name}{directory}"));
        let what = if path.only_variable() { " (an environment variable)".to_owned() } else { presence(path.presence) };
        text.push_str(&format!("{name}{what}\n"));
        path.variable.iter().for_each(|variable| text.push_str(&self::variable(variable, map)));
        if path.only_variable() {
            continue;
        }
        for (environments, said) in &path.answers {
            let mut indent = "  ";
            if path.answers.len() > 1 {
                let names: Vec<String> = environments.iter().map(|name| printable(name.as_str().as_bytes())).collect();
                text.push_str(&format!("  in {}:\n", list(&names)));
                indent = "    ";
            }
            match said {
                Said::Path(explanation) => {
                    lines(explanation, map).iter().for_each(|line| text.push_str(&format!("{indent}{line}\n")));
                }
                Said::Below(below) => self::below(&mut text, below, map, indent, paint),
            }
        }
        path.observed.iter().for_each(|by| text.push_str(&format!("  {}\n", observed(by, map))));
        path.on_purpose.iter().for_each(|said| text.push_str(&format!("  {}\n", on_purpose(said, map))));
    }
    text
}

fn variable(variable: &VariableOf, map: &ServiceMap) -> String {
    let name = &map.services[variable.service].name;
    let through = match variable.owner == variable.service {
        true => String::new(),
        false => format!(", through {}", map.services[variable.owner].name),
    };
    format!("  input of {name}, as an environment variable: `env` ({}){through}\n", map.line(variable.position))
}

fn presence(presence: Presence) -> String {
    match presence {
        Presence::File | Presence::Unknown => String::new(),
        Presence::Submodule => " (a submodule)".to_owned(),
        Presence::Directory(files) => format!(" ({})", count(files, "file")),
        Presence::Absent => " (not in the source)".to_owned(),
        Presence::Ignored => " (in the directory, but git would not store it)".to_owned(),
    }
}

fn lines(explanation: &Explanation<'_>, map: &ServiceMap) -> Vec<String> {
    let mut lines = Vec::new();
    // A link on the way to what a rule selects is no file of the service, and still an input.
    let by_policy = |claim: &SelectedBy| claim.by_policy && !matches!(claim.via, Via::Link(_));
    let policy =
        explanation.concerns.iter().filter_map(|concern| concern.claim.as_ref()).find(|claim| by_policy(claim));
    for concern in &explanation.concerns {
        let name = &map.services[concern.service].name;
        match (&concern.claim, by(map, concern)) {
            (Some(claim), Some(by)) if !by_policy(claim) => lines.push(format!("input of {name}: {by}")),
            _ => {}
        }
        lines.extend(further(concern, map));
    }
    if let Some(claim) = policy {
        let policy = format!("`{}` ({})", claim.rule, map.line(claim.position));
        lines.push(format!("input of every service: no rule covers it, and {policy}"));
    } else if explanation.concerns.iter().all(|concern| concern.claim.is_none()) {
        lines.push(format!("input of no service: {}", none(explanation, map)));
    }
    lines
}

/// The service's other rules that select the path, or the exclude that cuts them.
fn further(concern: &Concern<'_>, map: &ServiceMap) -> Option<String> {
    let name = &map.services[concern.service].name;
    if concern.selecting.is_empty() {
        return None;
    }
    if !concern.excluding.is_empty() {
        let (cut, would) = (rules(&concern.excluding, map), rules(&concern.selecting, map));
        let verb = if concern.excluding.len() == 1 { "excludes" } else { "exclude" };
        let else_ = if concern.claim.is_none() { "else an input by" } else { "its own rules do not count:" };
        return Some(match concern.claim {
            None => format!("not an input of {name}: {cut} {verb} it; {else_} {would}"),
            Some(_) => format!("  {else_} {cut} {verb} what {would} would select"),
        });
    }
    let claim = concern.claim.as_ref()?;
    let others: Vec<RuleHit<'_>> =
        concern.selecting.iter().filter(|hit| hit.rule.position != claim.position).cloned().collect();
    (!others.is_empty()).then(|| format!("  also by {}", rules(&others, map)))
}

fn rules(hits: &[RuleHit<'_>], map: &ServiceMap) -> String {
    let rule =
        |hit: &RuleHit<'_>| format!("`{}` ({})", printable(hit.rule.text.as_bytes()), map.line(hit.rule.position));
    list(&hits.iter().map(rule).collect::<Vec<_>>())
}

/// Why a path is not an input of any service.
fn none(explanation: &Explanation<'_>, map: &ServiceMap) -> String {
    if !explanation.concerns.is_empty() {
        return "every rule that selects it is cut by an exclude".to_owned();
    }
    if !explanation.by_default.is_empty() {
        return format!("no rule selects it, and `[defaults]` excludes it: {}", rules(&explanation.by_default, map));
    }
    if explanation.owned {
        return "it is the map, or an observation beside it".to_owned();
    }
    match &explanation.miss {
        None => "no rule matches it".to_owned(),
        Some(miss) => format!("no rule matches it; {}", slip(map, miss)),
    }
}

fn below(text: &mut String, below: &Below, map: &ServiceMap, indent: &str, paint: Paint) {
    let mut columns = Columns::new([Align::Left, Align::Right, Align::Left]);
    for share in &below.services {
        for (place, (rule, files)) in share.rules.iter().take(NAMED).enumerate() {
            let name = if place == 0 { map.services[share.service].name.as_str() } else { "" };
            let number = count(*files, "file");
            columns.row([Cell::new(Tone::Plain, name), Cell::new(Tone::Plain, &number), Cell::new(Tone::Faint, rule)]);
        }
        let more = share.rules.len().saturating_sub(NAMED);
        if more > 0 {
            let more = format!("… and by {more} more");
            columns.row([Cell::new(Tone::Plain, ""), Cell::new(Tone::Plain, ""), Cell::new(Tone::Faint, &more)]);
        }
    }
    text.push_str(&columns.text(indent, paint));
    let mut files = |what: &str, files: &[bstr::BString]| {
        if files.is_empty() {
            return;
        }
        let mut names: Vec<String> = files.iter().take(NAMED).map(|file| printable(file)).collect();
        names.extend((files.len() > NAMED).then(|| format!("{} more", files.len() - NAMED)));
        text.push_str(&format!("{indent}{what}: {}: {}\n", count(files.len(), "file"), list(&names)));
    };
    files("input of no service, on purpose", &below.covered);
    files("no rule matches", &below.unowned);
}
