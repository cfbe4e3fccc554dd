//! `explain` and `check`: the rules themselves.

use clap::Args;

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The paths, from the root of the source; a directory stands for what lies below it
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::ffi::OsString>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {}
