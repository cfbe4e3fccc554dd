//! The first checks of any AWS store: region and credentials, and the headers of its answers.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::error::from_credentials;
use super::{Cloud, CloudProblem};
use crate::store::StoreFinding;

impl<C> Cloud<C> {
    /// Whether a region is configured and credentials are available. Only the end of the access key's id is shown.
    pub(in crate::store) fn access(&self) -> Vec<StoreFinding> {
        let region = self.configured("find the region", async |config| {
            Ok(config.region().map(|region| region.as_ref().to_owned()).unwrap_or_default())
        });
        let region = match region {
            Ok(region) => region,
            Err(error) => return vec![StoreFinding::error("region", &error)],
        };
        let from = if self.reach.region.is_some() { "the store's address" } else { "the environment or the profile" };
        let found = self.configured("find credentials", async |config| {
            let provider = config.credentials_provider();
            let provider =
                provider.ok_or_else(|| CloudProblem::NoCredentials("none of the usual places has any".to_owned()))?;
            provider.provide_credentials().await.map_err(|error| from_credentials(&error))
        });
        let credentials = match found {
            Ok(found) => {
                let kind = if found.session_token().is_some() { "temporary, with" } else { "with" };
                let until = found.expiry().and_then(|expiry| Timestamp::try_from(expiry).ok());
                let until = until.map_or_else(String::new, |until| format!(", until {until:.0}"));
                let end = end_of(found.access_key_id());
                StoreFinding::ok("credentials", format!("{kind} an access key that ends in {end}{until}"))
            }
            Err(error) => StoreFinding::error("credentials", &error),
        };
        vec![StoreFinding::ok("region", format!("{region}, from {from}")), credentials]
    }
}

/// Enough of an access key's id to recognise it.
fn end_of(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    // At most half of it, in case it is not an access key's id.
    let shown = (characters.len() / 2).min(4);
    crate::base::text::printable(String::from_iter(&characters[characters.len() - shown..]).as_bytes())
}

/// What the headers of the answers say, including those of errors.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Heads(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    date: Option<Timestamp>,
    bucket_region: Option<String>,
}

impl Heads {
    /// The `Date` of the last answer.
    pub(in crate::store) fn date(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).date
    }

    /// The bucket's region according to S3, which it also reports in answers for another region and in refusals.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
    pub(in crate::store) fn bucket_region(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bucket_region.clone()
    }
}

impl Intercept for Heads {
    fn name(&self) -> &'static str {
        "Heads"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response().headers();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.date = headers.get("date").and_then(date);
        seen.bucket_region = headers.get("x-amz-bucket-region").map(str::to_owned);
        Ok(())
    }
}

/// The time in a `Date` header: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>.
fn date(header: &str) -> Option<Timestamp> {
    Some(rfc2822::parse(header).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let read = date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(read.to_string(), "1994-11-06T08:49:37Z");
        assert_eq!(date("yesterday"), None);
    }

    #[test]
    fn of_a_key_only_the_end_of_its_name_is_shown() {
        assert_eq!(end_of("AKIAIOSFODNN7EXAMPLE"), "MPLE");
        assert_eq!(end_of("abc"), "c");
        assert_eq!(end_of("é"), "");
    }
}
