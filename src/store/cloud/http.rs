//! The HTTP client of the AWS SDK: TLS by rustls, proxies from the environment, roots that an image without any can do
//! without, and name resolution that works in a static program.

use std::sync::LazyLock;

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[cfg(target_feature = "crt-static")]
mod resolver;

/// The client. Nothing is loaded before the first request. Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
pub(super) fn client() -> SharedHttpClient {
    #[cfg(target_feature = "crt-static")]
    let resolver = resolver::Resolver::default();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        let builder = builder.tls_provider(Provider::rustls(CryptoMode::Ring)).tls_context(TLS.clone());
        #[cfg(target_feature = "crt-static")]
        return builder.build_with_resolver(resolver.clone());
        #[cfg(not(target_feature = "crt-static"))]
        builder.build()
    })
}

/// The roots of the machine (`SSL_CERT_FILE` and `SSL_CERT_DIR` included), else those of Mozilla: a custom build image may
/// hold no certificate at all.
static TLS: LazyLock<TlsContext> = LazyLock::new(|| {
    let found = rustls_native_certs::load_native_certs();
    tracing::debug!(roots = found.certs.len(), errors = ?found.errors, "the root certificates of this machine");
    let store = match found.certs.is_empty() {
        false => TrustStore::default(),
        true => TrustStore::empty().with_pem_certificate(mozilla()),
    };
    // The builder has no case in which it fails.
    TlsContext::builder().with_trust_store(store).build().unwrap_or_default()
});

/// Mozilla's roots, as text.
fn mozilla() -> String {
    let pem =
        |der: &[u8]| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| pem(root)).collect()
}
