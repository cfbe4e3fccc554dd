//! Changes by people: taint, `state rm` (R9, R10).

use super::{Attempt, AttemptId, Clock, Mark, State, Taint};

impl Mark {
    /// A person states that something else is deployed. With `nothing_running`, also that nothing else is running: the
    /// list is emptied.
    pub fn taint(&mut self, id: &AttemptId, taint: Taint, nothing_running: bool, now: Clock) {
        self.touch(now);
        if nothing_running {
            self.attempts.clear();
        }
        let doubt = self.doubtful(id, now);
        self.push_ended(Attempt { taint: Some(taint), ..doubt });
    }

    /// Whether that taint is in the list.
    pub fn tainted(&self, id: &AttemptId) -> bool {
        let doubt = id.nameless();
        self.attempts.iter().any(|attempt| attempt.taint.is_some() && attempt.id == doubt)
    }

    /// `state rm`: the deploy is forgotten, the attempts are not. The deploy stays as one that has ended, because it
    /// may have been recorded while a build was running that is not aware of it. The serial continues, so that no old
    /// write fits. For a mark that a newer version wrote, only the attempts are known.
    pub fn forget(&mut self, id: &AttemptId, now: Clock) {
        self.touch(now);
        if self.newer.take().is_some() {
            let doubt = self.doubtful(id, now);
            self.push_ended(Attempt { doubt: Some("a newer shipmark's record was removed".to_owned()), ..doubt });
        }
        if let Some(deploy) = self.deployed.take() {
            let ended = self.as_ended(&deploy);
            self.push_ended(Attempt { doubt: Some("its record was removed".to_owned()), ..ended });
        }
        self.log.clear();
        self.shadow = None;
    }

    /// `state rm` of a mark that cannot be read: one attempt of unknown content, which lasts until a person states that
    /// nothing is running. `newest` is the serial of the damaged mark, if it can be read.
    pub fn forget_damaged(id: &AttemptId, newest: Option<u64>, now: Clock) -> Self {
        let mut mark = Self::new(now);
        mark.serial = mark.serial.max(newest.unwrap_or(0));
        mark.touch(now);
        let unknown = Attempt::new(id.nameless(), State::Deploying, mark.serial, now.shown());
        let why = "the mark was unreadable when it was removed, so nobody knows what was under way";
        mark.keep(Attempt { doubt: Some(why.to_owned()), ..unknown });
        mark
    }
}
