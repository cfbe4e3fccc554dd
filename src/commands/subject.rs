//! One service in one environment on its way to a decision: what is there, what is known, and the attempt that is opened.

use std::time::Instant;

use jiff::Timestamp;

use crate::answer::Reason;
use crate::content::Fingerprint;
use crate::decide::{Known, Now, Question, decide};
use crate::inputs::Inputs;
use crate::map::Service;
use crate::mark::life::Opening;
use crate::mark::stored::Key;
use crate::mark::{AttemptId, Build, Deploy, Mark, Release};
use crate::settings::now;
use crate::store::{Version, WriteError};
use crate::ticket::{Entry, Pin};

use super::context::{Change, Context, Read, pause, read, update, write};

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
    version: Option<Version>,
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
        let attempt = earlier.as_ref().map_or_else(|| AttemptId::generate(at), |earlier| earlier.attempt.clone());
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
    pub(super) fn decide(&mut self, service: &Service, defaults: &crate::map::Defaults, request: &Request) {
        let question = Question {
            now: &self.now,
            known: &self.known,
            forced: request.forced,
            environment: &self.key.environment,
            build: &request.build,
            required: &service.outputs,
            max_skip_age: defaults.max_skip_age,
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

    /// Opens the attempt (rule 1 of the protocol), and first those of the services that the deploy will deploy again. Where another
    /// process was faster, everything is read and decided again; where that says skip and `may_skip`, nothing is opened.
    pub(super) fn open(&mut self, context: &Context<'_>, request: &Request, decided: &[usize], may_skip: bool) {
        if let Some(earlier) = self.earlier.as_ref().filter(|earlier| !earlier.skip()) {
            self.pins = earlier.pins.clone();
            return;
        }
        let start = Instant::now();
        while !self.skip() {
            if let Err(cause) = self.pin(context, request, decided) {
                self.unavailable(context, request, cause);
                return;
            }
            let Some(cause) = self.try_open(context, request) else { return };
            let Some(cause) = cause.or_else(|| {
                let late = start.elapsed() > context.settings.timeout();
                late.then(|| "the mark is written by others again and again".to_owned())
            }) else {
                pause();
                self.read_again(context, request, may_skip);
                continue;
            };
            self.unavailable(context, request, cause);
            return;
        }
        self.pins.clear();
        self.note_pins(context, decided);
    }

    /// One try. Nothing: it is open, or cannot be and that is known already. Else why not, or that another was faster.
    fn try_open(&mut self, context: &Context<'_>, request: &Request) -> Option<Option<String>> {
        let mut mark = match &self.known {
            Known::Mark(mark) => mark.as_ref().clone(),
            Known::Absent => Mark::new(request.at),
            Known::Unavailable(_) | Known::Damaged(_) => return None,
        };
        let opening = Opening {
            id: self.attempt.clone(),
            content: self.now.content,
            build: request.build.clone(),
            revision: request.revision.clone(),
            timeout_seconds: context.attempt_timeout(),
            pinned_by: None,
        };
        mark.open(opening, now());
        match write(&context.store, &self.key, &mark, self.version.as_ref()) {
            Ok(()) => None,
            Err(WriteError::Conflict) => Some(None),
            Err(WriteError::Store(error)) => Some(Some(crate::failure::chain(&error))),
        }
    }

    fn read_again(&mut self, context: &Context<'_>, request: &Request, may_skip: bool) {
        let Some(found) = read(&context.store, std::slice::from_ref(&self.key)).pop() else { return };
        self.known = found.known;
        self.version = found.version;
        let before = (self.reason, self.detail.clone());
        self.decide(&context.map.services[self.service], &context.map.defaults, request);
        if self.skip() && !may_skip {
            (self.reason, self.detail) = before;
        }
    }

    /// The attempt could not be opened: what is later recorded will not be certain.
    fn unavailable(&mut self, context: &Context<'_>, request: &Request, cause: String) {
        self.known = Known::Unavailable(format!("the attempt could not be written: {cause}"));
        self.decide(&context.map.services[self.service], &context.map.defaults, request);
    }

    /// The services that the deploy of this one deploys again and that were not decided themselves.
    fn others(&self, context: &Context<'_>, decided: &[usize]) -> Vec<usize> {
        let others = context.map.services[self.service].redeploys.iter();
        others.filter(|other| !decided.contains(other)).copied().collect()
    }

    /// Of a skip: what its deploy stage, should there be one, will deploy again of others. Nothing is written.
    pub(super) fn note_pins(&mut self, context: &Context<'_>, decided: &[usize]) {
        let others = self.others(context, decided).into_iter();
        let keys: Vec<Key> = others.map(|other| context.key(&self.key.environment, other)).collect();
        for (key, found) in keys.iter().zip(read(&context.store, &keys)) {
            let Known::Mark(mark) = found.known else { continue };
            let Some(deploy) = mark.deployed else { continue };
            self.pins.push(Pin {
                service: key.service.clone(),
                attempt: self.attempt.clone(),
                repeats: Some(deploy.id),
                release: deploy.release,
            });
        }
    }

    /// Opens an attempt in each service that the deploy of this one deploys again: from here on its mark is in doubt.
    fn pin(&mut self, context: &Context<'_>, request: &Request, decided: &[usize]) -> Result<(), String> {
        let pinned = |name: &crate::names::ServiceName| self.pins.iter().any(|pin| &pin.service == name);
        let mut others = self.others(context, decided);
        others.retain(|other| !pinned(context.name(*other)));
        for other in others {
            let key = context.key(&self.key.environment, other);
            let id = self.attempt.clone();
            let by = self.key.service.clone();
            let release = update(&context.store, &key, context.settings.timeout(), |mark| {
                let Some(deploy) = mark.deployed.clone() else { return Change::Keep(None) };
                let opening = Opening {
                    id: id.clone(),
                    content: deploy.release.content,
                    build: request.build.clone(),
                    revision: deploy.release.revision.clone(),
                    timeout_seconds: context.attempt_timeout(),
                    pinned_by: Some(by.clone()),
                };
                mark.open(opening, now());
                Change::Write(Some(deploy.release))
            });
            let release = release.map_err(|error| format!("{}: {}", key.service, crate::failure::chain(&error)))?;
            self.pins.extend(release.map(|release| Pin {
                service: key.service,
                attempt: self.attempt.clone(),
                repeats: None,
                release,
            }));
        }
        Ok(())
    }
}
