//! The variables that shell, dotenv, PowerShell and GitHub share: which ones, in which order, and which are refused.

use std::collections::BTreeMap;

use crate::base::fingerprint::Fingerprint;
use crate::base::names::{NameError, OutputName, ServiceName, reserved_variable};
use crate::protocol::answer::{Answer, Reason, ServiceAnswer};

/// Why variables cannot carry the answers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// A recorded output would become a variable that controls the shell, the build or this tool.
    #[error("{origin} cannot be printed; rename the output or the service")]
    Reserved {
        /// The output, in words.
        origin: String,
        /// The variable and what reserves it.
        source: NameError,
    },
    /// Two values would become one variable.
    #[error("{one} and {other} would both be the variable `{variable}`; rename one of them")]
    Collision {
        /// The variable.
        variable: String,
        /// The first, in words.
        one: String,
        /// The second, in words.
        other: String,
    },
    /// Environments that share one build have different outputs.
    #[error("`{variable}` is not the same in `{one}` and `{other}`; ask for one environment at a time")]
    Environments {
        /// The variable.
        variable: String,
        /// The first environment.
        one: String,
        /// The other environment.
        other: String,
    },
    /// A variable cannot hold a NUL byte.
    #[error("{origin} holds a NUL byte, which no variable can; record it again without")]
    Nul {
        /// The value, in words.
        origin: String,
    },
}

/// Whether the reader distinguishes variable names that differ only in case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// `path` and `PATH` are different.
    Matters,
    /// `path` and `PATH` are the same.
    Ignored,
}

/// One variable and its value.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    /// The name, `[A-Za-z_][A-Za-z0-9_]*`.
    pub(super) name: String,
    /// Any text without NUL.
    pub(super) value: String,
    /// What it represents, for errors.
    pub(super) origin: String,
}

/// The variables for `answers`, in order.
///
/// # Errors
/// When names are reserved or collide, when environments differ, or when a value contains NUL.
pub(super) fn variables(answers: &[Answer], case: Case) -> Result<Vec<Variable>, OutputError> {
    distinct(all(answers)?, case)
}

/// The same for GitHub, whose matrices are made from JSON: also `services`, those to build, and with `decide --stage`
/// `candidates`, an object with the value of each service.
///
/// # Errors
/// As of [`variables`].
pub(super) fn for_github(answers: &[Answer]) -> Result<Vec<Variable>, OutputError> {
    let mut variables = all(answers)?;
    let verdicts = VariableVerdict::of_all(answers);
    let services: Vec<&ServiceName> = verdicts.iter().filter(|v| !v.skip()).map(|v| v.service).collect();
    let candidates: BTreeMap<&ServiceName, &str> = staged(answers).collect();
    let lists = [("services", serde_json::json!(services)), ("candidates", serde_json::json!(candidates))];
    let lists = lists.into_iter().take(if candidates.is_empty() { 1 } else { 2 });
    variables.extend(lists.map(|(name, value)| Variable {
        name: name.to_owned(),
        value: value.to_string(),
        origin: format!("the list of {name}"),
    }));
    distinct(variables, Case::Ignored)
}

/// The services with the values for their deploy stages (`decide --stage`).
fn staged(answers: &[Answer]) -> impl Iterator<Item = (&ServiceName, &str)> {
    let services = answers.iter().flat_map(|answer| &answer.services);
    services.filter_map(|answer| Some((&answer.service, answer.candidate.as_deref()?)))
}

/// The variables before it is looked at whether names are used twice.
pub(super) fn all(answers: &[Answer]) -> Result<Vec<Variable>, OutputError> {
    let verdicts = VariableVerdict::of_all(answers);
    let mut all = decisions(&verdicts);
    let revision = answers.first().and_then(|answer| answer.revision.clone()).unwrap_or_default();
    all.push(Variable { name: "BUILD_REVISION".to_owned(), value: revision, origin: "the revision".to_owned() });
    all.extend(shared_outputs(answers, &verdicts)?);
    all.extend(staged(answers).map(|(service, value)| candidate(service, value)));
    let values: Vec<&str> = staged(answers).map(|(_, value)| value).collect();
    all.extend((!values.is_empty()).then(|| candidate_of_all(&values.join(" "))));
    Ok(all)
}

/// What `stage` hands to deploy stages: the value of each service, and that of all of them.
///
/// # Errors
/// The names of two services collide.
pub(super) fn candidates(
    services: &[(ServiceName, String)],
    all: &str,
    case: Case,
) -> Result<Vec<Variable>, OutputError> {
    let each = services.iter().map(|(service, value)| candidate(service, value));
    distinct(each.chain([candidate_of_all(all)]).collect(), case)
}

fn candidate_of_all(value: &str) -> Variable {
    let name = "SHIPMARK_CANDIDATE".to_owned();
    Variable { name, value: value.to_owned(), origin: "the candidate of all services".to_owned() }
}

fn candidate(service: &ServiceName, value: &str) -> Variable {
    let name = format!("SHIPMARK_CANDIDATE_{}", service.variable());
    Variable { name, value: value.to_owned(), origin: format!("the candidate of `{service}`") }
}

/// What all environments together say about one service.
pub(super) struct VariableVerdict<'a> {
    service: &'a ServiceName,
    reason: Reason,
    reused: bool,
    /// `None` if it is unknown, or not the same in all environments.
    fingerprint: Option<Fingerprint>,
}

impl<'a> VariableVerdict<'a> {
    /// One verdict per service, in dependency order: skip only if every answer for it skips.
    pub(super) fn of_all(answers: &'a [Answer]) -> Vec<Self> {
        let mut verdicts: Vec<Self> = Vec::new();
        for answer in answers.iter().flat_map(|answer| &answer.services) {
            match verdicts.iter_mut().find(|verdict| *verdict.service == answer.service) {
                None => {
                    let ServiceAnswer { service, reason, fingerprint, .. } = answer;
                    let reused = answer.reused.is_some();
                    verdicts.push(Self { service, reason: *reason, reused, fingerprint: *fingerprint });
                }
                Some(verdict) => {
                    if verdict.skip() {
                        verdict.reason = answer.reason;
                    }
                    verdict.fingerprint = verdict.fingerprint.filter(|known| answer.fingerprint == Some(*known));
                }
            }
        }
        verdicts
    }

    /// Whether it is about that service.
    pub(super) fn is_of(&self, service: &ServiceName) -> bool {
        self.service == service
    }

    fn skip(&self) -> bool {
        self.reason == Reason::Unchanged
    }

    /// Whether it does not need a build, and what is recorded is handed on.
    fn hands_on(&self) -> bool {
        self.skip() || self.reused
    }
}

/// `BUILD_SKIPPED` to `BUILD_SERVICES`; `BUILD_REUSED` if all services that do not skip are reused. If nothing was decided, nothing is skipped.
fn decisions(verdicts: &[VariableVerdict<'_>]) -> Vec<Variable> {
    let skipped = !verdicts.is_empty() && verdicts.iter().all(VariableVerdict::skip);
    let mut all = vec![Variable {
        name: "BUILD_SKIPPED".to_owned(),
        value: skipped.to_string(),
        origin: "the decision for all services".to_owned(),
    }];
    let mut building = verdicts.iter().filter(|verdict| !verdict.skip()).peekable();
    let reused = building.peek().is_some() && building.all(|verdict| verdict.reused);
    all.push(Variable {
        name: "BUILD_REUSED".to_owned(),
        value: reused.to_string(),
        origin: "whether nothing has to be built".to_owned(),
    });
    for verdict in verdicts {
        let part = verdict.service.variable();
        all.push(Variable {
            name: format!("BUILD_SKIPPED_{part}"),
            value: verdict.skip().to_string(),
            origin: format!("the decision for `{}`", verdict.service),
        });
        all.push(Variable {
            name: format!("BUILD_REASON_{part}"),
            value: verdict.reason.word().to_owned(),
            origin: format!("the reason for `{}`", verdict.service),
        });
        all.push(Variable {
            name: format!("BUILD_REUSED_{part}"),
            value: verdict.reused.to_string(),
            origin: format!("whether `{}` is reused", verdict.service),
        });
        all.push(Variable {
            name: format!("BUILD_FINGERPRINT_{part}"),
            value: verdict.fingerprint.map(|fingerprint| fingerprint.to_string()).unwrap_or_default(),
            origin: format!("the fingerprint of `{}`", verdict.service),
        });
    }
    let builds: Vec<&str> = verdicts.iter().filter(|v| !v.skip()).map(|v| v.service.as_str()).collect();
    all.push(Variable {
        name: "BUILD_SERVICES".to_owned(),
        value: builds.join(" "),
        origin: "the services to build".to_owned(),
    });
    all
}

/// The recorded outputs, which must be the same in every environment because the reader has one variable for all of
/// them.
fn shared_outputs(answers: &[Answer], verdicts: &[VariableVerdict<'_>]) -> Result<Vec<Variable>, OutputError> {
    let Some((first, others)) = answers.split_first() else { return Ok(Vec::new()) };
    let shared = outputs(first, verdicts)?;
    let values = |list: &[Variable]| -> BTreeMap<String, String> {
        list.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect()
    };
    let expected = values(&shared);
    for other in others {
        let found = values(&outputs(other, verdicts)?);
        let mut names = expected.keys().chain(found.keys());
        if let Some(variable) = names.find(|name| expected.get(*name) != found.get(*name)) {
            return Err(OutputError::Environments {
                variable: variable.clone(),
                one: first.environment.to_string(),
                other: other.environment.to_string(),
            });
        }
    }
    Ok(shared)
}

/// The recorded outputs of one answer: those of skipped and reused services, those of services to redeploy, and without
/// the service's name those that the map declares, if exactly one service was decided. Whoever may record a deploy could
/// otherwise set any variable of a later build, such as `NODE_OPTIONS`.
fn outputs(answer: &Answer, verdicts: &[VariableVerdict<'_>]) -> Result<Vec<Variable>, OutputError> {
    let recorded: Vec<&ServiceAnswer> = verdicts
        .iter()
        .filter(|verdict| verdict.hands_on())
        .filter_map(|verdict| answer.services.iter().find(|service| service.service == *verdict.service))
        .collect();
    let mut all = Vec::new();
    for service in &recorded {
        for (name, value) in &service.outputs {
            all.push(of_service(name, &service.service, value)?);
        }
    }
    for (service, outputs) in answer.services.iter().flat_map(|service| &service.redeploys) {
        if verdicts.iter().any(|verdict| verdict.service == service) {
            continue;
        }
        for (name, value) in outputs {
            all.push(of_service(name, service, value)?);
        }
    }
    if let ([_], [only]) = (verdicts, recorded.as_slice()) {
        for (name, value) in only.outputs.iter().filter(|(name, _)| only.declared.contains(*name)) {
            let origin = format!("the plain output `{name}` of `{}`", only.service);
            all.push(Variable { name: name.to_string(), value: value.clone(), origin });
        }
    }
    Ok(all)
}

pub(super) fn of_service(output: &OutputName, service: &ServiceName, value: &str) -> Result<Variable, OutputError> {
    let origin = format!("the output `{output}` of `{service}`");
    match output.variable(service) {
        Ok(name) => Ok(Variable { name, value: value.to_owned(), origin }),
        Err(source) => Err(OutputError::Reserved { origin, source }),
    }
}

/// Each variable once. Equal values may share a name: two services may both redeploy the same third one.
pub(super) fn distinct(all: Vec<Variable>, case: Case) -> Result<Vec<Variable>, OutputError> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept: Vec<Variable> = Vec::with_capacity(all.len());
    for variable in all {
        if variable.value.contains('\0') {
            return Err(OutputError::Nul { origin: variable.origin });
        }
        let key = match case {
            Case::Matters => variable.name.clone(),
            Case::Ignored => variable.name.to_ascii_uppercase(),
        };
        // Only a recorded output can have a name that case folding changes: the tool's own are upper-case.
        if let Some(reserved) = reserved_variable(&key).filter(|_| key != variable.name) {
            let source = NameError::Reserved { text: variable.name, reserved };
            return Err(OutputError::Reserved { origin: variable.origin, source });
        }
        match places.get(&key) {
            None => {
                places.insert(key, kept.len());
                kept.push(variable);
            }
            Some(&place) if kept[place].value == variable.value => {}
            Some(&place) => {
                return Err(OutputError::Collision {
                    variable: variable.name,
                    one: kept[place].origin.clone(),
                    other: variable.origin,
                });
            }
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
