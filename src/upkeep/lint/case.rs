//! Inputs that differ only in case, or only in the form of Unicode.

use std::collections::HashMap;

use bstr::BString;
use unicode_normalization::UnicodeNormalization as _;

use super::context::LintContext;
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::lint_codes::Code;
use crate::map::rules::SelectedBy;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let mut claimed: Vec<Option<&SelectedBy>> = vec![None; facts.names.len()];
    for kind in facts.views.iter().flat_map(|view| &view.kinds) {
        let claim = kind.verdict.claims.iter().find(|claim| !claim.by_policy);
        kind.files.iter().for_each(|file| claimed[*file] = claimed[*file].or(claim));
    }
    let mut seen: HashMap<Vec<u8>, &BString> = HashMap::with_capacity(facts.names.len());
    let mut found = Vec::new();
    let mut composed: HashMap<String, &BString> = HashMap::new();
    for (name, claim) in facts.names.iter().zip(claimed) {
        let Some(claim) = claim else { continue };
        if let Some(first) = in_one_form(name).and_then(|form| composed.insert(form, name)) {
            let (service, shown) = (facts.service(claim.service), text::printable(name));
            let message = format!("two inputs of `{service}` are named `{shown}`, in two forms of Unicode");
            let place = FindingPlace::Map(claim.position);
            let hint = "rename one of the files: a checkout on macOS has one of them";
            let paths = [first.clone(), name.clone()];
            found.push(Finding::new(Code::UnicodeForm, place, message).hint(hint).paths(paths));
        }
        let Some(first) = seen.insert(name.to_ascii_lowercase(), name) else { continue };
        let (one, other) = (text::printable(first), text::printable(name));
        let message =
            format!("`{one}` and `{other}` differ in case only, and are inputs of `{}`", facts.service(claim.service));
        let paths = [first.clone(), name.clone()];
        found.push(Finding::new(Code::CaseCollision, FindingPlace::Map(claim.position), message).paths(paths));
    }
    found
}

/// A name that is not ASCII, in the composed form.
fn in_one_form(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_ascii())?;
    Some(name.nfc().collect())
}
