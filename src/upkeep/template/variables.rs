//! The variables of a pipeline: `#{NAMESPACE.NAME}` in conditions and actions.

use crate::base::text;
use crate::map::ServiceMap;

/// A variable that is used somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VariableUse {
    pub(super) namespace: String,
    pub(super) name: String,
}

/// Subject decision or candidate a variable is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// That of all services that were decided.
    All,
    /// That of a service.
    Service(usize),
    /// That of a service which the map does not have.
    Nobody(String),
    /// It is another variable.
    Other,
}

/// All variables in a text.
pub(super) fn uses(text: &str) -> Vec<VariableUse> {
    let parts = text.split("#{").skip(1).filter_map(|part| part.split_once('}'));
    let used = parts.filter_map(|(inner, _)| {
        let (namespace, name) = inner.split_once('.')?;
        Some(VariableUse { namespace: namespace.to_owned(), name: name.to_owned() })
    });
    used.collect()
}

/// The variable that a text is, and nothing else.
pub(super) fn only(text: &str) -> Option<VariableUse> {
    let used = uses(text).into_iter().next()?;
    (text == used.text()).then_some(used)
}

impl VariableUse {
    /// As it is written.
    pub(super) fn text(&self) -> String {
        format!("#{{{}.{}}}", self.namespace, self.name)
    }

    /// Subject decision or candidate it is.
    pub(super) fn decided(&self, map: &ServiceMap) -> Subject {
        let bare = ["BUILD_SKIPPED", "SHIPMARK_CANDIDATE"];
        if bare.contains(&self.name.as_str()) {
            return Subject::All;
        }
        let suffix = bare.iter().find_map(|bare| self.name.strip_prefix(bare)?.strip_prefix('_'));
        let Some(suffix) = suffix else { return Subject::Other };
        match map.services.iter().position(|service| service.name.variable() == suffix) {
            Some(service) => Subject::Service(service),
            None => Subject::Nobody(suffix.to_owned()),
        }
    }
}

/// The name that was probably meant by a suffix which is of no service.
pub(super) fn meant(map: &ServiceMap, suffix: &str) -> Option<String> {
    let known: Vec<String> = map.services.iter().map(|service| service.name.variable()).collect();
    text::did_you_mean(suffix, known.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_in_texts() {
        let said: Vec<String> = uses("a #{B.C} #{variables.FORCE}#{x").iter().map(VariableUse::text).collect();
        assert_eq!(said, ["#{B.C}", "#{variables.FORCE}"]);
        assert!(only("#{B.C}").is_some() && only("#{B.C} ").is_none() && only("B.C").is_none());
    }

    #[test]
    fn a_variable_is_of_a_service_of_the_map() {
        let map = ServiceMap::parse("shipmark.toml", b"[services.web-app]\ninclude = ['a']\n").unwrap();
        let decided = |name: &str| VariableUse { namespace: "D".to_owned(), name: name.to_owned() }.decided(&map);
        assert_eq!(decided("BUILD_SKIPPED"), Subject::All);
        assert_eq!(decided("SHIPMARK_CANDIDATE_WEB_APP"), Subject::Service(0));
        assert_eq!(decided("BUILD_SKIPPED_WEB"), Subject::Nobody("WEB".to_owned()));
        assert_eq!(decided("CommitId"), Subject::Other);
        assert_eq!(meant(&map, "WEB_AP").as_deref(), Some("WEB_APP"));
    }
}
