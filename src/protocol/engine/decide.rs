//! `decide` and `plan`: the decisions of one call, and the attempts that are opened before the decisions are reported.

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
    /// The mark's key.
    pub key: Key,
    /// Why it builds or skips.
    pub evidence: Evidence,
    /// The attempt; for a skip, the id that it would have had.
    pub attempt: AttemptId,
    /// The inputs that were judged: those of this build's first decision.
    pub inputs: CurrentInputs,
    /// The last deploy, if known.
    pub baseline: Option<Deploy>,
    /// Whether it is certainly live.
    pub certain: bool,
    /// The outputs that are passed on by a skip or a reuse.
    pub outputs: BTreeMap<OutputName, String>,
    /// Whether another environment's deploy is deployed without building.
    pub reuse: Reuse,
    /// The recorded outputs of the services that are redeployed with it, as pinned.
    pub redeploys: BTreeMap<ServiceName, BTreeMap<OutputName, String>>,
    /// Whether the attempt, or one for a service that is redeployed with it, could not be written: its record will be
    /// uncertain.
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
    /// The services that have a mark but are not in the map.
    pub orphans: Vec<Key>,
    /// The deploys to verify first. If there are any, nothing has been decided or written: run the commands, read all
    /// marks again, and ask again.
    pub verify: Vec<ToVerify>,
}

impl Engine {
    /// Decides, and opens the attempts of services that build. `verified` has the results of `--verify` so far; `None`
    /// without `--verify`.
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
                ticket.put(opened.entries.iter().cloned());
                Ok(opened.draft.step(decided, Some(ticket)))
            }
            None => Ok(Step { told: decided, names: vec![], writes: vec![], removals: vec![], ticket: Some(ticket) }),
        }
    }

    /// What `decide` would say. If the caller's home is unknown, it assumes the home of the last deploy. Nothing is
    /// written.
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
    /// Decides, and opens the necessary attempts; decides again if a list is full. Nothing is opened while there is
    /// something to verify.
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
