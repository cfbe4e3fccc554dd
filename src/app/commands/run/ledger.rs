//! What `run` needs of the place where its deploys are recorded.

use std::collections::BTreeMap;

use crate::base::failure::Failure;
use crate::base::names::{OutputName, ServiceName};

use super::super::recording::Outputs;
use super::queue::Job;

/// How the turn of a service begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Its command must run.
    Runs,
    /// There was nothing to do but to confirm that it need not.
    Confirmed,
}

/// Records the deploys of one call: on the attempts that were opened, or on the candidates that were handed on.
pub(super) trait Ledger {
    /// The variables of a service's command. `made` has the outputs of the commands that have succeeded in this call.
    ///
    /// # Errors
    /// Two values would share one variable, or one cannot be printed.
    fn variables(&self, job: &Job, made: &Outputs) -> Result<Vec<(String, String)>, Failure>;

    /// A service's command is about to start.
    ///
    /// # Errors
    /// It must not.
    fn begin(&mut self, service: &ServiceName) -> Result<Turn, Failure>;

    /// A service was deployed.
    ///
    /// # Errors
    /// It cannot be recorded: its deploy is in doubt.
    fn record(&mut self, service: &ServiceName, outputs: BTreeMap<OutputName, String>) -> Result<(), Failure>;

    /// The deploys of these services have failed, or were never started.
    ///
    /// # Errors
    /// That cannot be recorded: the attempts end by their age.
    fn fail(&mut self, services: &[ServiceName]) -> Result<(), Failure>;
}
