//! Patterns that select nothing, usually because a folder was renamed.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::base::text::count;
use crate::map::rules::{PathCursor, Role, Rules, Via, meant_literally};
use crate::source::tree::Tree;

use super::context::Context;

/// How many patterns are named; of more, only the first.
const NAMED: usize = 5;

/// The patterns that do not select any existing file.
pub(super) fn unhit(rules: &Rules, tree: &Tree) -> BTreeSet<usize> {
    let mut unhit: BTreeSet<usize> = (0..rules.patterns().len()).collect();
    let mut cursor = PathCursor::new(rules);
    // Files matched by the same patterns share their verdict, and there are few verdicts.
    let mut seen = HashSet::new();
    let mut last = std::ptr::null();
    for entry in &tree.entries {
        let verdict = Arc::as_ptr(&entry.verdict);
        if std::mem::replace(&mut last, verdict) != verdict && seen.insert(verdict) {
            for rule in rules.hits(cursor.place(&entry.path)) {
                unhit.remove(&rule);
            }
            let linked = entry.verdict.claims.iter().filter(|claim| matches!(claim.via, Via::Link(_)));
            for position in linked.map(|claim| claim.position) {
                unhit.retain(|rule| rules.patterns()[*rule].position != position);
            }
        }
    }
    unhit
}

/// Warns about patterns that select inputs of the requested services, and no files: their own includes, those of their
/// dependencies, and those of their groups.
pub(super) fn warn_of_dead_includes(context: &Context<'_>, rules: &Rules, unhit: &BTreeSet<usize>) {
    let all = context.map.with_dependencies(rules.asked());
    let of = |service: usize| all.binary_search(&service).is_ok();
    let mut dead = Vec::new();
    for rule in unhit {
        let rule = &rules.patterns()[*rule];
        let (whose, what) = match &rule.role {
            Role::Include(service) if of(*service) => (context.name(*service).to_string(), "include"),
            Role::Group { name, users } if users.iter().any(|(service, _)| of(*service)) => {
                (format!("group {name}"), "pattern")
            }
            Role::Include(_) | Role::Group { .. } | Role::Exclude(_) | Role::DefaultExclude => continue,
        };
        let place = context.map.line(rule.position);
        let meant = meant_literally(&rule.text, |path| context.settings.source.holds(path.as_bytes()));
        let meant = meant.map_or_else(String::new, |meant| format!(": {}", meant.advice));
        dead.push(format!("{whose}: its {what} `{}` ({place}) selects no file{meant}", rule.text));
    }
    let shown = if dead.len() > NAMED { 1 } else { dead.len() };
    dead[..shown].iter().for_each(|text| context.reporter.warn(text));
    if dead.len() > shown {
        let more = dead.len() - shown;
        context
            .reporter
            .warn(&format!("the same goes for {}: `shipmark check` lists them", count(more, "other pattern")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::tree::fixtures::{self, rules};

    #[test]
    fn a_pattern_that_only_adds_itself_to_another_is_hit() {
        let rules = rules(&[("a", &["x", "x/2", "y/*.md", "z"])], false);
        let paths = ["x/1", "x/2", "x/3", "y/1.md", "y/2.md"];
        let entries = paths.map(|path| {
            let mut entry = fixtures::entry(path, 0, crate::source::tree::FileKind::File, Vec::new());
            entry.verdict = rules.path(path.as_bytes());
            entry
        });
        let unhit = unhit(&rules, &fixtures::tree(false, entries.to_vec()));
        let texts: Vec<&str> = unhit.iter().map(|rule| &*rules.patterns()[*rule].text).collect();
        assert_eq!(texts, ["z"]);
    }
}
