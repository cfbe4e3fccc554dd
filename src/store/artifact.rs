//! Zip artifacts in S3, which are sources and not part of any store.

use super::{Budget, S3Store, StoreError, StoreUrl, UrlError, operation};

/// Fetches an S3 object into a file: a zip artifact, `s3://BUCKET/KEY`. The file is written anew by each try.
///
/// # Errors
/// The address is invalid, the object does not exist, or S3 does not answer.
pub fn fetch(address: &str, budget: Budget, into: &std::fs::File) -> Result<(), FetchError> {
    operation!("fetch artifact");
    match StoreUrl::parse(address, std::path::Path::new("/"))? {
        StoreUrl::S3 { bucket, prefix, reach } => {
            let found = S3Store::new(bucket, String::new(), reach, budget).fetch(&prefix, into)?;
            if found { Ok(()) } else { Err(FetchError::Absent(address.to_owned())) }
        }
        StoreUrl::File { .. } | StoreUrl::DynamoDb { .. } => Err(UrlError::Scheme(address.to_owned()).into()),
    }
}

/// An object could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is invalid.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The object does not exist.
    #[error("there is no object `{0}`")]
    Absent(String),
    /// S3 does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
