//! What a pattern that matches nothing was probably meant to match.

use std::collections::{BTreeSet, HashMap};

use bstr::BString;

use crate::base::text;
use crate::pattern::component::Component;
use crate::source::tree::listing::below;

/// The names of all files and directories.
pub(super) struct Nearest<'n> {
    names: &'n [BString],
    /// For each file or directory name, the path nearest to the root that ends with it.
    places: HashMap<&'n [u8], &'n [u8]>,
}

impl<'n> Nearest<'n> {
    /// Takes the names of all files, sorted.
    pub(super) fn new(names: &'n [BString]) -> Self {
        let mut places: HashMap<&[u8], &[u8]> = HashMap::new();
        let depth = |path: &[u8]| path.iter().filter(|byte| **byte == b'/').count();
        let mut before: &[u8] = b"";
        for path in names {
            // The part shared with the previous path has already been seen.
            let common = before.iter().zip(path.iter()).take_while(|(one, other)| one == other).count();
            let mut start = path[..common].iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
            for name in path[start..].split(|byte| *byte == b'/') {
                let place = &path[..start + name.len()];
                let first = places.entry(name).or_insert(place);
                if depth(place) < depth(first) {
                    *first = place;
                }
                start += name.len() + 1;
            }
            before = path;
        }
        Self { names, places }
    }

    /// Advice: a similar name beside the missing one, or where that name is now.
    pub(super) fn advice(&self, components: &[Component]) -> Option<String> {
        let mut directory: Vec<u8> = Vec::new();
        for component in components {
            let Component::Literal(name) = component else {
                let inside = match directory.is_empty() {
                    true => "the source".to_owned(),
                    false => format!("`{}/`", text::printable(&directory)),
                };
                return Some(format!("{inside} is there, and nothing in it fits the rest of the pattern"));
            };
            let path = if directory.is_empty() { name.clone() } else { [&directory[..], b"/", name].concat() };
            let here = &self.names[below(self.names, &directory)];
            if below(here, &path).is_empty() && here.binary_search_by(|other| other[..].cmp(&path[..])).is_err() {
                let last = components.iter().rev().find_map(|component| match component {
                    Component::Literal(name) => Some(name),
                    _ => None,
                });
                let found = beside(here, &directory, name).or_else(|| self.elsewhere(name));
                return found.or_else(|| self.elsewhere(last?));
            }
            directory = path;
        }
        None
    }

    /// A directory or file of the same name elsewhere.
    fn elsewhere(&self, wanted: &[u8]) -> Option<String> {
        let place = self.places.get(wanted)?;
        Some(format!("did you mean `{}`, which has that name?", text::printable(place)))
    }
}

/// A name in the same directory that differs by a letter or two.
fn beside(mut names: &[BString], directory: &[u8], wanted: &[u8]) -> Option<String> {
    let depth = if directory.is_empty() { 0 } else { directory.len() + 1 };
    let mut siblings = BTreeSet::new();
    while let Some(path) = names.first() {
        let end = path[depth..].iter().position(|byte| *byte == b'/').map_or(path.len(), |slash| depth + slash);
        siblings.insert(text::printable(&path[depth..end]));
        // All files of a directory are skipped together.
        names = match end < path.len() {
            true => &names[names.partition_point(|name| name.starts_with(&path[..=end]))..],
            false => &names[1..],
        };
    }
    let meant = text::did_you_mean(&text::printable(wanted), siblings.iter().map(String::as_str))?;
    let front = if depth == 0 { String::new() } else { format!("{}/", text::printable(directory)) };
    Some(format!("did you mean `{front}{meant}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::names::EnvironmentName;
    use crate::pattern::Pattern;

    fn advice(pattern: &str) -> String {
        let names = ["apps/web/x", "services/api-gateway/x", "services/api/go.mod", "services/api/main.go"];
        let names: Vec<BString> = names.map(BString::from).to_vec();
        let pattern = Pattern::foreign(pattern).unwrap();
        Nearest::new(&names).advice(&pattern.resolve(&EnvironmentName::default())[0]).unwrap_or_default()
    }

    #[test]
    fn the_name_that_was_meant_is_told() {
        assert_eq!(advice("servces/api/**"), "did you mean `services`?");
        assert_eq!(advice("services/ap1/**"), "did you mean `services/api`?");
        assert_eq!(advice("services/api/mian.go"), "did you mean `services/api/main.go`?");
        assert_eq!(advice("services/web/**"), "did you mean `apps/web`, which has that name?");
        assert_eq!(
            advice("services/api/*.rs"),
            "`services/api/` is there, and nothing in it fits the rest of the pattern"
        );
        assert_eq!(advice("*.rs"), "the source is there, and nothing in it fits the rest of the pattern");
        assert_eq!(advice("web/old/go.mod"), "did you mean `apps/web`, which has that name?");
        assert_eq!(advice("renamed/main.go"), "did you mean `services/api/main.go`, which has that name?");
        assert_eq!(advice("nowhere/at/all"), "");
    }

    #[test]
    fn the_place_nearest_to_the_root_is_told() {
        let names: Vec<BString> = ["a/b/x/1", "a/b/y", "c/x", "d/x"].map(BString::from).to_vec();
        assert_eq!(Nearest::new(&names).places[&b"x"[..]], b"c/x");
        assert_eq!(Nearest::new(&names).places[&b"b"[..]], b"a/b");
    }
}
