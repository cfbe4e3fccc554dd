//! What can be typed: the shapes of the command line, as text. What it means is settled in [`crate::settings`].

mod doctor;
mod state;

pub use doctor::DoctorArgs;
pub use state::{ExportArgs, ImportArgs, RmArgs, StateCommand};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::output::Format;

/// Which services of a monorepo must be built and deployed now?
///
/// shipmark remembers what was last deployed, compares it with the source in front of it, and says which services to build.
/// It skips a service only on evidence; every doubt builds.
#[derive(Debug, Parser)]
#[command(name = "shipmark", version, max_term_width = 100)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The service map [default: shipmark.toml in the source, else config/shipmark.toml]
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// The project, the first part of every key [default: the map's, else `default`]
    #[arg(long, global = true, value_name = "NAME")]
    pub project: Option<String>,
    /// Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map's, else file:.shipmark/state]
    #[arg(long, global = true, value_name = "URL")]
    pub state: Option<String>,
    /// The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]
    #[arg(long, global = true, value_name = "NAME")]
    pub environment: Vec<String>,
    /// The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]
    #[arg(long, global = true, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// How long the store may take to answer, e.g. 10s
    #[arg(long, global = true, value_name = "TIME", default_value = "10s")]
    pub timeout: String,
    /// How messages are written on standard error
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// More messages; twice for all
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// How messages are written on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions
    #[command(after_help = "Example, in a buildspec's pre_build (one command each):\n  \
        BUILD_SKIPPED=false\n  D=\"$(shipmark decide api --environment prod)\" && eval \"$D\"")]
    Decide(DecideArgs),
    /// Record a deploy, after it succeeded
    #[command(after_help = "Example, in a buildspec's post_build:\n  \
        shipmark record api --environment prod --output IMAGE_URI=\"$IMAGE_URI\"")]
    Record(RecordArgs),
    /// Keep a candidate at the end of a build whose deploy is a later pipeline stage
    #[command(after_help = "Example: S=\"$(shipmark stage api)\" && eval \"$S\"   # then export SHIPMARK_CANDIDATE")]
    Stage(StageArgs),
    /// Say that the deploy of a candidate begins: the first action of the deploy stage
    Begin(DeployArgs),
    /// Record the deploy of a candidate: the last action of the deploy stage
    Promote(DeployArgs),
    /// Decide, and if the service must be built run a command; with --record, record the deploy that it made
    #[command(after_help = "Example: shipmark run api --record -- ./deploy.sh")]
    Run(RunArgs),
    /// Show what would build and why, without opening an attempt
    #[command(after_help = "Examples:\n  shipmark plan --environment prod\n  \
        shipmark plan --base main --revision HEAD   # needs no store")]
    Plan(PlanArgs),
    /// Show which services paths belong to, and by which rule
    Explain(ExplainArgs),
    /// Lint the map against the tree and run its `[[expect]]` tests
    Check(CheckArgs),
    /// Show what is deployed where, since when, and what is open or uncertain
    Status(StatusArgs),
    /// Say that something else is deployed than what was recorded: the next decision builds
    Taint(TaintArgs),
    /// Print a recorded output
    Output(OutputArgs),
    /// Move, keep and repair the state
    #[command(subcommand)]
    State(StateCommand),
    /// Check the store, one thing after the other, and say what to do; exit 1 if something failed
    #[command(after_help = "Examples:\n  shipmark doctor --state dynamodb://shipmark?region=eu-west-1 --create\n  \
        shipmark doctor --print cloudformation > shipmark.json   # asks no network")]
    Doctor(DoctorArgs),
}

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
    /// Refuse (exit 3) where something could not be read, instead of building
    #[arg(long)]
    pub strict: bool,
    /// Write the decisions to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What steers a decision: the same for `decide` and `run`.
#[derive(Debug, Args)]
pub struct Deciding {
    /// Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git's HEAD]
    #[arg(long, value_name = "TEXT")]
    pub revision: Option<String>,
    /// Build, whatever is recorded (also SHIPMARK_FORCE=1)
    #[arg(long)]
    pub force: bool,
    /// The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)
    #[arg(long, value_name = "ID")]
    pub execution: Option<String>,
    /// A further input that is no file, e.g. the digest of a base image
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]
    #[arg(long, value_name = "FILE")]
    pub ticket: Option<PathBuf>,
}

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

/// `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The service
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// Record the deploy if the command succeeds; it may write NAME=VALUE lines to the file $SHIPMARK_OUTPUTS
    #[arg(long)]
    pub record: bool,
    /// What steers the decision.
    #[command(flatten)]
    pub deciding: Deciding,
    /// The command
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<std::ffi::OsString>,
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The commit to plan for [default: the working tree, as `git add -A` would see it]
    #[arg(long, value_name = "REV")]
    pub revision: Option<String>,
    /// Compare with this commit instead of what is deployed; needs no store
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// A further input that is no file
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// How the plan is written
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
    /// List all changes and unowned files, not the first
    #[arg(long)]
    pub all_changes: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The paths, from the root of the source
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::ffi::OsString>,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {}

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Exit 4 if a deploy is older than this, uncertain or missing
    #[arg(long, value_name = "TIME")]
    pub max_age: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `taint`.
#[derive(Debug, Args)]
pub struct TaintArgs {
    /// The service
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// You have made sure that no other build or deploy of it is running or waiting: the list of attempts is emptied
    #[arg(long)]
    pub ended: bool,
}

/// `output`.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The service
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// The output
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What to print where nothing is recorded, instead of exit 4
    #[arg(long, value_name = "VALUE")]
    pub default: Option<String>,
}
