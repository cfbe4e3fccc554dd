//! The settings of a job that a Lambda function does.

use super::{Environment, OpenSource, READING, Settings, here, moment, now};
use crate::app::cli::Global;
use crate::base::failure::Failure;
use crate::protocol::engine::mark::AttemptId;
use crate::protocol::engine::marks::Moment;
use crate::store::Artifact;

impl Settings {
    /// As [`Settings::new`], about an artifact that is fetched from S3 with credentials of its own.
    ///
    /// # Errors
    /// A flag is empty or invalid, or the artifact cannot be fetched.
    pub fn of_artifact(global: &Global, environment: Environment, artifact: &Artifact) -> Result<Self, Failure> {
        let source = OpenSource::of_artifact(&here()?, artifact, READING)?;
        Self::with_source(global, false, environment, source)
    }

    /// Gives the call the id of a job: a second delivery finds what the first has written.
    #[must_use]
    pub fn of_call(self, call: AttemptId) -> Self {
        Self { call: Some(call), ..self }
    }

    /// The id of the call, if a job has given it one.
    pub fn call(&self) -> Option<&AttemptId> {
        self.call.as_ref()
    }

    /// The time and the id of this call.
    pub fn moment(&self) -> Moment {
        self.call.clone().map_or_else(moment, |call| Moment { at: now(), call })
    }
}
