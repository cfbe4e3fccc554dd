//! The variables that `run` gives to the command of one service.

use std::collections::{BTreeMap, BTreeSet};

use super::variables::{Case, OutputError, Variable, distinct, of_service, variables};
use crate::base::names::{OutputName, ServiceName};
use crate::protocol::answer::Answer;

/// What a candidate's build made, for the command that deploys it.
#[derive(Debug, Clone, Default)]
pub struct Handed {
    /// The outputs of the service itself.
    pub outputs: BTreeMap<OutputName, String>,
    /// The outputs that the map declares: only these are passed under their own names too.
    pub declared: BTreeSet<OutputName>,
}

/// The variables for the command of the one service that `answers` are about, one answer per environment: what `decide`
/// prints for it alone, and the tool's own without the service's name too, since one script often serves all services.
///
/// # Errors
/// When variables cannot carry the answers, as in [`super::render`].
pub fn command_variables(
    service: &ServiceName,
    answers: &[Answer],
    handed: &Handed,
) -> Result<Vec<(String, String)>, OutputError> {
    let mut all = variables(answers, Case::Matters)?;
    for (name, value) in &handed.outputs {
        all.push(of_service(name, service, value)?);
        if handed.declared.contains(name) {
            let origin = format!("the plain output `{name}` of `{service}`");
            all.push(Variable { name: name.to_string(), value: value.clone(), origin });
        }
    }
    let suffix = format!("_{}", service.variable());
    let plain: Vec<Variable> = all.iter().filter_map(|variable| plain(variable, &suffix)).collect();
    all.extend(plain);
    let all = distinct(all, Case::Matters)?;
    Ok(all.into_iter().map(|variable| (variable.name, variable.value)).collect())
}

/// `BUILD_REASON` of `BUILD_REASON_API`. `BUILD_REVISION` is not about a service called `revision`.
fn plain(variable: &Variable, suffix: &str) -> Option<Variable> {
    let name = variable.name.strip_suffix(suffix).filter(|name| name.starts_with("BUILD_"))?;
    Some(Variable { name: name.to_owned(), ..variable.clone() })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{answer, build};
    use super::*;
    use crate::protocol::answer::Reason;

    fn named(name: &str) -> OutputName {
        OutputName::new(name).unwrap()
    }

    fn about(name: &str) -> (ServiceName, Vec<Answer>) {
        (ServiceName::new(name).unwrap(), vec![answer("prod", vec![build(name, Reason::Changed)])])
    }

    fn value<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
        all.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_tools_own_variables_have_plain_names_too() {
        let (service, answers) = about("api");
        let all = command_variables(&service, &answers, &Handed::default()).unwrap();
        for (name, expected) in [
            ("BUILD_SKIPPED", "false"),
            ("BUILD_SKIPPED_API", "false"),
            ("BUILD_REASON", "changed"),
            ("BUILD_REASON_API", "changed"),
            ("BUILD_SERVICES", "api"),
        ] {
            assert_eq!(value(&all, name), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_service_whose_name_ends_a_variable_changes_none() {
        for name in ["revision", "services", "skipped", "reason"] {
            let (service, answers) = about(name);
            let all = command_variables(&service, &answers, &Handed::default()).unwrap();
            assert_eq!(value(&all, "BUILD_REVISION"), answers[0].revision.as_deref(), "{name}");
            assert_eq!(value(&all, "BUILD_SERVICES"), Some(name));
            assert_eq!(value(&all, "BUILD_REASON"), Some("changed"), "{name}");
            assert_eq!(value(&all, "BUILD"), None, "{name}");
        }
    }

    #[test]
    fn only_a_declared_output_is_handed_on_under_its_own_name() {
        let (service, answers) = about("api");
        let outputs = ["IMAGE_URI", "NODE_OPTIONS"].map(|name| (named(name), "x".to_owned()));
        let handed = Handed { outputs: outputs.into(), declared: [named("IMAGE_URI")].into() };
        let all = command_variables(&service, &answers, &handed).unwrap();
        assert_eq!(value(&all, "IMAGE_URI"), Some("x"));
        assert_eq!(value(&all, "NODE_OPTIONS_API"), Some("x"));
        assert_eq!(value(&all, "NODE_OPTIONS"), None);
    }
}
