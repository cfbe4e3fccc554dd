//! Patterns that select nothing, usually because a folder was renamed.

use std::collections::BTreeSet;

use crate::map::rules::{PathCursor, Role, Rules};
use crate::source::tree::Tree;

use super::context::Context;

/// The patterns that do not select any existing file.
pub(super) fn unhit(rules: &Rules, tree: &Tree) -> BTreeSet<usize> {
    let mut unhit: BTreeSet<usize> = (0..rules.patterns().len()).collect();
    let mut cursor = PathCursor::new(rules);
    for entry in &tree.entries {
        for rule in rules.hits(cursor.place(&entry.path)) {
            unhit.remove(&rule);
        }
    }
    unhit
}

/// Warns about includes of the requested services that select no files.
pub(super) fn warn_of_dead_includes(context: &Context<'_>, rules: &Rules, tree: &Tree) {
    for rule in unhit(rules, tree) {
        let rule = &rules.patterns()[rule];
        let Role::Include(service) = rule.role else { continue };
        if rules.asked().binary_search(&service).is_ok() {
            let place = context.map.line(rule.position);
            let service = context.name(service);
            context.reporter.warn(&format!("{service}: its include `{}` ({place}) selects no file", rule.text));
        }
    }
}
