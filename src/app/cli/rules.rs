//! `explain` and `check`: the rules themselves.

use std::path::PathBuf;

use clap::Args;

use super::Shape;

use crate::output::FindingFormat;

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The paths, from where you are or from the root of the source, or absolute; a directory stands for what lies below it
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<std::ffi::OsString>,
    /// How it is written.
    #[command(flatten)]
    pub shape: Shape,
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Check this template of a pipeline against the map, instead of the map; repeatable. CloudFormation in YAML or JSON, what
    /// `cdk synth` writes, or the output of `terraform show -json`
    #[arg(long, value_name = "FILE")]
    pub template: Vec<PathBuf>,
    /// The value of a parameter of the templates; repeatable
    #[arg(long, value_name = "NAME=VALUE", requires = "template")]
    pub parameter: Vec<String>,
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
