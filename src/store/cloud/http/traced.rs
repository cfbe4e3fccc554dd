//! A span for each HTTP request: the time until its answer began, and the status. Each retry is a request of its own.
//! Paths and headers are not shown: those of credential endpoints are secrets.

use aws_sdk_s3::config::ConfigBag;
use aws_sdk_s3::error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use tracing::field::Empty;

/// The same client, with spans.
pub(super) fn traced(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(TracedClient(client))
}

/// Forwards everything to the client it wraps.
#[derive(Debug)]
struct TracedClient(SharedHttpClient);

/// Puts a span around each request.
#[derive(Debug)]
struct TracedConnector(SharedHttpConnector);

impl HttpClient for TracedClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(TracedConnector(self.0.http_connector(settings, components)))
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

impl HttpConnector for TracedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let span = tracing::debug_span!(
            "http request",
            method = request.method(),
            host = host(request.uri()),
            // The operation, for requests to DynamoDB.
            operation = request.headers().get("x-amz-target"),
            status = Empty
        );
        let answer = self.0.call(request);
        if span.is_disabled() {
            return answer;
        }
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if let Ok(answer) = &answer {
                span.record("status", answer.status().as_u16());
            }
            answer
        })
    }
}

/// The host and port of an address.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit('@').next().unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        assert_eq!(host("https://s3.eu-west-1.amazonaws.com/bucket/key?x=1"), "s3.eu-west-1.amazonaws.com");
        assert_eq!(host("http://user:secret@127.0.0.1:8000?token=secret"), "127.0.0.1:8000");
        assert_eq!(host("/v2/credentials/secret"), "");
    }
}
