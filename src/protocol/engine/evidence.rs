//! The evidence of a decision, and its sentence for people. A doubt names a build that a person can find.

use std::fmt;

use super::mark::{Attempt, Full, Home, State, Unseen};
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
    ListFull(ServiceName),
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
            Self::StateUnavailable(_) | Self::PinUnavailable(..) | Self::OrphanUnavailable(..) | Self::ListFull(_) => {
                Reason::StateUnavailable
            }
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
            Self::ListFull(service) => Some((None, service)),
            Self::OtherEnvironment(environment, evidence) => {
                evidence.full().map(|(inner, service)| (inner.or(Some(environment)), service))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forced => f.write_str("a build was asked for"),
            Self::NoInputs => f.write_str("its rules select no file here: a renamed folder or a wrong --source?"),
            Self::SourceUnreadable(cause) | Self::StateUnavailable(cause) => f.write_str(cause),
            Self::EnvMissing(names) => write!(f, "inputs that are not set: {}", quoted(names)),
            Self::PinUnavailable(service, cause) => {
                write!(f, "deploying it deploys `{service}` again, whose mark is unavailable: {cause}")
            }
            Self::OrphanUnavailable(service, cause) => {
                write!(f, "`{service}` has a mark here and is not in the map, and that mark is unavailable: {cause}")
            }
            Self::ListFull(service) => write!(f, "the list of attempts of `{service}` is full: {Full}"),
            Self::StateDamaged(cause) => write!(f, "the mark is damaged: {cause}"),
            Self::StateNewer => f.write_str("a newer shipmark wrote the mark: upgrade this one"),
            Self::NeverDeployed(None) => f.write_str("no deploy is recorded"),
            Self::NeverDeployed(Some(attempt)) => write!(f, "no deploy is recorded; {}", AttemptText(attempt)),
            Self::OtherHome { theirs: None, .. } => f.write_str("it is unknown which pipeline deployed it last"),
            Self::OtherHome { theirs: Some(theirs), mine: None } => {
                write!(f, "{theirs} deployed it last, and it is unknown which pipeline this build belongs to")
            }
            Self::OtherHome { theirs: Some(theirs), mine: Some(mine) } => {
                write!(f, "{theirs} deployed it last, and this is {mine}: list both in `pipelines` of the environment")
            }
            Self::SameExecution(execution) => {
                write!(f, "this pipeline execution ({execution}) has already recorded a deploy")
            }
            Self::Uncertain(attempt) => match &attempt.taint {
                Some(taint) => write!(f, "tainted by {}: {}", taint.by, taint.reason),
                None => write!(f, "something else may be deployed: {}", AttemptText(attempt)),
            },
            Self::Changed => f.write_str("its inputs differ from those last deployed"),
            Self::ChangedFromUnknown => f.write_str("the inputs of the last deploy are unknown"),
            Self::ChangedUnseen(unseen) => {
                let words: Vec<&str> = unseen.iter().map(|unseen| unseen.word()).collect();
                let words = crate::base::text::list(&words);
                write!(f, "its inputs differ from those last deployed; only one of the two sources shows {words}")
            }
            Self::PatternsUnmatched(patterns) => {
                write!(f, "at the last deploy these patterns matched something, and now nothing: {}", quoted(patterns))
            }
            Self::Pending(attempt) => AttemptText(attempt).fmt(f),
            Self::OutputMissing(name) => write!(f, "its output {name} was not recorded"),
            Self::OutputShape(name, shape) => write!(f, "its recorded output {name} does not match `{shape}`"),
            Self::TooOld => f.write_str("its deploy is older than max_skip_age"),
            Self::TooOldUnknown(why) => f.write_str(why),
            Self::Gone(cause) => write!(f, "--verify failed: {cause}"),
            Self::Shadow => f.write_str("it would be skipped, but runs in shadow"),
            Self::Unchanged => f.write_str("nothing differs"),
            Self::Before(_, detail) => write!(f, "decided before in this build: {detail}"),
            Self::Opened(_) => f.write_str("its attempt was opened before another build changed the mark"),
            Self::OtherEnvironment(environment, evidence) => write!(f, "environment `{environment}`: {evidence}"),
            Self::OtherOutputs(one, other) => {
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

/// An attempt as half a sentence: which one, of which build, and in which state.
#[derive(Debug, Clone, Copy)]
pub struct AttemptText<'a>(pub &'a Attempt);

impl fmt::Display for AttemptText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempt = self.0;
        if let Some(taint) = &attempt.taint {
            return write!(f, "{} tainted it: {}", taint.by, taint.reason);
        }
        let build = match (&attempt.build, &attempt.url) {
            (Some(id), _) => format!("build {id}"),
            (None, Some(url)) => url.clone(),
            (None, None) => String::new(),
        };
        if let Some(doubt) = &attempt.doubt {
            f.write_str(doubt)?;
            return if build.is_empty() { Ok(()) } else { write!(f, " ({build})") };
        }
        match (attempt.stands_for, &attempt.revision, &attempt.pinned_by) {
            (Some(count), _, _) => write!(f, "one of {count} attempts")?,
            (None, _, Some(service)) => write!(f, "a deploy of `{service}`, which deploys it again,")?,
            (None, Some(revision), None) => write!(f, "an attempt at {}", crate::base::text::short_revision(revision))?,
            (None, None, None) => f.write_str("an attempt")?,
        }
        if !build.is_empty() {
            write!(f, " ({build})")?;
        }
        f.write_str(match attempt.state {
            State::Building => " is under way",
            State::Pending => " is built and waits for its deploy stage",
            State::Deploying => " is being deployed",
            State::Failed => " failed or timed out, and may have left something",
        })
    }
}
