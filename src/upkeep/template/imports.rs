//! The templates that are checked together: what one imports, another may export.

use super::Template;
use super::cloudformation::Export;
use super::glob::Wildcard;
use super::model::{NamedResource, find};
use super::node::{TemplateNode, imported};
use super::roles::RoleModel;

/// All templates, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct TemplateSet<'m>(pub(super) &'m [Template]);

impl<'m> TemplateSet<'m> {
    /// The build project that a value names.
    pub(super) fn project(&self, named: &TemplateNode) -> Option<&'m NamedResource> {
        let (home, text) = self.home(named)?;
        find(&home.model.projects, text)
    }

    /// The function that a value names.
    pub(super) fn function(&self, named: &TemplateNode) -> Option<&'m NamedResource> {
        let (home, text) = self.home(named)?;
        find(&home.model.functions, text)
    }

    /// The role that a value names.
    pub(super) fn role(&self, named: &TemplateNode) -> Option<&'m RoleModel> {
        let (home, text) = self.home(named)?;
        home.model.roles.iter().find(|role| role.is_named(text))
    }

    /// The template whose resources a value refers to, and the reference there.
    fn home<'n>(&self, named: &'n TemplateNode) -> Option<(&'m Template, &'n str)>
    where
        'm: 'n,
    {
        let text = named.symbol()?;
        let Some(name) = imported(text) else { return Some((self.0.get(named.at.file)?, text)) };
        let exports = self.0.iter().flat_map(|home| home.exports.iter().map(move |export: &Export| (home, export)));
        let mut exports = exports.filter(|(_, export)| is_alike(&export.name, name));
        // Of two it is not known which.
        match (exports.next(), exports.next()) {
            (Some((home, export)), None) => Some((home, export.value.as_str())),
            _ => None,
        }
    }
}

/// Whether two names may be the same, where `*` is not known.
fn is_alike(one: &str, other: &str) -> bool {
    let ends = |name: &str| Some((name.find('*')?, name.rfind('*')? + 1));
    match (ends(one), ends(other)) {
        // Of both only the ends are known.
        (Some((begin, end)), Some((their_begin, their_end))) => {
            let (before, theirs) = (&one[..begin], &other[..their_begin]);
            let (after, their_after) = (&one[end..], &other[their_end..]);
            (before.starts_with(theirs) || theirs.starts_with(before))
                && (after.ends_with(their_after) || their_after.ends_with(after))
        }
        (None, _) => Wildcard::of_policy(other).fits(one),
        (_, None) => Wildcard::of_policy(one).fits(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_far_as_they_are_known() {
        for (one, other, expected) in [
            ("a", "a", true),
            ("a", "b", false),
            ("*-function", "shipmark-lambda-function", true),
            ("*-function", "*-function", true),
            ("*-function", "shipmark-lambda-build", false),
            ("prod-*", "stage-*", false),
            ("*-function", "on", false),
            ("shop-*-build", "shop-build", false),
            ("shop-*-build", "shop-prod-build", true),
        ] {
            assert_eq!((is_alike(one, other), is_alike(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
