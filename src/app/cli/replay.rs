//! `replay`: what the rules would have decided over real history.

use std::path::PathBuf;

use clap::Args;

use super::Shape;

/// `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The newest commit [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub revision: Option<String>,
    /// Only commits that are not in the history of this one
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Only so many commits, the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub last: Option<u64>,
    /// Compare with the decisions of another map
    #[arg(long, value_name = "MAP")]
    pub against: Option<PathBuf>,
    /// Compare with what observed builds read: which past commits would the rules have skipped falsely?
    #[arg(long, conflicts_with = "against")]
    pub observed: bool,
    /// Let builds fail this often, from 0 to 1, and say what a `HEAD~1` rule would have lost
    #[arg(long, value_name = "RATE")]
    pub fail_rate: Option<f64>,
    /// What the random failures begin with: the same seed, the same failures
    #[arg(long, value_name = "N", default_value_t = 1, requires = "fail_rate")]
    pub seed: u64,
    /// How long a build takes, of one service or of all that are not named
    #[arg(long, value_name = "[SERVICE=]MINUTES")]
    pub minutes: Vec<String>,
    /// How it is written.
    #[command(flatten)]
    pub shape: Shape,
    /// Write a page to look at: one file that needs no network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// List all flips and lost deploys, not the first
    #[arg(long)]
    pub all_changes: bool,
}
