//! The stages of one pipeline, and how executions take turns in them.

use super::execution::{Execution, Shape, Step};

/// The execution mode of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A stage holds one execution; one that waits is overtaken by the next.
    Superseded,
    /// A stage holds one execution; they wait in line.
    Queued,
    /// Executions know nothing of each other.
    Parallel,
}

/// How many executions of a PARALLEL pipeline there are at once.
const AT_ONCE: usize = 3;

/// One pipeline: a stage that builds and, in two steps, one that deploys.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    mode: Mode,
    /// What it deploys.
    pub(super) services: Vec<&'static str>,
    /// Pushed, before the first stage.
    inbound: Vec<Execution>,
    pub(super) building: Vec<Execution>,
    /// Before the second stage.
    waiting: Vec<Execution>,
    pub(super) deploying: Vec<Execution>,
    /// Stopped and abandoned, while the build goes on.
    pub(super) abandoned: Vec<Execution>,
    /// What failed in each stage. It may be retried until a newer execution has taken the stage.
    pub(super) failed_build: Option<Execution>,
    pub(super) failed_deploy: Option<Execution>,
    /// What may be rolled back to.
    pub(super) shipped: Vec<Execution>,
}

impl Pipeline {
    pub(super) fn new(name: &'static str, shape: Shape, mode: Mode, services: Vec<&'static str>) -> Self {
        assert!((shape, mode) != (Shape::TwoStep, Mode::Parallel), "outside of what is promised");
        Self {
            name,
            shape,
            mode,
            services,
            inbound: Vec::new(),
            building: Vec::new(),
            waiting: Vec::new(),
            deploying: Vec::new(),
            abandoned: Vec::new(),
            failed_build: None,
            failed_deploy: None,
            shipped: Vec::new(),
        }
    }

    /// A new execution of a commit.
    pub(super) fn push(&mut self, execution: Execution) {
        arrive(&mut self.inbound, execution, self.mode);
    }

    /// An execution leaves the first stage for the second.
    pub(super) fn pass_on(&mut self, execution: Execution) {
        arrive(&mut self.waiting, execution, self.mode);
    }

    /// The first stage takes an execution if it has room.
    pub(super) fn enter_build(&mut self) {
        let room = if self.mode == Mode::Parallel { AT_ONCE } else { 1 };
        if self.building.len() < room && !self.inbound.is_empty() {
            self.building.push(self.inbound.remove(0));
            self.failed_build = None;
        }
    }

    /// The second stage takes an execution if it is free.
    pub(super) fn enter_deploy(&mut self, first: Step) {
        if self.deploying.is_empty() && !self.waiting.is_empty() {
            let execution = self.waiting.remove(0);
            self.take(Execution { step: first, ..execution });
        }
    }

    /// The second stage goes back to what it deployed once; earlier stages do not run again.
    pub(super) fn roll_back(&mut self, to: usize, id: usize, first: Step) {
        if self.deploying.is_empty() && !self.shipped.is_empty() {
            let old = self.shipped[to % self.shipped.len()].clone();
            self.take(Execution { id, step: first, untold: true, ..old });
        }
    }

    fn take(&mut self, execution: Execution) {
        self.deploying.push(execution);
        self.failed_deploy = None;
    }

    /// Whether an execution waits or runs that was not abandoned.
    pub(super) fn is_busy(&self) -> bool {
        [&self.inbound, &self.building, &self.waiting, &self.deploying].into_iter().any(|stage| !stage.is_empty())
    }

    /// All that may still run.
    pub(super) fn executions(&self) -> impl Iterator<Item = &Execution> {
        let stages = self.building.iter().chain(&self.waiting).chain(&self.deploying);
        stages.chain(&self.abandoned).chain(&self.failed_deploy)
    }

    /// A person stops everything, and no build goes on; or so that person believes.
    pub(super) fn stop(&mut self, goes_on: bool) {
        let building = if goes_on { std::mem::take(&mut self.building) } else { Vec::new() };
        for stage in
            [&mut self.inbound, &mut self.building, &mut self.waiting, &mut self.deploying, &mut self.abandoned]
        {
            stage.clear();
        }
        self.abandoned = building;
        (self.failed_build, self.failed_deploy) = (None, None);
    }
}

fn arrive(line: &mut Vec<Execution>, execution: Execution, mode: Mode) {
    if mode == Mode::Superseded {
        line.clear();
    }
    line.push(execution);
}
