//! `status`, `taint` and `output`: what is recorded.

use std::path::PathBuf;

use clap::Args;

use super::Shape;

/// `status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Exit 4 if a deploy is older than this, uncertain or missing
    #[arg(long, value_name = "TIME")]
    pub max_age: Option<String>,
    /// All environments of the map, side by side
    #[arg(long)]
    pub all_environments: bool,
    /// The last deploys instead: revision, date, build, outputs, certain or not
    #[arg(long, conflicts_with = "max_age")]
    pub log: bool,
    /// What shadow builds showed instead: how much skipping would have saved, and which outputs contradict a skip
    #[arg(long, conflicts_with_all = ["max_age", "log"])]
    pub shadow: bool,
    /// Forget the shadow counts and contradictions, once they are explained
    #[arg(long, requires = "shadow")]
    pub clear: bool,
    /// Write one page to pin to a wall
    #[arg(long, value_name = "FILE", conflicts_with_all = ["log", "shadow", "format", "max_age"])]
    pub html: Option<PathBuf>,
    /// The price of a build minute, for what skipping saves
    #[arg(long, value_name = "NUMBER", requires = "html")]
    pub price: Option<f64>,
    /// How it is written.
    #[command(flatten)]
    pub shape: Shape,
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
    pub nothing_running: bool,
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
