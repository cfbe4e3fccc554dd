//! The decision: one pure function from what is there now and what is remembered to a reason with its evidence.
//!
//! No clock, no files, no errors: whatever could fail has failed before and comes in as a value, for "unknown" is an answer
//! too, and it builds.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use super::evidence::Evidence;
use super::inputs::CurrentInputs;
use super::mark::{AttemptId, Build, Clock, Deploy, Home, Later, Mark, Skip, Unseen};
use super::marks::Known;
use super::tokens::Claim;
use crate::base::clock::CLOCK_TOLERANCE;
use crate::base::fingerprint::same;
use crate::base::names::OutputName;
use crate::pattern::shape::OutputShape;

/// All that a decision depends on.
#[derive(Debug)]
pub struct DecisionInput<'a> {
    /// What is in front of us.
    pub inputs: &'a CurrentInputs,
    /// What the store says.
    pub known: &'a Known,
    /// `--force`.
    pub forced: bool,
    /// Who asks.
    pub home: Option<&'a Home>,
    /// The build that asks.
    pub build: &'a Build,
    /// The build's own entries, which do not count.
    pub mine: &'a [AttemptId],
    /// Outputs without which there is no skip.
    pub outputs: &'a BTreeMap<OutputName, OutputShape>,
    /// A deploy older than this builds anyway.
    pub max_skip_age: Option<Duration>,
    /// The time of the read.
    pub now: Clock,
}

/// The first reason that holds, but `gone` and `shadow`, which only hold where it would skip.
pub fn decide(question: &DecisionInput<'_>) -> Evidence {
    if question.forced {
        return Evidence::Forced;
    }
    if let Some(evidence) = unknown_inputs(question.inputs) {
        return evidence;
    }
    match readable(question.known) {
        Ok(mark) => judge(question, mark),
        Err(evidence) => evidence,
    }
}

/// Why the inputs are unknown, where they are.
pub(super) fn unknown_inputs(seen: &CurrentInputs) -> Option<Evidence> {
    match &seen.unreadable {
        Some(cause) => return Some(Evidence::SourceUnreadable(cause.clone())),
        None if !seen.selects => return Some(Evidence::NoInputs),
        None if !seen.env_missing.is_empty() => return Some(Evidence::EnvMissing(seen.env_missing.clone())),
        None => {}
    }
    seen.content.is_none().then(|| Evidence::SourceUnreadable("its inputs could not be read".to_owned()))
}

/// R14: whether the skip that a claim stands for still holds. What came later in its lane comes after it.
pub fn confirmed(claim: &Claim, known: &Known, now: Clock) -> Evidence {
    let mark = match readable(known) {
        Ok(mark) => mark,
        Err(evidence) => return evidence,
    };
    let later = claim.lane.as_ref().map(|lane| Later { lane, serial: claim.serial });
    match mark.skip(Some(&claim.content), claim.home.as_ref(), &[], later, now) {
        Skip::Holds(_) => Evidence::Unchanged,
        Skip::NeverDeployed => never_deployed(mark, &[]),
        Skip::OtherHome(deploy) => other_home(deploy, claim.home.as_ref()),
        Skip::Uncertain(_, attempt) => Evidence::Uncertain(Box::new(attempt.clone())),
        Skip::Changed(_) => Evidence::Changed,
        Skip::Pending(_, attempt) => Evidence::Pending(Box::new(attempt.clone())),
    }
}

fn readable(known: &Known) -> Result<&Mark, Evidence> {
    match known {
        Known::Unavailable(cause) => Err(Evidence::StateUnavailable(cause.clone())),
        Known::Damaged { cause, .. } => Err(Evidence::StateDamaged(cause.clone())),
        Known::Absent => Err(Evidence::NeverDeployed(None)),
        Known::Mark(mark) if mark.newer.is_some() => Err(Evidence::StateNewer),
        Known::Mark(mark) => Ok(mark),
    }
}

fn never_deployed(mark: &Mark, mine: &[AttemptId]) -> Evidence {
    let under_way = mark.attempts.iter().rev().find(|attempt| !mine.contains(&attempt.id));
    Evidence::NeverDeployed(under_way.cloned().map(Box::new))
}

fn other_home(deploy: &Deploy, mine: Option<&Home>) -> Evidence {
    Evidence::OtherHome { theirs: deploy.home.clone().map(Box::new), mine: mine.cloned().map(Box::new) }
}

fn judge(question: &DecisionInput<'_>, mark: &Mark) -> Evidence {
    let (seen, home) = (question.inputs, question.home);
    let skip = mark.skip(seen.content.as_ref(), home, question.mine, None, question.now);
    let deploy = match &skip {
        Skip::NeverDeployed => return never_deployed(mark, question.mine),
        Skip::OtherHome(deploy) => return other_home(deploy, home),
        Skip::Uncertain(deploy, _) | Skip::Changed(deploy) | Skip::Pending(deploy, _) | Skip::Holds(deploy) => *deploy,
    };
    let execution = question.build.execution.as_ref();
    if let Some(execution) = execution.filter(|_| execution == deploy.release.build.execution.as_ref()) {
        return Evidence::SameExecution(execution.clone());
    }
    let unmatched = || {
        let matched = deploy.release.matched.intersection(&seen.unmatched);
        matched.cloned().collect::<Vec<String>>()
    };
    match skip {
        Skip::Uncertain(_, attempt) => Evidence::Uncertain(Box::new(attempt.clone())),
        Skip::Changed(deploy) => changed(seen, deploy),
        Skip::Pending(..) | Skip::Holds(_) if !unmatched().is_empty() => Evidence::PatternsUnmatched(unmatched()),
        Skip::Pending(_, attempt) => Evidence::Pending(Box::new(attempt.clone())),
        _ => declared(question.outputs, &deploy.release.outputs)
            .or_else(|| too_old(question, deploy))
            .unwrap_or(Evidence::Unchanged),
    }
}

fn changed(seen: &CurrentInputs, deploy: &Deploy) -> Evidence {
    if deploy.release.content.is_none() {
        return Evidence::ChangedFromUnknown;
    }
    let unseen: Vec<Unseen> = seen.unseen.symmetric_difference(&deploy.release.unseen).copied().collect();
    if unseen.is_empty() { Evidence::Changed } else { Evidence::ChangedUnseen(unseen) }
}

/// What is wrong with recorded outputs, where something is.
pub fn declared(
    declared: &BTreeMap<OutputName, OutputShape>,
    recorded: &BTreeMap<OutputName, String>,
) -> Option<Evidence> {
    declared.iter().find_map(|(name, shape)| match recorded.get(name) {
        None => Some(Evidence::OutputMissing(name.clone())),
        Some(value) if !shape.fits(value) => Some(Evidence::OutputShape(name.clone(), shape.text().to_owned())),
        Some(_) => None,
    })
}

/// The same for shapes that have travelled as texts.
pub(super) fn declared_as(
    shapes: &BTreeMap<OutputName, String>,
    recorded: &BTreeMap<OutputName, String>,
) -> Option<Evidence> {
    shapes.iter().find_map(|(name, text)| match (recorded.get(name), OutputShape::parse(text)) {
        (None, _) => Some(Evidence::OutputMissing(name.clone())),
        (Some(value), Ok(shape)) if shape.fits(value) => None,
        // A shape that this version cannot read fits nothing.
        (Some(_), _) => Some(Evidence::OutputShape(name.clone(), text.clone())),
    })
}

/// Whether the outputs of a build are among those that it was handed: a script may report them without asking whether it
/// has built.
pub(super) fn repeats(given: &BTreeMap<OutputName, String>, handed: &BTreeMap<OutputName, String>) -> bool {
    given.iter().all(|(name, value)| handed.get(name) == Some(value))
}

/// By the store's clock: a date of the future, or no time at all, counts as too old.
fn too_old(question: &DecisionInput<'_>, deploy: &Deploy) -> Option<Evidence> {
    let limit = question.max_skip_age?;
    let Some(now) = question.now.store else {
        return Some(Evidence::TooOldUnknown("the store does not say what time it is, so its deploy may be too old"));
    };
    let age = now.duration_since(deploy.recorded_at);
    if age < -CLOCK_TOLERANCE {
        return Some(Evidence::TooOldUnknown("its deploy has a date in the future: a clock is wrong"));
    }
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    (age > limit).then_some(Evidence::TooOld)
}

/// The decision between two sources, without a store (`plan --base`).
pub fn between(base: &CurrentInputs, seen: &CurrentInputs) -> Evidence {
    unknown_inputs(seen).unwrap_or_else(|| {
        if same(base.content.as_ref(), seen.content.as_ref()) { Evidence::Unchanged } else { Evidence::Changed }
    })
}
