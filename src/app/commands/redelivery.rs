//! A job that is delivered twice has staged the same candidates before.

use std::collections::BTreeSet;

use crate::base::failure::Failure;
use crate::base::key::Key;
use crate::protocol::engine::mark::stored::decode_candidate;
use crate::protocol::engine::mark::{AttemptId, Candidate};
use crate::protocol::engine::marks::{Known, Marks};
use crate::protocol::engine::step::{Put, Step};

use super::context::Context;
use super::recording::not_recorded;

/// Finds candidates that an earlier delivery of the same job has staged, and that have stopped waiting since: staged anew they would
/// wait for a stage that never comes. What still waits, has begun or was deployed is in the mark, where the step itself finds it.
pub(super) struct Redelivery<'a> {
    context: &'a Context<'a>,
    /// Those that this call has looked for: what is there at its next try may be its own.
    known: BTreeSet<(Key, AttemptId)>,
}

impl<'a> Redelivery<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { context, known: BTreeSet::new() }
    }

    /// # Errors
    /// The job was delivered late, or the store does not answer.
    pub(super) fn check<T>(&mut self, step: &Step<T>, marks: &Marks) -> Result<(), Failure> {
        if self.context.settings.call().is_none() {
            return Ok(());
        }
        let puts = step.writes.iter().flat_map(|write| write.first.iter().map(move |put| (&write.key, put)));
        let staged = puts.filter_map(|(key, put)| match put {
            Put::Candidate(candidate, None) => Some((key, candidate.as_ref())),
            Put::Candidate(..) | Put::Snapshot(_) => None,
        });
        let new: Vec<(&Key, &Candidate)> =
            staged.filter(|(key, candidate)| self.known.insert(((*key).clone(), candidate.id.clone()))).collect();
        let store = &self.context.store;
        let found = self.context.each(new, |(key, candidate)| {
            let stored = store.candidate(key, &candidate.id).map_err(not_recorded)?;
            let place = stored.and_then(|stored| decode_candidate(&stored.bytes).ok()).map(|earlier| earlier.place);
            let serial = match marks.get(key).map(|read| &read.known) {
                Some(Known::Mark(mark)) => mark.serial,
                _ => 0,
            };
            // If the mark was never written with it, an earlier delivery ended in between, and this one goes on.
            Ok((key, place.is_some_and(|place| place <= serial)))
        });
        for one in found {
            let (key, late) = one?;
            if late {
                let text = format!(
                    "`{}` was staged by an earlier delivery of this job, and a later candidate has begun",
                    key.service
                );
                return Err(Failure::other(text).hint("start the pipeline again: it decides anew"));
            }
        }
        Ok(())
    }
}
