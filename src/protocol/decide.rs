//! The decision: one pure function from what is there now and what is remembered to a reason.
//!
//! No clock, no files, no errors: whatever could fail has failed before and comes in as a value, for "unknown" is an answer
//! too, and it builds.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::base::fingerprint::{Content, same};
use crate::base::names::{EnvironmentName, OutputName};
use crate::pattern::shape::OutputShape;
use crate::protocol::answer::Reason;
use crate::protocol::mark::{Attempt, Build, Deploy, Mark, State};

/// How far ahead a recorded date may be before it counts as wrong: clocks of builds differ a little.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What is in front of us.
#[derive(Debug, Clone, Default)]
pub struct Now {
    /// The inputs; `None` where they are none or not all could be read.
    pub content: Option<Content>,
    /// Whether the rules select any file.
    pub selects: bool,
    /// Why the inputs are not known, where they are not.
    pub unreadable: Option<String>,
}

/// What the store says.
#[derive(Debug, Clone)]
pub enum Known {
    /// It was read, and there is no mark.
    Absent,
    /// The mark.
    Mark(Box<Mark>),
    /// It could not be read, or the attempt not be written.
    Unavailable(String),
    /// There is a mark that makes no sense.
    Damaged(String),
}

/// All that the decision depends on.
#[derive(Debug)]
pub struct Question<'a> {
    /// What is in front of us.
    pub now: &'a Now,
    /// What the store says.
    pub known: &'a Known,
    /// `--force`.
    pub forced: bool,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// Who asks.
    pub build: &'a Build,
    /// Outputs without which there is no skip.
    pub required: &'a BTreeMap<OutputName, OutputShape>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// The time.
    pub at: Timestamp,
}

/// The first reason that holds, and what a person should know about it. Only [`Reason::Unchanged`] skips.
pub fn decide(question: &Question<'_>) -> (Reason, String) {
    if question.forced {
        return (Reason::Forced, "a build was asked for".to_owned());
    }
    if !question.now.selects {
        return (Reason::NoInputs, "its rules select no file here: a renamed folder or a wrong --source?".to_owned());
    }
    let Some(content) = &question.now.content else {
        let cause = question.now.unreadable.clone();
        return (Reason::SourceUnreadable, cause.unwrap_or_else(|| "its inputs could not be read".to_owned()));
    };
    let mark = match question.known {
        Known::Unavailable(cause) => return (Reason::StateUnavailable, cause.clone()),
        Known::Damaged(cause) => return (Reason::StateUnreadable, format!("the mark is damaged: {cause}")),
        Known::Absent => return (Reason::NeverDeployed, "no deploy is recorded".to_owned()),
        Known::Mark(mark) => mark,
    };
    if mark.newer.is_some() {
        return (Reason::StateUnreadable, "the mark was written by a newer shipmark: upgrade this one".to_owned());
    }
    let Some(deploy) = &mark.deployed else {
        return (Reason::NeverDeployed, never_deployed(mark));
    };
    doubts(question, content, mark, deploy).unwrap_or_else(|| (Reason::Unchanged, "nothing differs".to_owned()))
}

fn doubts(question: &Question<'_>, content: &Content, mark: &Mark, deploy: &Deploy) -> Option<(Reason, String)> {
    if let Some(other) = other_pipeline(question, deploy) {
        let detail =
            format!("the environment `default` was last deployed by {other}: name the environment of each pipeline");
        return Some((Reason::OtherPipeline, detail));
    }
    let execution = question.build.execution.as_deref();
    if execution.is_some() && execution == deploy.release.build.execution.as_deref() {
        let detail = "this very execution recorded it, and is being retried".to_owned();
        return Some((Reason::SameExecution, detail));
    }
    if !mark.certain {
        return Some((Reason::Uncertain, uncertain(mark)));
    }
    if !same(Some(content), deploy.release.content.as_ref()) {
        return Some((Reason::Changed, "its inputs differ from those last deployed".to_owned()));
    }
    let other = |attempt: &&Attempt| !same(attempt.content.as_ref(), Some(content));
    if let Some(attempt) = mark.attempts.iter().find(other) {
        return Some((Reason::DeployPending, pending(attempt)));
    }
    if let Some(detail) = output_missing(question, deploy) {
        return Some((Reason::OutputMissing, detail));
    }
    too_old(question, deploy).map(|detail| (Reason::SkipTooOld, detail))
}

fn other_pipeline<'a>(question: &Question<'_>, deploy: &'a Deploy) -> Option<&'a str> {
    let theirs = deploy.release.build.pipeline()?;
    let mine = question.build.pipeline()?;
    (*question.environment == EnvironmentName::default() && mine != theirs).then_some(theirs)
}

fn never_deployed(mark: &Mark) -> String {
    match mark.attempts.last() {
        None => "no deploy is recorded".to_owned(),
        Some(attempt) => format!("no deploy is recorded; {}", pending(attempt)),
    }
}

fn uncertain(mark: &Mark) -> String {
    match (&mark.taint, &mark.doubt) {
        (Some(taint), _) => format!("tainted by {}: {}", taint.by, taint.reason),
        (None, Some(doubt)) => format!("something else may be deployed: {doubt}"),
        (None, None) => "something else may be deployed than what was last recorded".to_owned(),
    }
}

fn pending(attempt: &Attempt) -> String {
    let state = match attempt.state {
        State::Building => "is under way",
        State::Pending => "is built and waits for its deploy",
        State::Deploying => "is being deployed",
        State::Failed => "failed and may have left something",
    };
    let who = match (&attempt.stands_for, &attempt.revision) {
        (Some(count), _) => format!("one of {count} older attempts"),
        (None, Some(revision)) => format!("an attempt at {}", crate::base::text::short_revision(revision)),
        (None, None) => "an attempt".to_owned(),
    };
    let build = attempt.build.as_ref().map(|build| format!(" (build {build})")).unwrap_or_default();
    format!("{who}{build} {state}")
}

fn output_missing(question: &Question<'_>, deploy: &Deploy) -> Option<String> {
    question.required.iter().find_map(|(name, shape)| match deploy.release.outputs.get(name) {
        None => Some(format!("its output {name} was not recorded")),
        Some(value) if !shape.fits(value) => Some(format!("its output {name} is not like `{}`", shape.text())),
        Some(_) => None,
    })
}

fn too_old(question: &Question<'_>, deploy: &Deploy) -> Option<String> {
    let limit = question.max_skip_age?;
    let age = question.at.duration_since(deploy.recorded_at);
    if age < -CLOCK_SKEW {
        return Some("its deploy is dated in the future: a clock is wrong".to_owned());
    }
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    (age > limit).then(|| "its deploy is older than max_skip_age".to_owned())
}

#[cfg(test)]
mod tests;
