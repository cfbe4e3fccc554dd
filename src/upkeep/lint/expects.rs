//! `[[expect]]`: the tests of the rules themselves.

use std::collections::BTreeSet;

use super::context::across;
use super::context::{EnvironmentView, LintContext};
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::Expect;
use crate::map::lint_codes::Code;
use crate::map::rules::{Role, SelectedBy, Via};

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    across(facts, |view| facts.map.expects.iter().filter_map(|expect| one(facts, view, expect)).collect())
}

fn one(facts: &LintContext<'_>, view: &EnvironmentView, expect: &Expect) -> Option<Finding> {
    let claimed: Vec<_> = expect.changed.iter().map(|path| (path, view.claims(path.as_bytes()))).collect();
    let claims = || claimed.iter().flat_map(|(path, claims)| claims.iter().map(move |claim| (*path, claim)));
    let builds: BTreeSet<usize> = claims().map(|(_, claim)| claim.service).collect();
    let expected: BTreeSet<usize> = expect.builds.iter().copied().collect();
    if builds == expected {
        return None;
    }
    let mut notes = Vec::new();
    for service in builds.difference(&expected) {
        let why = claims().filter(|(_, claim)| claim.service == *service);
        notes.extend(why.map(|(path, claim)| format!("too many: {}", selected(facts, path, claim))));
    }
    for service in expected.difference(&builds) {
        notes.extend(expect.changed.iter().map(|path| format!("missing: {}", unselected(facts, view, path, *service))));
    }
    let message =
        format!("these changes build {}, and should build {}", named(facts, &builds), named(facts, &expected));
    let paths = expect.changed.iter().map(|path| path.as_str().into());
    Some(Finding::new(Code::Expect, FindingPlace::Map(expect.position), message).notes(notes).paths(paths))
}

fn named(facts: &LintContext<'_>, services: &BTreeSet<usize>) -> String {
    let names: Vec<&str> = services.iter().map(|service| facts.service(*service)).collect();
    if names.is_empty() { "nothing".to_owned() } else { text::list(&names) }
}

/// Why a path is an input of a service.
fn selected(facts: &LintContext<'_>, path: &str, claim: &SelectedBy) -> String {
    let via = match &claim.via {
        Via::Own => String::new(),
        Via::Group(group) => format!(", through group {group}"),
        Via::Dependency(service) => format!(", through its dependency {service}"),
        Via::Link(link) => format!(", through the link {}", text::printable(link)),
    };
    let rule = facts.pattern(&claim.rule, claim.position);
    format!("{} is an input of {} by {rule}{via}", text::printable(path.as_bytes()), facts.service(claim.service))
}

/// Why a path is not an input of a service.
fn unselected(facts: &LintContext<'_>, view: &EnvironmentView, path: &str, service: usize) -> String {
    let (shown, name) = (text::printable(path.as_bytes()), facts.service(service));
    let hits = view.rules.explain(path.as_bytes());
    let included = hits.iter().any(|hit| super::context::users(&hit.rule.role).contains(&service));
    let cut = hits.iter().find(|hit| match hit.rule.role {
        Role::Exclude(of) => of == service,
        Role::DefaultExclude => true,
        _ => false,
    });
    match cut {
        Some(hit) => {
            format!("{shown} is excluded from {name} by {}", facts.pattern(&hit.rule.text, hit.rule.position))
        }
        None if included => format!("{shown} is no input of {name}"),
        None => format!("no rule of {name} matches {shown}"),
    }
}
