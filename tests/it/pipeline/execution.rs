//! One execution of a pipeline, and what it does next.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::deployed::Half;
use super::history::Content;

/// Where recording happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One stage builds, deploys and records.
    OneStep,
    /// One stage builds, a later one deploys.
    TwoStep,
}

/// The next command of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Decide,
    /// Asks for what is recorded of another service, where the decision has handed over nothing.
    Ask,
    Stage,
    Begin,
    Copy(Half),
    Record,
    Promote,
    /// What follows a build that failed: the command of its `post_build` phase.
    Fail,
}

/// An execution.
#[derive(Debug, Clone)]
pub(super) struct Execution {
    /// Its number; a rollback has one of its own.
    pub(super) id: usize,
    pub(super) commit: usize,
    /// The number of its build. A retry has another.
    pub(super) build: usize,
    pub(super) step: Step,
    /// What it deploys of each service.
    pub(super) deploys: BTreeMap<&'static str, Rc<Content>>,
    /// What it deploys again of other services, and was not told.
    pub(super) asks: Vec<&'static str>,
    /// The services that need not be built.
    pub(super) skipped: Vec<&'static str>,
    /// What its build exported.
    pub(super) candidate: Option<String>,
    /// Whether it goes back to an earlier deploy, of which nobody was told yet.
    pub(super) untold: bool,
}

impl Execution {
    pub(super) fn new(id: usize, commit: usize, build: usize) -> Self {
        Self {
            id,
            commit,
            build,
            step: Step::Decide,
            deploys: BTreeMap::new(),
            asks: Vec::new(),
            skipped: Vec::new(),
            candidate: None,
            untold: false,
        }
    }

    /// Whether it may still deploy other bytes of a service than these. Of a rollback that has not begun nobody can know.
    pub(super) fn threatens(&self, service: &str, content: &Content) -> bool {
        let over =
            matches!(self.step, Step::Decide | Step::Ask | Step::Stage | Step::Record | Step::Promote | Step::Fail);
        !over && !self.untold && self.deploys.get(service).is_some_and(|mine| **mine != *content)
    }

    /// The same execution once more, from its first command, in a new build.
    pub(super) fn retried(&self, build: usize) -> Self {
        Self::new(self.id, self.commit, build)
    }
}

impl std::fmt::Display for Execution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "execution {}, build {}, commit {}: {:?}", self.id, self.build, self.commit, self.step)
    }
}
