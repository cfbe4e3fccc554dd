//! Many objects read at once, with the dates of the answers.

use aws_sdk_s3::Client;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::S3Store;
use super::objects::{self, Fetched};
use crate::base::key::Key;
use crate::base::names::{EnvironmentName, ProjectName};
use crate::store::cloud::CloudProblem;
use crate::store::{Batch, MOST_OF_MARK, StoreError, Stored};

/// How many requests are in flight at once.
const ABREAST: usize = 32;

impl S3Store {
    pub(in crate::store) fn read_marks(&self, keys: &[Key]) -> Vec<Result<Option<Stored>, StoreError>> {
        if let [key] = keys {
            return vec![self.read_mark(key)];
        }
        self.read_objects(keys.iter().map(|key| self.mark_key(key)).collect(), &mut Vec::new())
    }

    pub(in crate::store) fn read_batch(
        &self,
        project: &ProjectName,
        keys: &[Key],
        environments: &[EnvironmentName],
    ) -> Batch {
        let mut objects: Vec<String> = keys.iter().map(|key| self.mark_key(key)).collect();
        objects.extend(environments.iter().map(|environment| self.names_key(project, environment)));
        let mut dates = Vec::new();
        let answers = self.read_objects(objects, &mut dates);
        Batch::new(answers, keys.len(), dates)
    }

    /// Reads all at once, and the date of each answer; a failure makes only that object unknown.
    fn read_objects(
        &self,
        objects: Vec<String>,
        dates: &mut Vec<Option<Timestamp>>,
    ) -> Vec<Result<Option<Stored>, StoreError>> {
        let mut answers = Vec::new();
        let read = self
            .cloud
            .run_before_writes("read a mark", async |client| self.get_all(client, &objects, &mut answers).await);
        // If the time was over first, there may be no answers at all.
        answers.resize_with(objects.len(), || None);
        let failed = || read.clone().err().unwrap_or_else(|| self.cloud.failed("read a mark", unanswered()));
        answers
            .into_iter()
            .map(|answer| match answer {
                Some(Ok(fetched)) => {
                    dates.push(fetched.date);
                    Ok(fetched.found)
                }
                Some(Err(problem)) if !problem.passes() => Err(self.cloud.failed("read a mark", problem)),
                Some(Err(_)) | None => Err(failed()),
            })
            .collect()
    }

    /// Fetches those of many objects that are not answered yet, with a polite number of requests at once. Each answer is
    /// stored at its key's position as it arrives; the rest stay `None`, because unknown must not look absent.
    ///
    /// # Errors
    /// The last that may pass, if any did not answer for that: another call asks only for those.
    pub(super) async fn get_all(
        &self,
        client: &Client,
        keys: &[String],
        answers: &mut Vec<Option<Result<Fetched, CloudProblem>>>,
    ) -> Result<(), CloudProblem> {
        answers.resize_with(keys.len(), || None);
        let is_open = |at: &usize| match &answers[*at] {
            None => true,
            Some(Err(problem)) => problem.calls_for_another_try(),
            Some(Ok(_)) => false,
        };
        let open: Vec<usize> = (0..keys.len()).filter(is_open).collect();
        let mut next = open.into_iter();
        let mut sent = JoinSet::new();
        let mut again = None;
        loop {
            while sent.len() < ABREAST
                && let Some(at) = next.next()
            {
                let get = objects::get(client.clone(), self.bucket.clone(), keys[at].clone(), MOST_OF_MARK);
                sent.spawn(async move { (at, get.await) });
            }
            match sent.join_next().await {
                None => return again.map_or(Ok(()), Err),
                Some(Ok((at, answer))) => {
                    if let Err(problem) = &answer
                        && problem.calls_for_another_try()
                    {
                        again = Some(problem.clone());
                    }
                    answers[at] = Some(answer);
                }
                Some(Err(error)) => return Err(CloudProblem::Machine(error.to_string())),
            }
        }
    }
}

/// Every request sent is awaited; should one be lost anyway, its object is unknown.
pub(super) fn unanswered() -> CloudProblem {
    CloudProblem::NoAnswer("one of the requests was never answered".to_owned())
}
