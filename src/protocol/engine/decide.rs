//! `decide` and `plan`: the decisions of one call, and the attempts that are opened before they are told.

use std::collections::BTreeMap;

use super::core::{Engine, ToVerify, Verified};
use super::evidence::Evidence;
use super::inputs::CurrentInputs;
use super::judgement::{Deploys, Judged, Judgement};
use super::mark::{AttemptId, Deploy, Lane};
use super::marks::{Marks, Moment};
use super::opening::Opened;
use super::policy::Asked;
use super::refusal::Refusal;
use super::step::Step;
use super::ticket::{Pin, Ticket, TicketEntry};
use crate::base::key::Key;
use crate::base::names::{OutputName, ServiceName};

pub use super::judgement::Reuse;

/// The decision about one service in one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceDecision {
    /// Whose mark.
    pub key: Key,
    /// Why it builds or skips.
    pub evidence: Evidence,
    /// The attempt; of a skip the id that it would have.
    pub attempt: AttemptId,
    /// The inputs that were judged: those of the first decision of this build.
    pub inputs: CurrentInputs,
    /// The last deploy, where one is known.
    pub baseline: Option<Deploy>,
    /// Whether that is surely what is live.
    pub certain: bool,
    /// The outputs that are handed on, of a skip or a reuse.
    pub outputs: BTreeMap<OutputName, String>,
    /// Whether another environment's deploy is deployed without building.
    pub reuse: Reuse,
    /// The recorded outputs of what its deploy deploys again, as they are pinned.
    pub redeploys: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// Whether the attempt, or that of something that it deploys again, could not be written: what is recorded will be uncertain.
    pub unwritten: bool,
}

impl ServiceDecision {
    /// Whether it is skipped.
    pub fn skips(&self) -> bool {
        self.evidence.skips()
    }
}

/// What one call decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decided {
    /// The services, in the order in which they were asked for.
    pub services: Vec<ServiceDecision>,
    /// The services that have a mark and are not in the map.
    pub orphans: Vec<Key>,
    /// The deploys to be verified first. Where there are any, nothing is decided and nothing is written: run the commands, read all
    /// marks again, and ask again.
    pub verify: Vec<ToVerify>,
}

impl Engine {
    /// Decides, and opens the attempts of what builds. `verified` is what `--verify` said so far; `None` without it.
    ///
    /// # Errors
    /// The request does not fit the ticket or the map.
    pub fn decide(
        &self,
        asked: &[Asked],
        marks: &Marks,
        ticket: &Ticket,
        verified: Option<&Verified>,
        now: &Moment,
    ) -> Result<Step<Decided>, Refusal> {
        let judgement = Judgement::new(self, asked, marks, ticket, now, Deploys::ByOneBuild).verified(verified);
        let (decided, opened) = judgement.settled(&|_| None)?;
        let mut ticket = ticket.clone();
        match opened {
            Some(opened) => {
                opened.entries.iter().for_each(|entry| ticket.put(entry.clone()));
                Ok(opened.draft.step(decided, Some(ticket)))
            }
            None => Ok(Step { told: decided, names: vec![], writes: vec![], removals: vec![], ticket: Some(ticket) }),
        }
    }

    /// What `decide` would say. Where the caller's home is unknown it asks for whoever deployed last. Nothing is written.
    ///
    /// # Errors
    /// A service is not in the map.
    pub fn plan(&self, asked: &[Asked], marks: &Marks, now: &Moment) -> Result<Decided, Refusal> {
        let ticket = Ticket::new(None);
        let judgement = Judgement::new(self, asked, marks, &ticket, now, Deploys::ByOneBuild).any_home();
        judgement.settled(&|_| None).map(|(decided, _)| decided)
    }
}

impl<'a> Judgement<'a> {
    /// Decides, and opens what must be open; again where a list is full. Nothing is opened while something is to be verified.
    pub(super) fn settled(
        mut self,
        lane: &dyn Fn(&Key) -> Option<Lane>,
    ) -> Result<(Decided, Option<Opened<'a>>), Refusal> {
        loop {
            self.judge()?;
            let verify = self.to_verify();
            if !verify.is_empty() {
                return Ok((Decided { verify, ..Decided::default() }, None));
            }
            match self.open(lane) {
                Ok(opened) => {
                    let decided = self.judged.iter().zip(&opened.entries);
                    let services = decided.map(|(judged, entry)| self.decision(judged, entry)).collect();
                    let orphans = opened.orphans.clone();
                    return Ok((Decided { services, orphans, verify }, Some(opened)));
                }
                Err(full) => self.view.is_full(&full.key, full.cause),
            }
        }
    }

    fn decision(&self, judged: &Judged<'_>, entry: &TicketEntry) -> ServiceDecision {
        let key = judged.key();
        let recorded = |pin: &Pin| pin.deploy.as_ref().map(|deploy| deploy.release.outputs.clone());
        let outputs = match (&judged.reuse, &entry.basis) {
            (Reuse::Yes(reused), _) => reused.release.outputs.clone(),
            (_, Some(basis)) => basis.release.outputs.clone(),
            _ => BTreeMap::new(),
        };
        let redeploys = entry.pins.iter().filter_map(|pin| Some((pin.service.clone(), recorded(pin)?)));
        ServiceDecision {
            key: key.clone(),
            evidence: judged.evidence.clone(),
            attempt: entry.attempt.clone(),
            inputs: entry.inputs.clone(),
            baseline: self.deployed(key).cloned(),
            certain: self.view.mark(key).is_some_and(super::mark::Mark::certain),
            outputs,
            reuse: judged.reuse.clone(),
            redeploys: redeploys.collect(),
            unwritten: entry.unwritten || entry.pins.iter().any(|pin| pin.unwritten),
        }
    }
}
