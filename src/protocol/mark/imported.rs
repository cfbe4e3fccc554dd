//! A mark that comes from an export.

use jiff::Timestamp;

use super::{Attempt, Mark, State, compaction};

impl Mark {
    /// Whether no event in it is later than its last write, as in every mark that was not put together by hand.
    pub fn is_in_order(&self) -> bool {
        let serials = |attempt: &Attempt| [Some(attempt.opened), attempt.ended, attempt.staged];
        self.attempts.iter().flat_map(serials).flatten().all(|serial| serial <= self.serial)
    }

    /// What is written where an exported mark is taken in. `replaced` is the mark that stood there, if any.
    ///
    /// Nobody knows what was deployed after the export. So no attempt in it can be recorded as certain any more, by an old
    /// ticket say; all of them stay as doubt, and so do those of the mark that it replaces. Its last deploy is certain only
    /// if it was and a human vouches for it (`trusted`). Its serial is one that no earlier mark had.
    #[must_use]
    pub fn imported(mut self, replaced: Option<&Self>, trusted: bool, now: Timestamp) -> Self {
        let certain = self.certain && trusted;
        let doubt = self.doubt.take().filter(|_| trusted);
        let others = replaced.map_or(&[][..], |mark| &mark.attempts);
        for other in others {
            match self.attempts.iter_mut().find(|attempt| attempt.id == other.id) {
                Some(attempt) if rank(attempt) < rank(other) => *attempt = other.clone(),
                Some(_) => {}
                None => {
                    compaction::make_room(&mut self.attempts);
                    self.attempts.push(other.clone());
                }
            }
        }
        self.serial = self.serial.max(replaced.map_or(0, |mark| mark.serial)).max(Self::new(now).serial);
        self.doubt("it was imported, and something else may have been deployed since the export", now);
        if trusted {
            self.certain = certain;
            self.doubt = doubt;
        }
        self
    }
}

/// Which of two states of one attempt ends later, and so leaves more doubt.
fn rank(attempt: &Attempt) -> u8 {
    match attempt.state {
        State::Failed => 0,
        State::Building => 1,
        State::Pending => 2,
        State::Deploying => 3,
    }
}
