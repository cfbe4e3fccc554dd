//! Shadow: an environment that never skips, but counts how often a skip would have passed on what the build produced.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::home::Rest;
use super::ids::AttemptId;
use super::release::{Build, build_text};
use super::{Clock, Mark};
use crate::base::clock::age;
use crate::base::names::OutputName;
use crate::base::text::list;

/// How many contradictions are kept.
const MOST_CONTRADICTIONS: usize = 20;

/// What a skip would have passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowBasis {
    /// The deploy that the skip would have relied on.
    pub deploy: AttemptId,
    /// Its declared outputs.
    pub outputs: BTreeMap<OutputName, String>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// A shadow build that did not produce what a skip would have passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// When it was recorded.
    pub at: Timestamp,
    /// The deploy that was recorded.
    pub deploy: AttemptId,
    /// The deploy that the skip would have relied on.
    pub instead_of: AttemptId,
    /// The outputs that differ.
    pub outputs: Vec<OutputName>,
    /// The build, for people: its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build: Option<String>,
    /// The build, for people: where it can be found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The build, for people: its number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

/// The counts, which are not used to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// Builds that produced what a skip would have passed on.
    pub agreed: u64,
    /// Builds that produced something else.
    pub contradicted: u64,
    /// The last contradictions, newest first.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Fields that a newer version has added.
    #[serde(flatten)]
    pub rest: Rest,
}

impl Contradiction {
    /// What differed, in which build, and when: `IMAGE_URI differed in build x:4 (https://…), 3 days ago`.
    pub fn sentence(&self, now: Timestamp) -> String {
        let names: Vec<&str> = self.outputs.iter().map(OutputName::as_str).collect();
        let build = build_text(self.number.as_deref(), self.build.as_deref(), self.url.as_deref());
        let build = build.unwrap_or_else(|| "a build that did not name itself".to_owned());
        format!("{} differed in {build}, {}", list(&names), age(now, self.at))
    }
}

impl Shadow {
    /// How many builds a skip would have saved.
    pub fn saved(&self) -> u64 {
        self.agreed.saturating_add(self.contradicted)
    }

    /// Counts a deploy whose attempt was built in shadow.
    pub(super) fn count(
        &mut self,
        basis: &ShadowBasis,
        deploy: &AttemptId,
        outputs: &BTreeMap<OutputName, String>,
        build: &Build,
        at: Timestamp,
    ) {
        let differ: Vec<OutputName> = basis
            .outputs
            .iter()
            .filter(|(name, value)| outputs.get(*name) != Some(*value))
            .map(|(name, _)| name.clone())
            .collect();
        if differ.is_empty() {
            self.agreed = self.agreed.saturating_add(1);
            return;
        }
        self.contradicted = self.contradicted.saturating_add(1);
        let contradiction = Contradiction {
            at,
            deploy: deploy.clone(),
            instead_of: basis.deploy.clone(),
            outputs: differ,
            build: build.id.clone(),
            url: build.url.clone(),
            number: build.number.clone(),
            rest: Rest::new(),
        };
        self.contradictions.insert(0, contradiction);
        self.contradictions.truncate(MOST_CONTRADICTIONS);
    }
}

impl Mark {
    /// A person has seen the counts: they start again. Returns false, without a change, if there are none.
    pub fn clear_shadow(&mut self, now: Clock) -> bool {
        let counted = self.shadow.is_some();
        if counted {
            self.touch(now);
            self.shadow = None;
        }
        counted
    }
}
