//! `record`, `adopt`, `stage`, `begin` and `promote`: statements about a deploy.

use std::path::PathBuf;

use clap::Args;

use crate::output::Format;

/// `stage`.
#[derive(Debug, Args)]
pub struct StageArgs {
    /// What is staged.
    #[command(flatten)]
    pub built: Built,
    /// The name of the deploy stage, where one service is staged for several [default: the service]
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// How the candidates are written
    #[arg(long, value_name = "FORMAT", default_value = "shell")]
    pub format: Format,
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
    /// What was made, handed back when a later build is skipped, e.g. an image digest; with several services SERVICE:NAME=VALUE
    #[arg(long, value_name = "[SERVICE:]NAME=VALUE")]
    pub output: Vec<String>,
    /// The pipeline execution (also SHIPMARK_EXECUTION)
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// Whatever names the source; only shown [default: as decided]
    #[arg(long, value_name = "TEXT")]
    pub revision: Option<String>,
    /// An input that is not a file; must be as decided
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// How the build ended [default: as CODEBUILD_BUILD_SUCCEEDING says]; whatever is not `success` may have deployed something
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<BuildOutcome>,
    /// The ticket that `decide` wrote
    #[arg(long, value_name = "FILE")]
    pub ticket: Option<PathBuf>,
}

/// How a build ended, in the words of GitHub Actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum BuildOutcome {
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It was stopped.
    Cancelled,
    /// A step did not run.
    Skipped,
}

/// `adopt`.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The services
    #[arg(value_name = "SERVICE", required_unless_present = "all")]
    pub services: Vec<String>,
    /// All services of the map
    #[arg(long, conflicts_with = "services")]
    pub all: bool,
    /// The commit that is deployed
    #[arg(long, value_name = "REV")]
    pub from_git: String,
    /// What was made, handed back when a build is skipped; with several services SERVICE:NAME=VALUE
    #[arg(long, value_name = "[SERVICE:]NAME=VALUE")]
    pub output: Vec<String>,
    /// A file with such outputs, one in a line
    #[arg(long, value_name = "FILE")]
    pub outputs: Option<PathBuf>,
    /// An input that is not a file
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// Record it, and do not only show it
    #[arg(long)]
    pub yes: bool,
}

/// `promote`.
#[derive(Debug, Args)]
pub struct PromoteArgs {
    /// Which candidates.
    #[command(flatten)]
    pub deploy: DeployArgs,
    /// What was made, where it was built after it was staged
    #[arg(long, value_name = "[SERVICE:]NAME=VALUE")]
    pub output: Vec<String>,
    /// The deploy has failed: whatever it has deployed is in doubt
    #[arg(long, conflicts_with = "output")]
    pub failed: bool,
    /// Behind stages that may have been skipped: each skip must still hold, and what was to be built must have begun
    #[arg(long, value_name = "VALUE", num_args = 1..,
        conflicts_with_all = ["candidate", "execution", "services", "stage", "output", "failed"])]
    pub claims: Vec<String>,
}

/// `begin` and `promote`.
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What `stage` or `decide --stage` printed
    #[arg(long, value_name = "VALUE", num_args = 1.., conflicts_with_all = ["execution", "services"])]
    pub candidate: Vec<String>,
    /// The deploy stage that it was staged for, with --execution
    #[arg(long, value_name = "NAME", requires = "execution")]
    pub stage: Option<String>,
    /// The pipeline execution that staged it; then name the services too
    #[arg(long, value_name = "ID", requires = "services")]
    pub execution: Option<String>,
    /// The services, with --execution
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}
