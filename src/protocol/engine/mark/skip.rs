//! Rule 4 for one mark (R5, R12): would a skip of this content hold?

use super::{Attempt, AttemptId, Clock, Deploy, Home, Lane, Mark, same_artifact};
use crate::base::fingerprint::{Content, same};

/// The answer of a mark to a skip: the first objection that applies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Skip<'a> {
    /// It holds: this deploy is live, and nothing else is on its way.
    Holds(&'a Deploy),
    /// No deploy is recorded.
    NeverDeployed,
    /// It was deployed by another home or an unknown one, or the home of the caller is unknown.
    OtherHome(&'a Deploy),
    /// This attempt has ended, and may have left something else deployed.
    Uncertain(&'a Deploy, &'a Attempt),
    /// Something else is deployed.
    Changed(&'a Deploy),
    /// This attempt may still deploy something else.
    Pending(&'a Deploy, &'a Attempt),
}

/// R14: what a claim ignores when it is acted on: anything later in its lane comes after the skip.
#[derive(Debug, Clone, Copy)]
pub struct Later<'a> {
    /// The claim's lane.
    pub lane: &'a Lane,
    /// The mark's serial when the skip was decided.
    pub serial: u64,
}

impl Later<'_> {
    fn covers(&self, lane: Option<&Lane>, place: Option<u64>) -> bool {
        lane == Some(self.lane) && place.is_some_and(|place| place > self.serial)
    }
}

impl Mark {
    /// Whether a skip of `content` by `home` would hold. The entries `mine` belong to the build itself and do not
    /// count.
    pub fn skip(
        &self,
        content: Option<&Content>,
        home: Option<&Home>,
        mine: &[AttemptId],
        later: Option<Later<'_>>,
        now: Clock,
    ) -> Skip<'_> {
        let Some(deploy) = &self.deployed else { return Skip::NeverDeployed };
        if !home.is_some_and(|home| home.fits(deploy.home.as_ref())) {
            return Skip::OtherHome(deploy);
        }
        let time = self.time(now);
        let counts = |attempt: &&Attempt| {
            let own = mine.contains(&attempt.id);
            let after = later.is_some_and(|later| later.covers(attempt.lane.as_ref(), Some(attempt.order())));
            !own && !after
        };
        let others = || self.attempts.iter().filter(counts);
        let artifact = deploy.artifact.as_ref();
        let doubt = |attempt: &&Attempt| attempt.over(time) && !same_artifact(attempt.artifact.as_ref(), artifact);
        // A person's statement explains more than anything else in the list.
        let tainted = others().rev().filter(doubt).find(|attempt| attempt.taint.is_some());
        if let Some(attempt) = tainted.or_else(|| others().find(doubt)) {
            return Skip::Uncertain(deploy, attempt);
        }
        let overtaken = later.is_some_and(|later| later.covers(deploy.lane.as_ref(), deploy.place));
        if !overtaken && !same(content, deploy.release.content.as_ref()) {
            return Skip::Changed(deploy);
        }
        let pending = |attempt: &&Attempt| !attempt.over(time) && !same(attempt.content.as_ref(), content);
        match others().find(pending) {
            Some(attempt) => Skip::Pending(deploy, attempt),
            None => Skip::Holds(deploy),
        }
    }

    /// Reuse: the deploy that may be deployed elsewhere without building. A skip of `content` would hold here, for any
    /// known home, and the list is empty.
    pub fn reusable(&self, content: Option<&Content>, now: Clock) -> Option<&Deploy> {
        let deploy = self.deployed.as_ref().filter(|_| self.newer.is_none() && self.attempts.is_empty())?;
        match self.skip(content, deploy.home.as_ref(), &[], None, now) {
            Skip::Holds(deploy) => Some(deploy),
            _ => None,
        }
    }
}
