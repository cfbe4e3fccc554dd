//! Files that are inputs only because a link leads to them.

use std::collections::BTreeMap;

use bstr::BString;

use super::context::{EnvironmentView, LintContext, across};
use super::directories;
use super::finding::{Finding, FindingPlace};
use crate::base::text::{self, printable};
use crate::map::lint_codes::Code;
use crate::map::rules::Via;
use crate::pattern::Position;

pub(super) fn find(facts: &LintContext<'_>) -> Vec<Finding> {
    across(facts, |view| linked(facts, view))
}

/// One finding for each link, service and rule.
fn linked(facts: &LintContext<'_>, view: &EnvironmentView) -> Vec<Finding> {
    let mut found: BTreeMap<(BString, usize, Position), Vec<BString>> = BTreeMap::new();
    for (path, verdict) in &view.linked {
        for claim in &verdict.claims {
            if let Via::Link(link) = &claim.via
                && !claim.by_policy
            {
                found.entry((link.clone(), claim.service, claim.position)).or_default().push(path.clone());
            }
        }
    }
    let finding = |((link, service, position), paths): ((BString, usize, Position), Vec<BString>)| {
        let service = facts.service(service);
        let link = printable(&link);
        let files = text::count(paths.len(), "file");
        let message = format!("the link `{link}` leads to {files} that no rule of {service} covers");
        let notes = directories::lines(facts.names, &paths);
        Finding::new(Code::LinkTarget, FindingPlace::Map(position), message).notes(notes).paths(paths)
    };
    found.into_iter().map(finding).collect()
}
