//! All decisions of one call: each service by itself, then the effects on each other.

mod doubts;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::agreement::{Vote, agree};
use super::core::{Engine, ToVerify, Verification, Verified, View};
use super::decision::{DecisionInput, decide};
use super::evidence::Evidence;
use super::inputs::CurrentInputs;
use super::mark::{Attempt, AttemptId, Clock, Deploy, Home, Rest, ShadowBasis};
use super::marks::{Marks, Moment};
use super::policy::{Asked, ServicePolicy};
use super::reason::Reason;
use super::refusal::Refusal;
use super::ticket::{ReusedRelease, Ticket, TicketEntry};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, OutputName, ServiceName};

/// How the services of a call are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deploys {
    /// One build deploys all of them, so environments must agree, and the services it builds do not need pins.
    ByOneBuild,
    /// Each deploy stage builds for itself (`decide --stage`).
    ByStages,
}

/// Whether another environment's deploy may be deployed without building.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reuse {
    /// It was not considered.
    #[default]
    NotConsidered,
    /// No; the text says why.
    No(String),
    /// Yes, this one.
    Yes(Box<ReusedRelease>),
}

/// The decision about one service while it is being made.
pub(super) struct Judged<'a> {
    pub(super) asked: &'a Asked,
    pub(super) policy: &'a ServicePolicy,
    /// What this build decided before and has not closed.
    pub(super) earlier: Option<&'a TicketEntry>,
    /// What the first decision of this build saw.
    pub(super) inputs: Cow<'a, CurrentInputs>,
    pub(super) attempt: AttemptId,
    pub(super) evidence: Evidence,
    /// Whether a skip would rely on a deploy that has not been verified yet.
    pub(super) unverified: bool,
    pub(super) reuse: Reuse,
    pub(super) shadow: Option<ShadowBasis>,
}

impl Judged<'_> {
    pub(super) fn key(&self) -> &Key {
        &self.asked.key
    }

    /// Whether an earlier decision of this build to build it is still valid.
    pub(super) fn stands(&self) -> bool {
        matches!(self.evidence, Evidence::Before(..))
    }
}

/// All services of a call.
pub(super) struct Judgement<'a> {
    pub(super) engine: &'a Engine,
    pub(super) view: View<'a>,
    pub(super) now: &'a Moment,
    pub(super) deploys: Deploys,
    pub(super) judged: Vec<Judged<'a>>,
    pub(super) asked: &'a [Asked],
    ticket: &'a Ticket,
    verified: Option<&'a Verified>,
    /// Whether several environments are decided.
    pub(super) several: bool,
    /// For `plan` outside CI, where nobody deploys: assumes the home of the last deploy.
    any_home: bool,
}

impl<'a> Judgement<'a> {
    /// Starts without any decisions.
    pub(super) fn new(
        engine: &'a Engine,
        asked: &'a [Asked],
        marks: &'a Marks,
        ticket: &'a Ticket,
        now: &'a Moment,
        deploys: Deploys,
    ) -> Self {
        let (view, judged) = (View::new(marks), Vec::new());
        let first = asked.first().map(|asked| &asked.key.environment);
        let several = asked.iter().any(|asked| Some(&asked.key.environment) != first);
        Self { several, engine, view, now, deploys, judged, asked, ticket, verified: None, any_home: false }
    }

    /// Sets the results of `--verify` so far.
    pub(super) fn verified(self, verified: Option<&'a Verified>) -> Self {
        Self { verified, ..self }
    }

    /// Assumes the home of the last deploy if the caller's home is unknown.
    pub(super) fn any_home(self) -> Self {
        Self { any_home: true, ..self }
    }

    /// Decides everything based on what is known so far.
    pub(super) fn judge(&mut self) -> Result<(), Refusal> {
        self.judged = self.asked.iter().map(|asked| self.judge_alone(asked)).collect::<Result<_, _>>()?;
        loop {
            if self.deploys == Deploys::ByOneBuild {
                self.agree();
            }
            let orphans: BTreeMap<&EnvironmentName, Option<Evidence>> = self
                .environments()
                .into_iter()
                .map(|environment| (environment, self.lost_orphan(environment)))
                .collect();
            let doubt = |judged| self.doubt(judged, &orphans);
            let doubts: Vec<(usize, Evidence)> =
                self.judged.iter().enumerate().filter_map(|(at, judged)| Some((at, doubt(judged)?))).collect();
            if doubts.is_empty() {
                break;
            }
            for (at, evidence) in doubts {
                self.judged[at].evidence = evidence;
            }
        }
        let reuses: Vec<Reuse> = self.judged.iter().map(|judged| self.reuse(judged)).collect();
        for (judged, reuse) in self.judged.iter_mut().zip(reuses) {
            judged.reuse = reuse;
        }
        Ok(())
    }

    fn judge_alone(&self, asked: &'a Asked) -> Result<Judged<'a>, Refusal> {
        let key = &asked.key;
        let engine = self.engine;
        let policy = engine.policy(key).ok_or_else(|| Refusal::NotInMap(key.clone()))?;
        let earlier = self.ticket.entry(&engine.caller.store, key).filter(|entry| entry.stands());
        if let Some(earlier) = earlier {
            earlier.binds(&engine.caller)?;
        }
        let seen = earlier.filter(|earlier| earlier.inputs_stand());
        let inputs = seen.map_or(&asked.inputs, |earlier| &earlier.inputs);
        let attempt = earlier.map_or_else(|| self.now.id(key, &["attempt"]), |earlier| earlier.attempt.clone());
        let mut judged = Judged {
            asked,
            policy,
            earlier,
            inputs: Cow::Borrowed(inputs),
            attempt,
            evidence: Evidence::Unchanged,
            unverified: false,
            reuse: Reuse::NotConsidered,
            shadow: None,
        };
        if let Some(earlier) = earlier.filter(|earlier| !earlier.skips()) {
            judged.evidence = Evidence::Before(earlier.reason, earlier.detail.clone());
            return Ok(judged);
        }
        let (mine, home) = (self.mine(&judged), self.home(key));
        judged.evidence = decide(&DecisionInput {
            inputs,
            known: self.view.known(key),
            forced: asked.forced,
            home: home.as_ref(),
            build: &engine.caller.build,
            mine: &mine,
            outputs: &policy.outputs,
            max_skip_age: policy.max_skip_age,
            now: self.clock(key),
        });
        if matches!(judged.evidence, Evidence::StateUnavailable(_)) && self.view.holds_no_more(key) {
            judged.evidence = self.view.list_full(key);
        }
        if let (true, Some(deploy)) = (judged.evidence.skips(), self.deployed(key)) {
            match self.verification(key, &deploy.id) {
                Some(Ok(())) => {}
                Some(Err(cause)) => judged.evidence = Evidence::Gone(cause.clone()),
                None => judged.unverified = true,
            }
            if judged.evidence.skips() && policy.shadow {
                let outputs = chosen(&policy.outputs, &deploy.release.outputs);
                judged.shadow = Some(ShadowBasis { deploy: deploy.id.clone(), outputs, rest: Rest::new() });
                judged.evidence = Evidence::Shadow;
            }
        }
        // Nobody would finish the attempt of a skip.
        if let Some(open) = self.opened(&judged).filter(|_| judged.evidence.skips()) {
            let reason = open.reason.as_deref().and_then(Reason::parse).filter(|reason| !reason.skips());
            judged.evidence = Evidence::Opened(reason.unwrap_or(Reason::Uncertain));
        }
        Ok(judged)
    }

    /// The attempt of this call, if an earlier try has written it; or its candidate, if it was staged at once.
    fn opened(&self, judged: &Judged<'_>) -> Option<&Attempt> {
        let at_once = self.deploys == Deploys::ByStages && judged.earlier.is_none();
        let mine = |attempt: &&Attempt| {
            attempt.id == judged.attempt || (at_once && attempt.decided.as_ref() == Some(&judged.attempt))
        };
        self.view.mark(judged.key())?.attempts.iter().find(mine)
    }

    /// Everything this call may have written already in an earlier try: none of it counts against the decision.
    fn mine(&self, judged: &Judged<'_>) -> Vec<AttemptId> {
        let key = judged.key();
        let attempts = self.view.mark(key).map_or(&[][..], |mark| &mark.attempts);
        // The ids of pins that are not in the mark are not needed; all of them would take as long as a decision.
        let pinned: BTreeSet<&ServiceName> = attempts.iter().filter_map(|attempt| attempt.pinned_by.as_ref()).collect();
        let asked = if pinned.is_empty() { &[] } else { self.asked };
        let pins = asked.iter().filter(|other| other.key.environment == key.environment);
        let pins = pins.filter(|other| pinned.contains(&other.key.service));
        let pins = pins.map(|other| self.now.id(key, &["pin", other.key.service.as_str()]));
        let mut mine: Vec<AttemptId> = pins.chain([judged.attempt.clone()]).collect();
        if self.deploys == Deploys::ByStages {
            let staged = attempts.iter().filter(|other| other.decided.as_ref().is_some_and(|of| mine.contains(of)));
            let staged: Vec<AttemptId> = staged.map(|other| other.id.clone()).collect();
            mine.extend(staged);
        }
        mine
    }

    fn home(&self, key: &Key) -> Option<Home> {
        let mine = self.engine.home(&key.environment);
        mine.or_else(|| self.deployed(key).filter(|_| self.any_home)?.home.clone())
    }

    /// The clock of a mark's read.
    pub(super) fn clock(&self, key: &Key) -> Clock {
        let read = self.view.marks.get(key);
        read.map_or(Clock { store: None, own: self.now.at }, |read| self.now.clock(read))
    }

    /// The last deploy, if known.
    pub(super) fn deployed(&self, key: &Key) -> Option<&Deploy> {
        self.view.mark(key).and_then(|mark| mark.deployed.as_ref())
    }

    /// The result of `--verify` for a deploy; `None` if it has not run yet. Without `--verify`, everything passes.
    pub(super) fn verification(&self, key: &Key, deploy: &AttemptId) -> Option<Result<(), &String>> {
        let Some(verified) = self.verified else { return Some(Ok(())) };
        let Verification { failed, .. } = verified.get(key).filter(|said| said.deploy == *deploy)?;
        Some(failed.as_ref().map_or(Ok(()), Err))
    }

    /// Applies R13.
    fn agree(&mut self) {
        if !self.several {
            return;
        }
        let services: BTreeSet<&ServiceName> = self.asked.iter().map(|asked| &asked.key.service).collect();
        for service in services {
            let outputs: Vec<Option<BTreeMap<OutputName, String>>> = self
                .judged
                .iter()
                .map(|judged| self.deployed(judged.key()).map(|deploy| deploy.release.outputs.clone()))
                .collect();
            let judged = self.judged.iter_mut().zip(&outputs);
            let judged = judged.filter(|(judged, _)| judged.asked.key.service == *service);
            let mut votes: Vec<Vote<'_>> = judged
                .map(|(judged, outputs)| Vote {
                    environment: &judged.asked.key.environment,
                    evidence: &mut judged.evidence,
                    outputs: outputs.as_ref(),
                })
                .collect();
            agree(&mut votes);
        }
    }

    /// The environments of the services that were asked for.
    pub(super) fn environments(&self) -> BTreeSet<&'a EnvironmentName> {
        self.asked.iter().map(|asked| &asked.key.environment).collect()
    }

    /// The services that this call builds in an environment.
    fn built(&self, environment: &EnvironmentName) -> BTreeSet<&ServiceName> {
        let built = self.judged.iter().filter(|judged| judged.key().environment == *environment);
        built.filter(|judged| !judged.evidence.skips()).map(|judged| &judged.key().service).collect()
    }

    /// The services that are redeployed with this one as recorded, and those that the same call builds.
    pub(super) fn redeploys(&self, judged: &Judged<'_>) -> (Vec<Key>, Vec<ServiceName>) {
        let key = judged.key();
        if judged.policy.redeploys.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let built = match self.deploys {
            Deploys::ByOneBuild => self.built(&key.environment),
            Deploys::ByStages => BTreeSet::new(),
        };
        let (along, pinned): (Vec<&ServiceName>, Vec<&ServiceName>) =
            judged.policy.redeploys.iter().partition(|other| built.contains(other));
        let pinned = pinned.into_iter().map(|other| Key { service: other.clone(), ..key.clone() });
        (pinned.collect(), along.into_iter().cloned().collect())
    }

    /// The deploys that `--verify` still has to check.
    pub(super) fn to_verify(&self) -> Vec<ToVerify> {
        let verify = |judged: &Judged<'_>| {
            let key = judged.key().clone();
            if judged.unverified && matches!(judged.evidence, Evidence::Unchanged | Evidence::Shadow) {
                let deploy = self.deployed(&key)?;
                let outputs = chosen(&judged.policy.outputs, &deploy.release.outputs);
                return Some(ToVerify { deploy: deploy.id.clone(), outputs, key });
            }
            let Reuse::Yes(reused) = &judged.reuse else { return None };
            if judged.stands() || self.verification(&key, &reused.origin.deploy).is_some() {
                return None;
            }
            let outputs = chosen(&judged.policy.outputs, &reused.release.outputs);
            Some(ToVerify { deploy: reused.origin.deploy.clone(), outputs, key })
        };
        self.judged.iter().filter_map(verify).collect()
    }
}

/// The recorded values of declared outputs.
fn chosen<T>(
    declared: &BTreeMap<OutputName, T>,
    recorded: &BTreeMap<OutputName, String>,
) -> BTreeMap<OutputName, String> {
    let declared = |(name, _): &(&OutputName, &String)| declared.contains_key(*name);
    recorded.iter().filter(declared).map(|(name, value)| (name.clone(), value.clone())).collect()
}
