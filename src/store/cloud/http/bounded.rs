//! A bound on answers that the SDK reads whole: all but the objects of a bucket, whose readers count for themselves.

use aws_sdk_s3::config::{ConfigBag, SharedHttpClient};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};

/// The most bytes of an answer. DynamoDB's have at most 16 MB
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>), and JSON writes them longer.
const LONGEST: usize = 24 << 20;

/// The same client, with the bound.
pub(super) fn bounded(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(BoundedClient(client))
}

#[derive(Debug)]
struct BoundedClient(SharedHttpClient);

#[derive(Debug)]
struct BoundedConnector(SharedHttpConnector);

impl HttpClient for BoundedClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(BoundedConnector(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.0.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

impl HttpConnector for BoundedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_object = request.uri().contains("x-id=GetObject");
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            match is_object && answer.status().is_success() {
                true => Ok(answer),
                false => whole(answer).await,
            }
        })
    }
}

/// The answer with its whole body.
async fn whole(mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let mut body = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::empty()));
    let mut bytes = Vec::new();
    while let Some(next) = body.try_next().await.map_err(|cause| ConnectorError::io(cause.into()))? {
        if next.len() > LONGEST - bytes.len() {
            return Err(ConnectorError::user(format!("an answer has more than {LONGEST} bytes").into()));
        }
        bytes.extend_from_slice(&next);
    }
    *answer.body_mut() = SdkBody::from(bytes);
    Ok(answer)
}
