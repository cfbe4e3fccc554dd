//! `explain` and `check`: the rules themselves.

use clap::Args;

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
