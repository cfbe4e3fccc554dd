//! `plan`: what would be decided.

use clap::Args;

use crate::output::Format;

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The services [default: all]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// The commit to plan for [default: the working tree, as `git add -A` would see it]; one that is not here is fetched
    #[arg(long, value_name = "REV")]
    pub revision: Option<String>,
    /// Compare the working tree, or --revision, with this commit instead of what is deployed; needs no store. `REV...` means
    /// the merge base, where the branch started; 0000… a new branch, on which everything builds. A commit that is not here is
    /// fetched
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// The same as SERVICE
    #[arg(long = "service", value_name = "SERVICE")]
    pub service: Vec<String>,
    /// For each service why it builds or is skipped: by which chain of dependencies, what changed besides, what to do
    #[arg(long)]
    pub explain: bool,
    /// All environments of the map, side by side
    #[arg(long)]
    pub all_environments: bool,
    /// An input that is not a file
    #[arg(long, value_name = "NAME=VALUE")]
    pub extra: Vec<String>,
    /// What `decide --verify` would run: it is only said where that would be
    #[arg(long, value_name = "CMD", conflicts_with = "base")]
    pub verify: Option<String>,
    /// How the plan is written
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
    /// Print the map with all that it includes and discovers written out, and plan nothing
    #[arg(long, conflicts_with_all = ["services", "revision", "base", "format"])]
    pub print_map: bool,
    /// List all changes and unowned files, not the first
    #[arg(long)]
    pub all_changes: bool,
}
