//! The lints of `check`: pure functions from [`LintContext`] to [`Finding`]s, one file each. Their codes, levels and
//! texts are in [`crate::map::lint_codes`].
//!
//! A new lint needs a code there, a function here in [`run`] and, if it reads files, their names in [`wanted`].

mod attributes;
mod case;
mod directories;
mod dockerfiles;
mod excludes;
mod expects;
mod fix;
mod context;
mod finding;
mod images;
mod links;
mod located;
mod nearest;
mod observed;
mod overlaps;
mod passed_on;
mod patterns;
mod pulled;
mod services;
mod unowned;

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use crate::base::text;
use crate::map::ServiceMap;
use crate::map::lint_codes::{Code, Level};

pub use context::{Contents, ContentsKind, EnvironmentView, LintContext, ObservedFacts};
pub use directories::lines as folded;
pub use dockerfiles::named as dockerfiles;
pub use finding::{Finding, FindingPlace, Fix};
pub use fix::{Corrected, builds_less, correct};
pub use located::{LinkSpan, Located, locate};

/// All lints.
const ALL: [fn(&LintContext<'_>) -> Vec<Finding>; 15] = [
    expects::find,
    services::find,
    patterns::find,
    overlaps::find,
    excludes::find,
    unowned::find,
    passed_on::find,
    case::find,
    dockerfiles::find,
    images::find,
    pulled::find,
    links::find,
    observed::find,
    attributes::find,
    unreadable,
];

/// Runs the lints whose level is not [`Level::Allow`]. Errors come last, because that is where people look first.
pub fn run(facts: &LintContext<'_>, levels: &BTreeMap<Code, Level>) -> Vec<(Level, Finding)> {
    let found = ALL.iter().flat_map(|lint| lint(facts)).map(|finding| (level(levels, finding.code), finding));
    let mut found: Vec<(Level, Finding)> = found.filter(|(level, _)| *level != Level::Allow).collect();
    // Stable: findings with the same code keep the lint's order.
    found.sort_by_key(|(level, finding)| (*level, finding.code));
    found
}

/// The level of a code: the one that was set, else its own.
pub fn level(levels: &BTreeMap<Code, Level>, code: Code) -> Level {
    levels.get(&code).copied().unwrap_or(code.lint().level)
}

/// The existing files that lints read.
pub fn wanted(map: &ServiceMap, names: &[BString]) -> BTreeSet<String> {
    let of_names = attributes::wanted(names).chain(pulled::wanted(names)).chain(passed_on::wanted(names));
    of_names.chain(wanted_by_images(map, names)).collect()
}

/// The existing files that lints about images read.
pub fn wanted_by_images(map: &ServiceMap, names: &[BString]) -> BTreeSet<String> {
    let there = |name: &String| names.binary_search_by(|other| other[..].cmp(name.as_bytes())).is_ok();
    dockerfiles::wanted(map).into_iter().filter(there).collect()
}

/// The paths of the submodules in the root's .gitmodules.
pub fn submodules(contents: &Contents) -> BTreeSet<BString> {
    attributes::submodules(contents).into_iter().map(|(_, path)| path.into()).collect()
}

/// The files that the build of a service's image is sent, with the Dockerfile and its .dockerignore; `None` if the map names no
/// Dockerfile of it that is there.
pub fn sent_to_builder(facts: &LintContext<'_>, service: usize) -> Option<BTreeSet<BString>> {
    dockerfiles::sent(facts, service)
}

/// The Dockerfile of a service and its .dockerignore, where they are there.
pub fn image_files(facts: &LintContext<'_>, service: usize) -> Vec<String> {
    dockerfiles::deciding(facts, service)
}

/// Files that could not be read or are not plain files, and were therefore not checked.
fn unreadable(facts: &LintContext<'_>) -> Vec<Finding> {
    let cause = |content: &Result<Option<Vec<u8>>, String>| match content {
        Ok(Some(_)) => None,
        Ok(None) => Some("is no plain file".to_owned()),
        Err(cause) => Some(format!("could not be read: {cause}")),
    };
    let finding = |(name, content): (&String, &Result<Option<Vec<u8>>, String>)| {
        // A script that is a link is looked into where it leads.
        if matches!(content, Ok(None)) && passed_on::is_build(name) {
            return None;
        }
        let cause = cause(content)?;
        let message = format!("`{}` was not looked into: it {cause}", text::printable(name.as_bytes()));
        Some(Finding::new(Code::Unreadable, FindingPlace::File { path: name.clone(), line: 0 }, message))
    };
    facts.contents.iter().filter_map(finding).collect()
}
