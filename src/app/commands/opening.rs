//! Opening attempts: what `decide` writes before it says build.

use std::time::Instant;

use crate::app::settings::now;
use crate::base::failure::chain;
use crate::base::key::Key;
use crate::base::names::ServiceName;
use crate::protocol::answer::Reason;
use crate::protocol::decide::Known;
use crate::protocol::mark::Mark;
use crate::protocol::mark::transitions::Opening;
use crate::protocol::ticket::Pin;
use crate::store::WriteError;

use super::context::{Context, Transition, pause, read, read_one, update, write};
use super::subject::{Request, Subject};

/// What came of one try to open an attempt.
enum Try {
    /// It is open, as far as it can be.
    Done,
    /// Another process wrote the mark meanwhile.
    Overtaken,
    /// The store refused.
    Failed(String),
}

impl Subject {
    /// Opens the attempt (rule 1 of the protocol), and first those of the services that the deploy will deploy again. Where another
    /// process was faster, everything is read and decided again; where that says skip and `may_skip`, nothing is opened.
    pub(super) fn open(&mut self, context: &Context<'_>, request: &Request, building: &[usize], may_skip: bool) {
        if let Some(earlier) = self.earlier.as_ref().filter(|earlier| !earlier.skip()) {
            self.pins = earlier.pins.clone();
            return;
        }
        let start = Instant::now();
        while !self.skip() {
            // What a skip had only noted is opened now.
            self.pins.retain(|pin| pin.opened);
            let tried = match self.pin(context, request, building) {
                Ok(()) => self.try_open(context, request),
                Err(cause) => Try::Failed(cause),
            };
            match tried {
                Try::Done => return,
                Try::Overtaken if start.elapsed() <= context.settings.timeout() => {
                    pause();
                    self.read_again(context, request, building, may_skip);
                }
                Try::Overtaken => {
                    let cause = "the mark is written by others again and again".to_owned();
                    return self.unavailable(context, request, cause);
                }
                Try::Failed(cause) => return self.unavailable(context, request, cause),
            }
        }
    }

    fn try_open(&self, context: &Context<'_>, request: &Request) -> Try {
        let mut mark = match &self.known {
            Known::Mark(mark) => mark.as_ref().clone(),
            Known::Absent => Mark::new(request.at),
            // That it cannot be opened is known already, and is the reason or stands behind a stronger one.
            Known::Unavailable(_) | Known::Damaged(_) => return Try::Done,
        };
        let opening = Opening {
            id: self.attempt.clone(),
            content: self.now.content,
            build: request.build.clone(),
            revision: request.revision.clone(),
            timeout_seconds: context.build_timeout(self.service),
            pinned_by: None,
        };
        mark.open(opening, now());
        match write(&context.store, &self.key, &mark, self.version.as_ref()) {
            Ok(()) => Try::Done,
            Err(WriteError::Conflict) => Try::Overtaken,
            Err(WriteError::Store(error)) => Try::Failed(chain(&error)),
        }
    }

    fn read_again(&mut self, context: &Context<'_>, request: &Request, building: &[usize], may_skip: bool) {
        let found = read_one(&context.store, &self.key);
        self.known = found.known;
        self.version = found.version;
        let before = (self.reason, self.detail.clone());
        self.decide(&context.map, request);
        if self.skip() && !may_skip {
            (self.reason, self.detail) = before;
        }
        if self.skip() {
            self.note_pins(context, building);
        }
    }

    /// The attempt could not be opened: what is later recorded will not be certain.
    fn unavailable(&mut self, context: &Context<'_>, request: &Request, cause: String) {
        self.known = Known::Unavailable(format!("the attempt could not be written: {cause}"));
        self.decide(&context.map, request);
    }

    /// The services that the deploy of this one deploys again as they are recorded: not those that this very build builds. One
    /// that it skips is among them, for its old deploy is what is handed back and deployed again.
    fn others(&self, context: &Context<'_>, building: &[usize]) -> Vec<usize> {
        let others = context.map.services[self.service].redeploys.iter();
        others.filter(|other| !building.contains(other)).copied().collect()
    }

    /// What the deploy will deploy again of others; for a skip, that of its deploy stage, should there be one. Nothing is
    /// written. Where a mark of theirs cannot be read, nobody could be warned of that deploy, so a skip is none.
    pub(super) fn note_pins(&mut self, context: &Context<'_>, building: &[usize]) {
        self.pins.clear();
        let others = self.others(context, building).into_iter();
        let keys: Vec<Key> = others.map(|other| context.key(&self.key.environment, other)).collect();
        for (key, found) in keys.iter().zip(read(&context.store, &keys)) {
            let deployed = match found.known {
                Known::Absent => None,
                Known::Mark(mark) => mark.deployed,
                Known::Unavailable(_) | Known::Damaged(_) if self.reason < Reason::StateUnavailable => None,
                Known::Unavailable(cause) | Known::Damaged(cause) => {
                    self.reason = Reason::StateUnavailable;
                    self.detail =
                        format!("its deploy deploys `{}` again, whose mark cannot be read: {cause}", key.service);
                    return;
                }
            };
            self.pins.push(Pin {
                service: key.service.clone(),
                attempt: self.attempt.clone(),
                opened: false,
                repeats: deployed.as_ref().map(|deploy| deploy.id.clone()),
                release: deployed.map(|deploy| deploy.release),
            });
        }
    }

    /// Opens an attempt in each service that the deploy of this one deploys again: from here on its mark is in doubt. Where nothing was
    /// recorded of it, a placeholder may be deployed, or whatever is recorded by then.
    fn pin(&mut self, context: &Context<'_>, request: &Request, building: &[usize]) -> Result<(), String> {
        let pinned = |name: &ServiceName| self.pins.iter().any(|pin| &pin.service == name);
        let mut others = self.others(context, building);
        others.retain(|other| !pinned(context.name(*other)));
        for other in others {
            let key = context.key(&self.key.environment, other);
            let id = self.attempt.clone();
            let by = self.key.service.clone();
            let release = update(&context.store, &key, context.settings.timeout(), |mark| {
                let release = mark.deployed.as_ref().map(|deploy| deploy.release.clone());
                let opening = Opening {
                    id: id.clone(),
                    content: release.as_ref().and_then(|release| release.content),
                    build: request.build.clone(),
                    revision: release.as_ref().and_then(|release| release.revision.clone()),
                    timeout_seconds: context.build_timeout(self.service),
                    pinned_by: Some(by.clone()),
                };
                mark.open(opening, now());
                Transition::Write(release)
            });
            let release = release.map_err(|error| format!("{}: {}", key.service, chain(&error)))?;
            let attempt = self.attempt.clone();
            self.pins.push(Pin { service: key.service, attempt, opened: true, repeats: None, release });
        }
        Ok(())
    }
}
