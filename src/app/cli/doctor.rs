//! The arguments of `doctor`.

use clap::Args;

use crate::store::provision::ProvisionKind;

/// `doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Make the DynamoDB table if it is missing, and turn on what is off in it; a bucket is only checked
    #[arg(long, conflicts_with = "print")]
    pub create: bool,
    /// Print the policies, and what else the store needs, instead of asking it
    #[arg(long, value_name = "KIND")]
    pub print: Option<ProvisionKind>,
    /// The findings as JSON
    #[arg(long, conflicts_with = "print")]
    pub json: bool,
}
