//! Excludes that cut nothing, and includes that excludes cut completely.

use std::collections::BTreeSet;

use super::context::{LintContext, users};
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::{Role, RuleInfo};

/// How many excludes are named.
const NAMED: usize = 3;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    facts.of_patterns(|index, rule| swallowed(facts, index, rule).or_else(|| idle(facts, index, rule)))
}

/// An include or a group's pattern whose files are all cut, for all services that use it, in all environments.
fn swallowed(facts: &LintContext<'_>, index: usize, rule: &RuleInfo) -> Option<Finding> {
    let users = users(&rule.role);
    let mut cutting = BTreeSet::new();
    for view in &facts.views {
        for kind in view.kinds_of(index) {
            for service in &users {
                let cuts = view.cutting(&kind.hits, *service);
                if cuts.is_empty() {
                    return None;
                }
                cutting.extend(cuts);
            }
        }
    }
    if cutting.is_empty() {
        return None;
    }
    let files = facts.views.iter().map(|view| view.matched(index)).max().unwrap_or_default();
    let mut named: Vec<String> = cutting.iter().take(NAMED).map(|exclude| facts.rule(*exclude)).collect();
    if cutting.len() > NAMED {
        named.push(format!("{} more", cutting.len() - NAMED));
    }
    let message =
        format!("`{}` matches {}, and all are cut by {}", rule.text, text::count(files, "file"), text::list(&named));
    Some(Finding::new(Code::ExcludedInclude, FindingPlace::Map(rule.position), message))
}

/// An exclude that matches files but cuts none; one that matches nothing at all is reported with the patterns. An
/// exclude in `[defaults]` also marks files as intentionally covered.
fn idle(facts: &LintContext<'_>, index: usize, rule: &RuleInfo) -> Option<Finding> {
    let Role::Exclude(service) = rule.role else { return None };
    let mut matched = false;
    for view in &facts.views {
        for kind in view.kinds_of(index) {
            matched = true;
            if kind.hits.iter().any(|hit| view.selects(*hit, service)) {
                return None;
            }
        }
    }
    let message =
        format!("`{}` cuts nothing: no other rule of `{}` selects what it matches", rule.text, facts.service(service));
    matched.then(|| Finding::new(Code::DeadExclude, FindingPlace::Map(rule.position), message))
}
