//! Git attributes that make inputs differ between checkouts: `export-subst`, git LFS and submodules.

use bstr::BString;

use super::context::{Contents, EnvironmentView, LintContext};
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::source::tree::gitmodules;
use crate::upkeep::manifests::gitattributes::Attribute;

const ATTRIBUTES: &str = ".gitattributes";
const MODULES: &str = ".gitmodules";

/// The files to read.
pub(super) fn wanted(names: &[BString]) -> impl Iterator<Item = String> {
    let asked = |name: &&BString| name[..] == *MODULES.as_bytes() || file_name(name) == ATTRIBUTES.as_bytes();
    names.iter().filter(asked).filter_map(|name| String::from_utf8(name.to_vec()).ok())
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// The submodules in the root's .gitmodules, each with its line there.
pub(super) fn submodules(contents: &Contents) -> Vec<(usize, String)> {
    let bytes = contents.get(MODULES).and_then(|content| content.as_ref().ok()?.as_ref());
    let named = bytes.map(|bytes| gitmodules::submodules(bytes)).unwrap_or_default();
    named.into_iter().map(|(line, path)| (line, path.to_string())).collect()
}

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in facts.contents.keys().filter(|name| file_name(name.as_bytes()) == ATTRIBUTES.as_bytes()) {
        let Some(text) = facts.text(name) else { continue };
        let directory = name.strip_suffix(ATTRIBUTES).unwrap_or_default().trim_end_matches('/');
        for (code, attribute) in [(Code::ExportSubst, "export-subst"), (Code::LfsPointer, "filter=lfs")] {
            let read = Attribute::read(directory, &text, attribute);
            if !read.is_empty() {
                found.extend(inputs(facts, name, directory, code, &read));
            }
        }
    }
    for (line, path) in submodules(facts.contents) {
        found.extend(submodule(facts, line, &path));
    }
    found
}

/// The inputs that have an attribute, one finding per line that sets it.
fn inputs(facts: &LintContext<'_>, file: &str, directory: &str, code: Code, attribute: &Attribute) -> Vec<Finding> {
    let mut found: Vec<(usize, Vec<BString>)> = Vec::new();
    for path in facts.below(directory.as_bytes()) {
        let Some(line) = attribute.line(path) else { continue };
        if facts.services_of(path).is_empty() {
            continue;
        }
        match found.iter_mut().find(|(other, _)| *other == line) {
            Some((_, paths)) => paths.push(path.clone()),
            None => found.push((line, vec![path.clone()])),
        }
    }
    let finding = |(line, paths): (usize, Vec<BString>)| {
        let what = if code == Code::ExportSubst { "written anew by `git archive`" } else { "kept by git LFS" };
        let message = format!("{} {what}", text::count(paths.len(), "input"));
        let place = FindingPlace::File { path: file.to_owned(), line };
        let notes = super::directories::lines(facts.names, &paths);
        Finding::new(code, place, message).notes(notes).paths(paths)
    };
    found.into_iter().map(finding).collect()
}

fn submodule(facts: &LintContext<'_>, line: usize, path: &str) -> Option<Finding> {
    let claims = |view: &EnvironmentView| {
        let place = crate::map::rules::PathCursor::new(&view.rules).place(path.as_bytes()).clone();
        let verdict = view.rules.gitlink(&place);
        verdict
            .claims
            .iter()
            .filter(|claim| !claim.by_policy)
            .map(|claim| facts.service(claim.service))
            .collect::<Vec<_>>()
    };
    let mut services: Vec<&str> = facts.views.iter().flat_map(claims).collect();
    services.sort_unstable();
    services.dedup();
    let message =
        format!("the submodule `{}` is an input of {}", text::printable(path.as_bytes()), text::list(&services));
    let place = FindingPlace::File { path: MODULES.to_owned(), line };
    (!services.is_empty()).then(|| Finding::new(Code::SubmoduleInput, place, message).paths([path.into()]))
}
