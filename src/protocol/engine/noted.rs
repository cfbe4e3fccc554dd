//! What a step has done to a mark, to be reported once it is written.

use super::drafting::Unusable;
use super::mark::{AttemptId, Finish};
use super::refusal::Refusal;
use crate::base::key::Key;
use crate::base::names::ServiceName;

/// What was done to a mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// The mark's key.
    pub key: Key,
    /// What was done.
    pub what: What,
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A deploy was recorded.
    Recorded(Finish),
    /// That service's deploy has redeployed this one.
    Redeployed(ServiceName, Finish),
    /// It was skipped in this build: there is nothing to record.
    Skipped,
    /// This build has already recorded it.
    RecordedBefore,
    /// It was staged in this build, so its deploy stage records it.
    StagedBefore,
    /// Its attempt has ended, and may have deployed something.
    Ended,
    /// Its deploy stage has begun, as that run.
    Begun(AttemptId),
    /// It must not be deployed: it was superseded or cancelled, has waited too long, or was never staged here.
    MustNotBegin,
    /// Several of its runs are alive, and it is unknown which of them failed: they end by their deadlines.
    SeveralRuns,
    /// None of its runs are alive.
    NoRun,
    /// Something unknown may have been deployed; the text says why.
    Doubted(String),
    /// Its candidate is not in the store, so it is unknown what was deployed.
    LostCandidate,
    /// A person states that something else is deployed. This many attempts are still open.
    Tainted(usize),
    /// Its deploy is forgotten. This many attempts are still open.
    Forgotten(usize),
    /// The counts of its shadow builds were forgotten.
    ShadowCleared,
    /// Its mark was removed.
    Removed,
    /// There was nothing to do.
    Nothing,
    /// It was imported from an export.
    Imported,
    /// Not done: the mark could not be read or written.
    Unwritten(String),
    /// Deployed but not recorded: the mark could not be read or written.
    Unrecorded(String),
    /// It failed, and its attempt stays open until it times out: the mark could not be read or written.
    StaysOpen(String),
    /// It must not be deployed now: the list of attempts is full, so its mark could not be warned.
    Full,
    /// Not done: the mark is invalid, and is not overwritten.
    Damaged(String),
    /// Not done: the request is invalid.
    Refused(Refusal),
}

impl Noted {
    /// Something that was done to a mark.
    pub(super) fn new(key: &Key, what: What) -> Self {
        Self { key: key.clone(), what }
    }

    /// Whether the request was not carried out.
    pub fn failed(&self) -> bool {
        matches!(
            self.what,
            What::Unwritten(_)
                | What::Full
                | What::Unrecorded(_)
                | What::StaysOpen(_)
                | What::Damaged(_)
                | What::Refused(_)
                | What::MustNotBegin
                | What::LostCandidate
        )
    }
}

impl What {
    /// A deploy that cannot be recorded.
    pub(super) fn unrecorded(cause: Unusable) -> Self {
        match cause {
            Unusable::Unavailable(cause) => Self::Unrecorded(cause),
            Unusable::Damaged(cause) => Self::Damaged(cause),
        }
    }

    /// A failure that cannot be recorded.
    pub(super) fn stays_open(cause: Unusable) -> Self {
        match cause {
            Unusable::Unavailable(cause) => Self::StaysOpen(cause),
            Unusable::Damaged(cause) => Self::Damaged(cause),
        }
    }
}

impl From<Unusable> for What {
    fn from(cause: Unusable) -> Self {
        match cause {
            Unusable::Unavailable(cause) => Self::Unwritten(cause),
            Unusable::Damaged(cause) => Self::Damaged(cause),
        }
    }
}
