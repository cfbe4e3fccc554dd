//! The arguments of every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What holds for every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]
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
    /// Whose deploy it is, where no CodeBuild build says so: a pipeline's name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]
    #[arg(long, global = true, value_name = "NAME")]
    pub pipeline: Option<String>,
    /// The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]
    #[arg(long, global = true, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]
    #[arg(long, global = true, value_name = "TIME")]
    pub timeout: Option<String>,
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
