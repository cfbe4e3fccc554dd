//! One service in one environment on its way to a decision: what is there, what is known, and the attempt that is opened.

use jiff::Timestamp;

use crate::base::fingerprint::Fingerprint;
use crate::base::key::Key;
use crate::map::ServiceMap;
use crate::protocol::answer::Reason;
use crate::protocol::decide::{Known, Now, Question, decide};
use crate::protocol::mark::{AttemptId, Build, Deploy, Mark, Release};
use crate::protocol::ticket::{Entry, Pin};
use crate::source::inputs::Inputs;
use crate::store::Version;

use super::context::Read;

/// What a decision is asked with, the same for all services of one call.
pub(super) struct Request {
    pub(super) forced: bool,
    pub(super) build: Build,
    pub(super) revision: Option<String>,
    pub(super) at: Timestamp,
}

/// One service in one environment.
pub(super) struct Subject {
    pub(super) service: usize,
    pub(super) key: Key,
    pub(super) now: Now,
    /// How many inputs.
    pub(super) count: usize,
    pub(super) rules: Fingerprint,
    pub(super) known: Known,
    pub(super) reason: Reason,
    pub(super) detail: String,
    /// The attempt, or for a skip its candidate.
    pub(super) attempt: AttemptId,
    pub(super) pins: Vec<Pin>,
    /// What this build decided before, and has not closed.
    pub(super) earlier: Option<Entry>,
    pub(super) version: Option<Version>,
}

impl Subject {
    /// What is there and what is known, not yet decided.
    pub(super) fn new(
        key: Key,
        inputs: &Inputs,
        rules: Fingerprint,
        found: Read,
        earlier: Option<Entry>,
        at: Timestamp,
    ) -> Self {
        let mut now = Now {
            content: inputs.content,
            selects: inputs.own > 0,
            unreadable: inputs.doubt.as_ref().map(ToString::to_string),
        };
        let mut count = inputs.count;
        if let Some(earlier) = &earlier {
            // The first look of a build stands: since then the build itself has written into the source.
            now = Now { content: earlier.release.content, ..now };
            now.selects |= now.content.is_some();
            count = earlier.release.inputs;
        }
        let attempt =
            earlier.as_ref().map_or_else(|| AttemptId::new(at, fastrand::u64(..)), |earlier| earlier.attempt.clone());
        Self {
            service: inputs.service,
            key,
            now,
            count,
            rules,
            known: found.known,
            reason: Reason::StateUnavailable,
            detail: String::new(),
            attempt,
            pins: Vec::new(),
            earlier,
            version: found.version,
        }
    }

    pub(super) fn skip(&self) -> bool {
        self.reason == Reason::Unchanged
    }

    /// Decides by what is known now.
    pub(super) fn decide(&mut self, map: &ServiceMap, request: &Request) {
        let service = &map.services[self.service];
        let question = Question {
            now: &self.now,
            known: &self.known,
            forced: request.forced,
            environment: &self.key.environment,
            build: &request.build,
            required: &service.outputs,
            max_skip_age: map.max_skip_age(service, &self.key.environment),
            at: request.at,
        };
        (self.reason, self.detail) = decide(&question);
        let standing = self.earlier.as_ref().filter(|earlier| !earlier.skip());
        if let Some(earlier) = standing {
            // A build that was decided and not recorded is still one, whatever has been written since.
            self.reason =
                Reason::ALL.into_iter().find(|reason| reason.word() == earlier.reason).unwrap_or(Reason::Uncertain);
            self.detail = format!("decided before in this build: {}", earlier.detail);
        }
    }

    /// The mark, where there is one.
    pub(super) fn mark(&self) -> Option<&Mark> {
        match &self.known {
            Known::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    /// The last deploy, where one is known.
    pub(super) fn deployed(&self) -> Option<&Deploy> {
        self.mark().and_then(|mark| mark.deployed.as_ref())
    }

    /// What the attempt would deploy. Its snapshot and outputs come later.
    pub(super) fn release(&self, request: &Request) -> Release {
        Release {
            content: self.now.content,
            inputs: self.count,
            rules: Some(self.rules),
            snapshot: None,
            revision: request.revision.clone(),
            outputs: std::collections::BTreeMap::new(),
            build: request.build.clone(),
        }
    }
}
