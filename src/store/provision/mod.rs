//! What a store needs around it, printed for whoever creates it: the policies for builds and laptops, and the table or
//! the bucket. Makes no network requests.

mod cloudformation;
mod iam;
mod policy;
mod resources;
mod scope;
mod terraform;

use clap::ValueEnum;

use crate::base::names::ProjectName;
use crate::store::StoreUrl;
use resources::Resources;

pub use scope::KeyScope;

/// What to print.
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
    /// What the reader must know.
    pub notes: Vec<String>,
}

/// There is nothing to print for a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store `{0}` is a directory, which needs no policy and no template")]
pub struct NoDocument(String);

/// Prints a document for the keys of a project in a store, or those of some of its environments.
///
/// # Errors
/// The store is not an AWS store.
pub fn print(
    kind: ProvisionKind,
    project: &ProjectName,
    url: &StoreUrl,
    scope: &KeyScope,
) -> Result<ProvisionDocument, NoDocument> {
    let place = Resources::new(url, project, scope).ok_or_else(|| NoDocument(url.to_string()))?;
    let mut document = match kind {
        ProvisionKind::Iam => iam::print(&place),
        ProvisionKind::Cloudformation => cloudformation::print(&place),
        ProvisionKind::Terraform => terraform::print(&place),
    };
    document.notes.push(scope.note());
    Ok(document)
}

/// The note for both templates.
fn note_of_existing(place: &Resources<'_>, how: &str) -> String {
    let what = match place {
        Resources::Table { .. } => "table",
        Resources::Bucket { .. } => "bucket",
    };
    format!("if the {what} is there already, {how}")
}

#[cfg(test)]
mod tests;
