//! Services that select no files, and groups that no service uses.

use std::collections::BTreeSet;

use super::context::across;
use super::context::{EnvironmentView, LintContext};
use super::finding::{Finding, FindingPlace};
use crate::map::lint_codes::Code;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let mut found = across(facts, |view| without_inputs(facts, view));
    found.extend(unused_groups(facts));
    found
}

fn without_inputs(facts: &LintContext<'_>, view: &EnvironmentView) -> Vec<Finding> {
    let linked = view.linked.iter().flat_map(|(_, verdict)| &verdict.claims);
    let claims = view.kinds.iter().flat_map(|kind| &kind.verdict.claims).chain(linked);
    let selecting: BTreeSet<usize> = claims.filter(|claim| !claim.by_policy).map(|claim| claim.service).collect();
    let known = |service: &usize| !selecting.contains(service) && !view.in_doubt.contains(service);
    let empty = (0..facts.map.services.len()).filter(known);
    let finding = |service: usize| {
        let message = format!("the rules of `{}` select no file", facts.service(service));
        Finding::new(Code::NoInputs, FindingPlace::Map(facts.map.services[service].position), message)
    };
    empty.map(finding).collect()
}

fn unused_groups(facts: &LintContext<'_>) -> Vec<Finding> {
    let used: BTreeSet<&str> =
        facts.map.services.iter().flat_map(|service| &service.groups).map(String::as_str).collect();
    let unused = facts.map.groups.iter().filter(|(name, _)| !used.contains(name.as_str()));
    let finding = |(name, patterns): (&String, &Vec<crate::pattern::Pattern>)| {
        let place = patterns.first().map_or(FindingPlace::WholeMap, |pattern| FindingPlace::Map(pattern.position));
        Finding::new(Code::UnusedGroup, place, format!("no service uses the group `{name}`"))
    };
    unused.map(finding).collect()
}
