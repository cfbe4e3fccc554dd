//! The HTTP client of the AWS SDK: TLS by rustls, proxies from the environment, root certificates even on images that
//! have none, and name resolution that works in a static program.

use std::sync::{Arc, LazyLock};

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

#[cfg(target_feature = "crt-static")]
mod resolver;
mod bounded;
mod traced;

/// The client. Nothing is loaded before the first request, and no certificates before the first request that needs
/// them. Proxies come from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
pub(super) fn client() -> SharedHttpClient {
    #[cfg(target_feature = "crt-static")]
    let resolver = resolver::Resolver::default();
    let trusting = |roots: fn() -> TlsContext| {
        #[cfg(target_feature = "crt-static")]
        let resolver = resolver.clone();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
            builder.set_connector_settings(settings.cloned());
            builder.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            let builder = builder.tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(roots());
            #[cfg(target_feature = "crt-static")]
            return builder.build_with_resolver(resolver.clone());
            #[cfg(not(target_feature = "crt-static"))]
            builder.build()
        })
    };
    traced::traced(bounded::bounded(SharedHttpClient::new(Client {
        plain: trusting(|| context(TrustStore::empty())),
        secure: trusting(|| ROOTS.clone()),
        proxies: Arc::new(Matcher::from_env()),
    })))
}

/// Reading all of a machine's certificates takes longer than a request, so plain `http://` addresses use a client that
/// trusts no certificates.
#[derive(Debug, Clone)]
struct Client {
    plain: SharedHttpClient,
    secure: SharedHttpClient,
    proxies: Arc<Matcher>,
}

impl Client {
    /// The client for an address. The connection to a proxy may be encrypted even if the address is plain.
    fn to(&self, address: &str) -> &SharedHttpClient {
        let is_direct = || address.parse().is_ok_and(|address| self.proxies.intercept(&address).is_none());
        if address.starts_with("http://") && is_direct() { &self.plain } else { &self.secure }
    }
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let (client, settings, components) = (self.clone(), settings.clone(), components.clone());
        SharedHttpConnector::new(ByAddress { client, settings, components })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.plain.connector_metadata()
    }
}

/// Chooses the client once the address is known.
#[derive(Debug)]
struct ByAddress {
    client: Client,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByAddress {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // Both clients keep their connectors and connections.
        self.client.to(request.uri()).http_connector(&self.settings, &self.components).call(request)
    }
}

/// The machine's roots (including `SSL_CERT_FILE` and `SSL_CERT_DIR`), or else Mozilla's: a custom build image may have
/// no certificates at all. They are passed to the SDK as text, since it would otherwise load the machine's again.
static ROOTS: LazyLock<TlsContext> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    tracing::debug!(roots = found.certs.len(), errors = ?found.errors, "the root certificates of this machine");
    let pem = match found.certs.is_empty() {
        // The SDK panics on a certificate that cannot be a root.
        false => pem(found.certs.iter().filter(|der| is_root(der))),
        true => pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS),
    };
    context(TrustStore::empty().with_pem_certificate(pem))
});

fn context(roots: TrustStore) -> TlsContext {
    // The builder never fails.
    TlsContext::builder().with_trust_store(roots).build().unwrap_or_default()
}

fn is_root(der: &[u8]) -> bool {
    RootCertStore::empty().add(CertificateDer::from_slice(der)).is_ok()
}

/// Certificates as text.
fn pem<'a>(certificates: impl IntoIterator<Item = &'a CertificateDer<'a>>) -> String {
    let text = |der: &CertificateDer<'_>| {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
    };
    certificates.into_iter().map(text).collect()
}
