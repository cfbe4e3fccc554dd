//! `${service}` and `${directory}`: the variables that are known while the map is read. `${environment}` is known only
//! later, so it is left in place.

use super::problem::collect::{Report, Text, shown};
use super::raw::{RawExpect, RawKeys, RawList};
use crate::pattern::literal;

/// The values of the variables for a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The service that the text belongs to.
    pub(super) service: Option<&'a str>,
    /// The directory of the included map, or the one that was found. Empty for the root.
    pub(super) directory: Option<&'a str>,
}

impl Scope<'_> {
    /// Fills in all texts of a service that may contain variables.
    pub(super) fn fill_keys(self, keys: &mut RawKeys, report: &mut Report<'_>) {
        let RawKeys { include, exclude, not_inputs, dockerfile, context, .. } = keys;
        for list in [include, exclude] {
            self.fill_patterns(&mut list.items, report);
        }
        not_inputs.items.retain_mut(|(pattern, _)| self.fill(pattern, true, report));
        for text in [dockerfile, context].into_iter().flatten() {
            self.fill(text, false, report);
        }
    }

    /// Fills in the paths of an `[[expect]]`.
    pub(super) fn fill_expect(self, expect: &mut RawExpect, report: &mut Report<'_>) {
        let paths = expect.changed.iter_mut().flat_map(|list: &mut RawList| &mut list.items);
        paths.for_each(|path| {
            self.fill(path, false, report);
        });
    }

    /// Fills in patterns. A pattern with an unknown variable is reported and removed.
    pub(super) fn fill_patterns(self, patterns: &mut Vec<Text>, report: &mut Report<'_>) {
        patterns.retain_mut(|pattern| self.fill(pattern, true, report));
    }

    /// Whether all variables were known.
    fn fill(self, text: &mut Text, pattern: bool, report: &mut Report<'_>) -> bool {
        if !text.text.contains("${") {
            return true;
        }
        match self.filled(&text.text, pattern) {
            Ok(filled) => {
                text.text = filled;
                true
            }
            Err((variable, hint)) => {
                let message = format!("`{}` has `{variable}`, which is not known here", shown(&text.text));
                report.add("unknown-variable", &text.span, message, hint);
                false
            }
        }
    }

    /// The text with the variables filled in. In a pattern, the values match literally.
    fn filled(self, text: &str, pattern: bool) -> Result<String, (&'static str, &'static str)> {
        let mut filled = String::new();
        let mut rest = text;
        // A variable in brackets is left for the pattern's own check to refuse.
        let mut in_class = false;
        while let Some(next) = rest.chars().next() {
            let value = match () {
                () if in_class => None,
                () if rest.starts_with(SERVICE) => {
                    Some((SERVICE, self.service.ok_or((SERVICE, "only a service has a name: write it out"))?))
                }
                () if rest.starts_with(DIRECTORY) => Some((DIRECTORY, self.known_directory()?)),
                () => None,
            };
            if let Some((variable, value)) = value {
                filled.push_str(&if pattern { literal(value.as_bytes()) } else { value.to_owned() });
                rest = &rest[variable.len()..];
                continue;
            }
            let mut length = next.len_utf8();
            if pattern && next == '\\' {
                length += rest[length..].chars().next().map_or(0, char::len_utf8);
            }
            in_class = pattern && (next == '[' || in_class && next != ']');
            filled.push_str(&rest[..length]);
            rest = &rest[length..];
        }
        Ok(filled)
    }

    fn known_directory(&self) -> Result<&str, (&'static str, &'static str)> {
        match self.directory {
            Some("") => Err((DIRECTORY, "this map lies at the root of the source: leave the variable out")),
            Some(directory) => Ok(directory),
            None => Err((DIRECTORY, "only an included map and `[discover]` have a directory: write the path out")),
        }
    }
}

const SERVICE: &str = "${service}";
const DIRECTORY: &str = "${directory}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_variable_stands_for_matches_itself_alone() {
        let scope = Scope { service: Some("api"), directory: Some("apps/[x]*/api") };
        assert_eq!(scope.filled("${directory}/${service}.*", true).unwrap(), "apps/\\[x\\]\\*/api/api.*");
        assert_eq!(scope.filled("${directory}/${service}", false).unwrap(), "apps/[x]*/api/api");
        for untouched in ["env/${environment}", "\\${service}", "[${service}]", "$service"] {
            assert_eq!(scope.filled(untouched, true).unwrap(), untouched);
        }
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let none = Scope { service: None, directory: None };
        assert_eq!(none.filled("${service}", true).unwrap_err().0, SERVICE);
        assert_eq!(none.filled("a/${directory}", true).unwrap_err().0, DIRECTORY);
        let root = Scope { service: None, directory: Some("") };
        assert!(root.filled("${directory}/a", true).unwrap_err().1.contains("root"));
    }
}
