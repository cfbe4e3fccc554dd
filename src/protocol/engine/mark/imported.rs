//! A mark that comes from an export.

use super::{Attempt, AttemptId, CANDIDATE_LIFE, Clock, Deploy, Mark, State};

impl Mark {
    /// Whether nothing in it is later than its last write, which is true of every mark that was not edited by hand.
    pub fn is_in_order(&self) -> bool {
        let last = |attempt: &Attempt| attempt.place.as_ref().map(|place| place.last);
        let attempts = self.attempts.iter().flat_map(|attempt| [Some(attempt.opened), attempt.ended, last(attempt)]);
        let deploy = self.deployed.as_ref().map(|deploy| deploy.ended);
        attempts.chain([deploy]).flatten().all(|serial| serial <= self.serial)
    }

    /// What is written when an exported mark is imported. `replaced` is the mark that was there, if any.
    ///
    /// It is unknown what was deployed after the export, so its deploy is in doubt unless a person vouches for it
    /// (`trusted`). The attempts of both stay. Those of the replaced mark, and its deploy, count as ended; those of the
    /// export are alive, or have ended, at the new serial, trusted or not. Places and lanes belong to another store,
    /// and are dropped.
    #[must_use]
    pub fn imported(self, replaced: Option<&Self>, id: &AttemptId, trusted: bool, now: Clock) -> Self {
        let mut mark = replaced.cloned().unwrap_or_else(|| Self::new(now));
        // A mark of a newer version stays unchanged, except for the envelope.
        mark.newer = self.newer;
        mark.serial = mark.serial.max(self.serial);
        mark.touch(now);
        if let Some(deploy) = mark.deployed.take() {
            let ended = mark.as_ended(&deploy);
            mark.push_ended(Attempt { doubt: Some("an import replaced its record".to_owned()), ..ended });
        }
        let serial = mark.serial;
        let life = mark.time(now).and_then(|time| time.checked_add(CANDIDATE_LIFE).ok());
        for attempt in self.attempts {
            // A waiting candidate may still be deployed, and its gate is in the store that it comes from: here it is
            // not cancelled.
            let waits = attempt.waits();
            let taken = Attempt {
                id: attempt.id.nameless(),
                state: if waits { State::Building } else { attempt.state },
                opened: serial,
                ended: attempt.ended.map(|_| serial),
                deadline: if waits { attempt.deadline.or(life) } else { attempt.deadline },
                lane: None,
                place: None,
                candidate: None,
                decided: None,
                ..attempt
            };
            mark.keep(taken);
        }
        mark.deployed = self.deployed.map(|deploy| Deploy { ended: serial, lane: None, place: None, ..deploy });
        mark.log = self.log;
        mark.shadow = self.shadow;
        mark.rest = self.rest;
        if !trusted {
            let doubt = mark.doubtful(id, now);
            let why = "it was imported, and something else may have been deployed since the export";
            mark.push_ended(Attempt { doubt: Some(why.to_owned()), ..doubt });
        }
        mark
    }
}
