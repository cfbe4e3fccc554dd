//! The store, as the documents refer to it.

use super::scope::{KeyScope, ScopedKeys};
use crate::base::names::ProjectName;
use crate::store::StoreUrl;

/// An AWS store, and which of its keys a role may use.
pub(super) enum Resources<'a> {
    /// A table.
    Table {
        name: &'a str,
        /// If the address is one.
        arn: Option<&'a str>,
        region: Option<&'a str>,
        keys: ScopedKeys,
    },
    /// A bucket.
    Bucket { name: &'a str, region: Option<&'a str>, keys: ScopedKeys },
}

impl<'a> Resources<'a> {
    /// `None` for a directory.
    pub(super) fn new(url: &'a StoreUrl, project: &ProjectName, scope: &KeyScope) -> Option<Self> {
        let prefix = plain(&url.project_keys(project));
        match url {
            StoreUrl::File { .. } => None,
            StoreUrl::DynamoDb { table, reach } => {
                let arn = table.starts_with("arn:").then_some(table.as_str());
                let name = table.rsplit_once('/').map_or(table.as_str(), |(_, name)| name);
                let keys = scope.keys(&prefix, "");
                Some(Self::Table { name, arn, region: reach.region.as_deref(), keys })
            }
            StoreUrl::S3 { bucket, reach, .. } => {
                let keys = scope.keys(&prefix, "/*");
                Some(Self::Bucket { name: bucket, region: reach.region.as_deref(), keys })
            }
        }
    }
}

/// A text in which nothing is a wildcard or a variable. Names are percent-encoded in keys and contain neither, but a
/// bucket's prefix is as the user typed it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
fn plain(keys: &str) -> String {
    let mut text = String::with_capacity(keys.len());
    for c in keys.chars() {
        match c {
            '*' | '?' | '$' => text.extend(["${", c.encode_utf8(&mut [0; 4]), "}"]),
            c => text.push(c),
        }
    }
    text
}

/// The partition of a region.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(super) fn partition(region: Option<&str>) -> &'static str {
    match region {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
