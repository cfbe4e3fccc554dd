//! What a program does with a step: it reads, asks, writes the names and then the marks abreast, and asks again where somebody
//! else has written or a write is refused for good. Here writes are torn as well.

use std::collections::BTreeSet;

use jiff::Timestamp;
use shipmark::base::key::Key;
use shipmark::base::names::EnvironmentName;
use shipmark::protocol::engine::mark::Mark;
use shipmark::protocol::engine::marks::{Known, Marks, Moment, StoredMark, StoredNames};
use shipmark::protocol::engine::refusal::Refusal;
use shipmark::protocol::engine::step::{Step, Unread, Write};
use shipmark::protocol::engine::ticket::Ticket;

use super::fault::{Event, Fault};
use super::traced::{About, Trace};
use super::world::World;
use crate::engine::store::unreadable;

/// One call, however often it tries.
#[derive(Debug, Clone)]
pub(super) struct Op {
    pub(super) moment: Moment,
    refused: BTreeSet<Key>,
    refused_names: BTreeSet<EnvironmentName>,
    /// What a trace must say of its writes.
    pub(super) about: About,
    /// Whether anything of it may have been written.
    pub(super) wrote: bool,
    /// The marks that its last try could not use.
    pub(super) unusable: BTreeSet<Key>,
}

impl Op {
    pub(super) fn new(moment: Moment) -> Self {
        let (refused, refused_names) = (BTreeSet::new(), BTreeSet::new());
        Self { moment, refused, refused_names, about: About::default(), wrote: false, unusable: BTreeSet::new() }
    }

    pub(super) fn about(self, about: About) -> Self {
        Self { about, ..self }
    }
}

/// What has become of one try.
#[derive(Debug)]
pub(super) enum Tried<T> {
    /// Everything is written, so this answer may be given.
    Told(T, Option<Ticket>),
    /// Somebody else wrote, or an answer was lost: it is to be tried again with the same moment.
    Again,
    /// The caller died, with some of it written.
    Died,
    /// The request is refused.
    No(Refusal),
}

enum Written {
    All,
    Again,
    Refused,
    Died,
}

impl World {
    /// One try: reads and asks, and asks again at once where a write is refused for good.
    pub(super) fn tried<T>(
        &mut self,
        at: usize,
        event: &Event,
        op: &mut Op,
        needed: impl Fn(&Marks) -> Unread,
        ask: impl Fn(&Marks) -> Result<Step<T>, Refusal>,
    ) -> Tried<T> {
        loop {
            let marks = self.read(at, op, &needed);
            let unusable = |(_, read): &(&Key, &StoredMark)| !matches!(read.known, Known::Mark(_) | Known::Absent);
            op.unusable = marks.iter().filter(unusable).map(|(key, _)| key.clone()).collect();
            let step = match self.asked(event, &marks, &ask) {
                Ok(step) => step,
                Err(refusal) => return Tried::No(refusal),
            };
            if let Some(tried) = self.applied(at, op, step) {
                return tried;
            }
        }
    }

    /// Writes a step. `None` where a write was refused for good, so that it must be asked again.
    pub(super) fn applied<T>(&mut self, at: usize, op: &mut Op, step: Step<T>) -> Option<Tried<T>> {
        Some(match self.written(at, op, &step) {
            Written::All => Tried::Told(step.told, step.ticket),
            Written::Again => Tried::Again,
            Written::Died => Tried::Died,
            Written::Refused => return None,
        })
    }

    /// All that is needed, as far as the store answers.
    pub(super) fn read(&mut self, at: usize, op: &Op, needed: &impl Fn(&Marks) -> Unread) -> Marks {
        let mut marks = Marks::default();
        let read_at = self.store_time(op);
        loop {
            let unread = needed(&marks);
            if unread.is_empty() {
                break;
            }
            for key in unread.keys {
                if self.luck.hits(self.p.read) {
                    unreadable(&mut marks, &key, read_at);
                } else {
                    marks.put(key.clone(), self.stores[at].read(&key, read_at));
                }
            }
            for environment in unread.names {
                let names = match self.luck.hits(self.p.read) {
                    true => StoredNames::Unavailable("the store did not answer".to_owned()),
                    false => self.stores[at].names(&environment),
                };
                marks.put_names(environment, names);
            }
        }
        op.refused.iter().for_each(|key| marks.unwritable(key, "refused"));
        op.refused_names.iter().for_each(|environment| marks.unwritable_names(environment, "refused"));
        marks
    }

    /// R3: the store's clock, whoever asks.
    fn store_time(&mut self, op: &Op) -> Option<Timestamp> {
        if self.fault == Some(Fault::OwnClock) {
            return Some(op.moment.at);
        }
        let silent = self.luck.hits(self.p.timeless);
        (!silent).then(|| self.time())
    }

    /// The engine's answer; with a fault, to marks that were tampered with.
    pub(super) fn asked<T>(
        &self,
        event: &Event,
        marks: &Marks,
        ask: &impl Fn(&Marks) -> Result<Step<T>, Refusal>,
    ) -> Result<Step<T>, Refusal> {
        tampered(self.fault, event, marks, ask)
    }

    fn written<T>(&mut self, at: usize, op: &mut Op, step: &Step<T>) -> Written {
        for names in step.names.iter().filter(|names| !names.after) {
            if self.luck.hits(self.p.write / 4.0) {
                op.refused_names.insert(names.environment.clone());
                return Written::Refused;
            }
            if self.stores[at].write_names(names).is_err() {
                return Written::Again;
            }
        }
        op.wrote = true;
        let mut order: Vec<usize> = (0..step.writes.len()).collect();
        self.luck.shuffle(&mut order);
        let (mut dead, mut again, mut refused) = (false, false, false);
        for write in order.into_iter().map(|at| &step.writes[at]) {
            if self.luck.hits(self.p.conflict) {
                self.stores[at].touch(&write.key);
                self.seen.note("conflicts");
            }
            let unlucky = self.luck.hits(self.p.write);
            match self.luck.below(3) {
                _ if dead => self.half(at, op, write),
                0 if unlucky => {
                    op.refused.insert(write.key.clone());
                    refused = true;
                }
                1 if unlucky => {
                    self.half(at, op, write);
                    dead = true;
                }
                _ => again |= !self.put(at, op, write) || unlucky,
            }
        }
        if dead || again || refused {
            self.seen.note(if dead {
                "torn steps"
            } else if refused {
                "writes refused"
            } else {
                "steps tried again"
            });
            return if dead {
                Written::Died
            } else if refused {
                Written::Refused
            } else {
                Written::Again
            };
        }
        if !step.removals.is_empty() {
            self.trace.iter_mut().for_each(Trace::end);
        }
        self.trace_unwritten(at, op, step);
        let removed = step.removals.iter().try_for_each(|removal| self.stores[at].remove(removal));
        let later = step.names.iter().filter(|names| names.after);
        let named = removed.and_then(|()| later.clone().try_for_each(|names| self.stores[at].write_names(names)));
        if named.is_err() { Written::Again } else { Written::All }
    }

    /// The writer dies: who knows how far it came.
    fn half(&mut self, at: usize, op: &Op, write: &Write) {
        match self.luck.below(4) {
            // The model knows no write that is torn.
            0 if self.trace.is_none() => self.stores[at].write_first(write),
            0 | 1 => {}
            _ => {
                self.put(at, op, write);
            }
        }
    }
}

/// The engine's answer, with a fault around it.
pub(super) fn tampered<T>(
    fault: Option<Fault>,
    event: &Event,
    marks: &Marks,
    ask: &impl Fn(&Marks) -> Result<Step<T>, Refusal>,
) -> Result<Step<T>, Refusal> {
    let Some(fault) = fault else { return ask(marks) };
    let mut seen = marks.clone();
    for (key, read) in marks.iter() {
        if let Known::Mark(mark) = &read.known {
            let mut shown = mark.clone();
            fault.sees(event, key, &mut shown);
            seen.put(key.clone(), StoredMark { known: Known::Mark(shown), ..read.clone() });
        }
    }
    let mut step = ask(&seen)?;
    let whole = |marks: &Marks, key: &Key| -> Option<Mark> {
        match &marks.get(key)?.known {
            Known::Mark(mark) => Some(mark.as_ref().clone()),
            _ => None,
        }
    };
    for write in &mut step.writes {
        let Some(mark) = &mut write.mark else { continue };
        let before = whole(marks, &write.key);
        if let (Some(before), Some(seen)) = (&before, whole(&seen, &write.key)) {
            fault.restores(event, before, &seen, mark);
        }
        fault.after(event, before.as_ref(), mark);
    }
    Ok(step)
}
