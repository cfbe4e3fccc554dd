//! Files without an owner in any environment.

use bstr::BString;

use super::context::LintContext;
use super::directories;
use super::finding::{Finding, FindingPlace};
use crate::base::text;
use crate::map::Unowned;
use crate::map::lint_codes::Code;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    let hint = match facts.map.defaults.unowned {
        Unowned::Ignore => return Vec::new(),
        Unowned::Warn => "a change of these builds nothing: include them, or exclude them on purpose in `[defaults]`",
        Unowned::BuildAll => {
            "a change of these builds every service: include them where they belong, or exclude them in `[defaults]`"
        }
    };
    let mut owned = vec![false; facts.names.len()];
    for kind in facts.views.iter().flat_map(|view| &view.kinds).filter(|kind| kind.verdict.owned) {
        kind.files.iter().for_each(|file| owned[*file] = true);
    }
    let linked = facts.views.iter().flat_map(|view| &view.linked);
    linked.filter_map(|(path, _)| facts.file(path)).for_each(|file| owned[file] = true);
    let unowned: Vec<BString> =
        facts.names.iter().zip(owned).filter(|(_, owned)| !owned).map(|(name, _)| name.clone()).collect();
    if unowned.is_empty() {
        return Vec::new();
    }
    let place = facts.map.defaults.unowned_position.map_or(FindingPlace::WholeMap, FindingPlace::Map);
    let message = format!("{} that no service covers", text::count(unowned.len(), "file"));
    let notes = directories::lines(facts.names, &unowned);
    vec![Finding::new(Code::Unowned, place, message).hint(hint).notes(notes).paths(unowned)]
}
