//! Several things read at once for one decision, with the store's own time.

use jiff::Timestamp;

use super::{Store, StoreError, Stored, each, operation};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};

/// What one read of several things found.
#[derive(Debug)]
pub struct Batch {
    /// One answer per key, in order. `None` means that there certainly is none.
    pub marks: Vec<Result<Option<Stored>, StoreError>>,
    /// One answer per environment, in order: the names of its services.
    pub names: Vec<Result<Option<Stored>, StoreError>>,
    /// The store's time of this read, never later than any of the answers; `None` where it did not say.
    pub time: Option<Timestamp>,
}

impl Batch {
    /// Answers to the keys, followed by those to the environments. The time is the earliest of the answers' dates, since an
    /// earlier time ends fewer attempts; it is unknown if any of the answers has no date.
    pub(super) fn new(
        mut answers: Vec<Result<Option<Stored>, StoreError>>,
        keys: usize,
        dates: Vec<Option<Timestamp>>,
    ) -> Self {
        let names = answers.split_off(keys);
        // `None` is less than any date.
        Self { marks: answers, names, time: dates.into_iter().min().flatten() }
    }
}

impl Store {
    /// Reads the marks of several services and the names of the services in several environments, as close together as the
    /// store allows. A failure makes unknown only what it concerns.
    pub fn read_batch(&self, project: &ProjectName, keys: &[Key], environments: &[EnvironmentName]) -> Batch {
        operation!("read batch", keys = keys.len(), environments = environments.len());
        each!(self, store => store.read_batch(project, keys, environments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(dates: &[Option<i64>]) -> Option<i64> {
        let date = |date: &Option<i64>| date.map(|date| Timestamp::from_second(date).unwrap());
        Batch::new(Vec::new(), 0, dates.iter().map(date).collect()).time.map(Timestamp::as_second)
    }

    #[test]
    fn the_earliest_date_counts_and_one_that_is_missing_makes_the_time_unknown() {
        assert_eq!(time(&[Some(7), Some(3), Some(5)]), Some(3));
        assert_eq!(time(&[Some(7), None, Some(5)]), None);
        assert_eq!(time(&[]), None);
    }
}
