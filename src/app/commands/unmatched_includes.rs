//! Patterns that select nothing: mostly the trace of a renamed folder.

use std::collections::BTreeSet;

use crate::map::rules::{PathCursor, Role, Rules};
use crate::source::tree::Tree;

use super::context::Context;

/// The patterns that select nothing that is there.
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

/// Warns of the includes of the asked services that select no file.
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
