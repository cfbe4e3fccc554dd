//! `observe`: which files a build reads.

use clap::{Args, ValueEnum};

use crate::output::observed::ObservedFormat;

/// `observe`.
#[derive(Debug, Args)]
pub struct ObserveArgs {
    /// The service that the command builds
    #[arg(value_name = "SERVICE")]
    pub service: String,
    /// Exit with 4 if the command succeeds and has read something that the rules do not cover
    #[arg(long)]
    pub deny: bool,
    /// What watches the build
    #[arg(long, value_name = "HOW", default_value = "strace")]
    pub by: ObserveBy,
    /// How the report is written, on standard output; what the command prints goes to standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ObservedFormat,
    /// The build: clean, of this service alone
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<std::ffi::OsString>,
}

/// What watches a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ObserveBy {
    /// strace 5.15 or later, which sees every file that the build opens.
    Strace,
    /// The access times of the source's files: where tracing is forbidden. Never complete.
    AccessTimes,
}
