//! The arguments of `doctor`.

use clap::Args;

use super::Shape;
use crate::store::provision::ProvisionKind;

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Make the DynamoDB table if it is missing, and turn on what is off in it; a bucket is only checked
    #[arg(long, conflicts_with = "print")]
    pub create: bool,
    /// Only read, as a laptop does: neither try writes nor need permission for them
    #[arg(long, conflicts_with_all = ["create", "print"])]
    pub read_only: bool,
    /// Print the policies, and what else the store needs, instead of asking it
    #[arg(long, value_name = "KIND", conflicts_with_all = ["format", "json"])]
    pub print: Option<ProvisionKind>,
    /// How it is written.
    #[command(flatten)]
    pub shape: Shape,
}
