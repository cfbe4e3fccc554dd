//! Builds that deploy themselves and record (one-step), builds of another service that deploy this one again, and people.

use shipmark::base::names::ServiceName;
use shipmark::protocol::mark::Taint;
use shipmark::protocol::mark::transitions::Opening;

use super::fault::Event;
use super::walk::Luck;
use super::world::{Exec, Phase, World, content, release};

/// How many builds may run at once.
const AT_ONCE: usize = 3;

/// What another service's build deploys in the place of this one, where nothing is recorded of it.
const PLACEHOLDER: u8 = 99;

impl World {
    /// A build starts with its decision. `unlisted` says how often (one in so many) the opening cannot be written.
    pub(super) fn start_build(&mut self, luck: &mut Luck, unlisted: u32) -> Result<(), String> {
        let of = luck.content();
        let forced = luck.one_in(16);
        if self.builds.len() >= AT_ONCE || self.decide(of, forced)?.is_some() {
            return Ok(());
        }
        let listed = !luck.one_in(unlisted);
        let id = self.next_id();
        if listed {
            let opening = self.opening(id.clone(), of, None);
            self.change(Event::Open, |mark, now| mark.open(opening, now));
        } else {
            self.seen.unlisted += 1;
        }
        self.builds.push(Exec { listed, ..Exec::new(id, of, self.now) });
        Ok(())
    }

    /// Another service's build starts, which will deploy this one again with what is recorded of it, or with what nobody knows.
    pub(super) fn start_pin(&mut self, luck: &mut Luck) {
        if self.builds.len() >= AT_ONCE {
            return;
        }
        self.seen.pins += 1;
        // One in eight is old enough to remember a time when nothing was recorded.
        let known = self.deployed().filter(|_| !luck.one_in(8));
        let of = known.unwrap_or(PLACEHOLDER);
        let id = self.next_id();
        let pinned_by = ServiceName::new("command").ok();
        let opening = Opening { pinned_by, content: known.map(content), ..self.opening(id.clone(), of, None) };
        self.change(Event::Open, |mark, now| mark.open(opening, now));
        self.builds.push(Exec::new(id, of, self.now));
    }

    /// One of the builds goes on.
    pub(super) fn go_on(&mut self, luck: &mut Luck) -> Result<(), String> {
        if self.builds.is_empty() {
            return Ok(());
        }
        let at = luck.below(AT_ONCE as u32) as usize % self.builds.len();
        if luck.one_in(20) {
            self.seen.kills += 1;
            self.builds.remove(at);
            return Ok(());
        }
        let fails = luck.one_in(8);
        let exec = &mut self.builds[at];
        match exec.phase {
            Phase::Build => exec.phase = if fails { Phase::Fail } else { Phase::First },
            Phase::First => {
                if exec.listed {
                    self.live[0] = exec.content;
                }
                exec.phase = if fails { Phase::Fail } else { Phase::Second };
            }
            Phase::Second => {
                if exec.listed {
                    self.live[1] = exec.content;
                }
                exec.phase = Phase::Finish;
            }
            Phase::Fail => {
                let exec = self.builds.remove(at);
                if !exec.listed {
                    self.live[0] = exec.content;
                }
                self.change(Event::Fail, |mark, now| mark.fail(&exec.id, now));
            }
            _ => {
                let exec = self.builds.remove(at);
                // What an unlisted one deployed may also have been overwritten since.
                if !exec.listed && luck.one_in(2) {
                    self.live = [exec.content; 2];
                }
                if exec.content == PLACEHOLDER {
                    self.change(Event::Record, |mark, now| mark.redeploy_unknown(&exec.id, now));
                    return Ok(());
                }
                let release = release(exec.content, None);
                let finish = self.change(Event::Record, |mark, now| mark.record(exec.id, release, now));
                self.finished(&finish, exec.listed)?;
            }
        }
        Ok(())
    }

    /// Somebody deploys by hand, and says so: `taint`, or a build without a ticket.
    pub(super) fn deploy_by_hand(&mut self, luck: &mut Luck) {
        let hand = self.by_hand();
        self.live[0] = hand;
        if luck.one_in(2) {
            self.live[1] = hand;
        }
        if luck.one_in(3) {
            self.change(Event::Doubt, |mark, now| mark.doubt("by hand", now));
        } else {
            self.change(Event::Taint, |mark, now| mark.taint(taint(now), false, now));
        }
    }

    /// Somebody stops everything, deploys by hand, and says that nothing else runs.
    pub(super) fn stop_everything(&mut self) {
        self.builds.clear();
        for lane in &mut self.lanes {
            lane.stop();
        }
        self.live = [self.by_hand(); 2];
        self.change(Event::Taint, |mark, now| mark.taint(taint(now), true, now));
    }

    /// Somebody records what they believe is deployed. Where nothing else ever was, it is; elsewhere the belief may be old.
    pub(super) fn adopt(&mut self, luck: &mut Luck) -> Result<(), String> {
        let of = luck.content();
        let alone = self.mark.as_ref().is_none_or(|mark| mark.attempts.is_empty() && mark.deployed.is_none());
        if alone {
            self.live = [of, of];
        }
        let id = self.next_id();
        let finish = self.change(Event::Adopt, |mark, now| mark.adopt(id, release(of, None), now));
        self.finished(&finish, alone)
    }

    /// The mark is removed. Whoever runs is now unknown to the mark that will be made.
    pub(super) fn remove_mark(&mut self) {
        self.mark = None;
        self.builds.iter_mut().for_each(|exec| exec.listed = false);
        for lane in &mut self.lanes {
            lane.forget();
        }
    }

    /// More builds than the list holds, which came to nothing, and had little time.
    pub(super) fn burst(&mut self, luck: &mut Luck) {
        let (of, fails) = (luck.content(), luck.below(8));
        let ids: Vec<_> = (0..66).map(|_| self.next_id()).collect();
        let openings: Vec<_> =
            ids.into_iter().map(|id| Opening { timeout_seconds: 300, ..self.opening(id, of, None) }).collect();
        self.change(Event::Open, |mark, now| {
            for (n, opening) in (0..).zip(openings) {
                let id = opening.id.clone();
                mark.open(opening, now);
                if n % 8 < fails {
                    mark.fail(&id, now);
                }
            }
        });
    }
}

fn taint(at: jiff::Timestamp) -> Taint {
    Taint { reason: "by hand".to_owned(), by: "a person".to_owned(), at }
}
