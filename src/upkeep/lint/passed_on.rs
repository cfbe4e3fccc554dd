//! Outputs of one service that the build of another passes on, though it does not redeploy that service.

use std::collections::BTreeSet;

use bstr::BString;

use super::context::LintContext;
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::upkeep::manifests::{base, foreign};
use crate::upkeep::template::calls::{self, Call};

/// The buildspecs, workflows and shell scripts: the files in which builds call shipmark.
pub(super) fn wanted(names: &[BString]) -> impl Iterator<Item = String> {
    let names = names.iter().filter_map(|name| std::str::from_utf8(name).ok());
    names.filter(|name| is_build(name)).map(str::to_owned)
}

/// Whether builds may call shipmark in a file of this name.
pub(super) fn is_build(name: &str) -> bool {
    let yaml = [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
    let described = base(name).contains("buildspec") || name.starts_with(".github/workflows/");
    !foreign(name) && (name.ends_with(".sh") || yaml && described)
}

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    // Most maps declare one output or none, and most scripts of a source do not call shipmark.
    let declared: Vec<(usize, String)> = declared(facts).collect();
    facts.contents.keys().filter(|name| is_build(name)).flat_map(|name| of_file(facts, name, &declared)).collect()
}

/// The variables of all declared outputs.
fn declared<'f>(facts: &'f LintContext<'_>) -> impl Iterator<Item = (usize, String)> + 'f {
    facts.map.services.iter().enumerate().flat_map(|(index, service)| {
        service.outputs.keys().filter_map(move |output| Some((index, output.variable(&service.name).ok()?)))
    })
}

fn of_file(facts: &LintContext<'_>, name: &str, declared: &[(usize, String)]) -> Vec<Finding> {
    let Some(text) = facts.text(name) else { return Vec::new() };
    if !text.contains("shipmark") && !declared.iter().any(|(_, variable)| text.contains(variable.as_str())) {
        return Vec::new();
    }
    // Line by line, so that an apostrophe in one of them hides no comment in the others.
    let joined = text.replace("\\\n", " ");
    let Some(deployed) = deployed(facts, name, &joined) else { return Vec::new() };
    let read: Vec<(String, String)> = joined.lines().flat_map(calls::outputs_read).collect();
    let read = read.iter().filter_map(|(service, output)| Some((service_of(facts, service)?, output.as_str())));
    let used: BTreeSet<String> = joined.lines().flat_map(calls::variables).collect();
    let used = declared.iter().filter(|(_, variable)| used.contains(variable));
    let passed: BTreeSet<(usize, &str)> = read.chain(used.map(|(of, variable)| (*of, variable.as_str()))).collect();
    let redeployed = |of: usize| deployed.iter().any(|by| *by == of || facts.map.services[*by].redeploys.contains(&of));
    let mut told = BTreeSet::new();
    let lacking = passed.into_iter().filter(|(of, _)| !redeployed(*of) && told.insert(*of));
    lacking.map(|(of, what)| finding(facts, name, &text, &deployed, (of, what))).collect()
}

/// The services that a file builds or deploys: those that it names, else the only one that it is an input of. `None` if
/// that is not known, or if they are all.
fn deployed(facts: &LintContext<'_>, name: &str, text: &str) -> Option<BTreeSet<usize>> {
    let calls: Vec<Call> = text.lines().flat_map(calls::calls).collect();
    if calls.is_empty() {
        let services = facts.services_of(name.as_bytes());
        return (services.len() == 1).then(|| services.into_iter().collect());
    }
    let mut deployed = BTreeSet::new();
    for call in calls.iter().filter(|call| call.candidates.is_empty()) {
        if call.services.is_empty() {
            return None;
        }
        for service in &call.services {
            deployed.insert(service_of(facts, service)?);
        }
    }
    (!deployed.is_empty()).then_some(deployed)
}

fn service_of(facts: &LintContext<'_>, name: &str) -> Option<usize> {
    facts.map.services.iter().position(|service| service.name.as_str() == name)
}

fn finding(
    facts: &LintContext<'_>,
    name: &str,
    script: &str,
    deployed: &BTreeSet<usize>,
    (of, what): (usize, &str),
) -> Finding {
    let by: Vec<String> = deployed.iter().map(|service| format!("`{}`", facts.service(*service))).collect();
    let other = facts.service(of);
    let shown = text::printable(name.as_bytes());
    let verb = if by.len() == 1 { "does" } else { "do" };
    let by = text::list(&by);
    let message = format!("`{shown}` passes on `{what}` of `{other}`, which {by} {verb} not redeploy");
    let line = script.lines().position(|line| line.contains(what)).map_or(0, |line| line + 1);
    let place = FindingPlace::File { path: name.to_owned(), line };
    Finding::new(Code::PassedOn, place, message)
        .hint(format!("`redeploys = [\"{other}\"]` in {by}; allow this if the build only reads the output"))
}
