//! The store, as the documents refer to it.

use crate::base::names::ProjectName;
use crate::store::StoreUrl;

/// An AWS store, and which of its keys belong to the project.
pub(super) enum Resources<'a> {
    /// A table.
    Table {
        name: &'a str,
        /// If the address is one.
        arn: Option<&'a str>,
        region: Option<&'a str>,
        keys: String,
    },
    /// A bucket.
    Bucket { name: &'a str, region: Option<&'a str>, keys: String },
}

impl<'a> Resources<'a> {
    /// `None` for a directory.
    pub(super) fn new(url: &'a StoreUrl, project: &ProjectName) -> Option<Self> {
        let keys = url.project_keys(project);
        match url {
            StoreUrl::File { .. } => None,
            StoreUrl::DynamoDb { table, reach } => {
                let arn = table.starts_with("arn:").then_some(table.as_str());
                let name = table.rsplit_once('/').map_or(table.as_str(), |(_, name)| name);
                Some(Self::Table { name, arn, region: reach.region.as_deref(), keys })
            }
            StoreUrl::S3 { bucket, reach, .. } => {
                Some(Self::Bucket { name: bucket, region: reach.region.as_deref(), keys })
            }
        }
    }
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
