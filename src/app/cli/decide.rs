//! `decide` and `run`: the commands that decide for a build.

use std::path::PathBuf;

use clap::Args;

use crate::output::Format;

/// `decide`.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// What steers the decision.
    #[command(flatten)]
    pub deciding: Deciding,
    /// How the decisions are written
    #[arg(long, value_name = "FORMAT", default_value = "shell")]
    pub format: Format,
    /// List all changes and unowned files in JSON, not the first 100
    #[arg(long)]
    pub all_changes: bool,
    /// Stage what builds at once, for a deploy stage that builds it later; what is skipped gets a claim, which `promote` confirms
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    pub stage: Option<Option<String>>,
    /// Refuse (exit 3) where something could not be read, instead of building
    #[arg(long)]
    pub strict: bool,
    /// Write the decisions to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The services
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// All services of the map that exist in the environment, or all in $SHIPMARK_CANDIDATE
    #[arg(long, conflicts_with = "services")]
    pub all: bool,
    /// How many commands run at once. Each starts once those of the services that it depends on have succeeded
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: u16,
    /// Leave the attempts open, for `record` or `stage` later in the build. Otherwise each deploy is recorded as soon as its command
    /// succeeds
    #[arg(long)]
    pub no_record: bool,
    /// What steers the decision.
    #[command(flatten)]
    pub deciding: Deciding,
    /// The command, once for each service that must be built. It sees $SHIPMARK_SERVICE and the variables that `decide` prints for
    /// that service, and may write NAME=VALUE lines to the file $SHIPMARK_OUTPUTS; they are recorded
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<std::ffi::OsString>,
}

/// What steers a decision: the same for `decide` and `run`.
#[derive(Debug, Args)]
pub struct Deciding {
    /// Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git's HEAD]
    #[arg(long, value_name = "TEXT")]
    pub revision: Option<String>,
    /// Build, whatever is recorded: all, or these services (also SHIPMARK_FORCE=1, or the names)
    #[arg(long, value_name = "SERVICE,…", num_args = 0..=1, require_equals = true)]
    pub force: Option<Option<String>>,
    /// The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// An input that is not a file, e.g. the digest of a base image
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// A command for `sh` that is run for each service that would be skipped or reused, with $SHIPMARK_SERVICE and its
    /// recorded outputs; if it fails, the service builds
    #[arg(long, value_name = "CMD")]
    pub verify: Option<String>,
    /// Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]
    #[arg(long, value_name = "FILE")]
    pub ticket: Option<PathBuf>,
}
