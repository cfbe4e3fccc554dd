//! `check`: the map against the tree, and its `[[expect]]` tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::CheckArgs;
use crate::failure::{Failure, Status};
use crate::map::{Expect, Position, Unowned};
use crate::names::EnvironmentName;
use crate::report::Reporter;
use crate::rules::{Role, RuleInfo, Rules};
use crate::settings::Settings;
use crate::text;
use crate::tree::Tree;

use super::context::Context;
use super::dead::unhit;
use super::print::show;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// The check fails.
    Deny,
    /// It is told.
    Warn,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    position: Option<Position>,
    level: Level,
    code: &'static str,
    text: String,
    hint: String,
}

/// Checks the map.
pub(super) fn check(settings: &Settings, reporter: Reporter, _args: &CheckArgs) -> Result<Status, Failure> {
    let context = Context::for_rules(settings, reporter)?;
    let all: Vec<usize> = (0..context.map.services.len()).collect();
    let mut findings = BTreeSet::new();
    // A pattern that matches in one environment only is alive.
    let mut dead: Option<BTreeSet<usize>> = None;
    let mut patterns: Vec<RuleInfo> = Vec::new();
    for environment in &context.environments {
        let rules = Rules::compile(&context.map, environment, &all, true);
        let tree = settings.source.read_as_git(&rules).map_err(Failure::request)?;
        let unhit = unhit(&rules, &tree);
        dead = Some(dead.map_or_else(|| unhit.clone(), |dead| dead.intersection(&unhit).copied().collect()));
        findings.extend(without_inputs(&context, environment, &rules, &tree));
        findings.extend(unowned(&context, &tree));
        findings.extend(expects(&context, environment, &rules));
        patterns = rules.patterns().to_vec();
    }
    let dead = dead.unwrap_or_default().into_iter();
    findings.extend(dead.filter_map(|rule| dead_pattern(patterns.get(rule)?)));
    print(&context, &findings)?;
    let denied = findings.iter().any(|finding| finding.level == Level::Deny);
    Ok(if denied { Status::Denied } else { Status::Done })
}

/// Excludes are left out: one that cuts nothing today may stand there for what a build writes.
fn dead_pattern(rule: &RuleInfo) -> Option<Finding> {
    match rule.role {
        Role::Include(_) | Role::Group { .. } => Some(Finding {
            position: Some(rule.position),
            level: Level::Warn,
            code: "dead-pattern",
            text: format!("`{}` selects no file", rule.text),
            hint: "a renamed folder? correct the pattern, or remove it".to_owned(),
        }),
        Role::Exclude(_) | Role::DefaultExclude => None,
    }
}

fn without_inputs(context: &Context<'_>, environment: &EnvironmentName, rules: &Rules, tree: &Tree) -> Vec<Finding> {
    let claims = tree.entries.iter().flat_map(|entry| &entry.verdict.claims);
    let selecting: BTreeSet<usize> = claims.filter(|claim| !claim.by_policy).map(|claim| claim.service).collect();
    let empty = rules.asked().iter().filter(|service| !selecting.contains(service));
    let finding = |service: &usize| Finding {
        position: Some(context.map.services[*service].position),
        level: Level::Deny,
        code: "no-inputs",
        text: format!("the rules of `{}` select no file in environment `{environment}`", context.name(*service)),
        hint: "it builds every time, and cannot be recorded".to_owned(),
    };
    empty.map(finding).collect()
}

fn unowned(context: &Context<'_>, tree: &Tree) -> Option<Finding> {
    let unowned = tree.unowned.as_ref().filter(|unowned| !unowned.is_empty())?;
    let hint = match context.map.defaults.unowned {
        Unowned::Ignore => return None,
        Unowned::Warn => "a change of these builds nothing: include them, or exclude them on purpose in [defaults]",
        Unowned::BuildAll => "a change of these builds every service",
    };
    let first: Vec<String> = unowned.iter().take(5).map(|path| text::printable(path)).collect();
    let more = unowned.len() - first.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(Finding {
        position: None,
        level: Level::Warn,
        code: "unowned",
        text: format!("{} that no service covers: {}{more}", text::count(unowned.len(), "file"), first.join(", ")),
        hint: hint.to_owned(),
    })
}

fn expects(context: &Context<'_>, environment: &EnvironmentName, rules: &Rules) -> Vec<Finding> {
    let finding = |expect: &Expect| {
        let verdicts = expect.changed.iter().map(|path| rules.path(path.as_bytes()));
        let builds: BTreeSet<usize> =
            verdicts.flat_map(|verdict| verdict.claims.iter().map(|claim| claim.service).collect::<Vec<_>>()).collect();
        let expected: BTreeSet<usize> = expect.builds.iter().copied().collect();
        (builds != expected).then(|| Finding {
            position: Some(expect.position),
            level: Level::Deny,
            code: "expect",
            text: format!("these changes build {} in environment `{environment}`", names(context, &builds)),
            hint: format!("expected: {}; `shipmark explain PATH` shows the rules", names(context, &expected)),
        })
    };
    context.map.expects.iter().filter_map(finding).collect()
}

fn names(context: &Context<'_>, services: &BTreeSet<usize>) -> String {
    let names: Vec<&str> = services.iter().map(|service| context.name(*service).as_str()).collect();
    if names.is_empty() { "nothing".to_owned() } else { text::list(&names) }
}

fn print(context: &Context<'_>, findings: &BTreeSet<Finding>) -> Result<(), Failure> {
    let mut out = String::new();
    for finding in findings {
        let level = if finding.level == Level::Deny { "error" } else { "warning" };
        let place = finding.position.map_or_else(|| context.map.file.clone(), |position| context.map.place(position));
        let Finding { code, text, hint, .. } = finding;
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{level}[{code}]: {text}\n  --> {place}\n  = help: {hint}");
    }
    let denied = findings.iter().filter(|finding| finding.level == Level::Deny).count();
    let (errors, warnings) = (text::count(denied, "error"), text::count(findings.len() - denied, "warning"));
    let services = text::count(context.map.services.len(), "service");
    let expects = text::count(context.map.expects.len(), "expectation");
    let _ = writeln!(out, "{}: {services}, {expects}: {errors}, {warnings}", context.map.file);
    show(out.as_bytes())
}
