//! A draft and its own check: what `check` would report and can correct is corrected before anybody sees it.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use crate::base::names::{EnvironmentName, ProjectName};
use crate::map::lint_codes::Level;
use crate::map::rules::Rules;
use crate::map::{Answers, Draft, Problems, Service, ServiceMap};
use crate::source::tree::find;
use crate::upkeep::lint::{self, Contents, Finding, LintContext};
use crate::upkeep::manifests::{Files, Manifests, parent};

use super::FirstDraft;
use super::toml::text;

/// How often a corrected draft is checked again: what a correction takes in may itself pull in more.
const ROUNDS: usize = 8;

/// Checks a draft and takes in what its services lack, until nothing is denied or nothing helps. Returns the text of the
/// map, and what is still denied.
///
/// # Errors
/// The draft is not a valid map.
pub fn settle(
    draft: &mut FirstDraft,
    project: &ProjectName,
    names: &[BString],
    files: &Files<'_>,
    facts: &Manifests,
) -> Result<(String, Vec<Finding>), Problems> {
    let mut round = 0;
    loop {
        let map = text(draft, project, &[]);
        let parsed = ServiceMap::parse("the draft", map.as_bytes())?;
        let found = check(&parsed, names, files, facts);
        round += 1;
        let mut changed = false;
        for fix in found.iter().filter_map(|(_, finding)| finding.fix.as_ref()) {
            let name = parsed.services[fix.service].name.as_str();
            let Some(service) = draft.services.iter_mut().find(|service| service.name == name) else { continue };
            for pattern in fix.include.iter().filter(|_| round < ROUNDS) {
                if !service.include.contains(pattern) {
                    service.include.push(pattern.clone());
                    changed = true;
                }
            }
        }
        if !changed {
            let denied = found.into_iter().filter(|(level, _)| *level == Level::Deny);
            let denied = denied.map(|(_, finding)| finding).collect();
            let map = shorter(draft, project, names, files, &parsed).unwrap_or(map);
            return Ok((map, denied));
        }
    }
}

/// The map with services that look alike in `[discover]`, provided that it says the same.
fn shorter(
    draft: &FirstDraft,
    project: &ProjectName,
    names: &[BString],
    files: &Files<'_>,
    plain: &ServiceMap,
) -> Option<String> {
    let alike = super::alike::find(draft, files);
    let map = (!alike.is_empty()).then(|| text(draft, project, &alike))?;
    let read = Draft::read("the draft", map.as_bytes()).ok()?;
    let paths = find::among(names, None, |_| false, read.questions()).ok()?.paths;
    let short = read.complete(&Answers { paths, ..Answers::default() }).ok()?;
    let images = |map: &ServiceMap| -> BTreeMap<String, (Option<String>, Option<String>)> {
        let one = |service: &Service| (service.name.to_string(), (service.dockerfile.clone(), context(service)));
        map.services.iter().map(one).collect()
    };
    (images(plain) == images(&short) && inputs(plain, names) == inputs(&short, names)).then_some(map)
}

/// The build context, by default the Dockerfile's own directory.
fn context(service: &Service) -> Option<String> {
    let beside = service.dockerfile.as_ref().map(|dockerfile| parent(dockerfile).to_owned());
    service.context.clone().or(beside)
}

/// The services of each file, by name.
fn inputs(map: &ServiceMap, names: &[BString]) -> Vec<BTreeSet<String>> {
    let all: Vec<usize> = (0..map.services.len()).collect();
    let rules = Rules::compile(map, &EnvironmentName::default(), &all, false);
    let of = |name: &BString| {
        let claims = &rules.path(name).claims;
        claims.iter().map(|claim| map.services[claim.service].name.to_string()).collect()
    };
    names.iter().map(of).collect()
}

fn check(map: &ServiceMap, names: &[BString], files: &Files<'_>, facts: &Manifests) -> Vec<(Level, Finding)> {
    let read = |name: String| {
        let bytes = files.bytes(&name);
        (name, Ok(bytes))
    };
    let contents: Contents = lint::wanted_by_images(map, names).into_iter().map(read).collect();
    let environments = [EnvironmentName::default()];
    let context = LintContext::new(map, &environments, names, &contents, facts, &Default::default());
    lint::run(&context, &map.lints)
}
