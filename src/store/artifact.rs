//! Zip artifacts in S3, which are sources and not part of any store.

use aws_credential_types::Credentials;

use super::{Budget, S3Store, StoreAccess, StoreError, StoreUrl, UrlError, operation};

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

/// An artifact of a pipeline: an object, and the credentials that CodePipeline gives for it. They are never shown.
#[derive(Debug)]
pub struct Artifact {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    credentials: Option<Credentials>,
}

impl Artifact {
    /// An artifact that is read with the program's own credentials.
    pub fn new(bucket: String, key: String) -> Self {
        Self { bucket, key, credentials: None }
    }

    /// An artifact that is read with these credentials and no others.
    #[must_use]
    pub fn with_credentials(self, access_key: &str, secret_key: &str, session_token: Option<&str>) -> Self {
        let token = session_token.map(str::to_owned);
        Self { credentials: Some(Credentials::new(access_key, secret_key, token, None, "CodePipeline")), ..self }
    }
}

/// Fetches the artifact of a pipeline into a file. The file is written anew by each try.
///
/// # Errors
/// The object does not exist, or S3 does not answer.
pub fn fetch_artifact(artifact: &Artifact, budget: Budget, into: &std::fs::File) -> Result<(), FetchError> {
    operation!("fetch artifact");
    let Artifact { bucket, key, credentials } = artifact;
    let store = S3Store::new(bucket.clone(), String::new(), StoreAccess::default(), budget);
    let store = match credentials {
        Some(credentials) => store.with_credentials(credentials.clone()),
        None => store,
    };
    if store.fetch(key, into)? { Ok(()) } else { Err(FetchError::Absent(format!("s3://{bucket}/{key}"))) }
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
