//! Patterns that match nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::context::LintContext;
use super::finding::{Finding, FindingPlace};
use super::nearest::Nearest;
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::{PatternSet, Role, RuleInfo, meant_literally};
use crate::pattern::component::Component;
use crate::pattern::{Pattern, Position};
use crate::source::tree::listing::below;

const ENVIRONMENT: &str = "${environment}";

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let matched = |rule: usize| facts.views.iter().any(|view| view.selects_any(rule));
    let dead: Vec<usize> = (0..facts.patterns().len()).filter(|rule| !matched(*rule)).collect();
    if dead.is_empty() {
        return Vec::new();
    }
    let resolved = resolved(facts, &dead);
    let in_other_case = in_other_case(facts, &resolved);
    let nearest = Nearest::new(facts.names);
    facts.of_patterns(|rule, info| {
        dead.binary_search(&rule).ok()?;
        let components =
            resolved.iter().find(|(other, _)| *other == rule).map_or(&[][..], |(_, components)| components);
        Some(one(facts, info, in_other_case.get(&rule).copied(), || nearest.advice(components)))
    })
}

fn one(
    facts: &LintContext<'_>,
    rule: &RuleInfo,
    in_other_case: Option<&[u8]>,
    advice: impl FnOnce() -> Option<String>,
) -> Finding {
    let finding = |code: Code, message: String| Finding::new(code, FindingPlace::Map(rule.position), message);
    if let Some(path) = in_other_case {
        let path = text::printable(path);
        let message = format!("`{}` matches no file, but would match `{path}` if case did not count", rule.text);
        return finding(Code::WrongCase, message);
    }
    if matches!(rule.role, Role::Exclude(_) | Role::DefaultExclude) {
        return finding(Code::DeadExclude, format!("the exclude `{}` matches no file", rule.text));
    }
    if rule.text.contains(ENVIRONMENT) {
        let names: Vec<String> = facts.views.iter().map(|view| format!("`{}`", view.environment)).collect();
        let message = format!("`{}` matches no file where the environment is {}", rule.text, text::list(&names));
        let unnamed = facts.map.environments.is_none();
        let hint = if unnamed {
            "name the environments in the map: `environments = [\"prod\"]`".to_owned()
        } else {
            advice().unwrap_or_else(|| Code::DeadEnvironment.lint().fix.to_owned())
        };
        return finding(Code::DeadEnvironment, message).hint(hint);
    }
    let exists = |path: &str| {
        let is_file = facts.names.binary_search_by(|name| name[..].cmp(path.as_bytes())).is_ok();
        is_file || !below(facts.names, path.as_bytes()).is_empty()
    };
    let hint = meant_literally(&rule.text, exists).or_else(advice);
    let hint = hint.unwrap_or_else(|| "a renamed folder? correct the pattern, or remove it".to_owned());
    finding(Code::DeadPattern, format!("`{}` matches no file", rule.text)).hint(hint)
}

/// The components of patterns in all environments, with their rules.
fn resolved(facts: &LintContext<'_>, rules: &[usize]) -> Vec<(usize, Vec<Component>)> {
    let patterns: BTreeMap<(Position, &str), &Pattern> =
        all(facts).map(|pattern| ((pattern.position, pattern.text.as_str()), pattern)).collect();
    let of = |rule: &usize| {
        let info = &facts.patterns()[*rule];
        Some((*rule, *patterns.get(&(info.position, &*info.text))?))
    };
    let environments = || facts.views.iter().map(|view| &view.environment);
    let mut resolved = Vec::new();
    for (rule, pattern) in rules.iter().filter_map(of) {
        let components: BTreeSet<_> = environments().flat_map(|environment| pattern.resolve(environment)).collect();
        resolved.extend(components.into_iter().map(|components| (rule, components)));
    }
    resolved
}

/// All patterns of the map that are rules.
fn all<'a>(facts: &LintContext<'a>) -> impl Iterator<Item = &'a Pattern> {
    let services = facts.map.services.iter().flat_map(|service| service.include.iter().chain(&service.exclude));
    facts.map.defaults.exclude.iter().chain(facts.map.groups.values().flatten()).chain(services)
}

/// For each rule that would match a file if case were ignored: the first such file.
fn in_other_case<'f>(facts: &LintContext<'f>, resolved: &[(usize, Vec<Component>)]) -> BTreeMap<usize, &'f [u8]> {
    let cover = PatternSet::folded(resolved.iter().cloned());
    let mut found = BTreeMap::new();
    for name in facts.names {
        for rule in cover.numbers(name) {
            found.entry(rule).or_insert(&name[..]);
        }
    }
    found
}
