//! A draft and its own check: what `check` would report and can correct is corrected before anybody sees it.

use bstr::BString;

use crate::base::names::{EnvironmentName, ProjectName};
use crate::map::lint_codes::Level;
use crate::map::{Problems, ServiceMap};
use crate::upkeep::lint::{self, Contents, Finding, LintContext};
use crate::upkeep::manifests::{Files, Manifests};

use super::{FirstDraft, text};

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
        let map = text(draft, project);
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
            return Ok((map, denied.map(|(_, finding)| finding).collect()));
        }
    }
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
