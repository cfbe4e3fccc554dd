//! A pipeline with what its actions do, and the questions that rules ask of it.

use std::collections::BTreeSet;

use super::Template;
use super::calls::{Call, CallStep};
use super::doing::{Doing, doing};
use super::imports::TemplateSet;
use super::model::{ActionModel, PipelineModel, StageModel};
use super::node::{Spot, TemplateNode};
use super::reader::Notation;
use super::variables::{Subject, VariableUse, uses};
use crate::base::names::EnvironmentName;
use crate::base::text::printable;
use crate::map::ServiceMap;
use crate::map::lint_codes::Code;
use crate::upkeep::lint::{Contents, Finding, FindingPlace};

/// A pipeline, stage by stage.
pub(super) struct Story<'m> {
    /// The templates that are checked together.
    pub(super) all: TemplateSet<'m>,
    pub(super) template: &'m Template,
    pub(super) pipeline: &'m PipelineModel,
    pub(super) stages: Vec<StageStory<'m>>,
}

/// A stage with what its actions do, in their run order.
pub(super) struct StageStory<'m> {
    pub(super) stage: &'m StageModel,
    pub(super) acts: Vec<Act<'m>>,
}

/// An action and what it does.
pub(super) struct Act<'m> {
    pub(super) action: &'m ActionModel,
    pub(super) doing: Doing<'m>,
}

/// A finding and its position.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) at: Spot,
    pub(super) finding: Finding,
}

impl<'m> Story<'m> {
    /// Of a pipeline of this template.
    pub(super) fn new(
        all: TemplateSet<'m>,
        template: &'m Template,
        pipeline: &'m PipelineModel,
        contents: &Contents,
    ) -> Self {
        let role = pipeline.properties.get("RoleArn");
        let act = |action: &'m ActionModel| Act { action, doing: doing(action, all, role, contents) };
        let stages = pipeline.stages.iter();
        let stages = stages.map(|stage| StageStory { stage, acts: stage.actions.iter().map(act).collect() });
        Self { all, template, pipeline, stages: stages.collect() }
    }

    /// All actions.
    pub(super) fn acts(&self) -> impl Iterator<Item = &Act<'m>> {
        self.stages.iter().flat_map(|stage| &stage.acts)
    }

    /// Whether any action calls shipmark, or a stage is skipped on its decision.
    pub(super) fn uses_shipmark(&self) -> bool {
        let decided = |stage: &StageStory<'_>| {
            stage.condition_variables().iter().any(|used| used.name.starts_with("BUILD_SKIPPED"))
        };
        self.writes_marks() || self.stages.iter().any(decided)
    }

    /// Whether any action writes marks.
    pub(super) fn writes_marks(&self) -> bool {
        self.acts().any(|act| act.doing.writes())
    }

    /// The environments of its marks that are known.
    pub(super) fn environments(&self) -> BTreeSet<&str> {
        let writing = self.acts().filter(|act| act.doing.writes());
        writing.filter_map(|act| act.doing.environment.known()).collect()
    }

    /// Its environment, if it is a single one.
    pub(super) fn environment(&self) -> Option<EnvironmentName> {
        let all = self.environments();
        let mut all = all.into_iter();
        match (all.next(), all.next()) {
            (Some(only), None) => EnvironmentName::new(only).ok(),
            _ => None,
        }
    }

    /// The services that the pipeline decides about or deploys; all if that cannot be told.
    pub(super) fn services(&self, map: &ServiceMap) -> BTreeSet<usize> {
        let mut services = BTreeSet::new();
        for act in self.acts() {
            services.extend(act.doing.calls.iter().flat_map(|call| self.services_of(call, map)));
        }
        let used = self.stages.iter().flat_map(StageStory::condition_variables);
        services.extend(used.filter_map(|used| match used.decided(map) {
            Subject::Service(service) => Some(service),
            _ => None,
        }));
        services
    }

    /// The services of a call that decides or records; all if that cannot be told. None of one that has a candidate.
    pub(super) fn services_of(&self, call: &Call, map: &ServiceMap) -> BTreeSet<usize> {
        if matches!(call.step, CallStep::Begin | CallStep::Promote | CallStep::Confirm) {
            return BTreeSet::new();
        }
        let named: Option<BTreeSet<usize>> = call.services.iter().map(|name| service(map, name)).collect();
        match named {
            Some(named) if !named.is_empty() => named,
            _ => (0..map.services.len()).collect(),
        }
    }

    /// Its name for people.
    pub(super) fn name(&self) -> String {
        printable(self.pipeline.name.known().unwrap_or(&self.pipeline.id).as_bytes())
    }

    /// A finding at a position, or at that of the pipeline if it is not known.
    pub(super) fn found(&self, code: Code, at: Spot, message: impl Into<String>) -> Placed {
        placed(self.all, code, if at.line == 0 { self.pipeline.at } else { at }, message)
    }

    /// That something cannot be told.
    pub(super) fn unknown(&self, at: Spot, message: impl Into<String>) -> Placed {
        let found = self.found(Code::Unknown, at, message);
        match self.template.notation {
            Notation::Terraform => found.hint(
                "check what was applied too, `terraform show -json > state.json`, or check by eye and allow this",
            ),
            Notation::Yaml | Notation::Json => found,
        }
    }
}

/// A finding in one of the templates.
pub(super) fn placed(all: TemplateSet<'_>, code: Code, at: Spot, message: impl Into<String>) -> Placed {
    let place = FindingPlace::File { path: all.0[at.file].file.clone(), line: at.line as usize };
    Placed { at, finding: Finding::new(code, place, message) }
}

/// The service of that name.
pub(super) fn service(map: &ServiceMap, name: &str) -> Option<usize> {
    map.services.iter().position(|service| service.name.as_str() == name)
}

impl Placed {
    /// Replaces the advice.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.finding = self.finding.hint(hint);
        self
    }

    /// Sets the notes.
    pub(super) fn notes(mut self, notes: Vec<String>) -> Self {
        self.finding = self.finding.notes(notes);
        self
    }
}

impl StageStory<'_> {
    /// Whether a decision may skip it.
    pub(super) fn may_be_skipped(&self) -> bool {
        !self.stage.skips.is_empty()
    }

    /// The variables of the conditions that skip it.
    pub(super) fn condition_variables(&self) -> Vec<VariableUse> {
        let rules = self.stage.skips.iter().flat_map(|skip| skip.get("Rules").items());
        let variables = rules.filter_map(|rule| rule.path(&["Configuration", "Variable"]).symbol());
        variables.flat_map(uses).collect()
    }

    /// Whether it deploys something that marks tell of: it has a deploy action, or begins a candidate. One that only promotes and
    /// always runs confirms skips.
    pub(super) fn deploys(&self) -> bool {
        self.acts.iter().any(|act| act.action.category == "Deploy" || act.doing.does(CallStep::Begin))
            || (self.may_be_skipped() && self.acts.iter().any(|act| act.doing.does(CallStep::Promote)))
    }

    /// What is promoted or confirmed, with the action of each.
    pub(super) fn confirmed(&self) -> Vec<(&Act<'_>, &str)> {
        [self.candidates(CallStep::Promote), self.candidates(CallStep::Confirm)].concat()
    }

    /// The candidates that calls of this kind are given, with the action of each.
    pub(super) fn candidates(&self, step: CallStep) -> Vec<(&Act<'_>, &str)> {
        let of_act = |act| -> Vec<(&Act<'_>, &str)> {
            let act: &Act<'_> = act;
            let calls = act.doing.calls.iter().filter(|call| call.step == step);
            calls.flat_map(|call| &call.candidates).map(|candidate| (act, candidate.as_str())).collect()
        };
        self.acts.iter().flat_map(of_act).collect()
    }
}

impl Act<'_> {
    /// Where its variables are written.
    pub(super) fn variables_at(&self) -> Spot {
        let own = ["EnvironmentVariables", "UserParameters"].map(|key| self.action.configuration.get(key));
        let own = own.into_iter().chain([self.action.properties.get("Commands")]).find(|node| !node.is_absent());
        own.map_or(self.action.at, |node: &TemplateNode| node.at_or(self.action.at))
    }
}
