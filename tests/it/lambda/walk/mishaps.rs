//! What happens to executions besides failures: they are stopped, superseded and rolled back.

use super::{Execution, SERVICES, Walk};

impl Walk {
    /// A second pipeline that decides for the same fleet.
    pub(super) fn with_two_parents(mut self) -> Self {
        let other = format!("{}-hotfix", self.entry);
        self.pipelines.insert(other.clone(), self.pipelines[&self.entry].clone());
        self.other_entry = Some(other);
        self
    }

    /// Whether another execution is inside the stage that an execution comes to, or is in. One that has failed there waits for its retry,
    /// and gives way to whoever comes.
    pub(super) fn is_taken(&self, me: &Execution) -> bool {
        self.executions.iter().any(|other| {
            let inside = other.stage == me.stage && other.action > 0 && !other.failed;
            other.id != me.id && other.pipeline == me.pipeline && inside
        })
    }

    /// An execution that comes to a stage takes the place of what has failed there, which can no longer be retried. Gives its new index.
    pub(super) fn enter(&mut self, at: usize) -> usize {
        let me = self.executions[at].clone();
        let gone = |other: &Execution| {
            other.id != me.id && other.failed && other.stage == me.stage && other.pipeline == me.pipeline
        };
        if me.action == 0 && !me.failed {
            self.executions.retain(|other| !gone(other));
        }
        self.executions.iter().position(|other| other.id == me.id).unwrap()
    }

    /// Keeps what a stage needs that is gone back to, and what a rollback deploys from now on.
    pub(super) fn note(&mut self, execution: &mut Execution) {
        let stage = &self.pipelines[&execution.pipeline][execution.stage];
        let deployed: Vec<&str> =
            SERVICES.into_iter().filter(|it| self.deploy_stage(execution, it) == execution.stage).collect();
        if deployed.is_empty() {
            return;
        }
        let done = &stage.actions[execution.action - 1];
        let begins = done.provider == "CodeBuild" || done.parameters.contains("\"begin\"");
        if begins && execution.only.is_some() && execution.builds.is_empty() {
            // It comes after whatever was decided before it began.
            self.next += 1;
            execution.id = self.next;
            execution.builds = deployed;
        }
        if execution.action == stage.actions.len() {
            self.passed.push(Execution { action: 0, ..execution.clone() });
        }
    }

    /// A stage is rolled back to an earlier execution that it has deployed: a new execution runs this stage alone, with the variables and
    /// the source of the old one.
    pub(super) fn roll_back(&mut self) {
        if self.passed.is_empty() {
            return;
        }
        let old = self.passed[self.rng.usize(..self.passed.len())].clone();
        let is_newest = self.passed.iter().rfind(|other| other.stage == old.stage && other.pipeline == old.pipeline);
        if is_newest.is_some_and(|newest| newest.id == old.id) {
            return;
        }
        self.next += 1;
        self.counts.rolled_back += 1;
        let mut back = Execution {
            id: self.next,
            only: Some(old.stage),
            failed: false,
            refused: false,
            builds: Vec::new(),
            ..old
        };
        if self.untold {
            for service in SERVICES {
                if self.deploy_stage(&back, service) == back.stage {
                    self.live.insert(service, (back.source[service].clone(), back.id));
                }
            }
            return;
        }
        let own = serde_json::json!({ "PipelineExecutionId": format!("e-{}", self.next) });
        back.spaces.insert("codepipeline".to_owned(), own);
        self.executions.push(back);
    }

    /// Of two executions that wait for the same stage, the newer one supersedes the other.
    pub(super) fn supersede(&mut self) {
        if !self.superseding || self.calm {
            return;
        }
        let waits = |one: &Execution| one.stage > 0 && one.action == 0 && !one.failed && one.only.is_none();
        let replaced = |at: &usize| {
            let one = &self.executions[*at];
            let same = |other: &Execution| other.pipeline == one.pipeline && other.stage == one.stage && waits(other);
            waits(one) && self.executions[at + 1..].iter().any(same)
        };
        let Some(at) = (0..self.executions.len()).find(replaced) else { return };
        self.executions.remove(at);
        self.counts.superseded += 1;
    }

    /// A person stops an execution and abandons its action: a build that runs goes on.
    pub(super) fn stop(&mut self) {
        if self.executions.is_empty() {
            return;
        }
        let execution = self.executions.remove(self.rng.usize(..self.executions.len()));
        self.counts.abandoned += 1;
        let stage = &self.pipelines[&execution.pipeline][execution.stage];
        let runs = stage
            .actions
            .get(execution.action)
            .is_some_and(|action| action.provider == "CodeBuild" && !execution.failed);
        for service in execution.builds.iter().filter(|_| runs) {
            if self.deploy_stage(&execution, service) == execution.stage {
                self.abandoned.push((service, execution.source[service].clone(), execution.id));
            }
        }
    }
}
