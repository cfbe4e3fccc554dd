//! What is deployed, and what is promised about it.

use serde_json::{Value, json};

use super::super::template::{Action, Stage, variable};
use super::{Execution, SERVICES, Walk};

impl Walk {
    /// The promise.
    pub(super) fn decided(&mut self, execution: &mut Execution, variables: &Value) {
        execution.builds.clear();
        for service in SERVICES {
            let name = service.to_uppercase();
            if variables[format!("SHIPMARK_CANDIDATE_{name}")] == "false" {
                continue;
            }
            if variables[format!("BUILD_SKIPPED_{name}")] != "true" {
                execution.builds.push(service);
                continue;
            }
            self.counts.skipped += 1;
            let content = &execution.source[service];
            let why = |what: &str| format!("{service} {content} was skipped, and {what}: {}", self.site.log());
            assert_eq!(
                self.live.get(service).map(|(live, _)| live),
                Some(content),
                "{}",
                why("something else is live")
            );
            for at in 0..self.executions.len() {
                let other = &self.executions[at];
                let stage = self.deploy_stage(other, service);
                let harmless = other.id == execution.id || other.refused || other.stage > stage;
                if harmless || !other.builds.contains(&service) || other.source[service] == *content {
                    continue;
                }
                // Of two parents' children the one that begins first cancels the other: the `begin` of that must be refused.
                let waits = self.other_entry.is_some() && other.stage == stage && other.action == 0;
                let will = format!(
                    "execution {} will deploy something else (stage {}, action {}, failed {}, back {:?})",
                    other.id, other.stage, other.action, other.failed, other.only
                );
                assert!(waits, "{}", why(&will));
                self.executions[at].refused = true;
            }
            let goes_on = self.abandoned.iter().find(|(other, text, _)| *other == service && text != content);
            assert!(goes_on.is_none(), "{}", why("an abandoned build will deploy something else"));
        }
    }

    /// The stage of its pipeline that deploys a service.
    pub(super) fn deploy_stage(&self, execution: &Execution, service: &str) -> usize {
        let deploys = |stage: &Stage| {
            let own = |action: &Action| {
                action.provider == "CodeBuild"
                    && action.parameters.contains(&format!("\"{service}\""))
                    && !action.parameters.contains("\"build\"")
            };
            stage.actions.iter().any(own)
        };
        self.pipelines[&execution.pipeline].iter().position(deploys).unwrap_or(usize::MAX)
    }

    pub(super) fn build(&mut self, execution: &Execution, parameters: &str) -> Option<Value> {
        let variables: Value = serde_json::from_str(parameters).unwrap();
        let of = |name: &str| {
            let found = variables.as_array().unwrap().iter().find(|variable| variable["name"] == name);
            found.map(|variable| variable["value"].as_str().unwrap().to_owned())
        };
        let service = SERVICES.into_iter().find(|service| of("SERVICE").as_deref() == Some(service)).unwrap();
        let fails = |rng: &mut fastrand::Rng| !self.calm && rng.u8(..12) == 0;
        if fails(&mut self.rng) {
            return self.unseen.then(|| json!({ "IMAGE_URI": "r@none" }));
        }
        let content = execution.source[service].clone();
        if of("STEP").as_deref() != Some("build") {
            self.live.insert(service, (content.clone(), execution.id));
        }
        // It may fail after it has deployed.
        if !self.calm && self.rng.u8(..12) == 0 {
            return None;
        }
        Some(json!({ "IMAGE_URI": format!("r@{content}") }))
    }

    pub(super) fn ended(&mut self, execution: &Execution) {
        self.counts.ended += 1;
        let begun = variable(&execution.spaces, "D.BUILD_SKIPPED").is_some() && self.entry != "shop";
        for service in SERVICES.into_iter().filter(|_| begun) {
            let name = format!("D.SHIPMARK_CANDIDATE_{}", service.to_uppercase());
            if variable(&execution.spaces, &name) == Some("false") {
                continue;
            }
            let (live, by) = &self.live[service];
            let fine = *live == execution.source[service] || *by > execution.id;
            assert!(fine, "{service}: {live} of {by} is live at the end of {execution:?}");
        }
    }
}
