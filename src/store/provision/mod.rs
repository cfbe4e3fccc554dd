//! What a store needs around it, printed for those who make it: the policies of a build and of a laptop, and the table or
//! the bucket. Nothing is asked of any network.

mod cloudformation;
mod iam;
mod resources;
mod policy;
mod terraform;

use clap::ValueEnum;

use crate::base::names::ProjectName;
use crate::store::StoreUrl;
use resources::Resources;

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProvisionKind {
    /// Two IAM policies: for builds, and read-only for laptops.
    Iam,
    /// A CloudFormation template, in JSON: the table or bucket, and the policies.
    Cloudformation,
    /// The same for Terraform, in its JSON syntax (`NAME.tf.json`).
    Terraform,
}

/// A printed document.
#[derive(Debug)]
pub struct ProvisionDocument {
    /// The document itself.
    pub text: String,
    /// What its reader must know.
    pub notes: Vec<String>,
}

/// There is nothing to print for a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store `{0}` is a directory, which needs no policy and no template")]
pub struct NoDocument(String);

/// Prints a document for the keys of one project in a store.
///
/// # Errors
/// The store is no store of AWS.
pub fn print(kind: ProvisionKind, project: &ProjectName, url: &StoreUrl) -> Result<ProvisionDocument, NoDocument> {
    let place = Resources::new(url, project).ok_or_else(|| NoDocument(url.to_string()))?;
    Ok(match kind {
        ProvisionKind::Iam => iam::print(&place),
        ProvisionKind::Cloudformation => cloudformation::print(&place),
        ProvisionKind::Terraform => terraform::print(&place),
    })
}

/// What is said of both templates.
fn note_of_existing(place: &Resources<'_>, how: &str) -> String {
    let what = match place {
        Resources::Table { .. } => "table",
        Resources::Bucket { .. } => "bucket",
    };
    format!("if the {what} is there already, {how}")
}

#[cfg(test)]
mod tests;
