//! The variables of a pipeline's action. A condition on a variable that is missing may skip, so each service of the map has all of its
//! variables in every answer, and none is empty.

use std::collections::{BTreeMap, BTreeSet};

use super::variables::{Case, OutputError, Variable, VariableVerdict, all, distinct, of_service};
use crate::base::names::{OutputName, ServiceName};
use crate::protocol::answer::{Answer, ServiceAnswer};

/// What stands for a value that there is not: CodePipeline may take an empty variable for an unresolved one.
const NONE: &str = "none";

/// A service of the map.
#[derive(Debug)]
pub struct OfMap<'a> {
    /// The service.
    pub service: &'a ServiceName,
    /// Whether it exists in the environment.
    pub exists: bool,
    /// The outputs that the map declares and those that are recorded.
    pub outputs: BTreeSet<&'a OutputName>,
}

/// The variables, by their names. What was not decided is not skipped, and its candidate is `false`, which `begin` refuses.
///
/// # Errors
/// Names are reserved or collide, or a value cannot be a variable.
pub fn job_variables(answers: &[Answer], of_map: &[OfMap<'_>]) -> Result<Vec<(String, String)>, OutputError> {
    let decided: BTreeMap<&ServiceName, &ServiceAnswer> =
        answers.iter().flat_map(|answer| &answer.services).map(|answer| (&answer.service, answer)).collect();
    let plain: BTreeSet<String> = outputs_by_plain_name(&decided);
    // One variable for each output is enough, and how many services were decided must not matter.
    let mut variables: Vec<Variable> =
        all(answers)?.into_iter().filter(|variable| !plain.contains(&variable.name)).collect();
    let missed = of_map.iter().any(|of| of.exists && !decided.contains_key(of.service));
    for variable in &mut variables {
        if variable.name == "BUILD_SKIPPED" && missed {
            "false".clone_into(&mut variable.value);
        }
        if variable.value.is_empty() {
            NONE.clone_into(&mut variable.value);
        }
    }
    let same = |one: &Variable, other: &Variable| one.name == other.name && one.origin == other.origin;
    // Two things that would share a variable are found below.
    let mut add = |variable: Variable| {
        if !variables.iter().any(|set| same(set, &variable)) {
            variables.push(variable);
        }
    };
    let verdicts = VariableVerdict::of_all(answers);
    if decided.is_empty() {
        let origin = "the candidate of all services".to_owned();
        add(Variable { name: "SHIPMARK_CANDIDATE".to_owned(), value: "false".to_owned(), origin });
    }
    for of in of_map {
        let part = of.service.variable();
        if !verdicts.iter().any(|verdict| verdict.is_of(of.service)) {
            let defaults = [
                ("BUILD_SKIPPED", "false"),
                ("BUILD_REASON", "not-decided"),
                ("BUILD_REUSED", "false"),
                ("BUILD_FINGERPRINT", NONE),
            ];
            for (name, value) in defaults {
                let origin = format!("what is said of `{}`", of.service);
                add(Variable { name: format!("{name}_{part}"), value: value.to_owned(), origin });
            }
        }
        let origin = format!("the candidate of `{}`", of.service);
        add(Variable { name: format!("SHIPMARK_CANDIDATE_{part}"), value: "false".to_owned(), origin });
        for output in &of.outputs {
            add(of_service(output, of.service, NONE)?);
        }
    }
    let distinct = distinct(variables, Case::Matters)?;
    Ok(distinct.into_iter().map(|variable| (variable.name, variable.value)).collect())
}

/// The names that the outputs of the only service have without its name.
fn outputs_by_plain_name(decided: &BTreeMap<&ServiceName, &ServiceAnswer>) -> BTreeSet<String> {
    match decided.values().collect::<Vec<_>>()[..] {
        [only] => only.outputs.keys().filter(|name| only.declared.contains(*name)).map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}
