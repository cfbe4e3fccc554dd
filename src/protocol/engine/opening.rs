//! R1: what is written before a decision is reported.
//!
//! An attempt in every mark that the deploy will touch: of the services that are built, of those redeployed with them,
//! and of orphans. The report and the writes come from the same marks.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::core::Engine;
use super::drafting::{StepDraft, Unusable};
use super::evidence::Evidence;
use super::judgement::{Judged, Judgement, Reuse};
use super::mark::{AttemptId, Lane, Opening, Rest};
use super::marks::{Known, StoredNames};
use super::policy::EnvironmentPolicy;
use super::ticket::{Closed, Orphan, Pin, TicketEntry};
use crate::base::key::Key;
use crate::base::names::OutputName;
use crate::pattern::shape::OutputShape;

/// A mark whose list is full.
pub(super) struct FullMark {
    pub(super) key: Key,
    pub(super) cause: String,
}

/// Attempts that were opened on copies of the marks, and the ticket entries for them.
pub(super) struct Opened<'m> {
    pub(super) draft: StepDraft<'m>,
    pub(super) entries: Vec<TicketEntry>,
    pub(super) orphans: Vec<Key>,
}

/// The lane of an attempt: that of `decide --stage`, if a mark is touched by only one deploy stage.
pub(super) type LaneOf<'l> = &'l dyn Fn(&Key) -> Option<Lane>;

impl<'a> Judgement<'a> {
    /// Opens the necessary attempts. If a list is full, all of them are discarded, and the services must be decided
    /// again.
    pub(super) fn open(&self, lane: LaneOf<'_>) -> Result<Opened<'a>, FullMark> {
        let mut draft = StepDraft::new(self.view.marks, self.now);
        let mut orphans: BTreeMap<Key, bool> = BTreeMap::new();
        for environment in self.environments() {
            for key in self.engine.orphans(environment, self.view.marks) {
                if let Entry::Vacant(new) = orphans.entry(key) {
                    let written = self.orphan(&mut draft, new.key())?;
                    new.insert(written);
                }
            }
        }
        let mut entries = Vec::new();
        for judged in &self.judged {
            entries.push(self.entry(&mut draft, judged, &orphans, lane)?);
        }
        Ok(Opened { draft, entries, orphans: orphans.into_keys().collect() })
    }

    /// R1 for a service that is not in the map. Returns false if it could not be warned.
    fn orphan(&self, draft: &mut StepDraft<'_>, key: &Key) -> Result<bool, FullMark> {
        // Without a mark, or with a damaged one, there is nothing that could be skipped.
        if matches!(self.view.known(key), Known::Absent | Known::Damaged { .. }) {
            return Ok(true);
        }
        if self.view.holds_no_more(key) {
            return Ok(false);
        }
        let seconds =
            self.engine.environments.get(&key.environment).map_or(0, EnvironmentPolicy::longest_build_seconds);
        let id = draft.id(key, &["orphan"]);
        let Ok((mark, clock)) = draft.mark(key) else { return Ok(false) };
        match mark.orphan(&id, &self.engine.caller.build, seconds, clock) {
            Ok(_) => Ok(true),
            Err(full) => Err(FullMark { key: key.clone(), cause: full.to_string() }),
        }
    }

    fn entry(
        &self,
        draft: &mut StepDraft<'_>,
        judged: &Judged<'_>,
        orphans: &BTreeMap<Key, bool>,
        lane: LaneOf<'_>,
    ) -> Result<TicketEntry, FullMark> {
        let key = judged.key();
        if let Some(earlier) = judged.earlier.filter(|_| judged.stands()) {
            return Ok(earlier.clone());
        }
        let (caller, skips) = (&self.engine.caller, judged.evidence.skips());
        let (pinned, built_along) = self.redeploys(judged);
        let mut pins = Vec::new();
        for other in pinned {
            pins.push(self.pin(draft, judged, &other, lane)?);
        }
        let mut entry = TicketEntry {
            key: key.clone(),
            store: caller.store.clone(),
            source: caller.source.clone(),
            map: caller.map,
            attempt: judged.attempt.clone(),
            reason: judged.evidence.reason(),
            detail: judged.evidence.to_string(),
            inputs: judged.inputs.clone().into_owned(),
            revision: judged
                .earlier
                .filter(|earlier| earlier.inputs_stand())
                .map_or(&caller.revision, |earlier| &earlier.revision)
                .clone(),
            build: caller.build.clone(),
            extras: caller.extras.clone().unwrap_or_default(),
            home: self.engine.home(&key.environment),
            build_timeout_seconds: judged.policy.build_timeout_seconds,
            deploy_timeout_seconds: self
                .engine
                .environments
                .get(&key.environment)
                .map_or(0, |of| of.deploy_timeout_seconds),
            basis: self.deployed(key).filter(|_| skips).cloned(),
            reused: match &judged.reuse {
                Reuse::Yes(reused) => Some(reused.as_ref().clone()),
                Reuse::No(_) | Reuse::NotConsidered => None,
            },
            shadow: judged.shadow.clone().filter(|_| judged.evidence == Evidence::Shadow),
            unwritten: false,
            pins,
            built_along,
            orphans: orphans_of(key, orphans),
            orphans_unknown: matches!(
                self.view.marks.names(&key.environment),
                None | Some(StoredNames::Unavailable(_))
            ),
            declared: judged.earlier.map_or_else(|| shapes(&judged.policy.outputs), |earlier| earlier.declared.clone()),
            outputs: judged.earlier.map(|earlier| earlier.outputs.clone()).unwrap_or_default(),
            candidates: judged.earlier.map(|earlier| earlier.candidates.clone()).unwrap_or_default(),
            failed: judged.earlier.is_some_and(|earlier| earlier.failed),
            closed: judged
                .earlier
                .and_then(|earlier| earlier.closed)
                .filter(|closed| skips && *closed == Closed::Staged),
            rest: Rest::new(),
        };
        if !skips {
            let opening = opening(&entry, lane(key));
            entry.unwritten = !self.write(draft, key, opening)?;
        }
        Ok(entry)
    }

    /// A redeploy of another service. A skip does not open anything; its deploy stage would.
    fn pin(
        &self,
        draft: &mut StepDraft<'_>,
        judged: &Judged<'_>,
        other: &Key,
        lane: LaneOf<'_>,
    ) -> Result<Pin, FullMark> {
        let by = &judged.key().service;
        let attempt = self.now.id(other, &["pin", by.as_str()]);
        let deploy = self.deployed(other).cloned();
        let mut pin = Pin { service: other.service.clone(), attempt, unwritten: false, deploy };
        if !judged.evidence.skips() {
            let lane = lane(other);
            pin.unwritten = !self.write(draft, other, pin_opening(self.engine, judged, &pin, lane))?;
            draft.stand_on(other);
        }
        Ok(pin)
    }

    /// Returns false if the store refuses, or the list is known to be full: then it is decided without the attempt.
    fn write(&self, draft: &mut StepDraft<'_>, key: &Key, opening: Opening) -> Result<bool, FullMark> {
        if self.view.holds_no_more(key) {
            return Ok(false);
        }
        match draft.mark(key) {
            Ok((mark, clock)) => match mark.open(opening, clock) {
                Ok(()) => Ok(true),
                Err(full) => Err(FullMark { key: key.clone(), cause: full.to_string() }),
            },
            Err(Unusable::Unavailable(_) | Unusable::Damaged(_)) => Ok(false),
        }
    }
}

fn orphans_of(key: &Key, orphans: &BTreeMap<Key, bool>) -> Vec<Orphan> {
    let mine = orphans.iter().filter(|(orphan, _)| orphan.environment == key.environment);
    mine.map(|(orphan, written)| Orphan { service: orphan.service.clone(), unwritten: !written }).collect()
}

fn opening(entry: &TicketEntry, lane: Option<Lane>) -> Opening {
    Opening {
        id: entry.attempt.clone(),
        content: entry.inputs.content,
        artifact: Some(entry.attempt.clone()),
        build: entry.build.clone(),
        revision: entry.revision.clone(),
        home: entry.home.clone(),
        timeout_seconds: entry.build_timeout_seconds,
        lane,
        pinned_by: None,
        reused: entry.reused.as_ref().map(|reused| reused.origin.clone()),
        shadow: entry.shadow.clone(),
        reason: Some(entry.reason.word().to_owned()),
    }
}

/// The declared shapes as texts.
fn shapes(declared: &BTreeMap<OutputName, OutputShape>) -> BTreeMap<OutputName, String> {
    declared.iter().map(|(name, shape)| (name.clone(), shape.text().to_owned())).collect()
}

fn pin_opening(engine: &Engine, judged: &Judged<'_>, pin: &Pin, lane: Option<Lane>) -> Opening {
    let release = pin.deploy.as_ref().map(|deploy| &deploy.release);
    Opening {
        id: pin.attempt.clone(),
        content: release.and_then(|release| release.content),
        artifact: pin.artifact(),
        build: engine.caller.build.clone(),
        revision: release.and_then(|release| release.revision.clone()),
        home: engine.home(&judged.key().environment),
        timeout_seconds: judged.policy.build_timeout_seconds,
        lane,
        pinned_by: Some(judged.key().service.clone()),
        reused: None,
        shadow: None,
        reason: None,
    }
}

impl Pin {
    /// The artifact that is redeployed; an artifact of its own if it is unknown.
    pub(super) fn artifact(&self) -> Option<AttemptId> {
        match self.deploy.as_ref() {
            Some(deploy) => deploy.artifact.clone(),
            None => Some(self.attempt.clone()),
        }
    }
}
