//! The commands that the program suggests: complete, so that pasted anywhere they do what they say, or fail.

use std::fmt;

use crate::base::names::{EnvironmentName, ProjectName, ServiceName};
use crate::base::text::shell_word;
use crate::protocol::answer::Answer;

/// Where a suggested command acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The store's address.
    pub state: String,
    /// The project.
    pub project: ProjectName,
    /// The environment.
    pub environment: EnvironmentName,
}

/// What a suggested command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// See what would be decided.
    Plan(Vec<ServiceName>),
    /// See what is open.
    Status(Option<ServiceName>),
    /// See what shadow builds showed.
    Shadow(Vec<ServiceName>),
    /// Forget what shadow builds showed.
    ClearShadow(Vec<ServiceName>),
    /// Build the next time, whatever is recorded.
    Taint(ServiceName),
    /// The same, and what is open has ended.
    NothingRunning(ServiceName),
    /// Forget a service.
    StateRm(ServiceName),
    /// Forget the services that the map does not have.
    StateRmOrphans,
    /// See what would be recorded as deployed already; with `--yes` it is recorded.
    Adopt(ServiceName),
}

impl Suggestion {
    /// One of each, for a service: a test runs them all.
    pub fn all(service: &ServiceName) -> [Self; 9] {
        [
            Self::Plan(vec![service.clone()]),
            Self::Status(Some(service.clone())),
            Self::Shadow(vec![service.clone()]),
            Self::ClearShadow(vec![service.clone()]),
            Self::Taint(service.clone()),
            Self::NothingRunning(service.clone()),
            Self::StateRm(service.clone()),
            Self::StateRmOrphans,
            Self::Adopt(service.clone()),
        ]
    }
}

impl Hint {
    /// Where the commands of an answer act; `None` where no store was asked.
    pub fn of(answer: &Answer) -> Option<Self> {
        let (project, environment) = (answer.project.clone(), answer.environment.clone());
        answer.state.clone().map(|state| Self { state, project, environment })
    }

    /// The command.
    pub fn command(&self, what: &Suggestion) -> String {
        format!("shipmark {what}{}", self.place())
    }

    /// `--state URL --project P --environment E`.
    fn place(&self) -> String {
        let words = [("--state", self.state.as_str()), ("--project", self.project.as_str())];
        let words = words.into_iter().chain([("--environment", self.environment.as_str())]);
        words.map(|(flag, value)| format!(" {flag} {}", shell_word(value))).collect()
    }

    /// What ends the entries of a full list of attempts.
    pub fn full_list(&self, service: &ServiceName) -> String {
        let command = self.command(&Suggestion::NothingRunning(service.clone()));
        format!("`promote` or `promote --failed` ends each of them; if none of them runs any more: {command}")
    }

    /// Forget the services that the map does not have.
    pub fn state_rm_orphans(&self) -> String {
        self.command(&Suggestion::StateRmOrphans)
    }
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(services) => {
                f.write_str("plan")?;
                services.iter().try_for_each(|service| write!(f, " {service}"))
            }
            Self::Shadow(services) | Self::ClearShadow(services) => {
                f.write_str("status")?;
                services.iter().try_for_each(|service| write!(f, " {service}"))?;
                f.write_str(if matches!(self, Self::Shadow(_)) { " --shadow" } else { " --shadow --clear" })
            }
            Self::Status(None) => f.write_str("status"),
            Self::Status(Some(service)) => write!(f, "status {service}"),
            Self::Taint(service) => write!(f, "taint {service} --reason 'why'"),
            Self::NothingRunning(service) => write!(f, "taint {service} --nothing-running --reason 'why'"),
            Self::StateRm(service) => write!(f, "state rm {service}"),
            Self::StateRmOrphans => f.write_str("state rm --orphans"),
            Self::Adopt(service) => write!(f, "adopt {service} --from-git HEAD"),
        }
    }
}
