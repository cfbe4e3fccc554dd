//! The evidence of a decision, and its sentence for people. A doubt names a build that a person can find.

use std::fmt;

use jiff::Timestamp;

use super::attempt_text::{AttemptText, SETTLES};
use super::mark::{Attempt, Full, Home, Unseen};
use super::reason::Reason;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};

/// Why a service is built or skipped, with the evidence. Its text is one sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// A build was requested.
    Forced,
    /// The rules select no files.
    NoInputs,
    /// The inputs could not be read; the text says which and why.
    SourceUnreadable(String),
    /// These environment variables are inputs but are not set.
    EnvMissing(Vec<String>),
    /// The store could not be read or written; the text says why.
    StateUnavailable(String),
    /// The same for a service that the deploy redeploys.
    PinUnavailable(ServiceName, String),
    /// The same for a service that has a mark here but is not in the map: the deploy may remove it.
    OrphanUnavailable(ServiceName, String),
    /// The list of attempts of that service is full, so its mark could not be warned: the service itself, or one that
    /// its deploy touches.
    ListFull {
        /// The service.
        service: ServiceName,
        /// The oldest of its attempts that are alive.
        oldest: Option<Box<Attempt>>,
    },
    /// The mark is damaged; the text says how.
    StateDamaged(String),
    /// A newer version wrote the mark.
    StateNewer,
    /// No deploy is recorded, but this one may be under way.
    NeverDeployed(Option<Box<Attempt>>),
    /// The homes of the last deploy and of the caller do not match, or one of them is unknown.
    OtherHome {
        /// The home that deployed.
        theirs: Option<Box<Home>>,
        /// The home of the caller.
        mine: Option<Box<Home>>,
    },
    /// This execution has recorded a deploy.
    SameExecution(String),
    /// This attempt has ended, and may have left something else deployed.
    Uncertain(Box<Attempt>),
    /// The inputs differ.
    Changed,
    /// The inputs of the last deploy are unknown.
    ChangedFromUnknown,
    /// The inputs differ, and the two sources do not show the same kinds of things.
    ChangedUnseen(Vec<Unseen>),
    /// These patterns matched something at the last deploy but match nothing now.
    PatternsUnmatched(Vec<String>),
    /// This attempt may still deploy something else.
    Pending(Box<Attempt>),
    /// This declared output is not recorded.
    OutputMissing(OutputName),
    /// This declared output does not have the required shape.
    OutputShape(OutputName, String),
    /// The deploy is older than `max_skip_age`.
    TooOld,
    /// The date of the deploy, or the current time, cannot be trusted.
    TooOldUnknown(&'static str),
    /// `--verify` failed; the text says how.
    Gone(String),
    /// It would be skipped, but the environment or service is in shadow.
    Shadow,
    /// Nothing differs.
    Unchanged,
    /// This build has already decided it, for that reason.
    Before(Reason, String),
    /// Another try of the same call finds its own attempt open, so the service is still built, for the recorded reason.
    Opened(Reason),
    /// One build serves several environments, and must build for that one.
    OtherEnvironment(EnvironmentName, Box<Evidence>),
    /// One build serves several environments, whose recorded outputs differ.
    OtherOutputs(EnvironmentName, EnvironmentName),
}

impl Evidence {
    /// The reason.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Forced => Reason::Forced,
            Self::NoInputs => Reason::NoInputs,
            Self::SourceUnreadable(_) => Reason::SourceUnreadable,
            Self::EnvMissing(_) => Reason::EnvMissing,
            Self::StateUnavailable(_)
            | Self::PinUnavailable(..)
            | Self::OrphanUnavailable(..)
            | Self::ListFull { .. } => Reason::StateUnavailable,
            Self::StateDamaged(_) | Self::StateNewer => Reason::StateUnreadable,
            Self::NeverDeployed(_) => Reason::NeverDeployed,
            Self::OtherHome { .. } => Reason::OtherPipeline,
            Self::SameExecution(_) => Reason::SameExecution,
            Self::Uncertain(_) => Reason::Uncertain,
            Self::Changed | Self::ChangedFromUnknown | Self::ChangedUnseen(_) | Self::PatternsUnmatched(_) => {
                Reason::Changed
            }
            Self::Pending(_) => Reason::DeployPending,
            Self::OutputMissing(_) | Self::OutputShape(..) | Self::OtherOutputs(..) => Reason::OutputMissing,
            Self::TooOld | Self::TooOldUnknown(_) => Reason::SkipTooOld,
            Self::Gone(_) => Reason::Gone,
            Self::Shadow => Reason::Shadow,
            Self::Unchanged => Reason::Unchanged,
            Self::Before(reason, _) | Self::Opened(reason) => *reason,
            Self::OtherEnvironment(_, evidence) => evidence.reason(),
        }
    }

    /// Whether it is a skip.
    pub fn skips(&self) -> bool {
        self.reason().skips()
    }
}

impl Evidence {
    /// The service whose list of attempts is full, and the environment if it is another one than that of the decision.
    pub fn full(&self) -> Option<(Option<&EnvironmentName>, &ServiceName)> {
        match self {
            Self::ListFull { service, .. } => Some((None, service)),
            Self::OtherEnvironment(environment, evidence) => {
                evidence.full().map(|(inner, service)| (inner.or(Some(environment)), service))
            }
            _ => None,
        }
    }
}

impl Evidence {
    /// Its sentence, with ages.
    pub fn sentence(&self, now: Timestamp) -> String {
        EvidenceText { evidence: self, now: Some(now) }.to_string()
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        EvidenceText { evidence: self, now: None }.fmt(f)
    }
}

/// The sentence; without a time, with dates.
struct EvidenceText<'a> {
    evidence: &'a Evidence,
    now: Option<Timestamp>,
}

impl fmt::Display for EvidenceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Evidence as E;
        let now = self.now;
        match self.evidence {
            E::Forced => f.write_str("a build was asked for"),
            E::NoInputs => f.write_str("its rules select no file here: a renamed folder or a wrong --source?"),
            E::SourceUnreadable(cause) | E::StateUnavailable(cause) => f.write_str(cause),
            E::EnvMissing(names) => write!(f, "inputs that are not set: {}", quoted(names)),
            E::PinUnavailable(service, cause) => {
                write!(f, "deploying it deploys `{service}` again, whose mark is unavailable: {cause}")
            }
            E::OrphanUnavailable(service, cause) => {
                write!(f, "`{service}` has a mark here and is not in the map, and that mark is unavailable: {cause}")
            }
            E::ListFull { service, oldest } => {
                write!(f, "the list of attempts of `{service}` is full: {Full}")?;
                match oldest {
                    Some(oldest) => write!(f, "; the oldest: {}", AttemptText::new(oldest, now)),
                    None => Ok(()),
                }
            }
            E::StateDamaged(cause) => write!(f, "the mark is damaged: {cause}"),
            E::StateNewer => f.write_str("a newer shipmark wrote the mark: upgrade this one"),
            E::NeverDeployed(None) => f.write_str("no deploy is recorded"),
            E::NeverDeployed(Some(attempt)) => {
                write!(f, "no deploy is recorded; {}", AttemptText::new(attempt, now))
            }
            E::OtherHome { theirs: None, .. } => f.write_str("it is unknown which pipeline deployed it last"),
            E::OtherHome { theirs: Some(theirs), mine: None } => {
                write!(f, "{theirs} deployed it last, and it is unknown which pipeline this build belongs to")
            }
            E::OtherHome { theirs: Some(theirs), mine: Some(mine) } => {
                let unknown = |one: &Home, other: &Home| match (&one.account, &other.account) {
                    (None, Some(_)) => " of an unknown account and region",
                    _ => "",
                };
                let (of_theirs, of_mine) = (unknown(theirs, mine), unknown(mine, theirs));
                write!(f, "{theirs}{of_theirs} deployed it last, and this is {mine}{of_mine}")
            }
            E::SameExecution(execution) => {
                write!(f, "this pipeline execution ({execution}) has already recorded a deploy")
            }
            E::Uncertain(attempt) => {
                let text = AttemptText::ended(attempt, now);
                match &attempt.taint {
                    Some(_) => write!(f, "{text}; {SETTLES}"),
                    None => write!(f, "something else may be deployed: {text}; {SETTLES}"),
                }
            }
            E::Changed => f.write_str("its inputs differ from those last deployed"),
            E::ChangedFromUnknown => f.write_str("the inputs of the last deploy are unknown"),
            E::ChangedUnseen(unseen) => {
                let words: Vec<&str> = unseen.iter().map(|unseen| unseen.word()).collect();
                let words = crate::base::text::list(&words);
                write!(f, "its inputs differ from those last deployed; only one of the two sources shows {words}")
            }
            E::PatternsUnmatched(patterns) => {
                write!(f, "at the last deploy these patterns matched something, and now nothing: {}", quoted(patterns))
            }
            E::Pending(attempt) => AttemptText::new(attempt, now).fmt(f),
            E::OutputMissing(name) => write!(f, "its output {name} was not recorded"),
            E::OutputShape(name, shape) => write!(f, "its recorded output {name} does not match `{shape}`"),
            E::TooOld => f.write_str("its deploy is older than max_skip_age"),
            E::TooOldUnknown(why) => f.write_str(why),
            E::Gone(cause) => write!(f, "--verify failed: {cause}"),
            E::Shadow => f.write_str("it would be skipped, but runs in shadow"),
            E::Unchanged => f.write_str("nothing differs"),
            E::Before(_, detail) => write!(f, "decided before in this build: {detail}"),
            E::Opened(_) => f.write_str("its attempt was opened before another build changed the mark"),
            E::OtherEnvironment(environment, evidence) => {
                write!(f, "environment `{environment}`: {}", EvidenceText { evidence, now })
            }
            E::OtherOutputs(one, other) => {
                write!(f, "the environments `{one}` and `{other}` have different recorded outputs")
            }
        }
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    crate::base::text::list(&texts)
}
