//! `run`: decides, runs a command for each service that must be built, and records its deploy as it ends. With a
//! candidate of an earlier stage it begins, runs and promotes instead.

mod candidates;
mod console;
mod crew;
mod decided;
mod held;
mod ledger;
mod outputs_file;
mod process;
mod queue;
mod same_source;
mod summary;

use std::collections::BTreeSet;

use crate::app::cli::RunArgs;
use crate::app::report::Reporter;
use crate::app::settings::Settings;
use crate::base::failure::Failure;

use super::context::refuse_pull_request;

/// Decides or takes what was decided, runs, records. Returns the exit status of the process.
pub(super) fn run(settings: &Settings, reporter: Reporter, args: &RunArgs) -> Result<u8, Failure> {
    if args.services.is_empty() && !args.all {
        return Err(Failure::request("no service was named").hint("name services, or add --all"));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = args.services.iter().find(|name| !seen.insert(*name)) {
        return Err(Failure::request(format!("`{twice}` is named twice")).hint("name each service once"));
    }
    match settings.environment.candidate()? {
        Some(handed) => {
            refuse_pull_request(settings, "run")?;
            candidates::run(settings, reporter, args, handed)
        }
        None => decided::run(settings, reporter, args),
    }
}
