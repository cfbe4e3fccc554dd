//! The arguments of `lambda`.

use clap::Args;

/// `lambda`.
#[derive(Debug, Args)]
pub struct LambdaArgs {
    /// Do the work of one event, which is read from standard input: what the function starts for each event
    #[arg(long, hide = true)]
    pub job: bool,
}
