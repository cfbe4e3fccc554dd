//! `record`, `stage`, `begin` and `promote`: statements about a deploy.

use std::path::PathBuf;

use clap::Args;

/// `record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// What is recorded.
    #[command(flatten)]
    pub built: Built,
    /// Adopt what is already deployed: the inputs as they are in this commit (outside a build)
    #[arg(long, value_name = "REV", conflicts_with_all = ["all", "ticket"])]
    pub from_git: Option<String>,
}

/// `stage`.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// What is staged.
    #[command(flatten)]
    pub built: Built,
}

/// What a build made: the same for `record` and `stage`.
#[derive(Debug, Args)]
pub struct Built {
    /// The services
    #[arg(value_name = "SERVICE", required_unless_present = "all")]
    pub services: Vec<String>,
    /// All services that were decided in this build
    #[arg(long, conflicts_with = "services")]
    pub all: bool,
    /// What was made, handed back when a later build is skipped, e.g. an image digest
    #[arg(long, value_name = "NAME=VALUE")]
    pub output: Vec<String>,
    /// The pipeline execution (also SHIPMARK_EXECUTION)
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// Whatever names the source; only shown [default: as decided]
    #[arg(long, value_name = "TEXT")]
    pub revision: Option<String>,
    /// A further input that is no file; must be as decided
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// The ticket that `decide` wrote
    #[arg(long, value_name = "FILE")]
    pub ticket: Option<PathBuf>,
}

/// `begin` and `promote`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What `stage` printed
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["execution", "services"])]
    pub candidate: Option<String>,
    /// The pipeline execution that staged it; then name the services too
    #[arg(long, value_name = "ID", requires = "services")]
    pub execution: Option<String>,
    /// The services, with --execution
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
