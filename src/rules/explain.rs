//! Why a path is an input, or why it is none.

use bstr::BString;

use super::trie::PatternId;
use super::{Role, RuleInfo, Rules};
use crate::map::Component;

/// A pattern that matched a path or a directory above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'r> {
    /// The pattern and what it is for.
    pub rule: &'r RuleInfo,
    /// What it matched: the path, or a directory above it.
    pub matched: BString,
}

/// A pattern that nearly matched a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss<'r> {
    /// The pattern and what it is for: an include, or a group's.
    pub rule: &'r RuleInfo,
    /// How many letters are wrong; a difference in case only counts as one.
    pub letters: usize,
}

/// How many letters of a path may be wrong in all, for a pattern to be a near miss.
const MOST_LETTERS: usize = 2;

impl Rules {
    /// Every pattern that matched the path or a directory above it, outermost directory first, then in the order of
    /// [`Rules::patterns`]. What follows from them says [`Rules::path`].
    pub fn explain(&self, path: &[u8]) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        let mut place = self.root();
        let mut matched = BString::default();
        for component in path.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            if !matched.is_empty() {
                matched.push(b'/');
            }
            matched.extend_from_slice(component);
            let next = self.enter(&place, component);
            let old = &place.set.patterns;
            let new: Vec<PatternId> =
                next.set.patterns.iter().copied().filter(|pattern| old.binary_search(pattern).is_err()).collect();
            let rules = self.owners.rules_of(&new).into_iter();
            hits.extend(rules.map(|rule| Hit { rule: &self.owners.rules[rule], matched: matched.clone() }));
            place = next;
        }
        hits
    }

    /// The include or group pattern that comes nearest to a path that nothing selects, if one or two letters, or the
    /// case of some, make the whole difference.
    pub fn nearest_miss(&self, path: &[u8]) -> Option<Miss<'_>> {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).collect();
        let selects = |rule: &&usize| matches!(self.owners.rules[**rule].role, Role::Include(_) | Role::Group { .. });
        let rules: Vec<usize> = (0..self.owners.rules.len()).collect();
        let distance = |rule: &usize| {
            let patterns = self.owners.patterns[*rule].iter();
            patterns.filter_map(|pattern| distance(self.trie.components(*pattern), &names)).min()
        };
        let misses = rules.iter().filter(selects).filter_map(|rule| Some((distance(rule)?, *rule)));
        let (letters, rule) = misses.filter(|(letters, _)| *letters > 0).min()?;
        Some(Miss { rule: &self.owners.rules[rule], letters })
    }
}

/// How many letters of a path must change for the pattern to match it or a directory above it.
fn distance(components: &[Component], names: &[&[u8]]) -> Option<usize> {
    // best[n]: the least for the components so far to match the first n names.
    let mut best: Vec<Option<usize>> = vec![None; names.len() + 1];
    best[0] = Some(0);
    for component in components {
        let mut next = vec![None; names.len() + 1];
        for at in 0..=names.len() {
            let step = match component {
                Component::Deep => best[..=at].iter().flatten().min().copied(),
                _ if at == 0 => None,
                other => best[at - 1].and_then(|before| Some(before + letters(other, names[at - 1])?)),
            };
            next[at] = step.filter(|letters| *letters <= MOST_LETTERS);
        }
        best = next;
    }
    best[1..].iter().flatten().min().copied()
}

fn letters(component: &Component, name: &[u8]) -> Option<usize> {
    let wanted = match component {
        Component::Literal(wanted) => wanted,
        Component::Glob(glob) => return glob.matches(name).then_some(0),
        Component::Deep => return None,
    };
    if wanted.eq_ignore_ascii_case(name) {
        return Some(usize::from(wanted != name));
    }
    let (wanted, name) = (String::from_utf8_lossy(wanted), String::from_utf8_lossy(name));
    let letters = strsim::damerau_levenshtein(&wanted, &name);
    // In a short name every letter is a word of its own.
    let most = if wanted.chars().count() <= 4 { 1 } else { MOST_LETTERS };
    (letters <= most && wanted.chars().count() > letters).then_some(letters)
}
