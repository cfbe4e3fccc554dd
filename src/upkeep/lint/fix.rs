//! Corrections of a map's text. Nothing is rewritten: patterns are inserted where their service already lists its own,
//! so that comments and layout stay.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::context::LintContext;
use super::finding::{Finding, Fix};
use crate::map::toml_text::{list, quote};
use crate::map::{MapFile, Service, ServiceMap};
use crate::pattern::Position;

/// A corrected map.
#[derive(Debug, PartialEq, Eq)]
pub struct Corrected {
    /// The new text of the map's own file.
    pub text: String,
    /// The patterns that were added, by service.
    pub added: BTreeMap<usize, Vec<String>>,
}

/// Applies the corrections of findings that concern the map's own file. `None` if there are none, or none that this can
/// place: those of services that `[discover]` made, of included files, and of unusual layouts.
pub fn correct<'f>(map: &ServiceMap, findings: impl IntoIterator<Item = &'f Finding>) -> Option<Corrected> {
    let mut added: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for Fix { service, include } in findings.into_iter().filter_map(|finding| finding.fix.as_ref()) {
        let own = added.entry(*service).or_default();
        own.extend(include.iter().filter(|pattern| !own.contains(pattern)).cloned().collect::<Vec<_>>());
    }
    let text = map.text(Position::default());
    let file = MapFile::new(text);
    let mut insertions: Vec<(usize, String)> = Vec::new();
    added.retain(|service, patterns| match insertion(&file, text, &map.services[*service], patterns) {
        Some(insertion) => {
            insertions.push(insertion);
            true
        }
        None => false,
    });
    // From the end, so that earlier offsets stay right.
    insertions.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut corrected = text.to_owned();
    insertions.iter().for_each(|(at, text)| corrected.insert_str(*at, text));
    (!added.is_empty()).then_some(Corrected { text: corrected, added })
}

/// Where a service's patterns go, and the text.
fn insertion(file: &MapFile<'_>, text: &str, service: &Service, patterns: &[String]) -> Option<(usize, String)> {
    if service.discovered.is_some() || service.position.file != 0 {
        return None;
    }
    let Some(last) = service.include.iter().max_by_key(|pattern| pattern.position) else {
        let line = file.line(service.position.line);
        let heading = text[line.clone()].trim_start().starts_with("[services.");
        return heading.then(|| (line.end, format!("\n{}", list("include", patterns))));
    };
    let token: Range<usize> = file.token(last.position.line, last.position.column);
    let written = &text[token.clone()];
    let plain = written == quote(&last.text) || written == format!("'{}'", last.text);
    let more: String = patterns.iter().map(|pattern| format!(", {}", quote(pattern))).collect();
    (plain && last.position.file == 0).then_some((token.end, more))
}

/// Whether a change of some file builds a service before a correction and not after it. An owned file no longer builds
/// everything where the map says that unowned ones do.
pub fn builds_less(before: &LintContext<'_>, after: &LintContext<'_>) -> bool {
    before.views.iter().zip(&after.views).any(|(before_view, after_view)| {
        (0..before.names.len()).any(|file| {
            let services = |view: &super::EnvironmentView| -> BTreeSet<usize> {
                view.kind(file).verdict.claims.iter().map(|claim| claim.service).collect()
            };
            !services(before_view).is_subset(&services(after_view))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::FindingPlace;
    use super::*;
    use crate::map::lint_codes::Code;

    fn corrected(map: &str, patterns: &[&str]) -> Option<String> {
        let parsed = ServiceMap::parse("map", map.as_bytes()).unwrap();
        let include = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let finding = Finding::new(Code::PulledIn, FindingPlace::WholeMap, "x").fix(0, include);
        correct(&parsed, &[finding.clone(), finding]).map(|corrected| corrected.text)
    }

    #[test]
    fn patterns_are_inserted_and_all_else_stays() {
        for (map, expected) in [
            ("[services.a]\ninclude = [\"a/**\"]\n", "[services.a]\ninclude = [\"a/**\", \"b/**\"]\n"),
            (
                "[services.a]\ninclude = [\n  'a/**', # why\n]\ngroups = []\n",
                "[services.a]\ninclude = [\n  'a/**', \"b/**\", # why\n]\ngroups = []\n",
            ),
            (
                "groups.g = ['x']\n[services.a] # first\ngroups = ['g']\n",
                "groups.g = ['x']\n[services.a] # first\ninclude = [\"b/**\"]\ngroups = ['g']\n",
            ),
        ] {
            assert_eq!(corrected(map, &["b/**"]).as_deref(), Some(expected));
            ServiceMap::parse("map", expected.as_bytes()).unwrap();
        }
    }

    #[test]
    fn what_cannot_be_placed_is_left_to_people() {
        assert_eq!(corrected("[services]\na = { include = [\"\"\"a\"\"\"] }\n", &["b"]), None);
        assert_eq!(corrected("groups.g = ['x']\n[services]\na = { groups = ['g'] }\n", &["b"]), None);
        assert_eq!(corrected("[services.a]\ninclude = ['a']\n", &[]), None);
    }
}
