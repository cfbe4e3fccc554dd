//! The arguments of `init`.

use std::path::PathBuf;

use clap::Args;

/// `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Print the map instead of writing it
    #[arg(long, conflicts_with_all = ["out", "force"])]
    pub print: bool,
    /// Write the map to this file [default: shipmark.toml in the source]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take in what observed builds have read, as `observe` kept it in `observed/` beside the map
    #[arg(long)]
    pub observed: bool,
    /// Overwrite a map that is there
    #[arg(long)]
    pub force: bool,
}
