//! The rule that nearly selects a path: for people who ask why nothing does.

use bstr::BString;

use super::{Role, RuleInfo, Rules};
use crate::pattern::component::Component;

/// A pattern that nearly matched a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss<'r> {
    /// The pattern and what it is for: an include, or one of a group.
    pub rule: &'r RuleInfo,
    /// What is wrong.
    pub slip: Slip,
}

/// What keeps a pattern from matching a path, in order: the first one found is the nearest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    /// Only the case of letters.
    Case,
    /// This many letters, one or two.
    Letters(usize),
    /// Two components are in the opposite order to the pattern's; given in the path's order.
    Swapped(BString, BString),
    /// The path is too deep by these directories: without them it would match.
    TooDeep(Vec<BString>),
    /// The path lacks this directory of the pattern.
    Lacks(BString),
}

/// How many letters of a path may be wrong in all for a pattern to be a near miss.
const MOST_LETTERS: usize = 2;
/// How many directories too deep a path may be.
const MOST_DIRECTORIES: usize = 2;

impl Rules {
    /// The include or group pattern that comes nearest to a path that nothing selects, if the whole difference is one
    /// slip of a single kind.
    pub fn nearest_miss(&self, path: &[u8]) -> Option<Miss<'_>> {
        let names: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).collect();
        let selects = |rule: &usize| matches!(self.owners.rules[*rule].role, Role::Include(_) | Role::Group { .. });
        let misses = (0..self.owners.rules.len()).filter(selects).filter_map(|rule| {
            let patterns = self.owners.patterns[rule].iter();
            let slip = patterns.filter_map(|pattern| slip(self.trie.components(*pattern), &names)).min()?;
            Some((slip, rule))
        });
        let (slip, rule) = misses.min()?;
        Some(Miss { rule: &self.owners.rules[rule], slip })
    }
}

/// What keeps the pattern from matching the path or a directory above it, if it is a single thing.
fn slip(components: &[Component], names: &[&[u8]]) -> Option<Slip> {
    let matches = |components: &[Component], names: &[&[u8]], same: fn(&Component, &[u8]) -> bool| {
        distance(components, names, |component, name| same(component, name).then_some(0)).is_some()
    };
    match distance(components, names, letters) {
        Some(0) => return None,
        _ if matches(components, names, same_but_case) => return Some(Slip::Case),
        Some(letters) => return Some(Slip::Letters(letters)),
        None => {}
    }
    // Both must be names in the pattern: a wildcard would match anything in the other position.
    let named = |first: &[u8], second: &[u8]| {
        let is = |component: &Component, name: &[u8]| matches!(component, Component::Literal(wanted) if wanted == name);
        components.windows(2).any(|pair| is(&pair[0], first) && is(&pair[1], second))
    };
    let swapped = (1..names.len()).find(|at| {
        let mut swapped = names.to_vec();
        swapped.swap(at - 1, *at);
        named(swapped[at - 1], swapped[*at]) && matches(components, &swapped, exactly)
    });
    if let Some(at) = swapped {
        return Some(Slip::Swapped(names[at - 1].into(), names[at].into()));
    }
    for length in 1..=MOST_DIRECTORIES.min(names.len().saturating_sub(1)) {
        let without = |at: usize| [&names[..at], &names[at + length..]].concat();
        // The last component is the file, so it is never left out.
        if let Some(at) = (0..names.len() - length).find(|at| matches(components, &without(*at), exactly)) {
            return Some(Slip::TooDeep(names[at..at + length].iter().map(|name| BString::from(*name)).collect()));
        }
    }
    // A name before a wildcard gives the location; without it the pattern could match anything.
    let names_follow = |at: usize| matches!(components.get(at + 1), Some(Component::Literal(_)));
    let lacked = components.iter().enumerate().find_map(|(at, component)| match component {
        Component::Literal(name) if names_follow(at) => {
            matches(&[&components[..at], &components[at + 1..]].concat(), names, exactly)
                .then(|| name.as_slice().into())
        }
        _ => None,
    });
    lacked.map(Slip::Lacks)
}

/// How many letters of a path must change for the pattern to match it or a directory above it, using this distance for
/// each component.
fn distance(
    components: &[Component],
    names: &[&[u8]],
    letters: impl Fn(&Component, &[u8]) -> Option<usize>,
) -> Option<usize> {
    // best[n]: the smallest distance with which the components so far match the first n names.
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
    // In a short name, changing a letter usually makes another word.
    let most = if wanted.chars().count() <= 4 { 1 } else { MOST_LETTERS };
    (letters <= most && wanted.chars().count() > letters).then_some(letters)
}

fn exactly(component: &Component, name: &[u8]) -> bool {
    match component {
        Component::Literal(wanted) => wanted == name,
        Component::Glob(glob) => glob.matches(name),
        Component::Deep => false,
    }
}

fn same_but_case(component: &Component, name: &[u8]) -> bool {
    match component {
        Component::Literal(wanted) => wanted.eq_ignore_ascii_case(name),
        Component::Glob(glob) => {
            [name, &name.to_ascii_lowercase(), &name.to_ascii_uppercase()].iter().any(|name| glob.matches(name))
        }
        Component::Deep => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::base::names::EnvironmentName;
    use crate::map::ServiceMap;

    use super::*;

    fn miss(include: &str, path: &str) -> Option<(String, Slip)> {
        let map = format!("[services.s]\ninclude = {include}\nexclude = ['servces']");
        let map = ServiceMap::parse("m", map.as_bytes()).unwrap();
        let rules = Rules::compile(&map, &EnvironmentName::default(), &[0], true);
        assert!(rules.path(path.as_bytes()).claims.is_empty(), "{path} is an input");
        rules.nearest_miss(path.as_bytes()).map(|miss| (miss.rule.text.to_string(), miss.slip))
    }

    fn found(rule: &str, slip: Slip) -> Option<(String, Slip)> {
        Some((rule.to_owned(), slip))
    }

    #[test]
    fn the_nearest_miss_is_one_or_two_letters_away() {
        let include = "['services/api/**', 'Docs/*.md', 'a']";
        assert_eq!(miss(include, "servces/api/x.rs"), found("services/api/**", Slip::Letters(1)));
        assert_eq!(miss(include, "servces/ap/x/y"), found("services/api/**", Slip::Letters(2)));
        assert_eq!(miss(include, "docs/x.txt"), None);
        assert_eq!(miss(include, "b"), None, "a name of one letter is near to every other");
        assert_eq!(miss(include, "elsewhere/x"), None);
    }

    #[test]
    fn or_the_case_alone_is_wrong() {
        let include = "['services/api/**', 'Docs/*.md']";
        assert_eq!(miss(include, "docs/x.md"), found("Docs/*.md", Slip::Case));
        assert_eq!(miss(include, "Docs/X.MD"), found("Docs/*.md", Slip::Case));
        assert_eq!(miss(include, "SERVICES/API/x"), found("services/api/**", Slip::Case), "however many letters");
    }

    #[test]
    fn or_two_directories_are_swapped() {
        let swapped = Slip::Swapped("api".into(), "services".into());
        assert_eq!(miss("['services/api/**']", "api/services/x/y"), found("services/api/**", swapped));
    }

    #[test]
    fn or_the_path_lies_too_deep() {
        let deep = |names: &[&str]| Slip::TooDeep(names.iter().map(|name| (*name).into()).collect());
        assert_eq!(miss("['src/*.rs']", "src/sub/x.rs"), found("src/*.rs", deep(&["sub"])));
        assert_eq!(miss("['src/*.rs']", "src/sub/deep/x.rs"), found("src/*.rs", deep(&["sub", "deep"])));
        assert_eq!(miss("['src/*.rs']", "src/sub/sub/deep/x.rs"), None);
        assert_eq!(miss("['src/api/**']", "app/src/api/x"), found("src/api/**", deep(&["app"])));
        assert_eq!(miss("['*.toml']", "sub/x.toml"), found("*.toml", deep(&["sub"])));
    }

    #[test]
    fn or_it_lacks_a_directory() {
        let lacks = found("services/api/src/**", Slip::Lacks("api".into()));
        assert_eq!(miss("['services/api/src/**']", "services/src/x.rs"), lacks);
        assert_eq!(miss("['services/api/**']", "services/x"), None, "else everything would be near");
    }

    #[test]
    fn the_smallest_slip_is_the_nearest() {
        let include = "['x/src/api', 'srcs/api', 'api/src', 'src/*/api']";
        assert_eq!(miss(include, "src/api/x"), found("srcs/api", Slip::Letters(1)));
    }
}
