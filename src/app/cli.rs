//! The shapes of the command line, as text. [`crate::app::settings`] gives them their meaning.

mod decide;
mod doctor;
mod global;
mod init;
mod lambda;
mod late;
mod marks;
mod pages;
mod observe;
mod plan;
mod record;
mod replay;
mod rules;
mod shape;
mod state;

pub use decide::{DecideArgs, Deciding, RunArgs};
pub use doctor::DoctorArgs;
pub use global::{Color, Global, LogFormat};
pub use init::InitArgs;
pub use lambda::LambdaArgs;
pub use late::Late;
pub use marks::{OutputArgs, StatusArgs, TaintArgs};
pub use observe::{ObserveArgs, ObserveBy};
pub use pages::{CompletionsArgs, ManArgs, Shell};
pub use plan::PlanArgs;
pub use record::{AdoptArgs, BuildOutcome, Built, DeployArgs, PromoteArgs, StageArgs};
pub use replay::ReplayArgs;
pub use rules::{CheckArgs, ExplainArgs};
pub use shape::Shape;
pub use state::{ExportArgs, ImportArgs, RmArgs, StateCommand};

use clap::{Parser, Subcommand};

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

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions
    #[command(after_help = "Example, in a buildspec's pre_build (one command each):\n  \
        BUILD_SKIPPED=false\n  D=\"$(shipmark decide api --environment prod)\" && eval \"$D\"")]
    Decide(Late<DecideArgs>),
    /// Record a deploy, after it succeeded
    #[command(after_help = "Example, in a buildspec's post_build:\n  \
        shipmark record api --environment prod --output IMAGE_URI=\"$IMAGE_URI\"")]
    Record(Late<Built>),
    /// Say which commit is deployed already, outside of a build: shows what would be recorded, and records it with --yes
    #[command(
        after_help = "Examples:\n  shipmark adopt --all --from-git v1.2.3 --environment prod --pipeline arn:aws:codepipeline:REGION:ACCOUNT:shop --outputs outputs.txt\n  \
        shipmark adopt api --from-git v1.2.3 --environment prod --pipeline arn:aws:codepipeline:REGION:ACCOUNT:shop --output IMAGE_URI='…@sha256:…' --yes"
    )]
    Adopt(Late<AdoptArgs>),
    /// Keep a candidate at the end of a build whose deploy is a later pipeline stage
    #[command(after_help = "Example: S=\"$(shipmark stage api)\" && eval \"$S\"   # then export SHIPMARK_CANDIDATE")]
    Stage(Late<StageArgs>),
    /// Say that the deploy of a candidate begins: the first action of the deploy stage
    #[command(after_help = "Example: shipmark begin --candidate \"$SHIPMARK_CANDIDATE\"")]
    Begin(Late<DeployArgs>),
    /// Record the deploy of a candidate: the last action of the deploy stage
    #[command(after_help = "Examples:\n  shipmark promote --candidate \"$SHIPMARK_CANDIDATE\"\n  \
        shipmark promote --claims \"$SHIPMARK_CANDIDATE\"   # in a last stage that always runs, behind stages that may be skipped\n  \
        shipmark promote --execution \"$SHIPMARK_EXECUTION\" api   # where no variable can be handed on")]
    Promote(Late<PromoteArgs>),
    /// Decide, run a command for each service that must be built, and record the deploys
    #[command(after_help = "Examples:\n  shipmark run api --environment prod -- ./deploy.sh\n  \
        shipmark run --all --jobs 4 --environment prod -- ./deploy.sh   # for each $SHIPMARK_SERVICE\n\n\
        In a deploy stage, with $SHIPMARK_CANDIDATE as `stage` or `decide --stage` printed it, nothing is decided: it begins the \
        deploy, runs the command and promotes. A service that was skipped only has its skip confirmed.")]
    Run(Late<RunArgs>),
    /// Show what would build and why, without opening an attempt
    #[command(after_help = "Examples:\n  shipmark plan --environment prod\n  \
        shipmark plan --base main   # the working tree against a commit: needs no store\n  \
        shipmark plan api --explain   # why does it build, or why not?\n  \
        shipmark plan --print-map   # all services of all maps and directories, in one map")]
    Plan(Late<PlanArgs>),
    /// Write a first map: looks at Dockerfiles, workspaces, packages, templates and Terraform in the source
    #[command(after_help = "Examples:\n  shipmark init           # writes shipmark.toml\n  \
        shipmark init --print   # only shows it")]
    Init(Late<InitArgs>),
    /// Show which services paths belong to, by which rules and dependencies, what excludes them, or what nearly includes them
    #[command(after_help = "Examples:\n  shipmark explain services/api/main.go infra/stack.yaml\n  \
        shipmark explain services/   # what lies below it")]
    Explain(Late<ExplainArgs>),
    /// Lint the map against the tree and run its `[[expect]]` tests
    #[command(
        after_help = "Examples:\n  shipmark check\n  shipmark check --template pipeline.yml --parameter Environment=prod\n  \
        shipmark check --deny unowned --format github   # in a workflow"
    )]
    Check(Late<CheckArgs>),
    /// Run a build and report which files of the source it read that the rules do not cover
    #[command(after_help = "Examples:\n  shipmark observe api -- ./build.sh api\n  \
        shipmark observe api --deny --format github -- make api   # in a workflow: exit 4 if the rules miss something\n\n\
        What was read is kept in observed/SERVICE.json beside the map, and `check` holds the map against it. The exit status is the \
        command's. An observation may add inputs; it never removes one and never justifies a skip, for it cannot see:\n  \
        - other runs: another environment, branch, platform, cache or date may read other files\n  \
        - what a warm cache saves reading (cargo, make, tsc, gradle, Docker layers): observe a clean build\n  \
        - what daemons that were started before read for the build (Docker, Gradle, Bazel): only that they were talked to\n  \
        - files under another mount's name, files opened by handle, remote builders\n  \
        - the network, environment variables, versions of tools\n  \
        - names whose absence mattered only because a directory was listed")]
    Observe(Late<ObserveArgs>),
    /// Run the rules over real history: what would have been built, skipped, lost, or decided otherwise by another map
    #[command(after_help = "Examples:\n  shipmark replay --last 500 --minutes 9\n  \
        shipmark replay --against new.toml --html replay.html   # which decisions would a change of the map flip?\n  \
        shipmark replay --fail-rate 0.1   # what would `git diff HEAD~1` have lost?")]
    Replay(Late<ReplayArgs>),
    /// Show what is deployed where, since when, how far behind the source, and what is open or uncertain
    #[command(after_help = "Examples:\n  shipmark status --all-environments\n  \
        shipmark status --log api --environment prod   # its last deploys\n  \
        shipmark status --environment prod --max-age 30d   # exit 4 if something is older or in doubt\n  \
        shipmark status --environment prod --shadow   # what skipping would have saved, and what contradicts it\n  \
        shipmark status --all-environments --html status.html --price 0.005")]
    Status(Late<StatusArgs>),
    /// Say that something else is deployed than what was recorded: the next decision builds
    #[command(after_help = "Example: shipmark taint api --environment prod --reason 'rolled back by hand'")]
    Taint(Late<TaintArgs>),
    /// Print a recorded output
    #[command(after_help = "Example: shipmark output api IMAGE_URI --environment prod")]
    Output(Late<OutputArgs>),
    /// Move, keep and repair the state
    #[command(subcommand)]
    State(StateCommand),
    /// Check the store, one thing after the other, and say what to do; exit 1 if something failed
    #[command(after_help = "Examples:\n  shipmark doctor --state 'dynamodb://shipmark?region=eu-west-1' --create\n  \
        shipmark doctor --print cloudformation > shipmark.json   # asks no network")]
    Doctor(Late<DoctorArgs>),
    /// Print the completions of a shell
    #[command(after_help = "Example: shipmark completions bash > ~/.local/share/bash-completion/completions/shipmark")]
    Completions(Late<CompletionsArgs>),
    /// Print the man page of the program or of a command
    #[command(after_help = "Examples:\n  shipmark man > shipmark.1\n  shipmark man state rm | man -l -")]
    Man(Late<ManArgs>),
    /// Serve as a Lambda function: decides, begins, promotes, starts and taints as actions of a pipeline
    #[command(
        after_help = "Example: shipmark lambda   # the handler; so is the same binary as `bootstrap` in a zip (runtime provided.al2023)\n\n\
        UserParameters of its actions (docs/before-the-build.md has all):\n  \
        {\"do\":\"decide\",\"environment\":\"prod\",\"execution\":\"#{codepipeline.PipelineExecutionId}\"}\n  \
        {\"do\":\"begin\",\"candidate\":\"#{D.SHIPMARK_CANDIDATE_WEB}\"}"
    )]
    Lambda(Late<LambdaArgs>),
}

impl Command {
    /// Whether it records something, rather than reads or decides. (`run` decides first, and then has more time to record.)
    pub fn writes(&self) -> bool {
        match self {
            Self::Status(Late(StatusArgs { clear: true, .. }))
            | Self::Record(_)
            | Self::Adopt(_)
            | Self::Stage(_)
            | Self::Begin(_)
            | Self::Promote(_)
            | Self::Taint(_)
            | Self::State(StateCommand::Import(_) | StateCommand::Rm(_)) => true,
            Self::Decide(_)
            | Self::Run(_)
            | Self::Plan(_)
            | Self::Init(_)
            | Self::Explain(_)
            | Self::Check(_)
            | Self::Observe(_)
            | Self::Replay(_)
            | Self::Status(_)
            | Self::Output(_)
            | Self::State(StateCommand::Export(_))
            | Self::Doctor(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Lambda(_) => false,
        }
    }
}
