//! Patterns that match nothing, or not what has their text as a name.

use std::collections::{BTreeMap, BTreeSet};

use super::context::LintContext;
use super::finding::{Finding, FindingPlace};
use super::nearest::Nearest;
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::{Meant, PatternSet, Role, RuleInfo, meant_literally};
use crate::pattern::component::Component;
use crate::pattern::{Pattern, Position};

const ENVIRONMENT: &str = "${environment}";

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let matched = |rule: usize| facts.views.iter().any(|view| view.selects_any(rule));
    let (live, dead): (Vec<usize>, Vec<usize>) = (0..facts.patterns().len()).partition(|rule| matched(*rule));
    let mut found =
        facts.of_patterns(|rule, info| brackets(facts, info, live.binary_search(&rule).ok().map(|_| rule)?));
    if dead.is_empty() {
        return found;
    }
    let resolved = resolved(facts, &dead);
    let in_other_case = in_other_case(facts, &resolved);
    let nearest = Nearest::new(facts.names);
    found.extend(facts.of_patterns(|rule, info| {
        dead.binary_search(&rule).ok()?;
        let components =
            resolved.iter().find(|(other, _)| *other == rule).map_or(&[][..], |(_, components)| components);
        Some(one(facts, info, in_other_case.get(&rule).copied(), || nearest.advice(components)))
    }));
    found
}

/// A pattern that matches something, but not what has its text as a name.
fn brackets(facts: &LintContext<'_>, info: &RuleInfo, rule: usize) -> Option<Finding> {
    let meant = meant(facts, info).filter(|meant| meant.brackets)?;
    let inside = |file: &usize| within(&meant.path, &facts.names[*file]);
    let mut matched = facts.views.iter().flat_map(|view| view.kinds_of(rule)).flat_map(|kind| &kind.files);
    (!matched.any(inside)).then(|| literally(info, meant))
}

/// What a pattern would match if its brackets were meant as such, or in another form of Unicode.
fn meant(facts: &LintContext<'_>, rule: &RuleInfo) -> Option<Meant> {
    meant_literally(&rule.text, |path| {
        facts.file(path.as_bytes()).is_some() || !facts.range(path.as_bytes()).is_empty()
    })
}

fn literally(rule: &RuleInfo, meant: Meant) -> Finding {
    let (code, message) = match meant.brackets {
        true => (Code::BracketName, format!("`{}` does not match `{}`", rule.text, meant.path)),
        false => {
            let message = format!("`{}` matches no file, but would in another form of Unicode", rule.text);
            (Code::UnicodeForm, message)
        }
    };
    Finding::new(code, FindingPlace::Map(rule.position), message).hint(meant.advice)
}

/// Whether a path is a file or directory, or inside of it.
fn within(path: &str, name: &[u8]) -> bool {
    name.strip_prefix(path.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
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
    if let Some(meant) = meant(facts, rule) {
        return literally(rule, meant);
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
    let hint = advice().unwrap_or_else(|| "a renamed folder? correct the pattern, or remove it".to_owned());
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
