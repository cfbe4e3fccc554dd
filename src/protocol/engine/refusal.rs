//! Requests that the engine refuses: what is wrong with them, without naming commands or files.

use super::evidence::Evidence;
use super::mark::Full;
use crate::base::key::Key;
use crate::base::names::ServiceName;

/// Why a request is refused. Then nothing is written except doubt.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It was decided in this build with other `--extra`.
    #[error("`{service}` was decided in this build with other --extra values", service = .0.service)]
    ExtrasDiffer(Key),
    /// It was decided in this build from another source.
    #[error("`{service}` was decided in this build from another source, `{second}`", service = .0.service, second = .1)]
    OtherSource(Key, String),
    /// It was decided in this build with another map.
    #[error("`{service}` was decided in this build with another service map", service = .0.service)]
    OtherMap(Key),
    /// It is not on the ticket.
    #[error("`{service}` was not decided in this build", service = .0.service)]
    NotDecided(Key),
    /// The environment or the service is not in the map.
    #[error("`{service}` does not exist in the environment `{environment}`", service = .0.service, environment = .0.environment)]
    NotInMap(Key),
    /// Its rules select no files, so it would be unknown what was deployed.
    #[error("the rules of `{service}` select no file", service = .0.service)]
    NoInputs(Key),
    /// A declared output is missing or does not have the required shape.
    #[error("`{service}`: {second}", service = .0.service, second = .1)]
    Outputs(Key, Box<Evidence>),
    /// Outputs were given for a deploy that is reused unchanged.
    #[error("`{service}` reuses the deploy of another environment with its outputs, so it takes no others", service = .0.service)]
    ReusedOutputs(Key),
    /// It was staged in this build: `promote` records it.
    #[error("`{service}` was staged in this build: `shipmark promote` records its deploy", service = .0.service)]
    Staged(Key),
    /// It was recorded in this build.
    #[error("`{service}` was recorded in this build, so it cannot be staged", service = .0.service)]
    Recorded(Key),
    /// Its build failed.
    #[error("`{service}` failed in this build, so it cannot be staged", service = .0.service)]
    Failed(Key),
    /// It was staged in this build under that name.
    #[error("`{service}` was staged in this build as stage `{second}` already: give each deploy stage a name", service = .0.service, second = .1)]
    StagedTwice(Key, String),
    /// Something else was deployed since it was decided, and its deploy stage would undo that.
    #[error("`{service}`: another deploy was recorded since `{second}` was decided", service = .0.service, second = .1)]
    Overtaken(Key, ServiceName),
    /// A mark cannot be read or written, so it could not be warned.
    #[error("`{service}`: {second}", service = .0.service, second = .1)]
    Unwritten(Key, String),
    /// The list of attempts of a mark is full, so it could not be warned.
    #[error("the list of attempts of `{service}` in the environment `{environment}` is full: {Full}", service = .0.service, environment = .0.environment)]
    Full(Key),
    /// A mark is invalid, and is not overwritten.
    #[error("the mark of `{service}` in the environment `{environment}` is damaged: {second}", service = .0.service, environment = .0.environment, second = .1)]
    Damaged(Key, String),
    /// There is nothing to taint.
    #[error("`{service}` has no mark in the environment `{environment}`", service = .0.service, environment = .0.environment)]
    NoMark(Key),
}
