//! The only loop around the engine: reads what a step needs, computes the step, and writes all of it; after a conflict,
//! it starts over.
//!
//! Nothing may be reported before [`apply`] returns: what it returns has been stored. Every try has the same
//! [`Moment`], so it finds what an earlier one has written.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::reading::read_with;
use super::settings::WRITER;
use super::snapshots::Snapshots;
use crate::base::failure::chain;
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::protocol::engine::mark::Candidate;
use crate::protocol::engine::mark::stored::{encode_candidate, encode_mark};
use crate::protocol::engine::marks::{Known, Marks, Moment, Version};
use crate::protocol::engine::names::encode_names;
use crate::protocol::engine::step::{NamesWrite, Put, Step, Unread, Write};
use crate::store::{Backoff, Budget, Store, WriteError};

/// How long the first pause after a conflict may take.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The context in which steps are applied.
pub struct Applying<'a> {
    /// The store.
    pub store: &'a Store,
    /// The stores of environments whose deploys may be reused, where they are others: nothing is written there.
    pub elsewhere: &'a [(EnvironmentName, Store)],
    /// The project of the marks.
    pub project: &'a ProjectName,
    /// The time and the ids of this call, the same for every try.
    pub moment: &'a Moment,
    /// The snapshots that a step refers to.
    pub snapshots: Snapshots<'a>,
}

impl<'a> Applying<'a> {
    /// For steps that refer to no snapshot that is not stored yet.
    pub fn without_snapshots(store: &'a Store, project: &'a ProjectName, moment: &'a Moment) -> Self {
        Self { store, elsewhere: &[], project, moment, snapshots: Snapshots::none() }
    }
}

/// What became of a whole step.
enum Applied {
    /// All of it is stored.
    Whole,
    /// It must be computed again, from marks that were read again or are unavailable now.
    Again,
    /// The same, because somebody else has written: a pause lets them finish.
    Overtaken,
}

/// The result of one write.
enum Written {
    Done,
    /// Somebody else has written it since it was read.
    Conflict,
    /// The store refuses; the text says why.
    Refused(String),
}

/// One try at a step, and what is left for another.
struct Turn<'a> {
    budget: &'a Budget,
    start: Instant,
    /// The pause before the next try, if others have written meanwhile.
    pause: Duration,
}

impl Turn<'_> {
    /// A conflict counts as a refusal once there is no time for another try, which takes about as long as this one.
    fn settle(&self, written: Written) -> Written {
        let another = self.pause + self.start.elapsed().mul_f64(1.25);
        match written {
            Written::Conflict if self.budget.left() <= another => {
                Written::Refused(format!("it kept changing (concurrent writers); gave up after {}", self.budget))
            }
            written => written,
        }
    }
}

/// Reads, computes and writes until a step is completely written, or its answer covers what cannot be written.
///
/// # Errors
/// Those of the step.
pub fn apply<T, E>(
    to: &Applying<'_>,
    marks: &mut Marks,
    needed: impl Fn(&Marks) -> Unread,
    mut step: impl FnMut(&Marks, &Moment) -> Result<Step<T>, E>,
) -> Result<Step<T>, E> {
    let mut backoff = Backoff::from(FIRST_PAUSE);
    loop {
        let turn = Turn { budget: to.store.budget(), start: Instant::now(), pause: backoff.pause() };
        read_with(to.store, to.elsewhere, to.project, marks, &needed);
        let step = step(marks, to.moment)?;
        match to.write(&step, marks, &turn) {
            Applied::Whole => {
                to.snapshots.warn();
                return Ok(step);
            }
            Applied::Again => {}
            Applied::Overtaken => turn.budget.pause(turn.pause),
        }
    }
}

impl Applied {
    /// At least once more.
    fn or_again(self) -> Self {
        if matches!(self, Self::Overtaken) { self } else { Self::Again }
    }
}

impl Applying<'_> {
    /// Writes a step. If it must be computed again, `marks` shows what has changed or cannot be written.
    fn write<T>(&self, step: &Step<T>, marks: &mut Marks, turn: &Turn<'_>) -> Applied {
        let first: Vec<&NamesWrite> = step.names.iter().filter(|write| !write.after).collect();
        let mut applied = Applied::Whole;
        for write in &first {
            match turn.settle(self.write_names(write)) {
                Written::Done => {}
                Written::Conflict => {
                    marks.forget_names(&write.environment);
                    applied = Applied::Overtaken;
                }
                Written::Refused(cause) => {
                    marks.unwritable_names(&write.environment, &cause);
                    applied = applied.or_again();
                }
            }
        }
        if !matches!(applied, Applied::Whole) {
            return applied;
        }
        // A directory does not have a time until something is written there, and without one an attempt would not get a
        // deadline.
        let timeless = |write: &Write| marks.get(&write.key).is_some_and(|read| read.read_at.is_none());
        if first.iter().any(|write| write.expected.is_none()) && step.writes.iter().any(timeless) {
            step.writes.iter().for_each(|write| refresh(marks, &write.key));
            first.iter().for_each(|write| marks.forget_names(&write.environment));
            return Applied::Again;
        }
        let written: Vec<Written> = abreast(self.store, &step.writes, |write| turn.settle(self.write_mark(write)));
        let removed: Vec<Written> = abreast(self.store, &step.removals, |removal| {
            turn.settle(written_of(self.store.remove_mark(&removal.key, removal.expected.as_ref())))
        });
        let keys = step.writes.iter().map(|write| &write.key).chain(step.removals.iter().map(|removal| &removal.key));
        for (key, outcome) in keys.zip(written.into_iter().chain(removed)) {
            match outcome {
                Written::Done => {}
                Written::Conflict => {
                    marks.forget(key);
                    applied = Applied::Overtaken;
                }
                Written::Refused(cause) => {
                    marks.unwritable(key, &cause);
                    applied = applied.or_again();
                }
            }
        }
        if !matches!(applied, Applied::Whole) {
            // What was written has another version now.
            step.writes.iter().filter(|write| write.mark.is_some()).for_each(|write| refresh(marks, &write.key));
            step.names.iter().for_each(|write| marks.forget_names(&write.environment));
            return applied;
        }
        for write in step.names.iter().filter(|write| write.after) {
            if !matches!(self.write_names(write), Written::Done) {
                // A superfluous name costs one read, and the next call drops it.
                tracing::debug!(environment = write.environment.as_str(), "the list of services was not shortened");
            }
        }
        Applied::Whole
    }

    fn write_mark(&self, write: &Write) -> Written {
        for put in &write.first {
            match self.put(&write.key, put) {
                Written::Done => {}
                other => return other,
            }
        }
        if let Some(mark) = &write.mark {
            let written = match encode_mark(&write.key, mark, WRITER) {
                Ok(bytes) => written_of(self.store.write_mark(&write.key, &bytes, write.expected.as_ref())),
                Err(damaged) => Written::Refused(damaged.to_string()),
            };
            if !matches!(written, Written::Done) {
                return written;
            }
        }
        for put in &write.then {
            match self.put(&write.key, put) {
                Written::Done => {}
                other => return other,
            }
        }
        Written::Done
    }

    fn put(&self, key: &Key, put: &Put) -> Written {
        match put {
            Put::Snapshot(hash) => {
                self.snapshots.keep(self.store, key, hash, self.moment.at);
                Written::Done
            }
            Put::Candidate(candidate, expected) => self.put_candidate(key, candidate, expected.as_ref()),
        }
    }

    fn put_candidate(&self, key: &Key, candidate: &Candidate, expected: Option<&Version>) -> Written {
        let bytes = match encode_candidate(candidate) {
            Ok(bytes) => bytes,
            Err(damaged) => return Written::Refused(damaged.to_string()),
        };
        let written = self.store.put_candidate(key, &candidate.id, &bytes, expected);
        match (written, expected) {
            // A new candidate has an id that only this call assigns, so an earlier try has stored it.
            (Err(WriteError::Conflict), None) => match self.store.candidate(key, &candidate.id) {
                Ok(Some(stored)) => {
                    written_of(self.store.put_candidate(key, &candidate.id, &bytes, Some(&stored.version)))
                }
                Ok(None) => Written::Conflict,
                Err(error) => Written::Refused(chain(&error)),
            },
            (written, _) => written_of(written),
        }
    }

    fn write_names(&self, write: &NamesWrite) -> Written {
        let bytes = encode_names(&write.names, write.replaced.as_deref());
        written_of(self.store.write_names(self.project, &write.environment, &bytes, write.expected.as_ref()))
    }
}

fn written_of(written: Result<(), WriteError>) -> Written {
    match written {
        Ok(()) => Written::Done,
        Err(WriteError::Conflict) => Written::Conflict,
        Err(WriteError::Store(error)) => Written::Refused(chain(&error)),
    }
}

/// Marks that were written are read again, except those known to refuse writes.
fn refresh(marks: &mut Marks, key: &Key) {
    let refuses = matches!(marks.get(key).map(|read| &read.known), Some(Known::Unavailable(_)));
    if !refuses {
        marks.forget(key);
    }
}

/// Processes items that access the store, as many at once as is worthwhile; the results are in order.
pub fn abreast<T: Send, R: Send>(
    store: &Store,
    items: impl IntoParallelIterator<Item = T, Iter: IndexedParallelIterator>,
    act: impl Fn(T) -> R + Send + Sync,
) -> Vec<R> {
    let items = items.into_par_iter();
    if items.len() < 2 {
        return items.map(act).collect();
    }
    let threads = items.len().min(store.abreast());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let work = || items.map(act).collect();
    // If the machine cannot create more threads, the existing ones do the work.
    if let Ok(pool) = pool { pool.install(work) } else { work() }
}
