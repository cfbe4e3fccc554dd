//! What was probably meant by a pattern that matches nothing.

use std::collections::BTreeSet;

use bstr::BString;

use super::facts::below;
use crate::map::Component;
use crate::text;

/// Advice on a pattern that matches nothing: the name beside the one that is not there, or where that name is now.
pub(super) fn nearest(names: &[BString], components: &[Component]) -> Option<String> {
    let mut directory: Vec<u8> = Vec::new();
    for component in components {
        let Component::Literal(name) = component else {
            let inside = if directory.is_empty() {
                "the source".to_owned()
            } else {
                format!("`{}/`", text::printable(&directory))
            };
            return Some(format!("{inside} is there, and nothing in it fits the rest of the pattern"));
        };
        let path = if directory.is_empty() { name.clone() } else { [&directory[..], b"/", name].concat() };
        let here = below(names, &directory);
        if below(here, &path).is_empty() && here.binary_search_by(|other| other[..].cmp(&path[..])).is_err() {
            return beside(here, &directory, name).or_else(|| elsewhere(names, name));
        }
        directory = path;
    }
    None
}

/// A name in the same directory that is a letter or two away.
fn beside(names: &[BString], directory: &[u8], wanted: &[u8]) -> Option<String> {
    let depth = if directory.is_empty() { 0 } else { directory.len() + 1 };
    let first = |path: &BString| path[depth..].split(|byte| *byte == b'/').next().map(text::printable);
    let siblings: BTreeSet<String> = names.iter().filter_map(first).collect();
    let meant = text::did_you_mean(&text::printable(wanted), siblings.iter().map(String::as_str))?;
    let front = if depth == 0 { String::new() } else { format!("{}/", text::printable(directory)) };
    Some(format!("did you mean `{front}{meant}`?"))
}

/// A directory or a file of the same name at another place: the one nearest to the root, if there are more.
fn elsewhere(names: &[BString], wanted: &[u8]) -> Option<String> {
    let place = |path: &BString| {
        let mut end = 0;
        for component in path.split(|byte| *byte == b'/') {
            end += component.len();
            if component == wanted {
                return Some(path[..end].to_vec());
            }
            end += 1;
        }
        None
    };
    let found = names
        .iter()
        .filter_map(place)
        .min_by_key(|place| (place.iter().filter(|byte| **byte == b'/').count(), place.clone()))?;
    Some(format!("did you mean `{}`, which has that name?", text::printable(&found)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Pattern;
    use crate::names::EnvironmentName;

    fn advice(pattern: &str) -> String {
        let names = ["apps/web/x", "services/api/main.go", "services/api/go.mod", "services/api-gateway/x"];
        let names: Vec<BString> = names.map(BString::from).to_vec();
        let pattern = Pattern::foreign(pattern).unwrap();
        nearest(&names, &pattern.resolve(&EnvironmentName::default())[0]).unwrap_or_default()
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
        assert_eq!(advice("nowhere/at/all"), "");
    }
}
