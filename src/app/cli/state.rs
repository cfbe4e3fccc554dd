//! `state`: moves, backs up and repairs what is stored.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Late;

/// `state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Write all that is kept as lines of JSON: a backup, or the way to another store
    #[command(after_help = "Examples:\n  shipmark state export --out marks.jsonl\n  \
        shipmark state export --state file:old | shipmark state import --state dynamodb://shipmark")]
    Export(Late<ExportArgs>),
    /// Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted
    #[command(after_help = "Example: shipmark state import marks.jsonl --state s3://bucket/prefix")]
    Import(Late<ImportArgs>),
    /// Forget all that is kept of services: their next decision builds
    #[command(after_help = "Example: shipmark state rm api --environment prod")]
    Rm(Late<RmArgs>),
}

/// `state export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The services [default: all that the store has, also those that left the map]
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `state import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What `state export` wrote; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// You have made sure that what is certain in the export is still what is live: it stays certain
    #[arg(long)]
    pub trusted: bool,
    /// Overwrite the marks that are there already
    #[arg(long)]
    pub replace: bool,
}

/// `state rm`.
#[derive(Debug, Args)]
pub struct RmArgs {
    /// The services, also those that left the map
    #[arg(value_name = "SERVICE", required_unless_present_any = ["orphans", "all"])]
    pub services: Vec<String>,
    /// The marks of services that the map does not have
    #[arg(long, conflicts_with_all = ["services", "all"])]
    pub orphans: bool,
    /// All services that have a mark
    #[arg(long, conflicts_with = "services")]
    pub all: bool,
}
