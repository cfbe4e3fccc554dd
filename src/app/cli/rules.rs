//! `explain` and `check`: the rules themselves.

use clap::Args;

use super::Shape;

use crate::output::FindingFormat;

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The paths, from the root of the source; a directory stands for what lies below it
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::ffi::OsString>,
    /// How it is written.
    #[command(flatten)]
    pub shape: Shape,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// How the findings are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: FindingFormat,
    /// Fail where this is found, whatever the map says; repeatable
    #[arg(long, value_name = "CODE")]
    pub deny: Vec<String>,
    /// Tell this and do not fail; repeatable
    #[arg(long, value_name = "CODE")]
    pub warn: Vec<String>,
    /// Do not tell this; repeatable
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,
    /// Add the inputs that services lack to the map, then check it; nothing that would build less is changed
    #[arg(long, conflicts_with_all = ["list", "explain"])]
    pub fix: bool,
    /// List the codes with their levels, and check nothing
    #[arg(long, conflicts_with = "explain")]
    pub list: bool,
    /// Say what a code means and what to do, and check nothing
    #[arg(long, value_name = "CODE")]
    pub explain: Option<String>,
}
